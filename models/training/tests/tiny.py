"""The whole way on synthetic sound in seconds: collect, prepare, train, break, resume, evaluate, export, parity.

Prints one JSON line with the figures; exits 1 with a message where something is wrong. Needs ffmpeg and git.
"""

from __future__ import annotations

import csv
import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import soundfile
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from vidimus_training.data.lists import collect
from vidimus_training.networks.mel_input import MelInput
from vidimus_training.packs import graph, speech

RATE = 16_000


def voice(seed: int, buzzing: bool) -> np.ndarray:
    """Two seconds of a made-up voice; fakes are a pure harmonic tone, recordings have breath and wander."""
    rng = np.random.default_rng(seed)
    time = np.arange(2 * RATE) / RATE
    pitch = rng.uniform(90, 220)
    wander = 0 if buzzing else np.cumsum(rng.standard_normal(len(time))) * 2e-3
    tone = sum(np.sin(2 * np.pi * pitch * k * time + k * wander) / k for k in range(1, 12))
    breath = rng.standard_normal(len(time)) * (0.001 if buzzing else 0.3)
    return 0.2 * (tone * (1 + 0.5 * np.sin(2 * np.pi * 3 * time)) + breath) / 3


def make_lists(folder: Path) -> Path:
    """A bare repository of made-up clips and the list that names them."""
    work, bare = folder / "work", folder / "snapshots" / "nobody+clips" / "repo"
    work.mkdir(parents=True)
    rows = []
    for number in range(48):
        fake = number % 2 == 1
        split = "train" if number < 32 else "dev"
        name = f"{number}.wav"
        soundfile.write(work / name, voice(number, fake), RATE)
        data = (work / name).read_bytes()
        rows.append(
            {
                "split": split,
                "label": "fake" if fake else "real",
                "system": "tone" if fake else "-",
                "corpus": "made up",
                "repo": "nobody/clips",
                "commit": "0",
                "path": name,
                "bytes": str(len(data)),
                "blob": hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest(),
                "sr": "16000",
                "ch": "1",
                "dur": "2.0",
                "fmt": "WAV/PCM_16",
                "licence": "CC0",
                "terms": "open" if number < 44 or split == "train" else "research",
            }
        )
    for number in (46, 47):
        rows[number]["split"], rows[number]["terms"] = "train", "research"
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", "-C", str(work)]
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "clips"]):
        subprocess.run([*git, *command], check=True)
    subprocess.run(["git", "clone", "-q", "--bare", str(work), str(bare)], check=True)
    listing = folder / "audio.csv"
    with listing.open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return listing


GOLDEN = Path(__file__).resolve().parents[3] / "test" / "golden" / "data"


def mel_difference() -> float:
    """Largest difference in dB from librosa's spectrograms of the reference clips at 16 kHz."""
    worst = 0.0
    for path in sorted((GOLDEN / "audio").glob("*-16k.wav")):
        samples, _ = soundfile.read(path, dtype="float32")
        samples = np.pad(samples, (0, max(0, 64_000 - len(samples))))[:64_000]
        found = MelInput()(torch.from_numpy(samples)[None])[0, 0].numpy() * 40 - 40
        worst = max(worst, float(np.abs(found - np.load(GOLDEN / "mel" / f"{path.stem}.npy")).max()))
    return worst


def small(pack: str) -> dict:
    """The configuration of a pack, cut down to seconds."""
    config = speech.configuration(Path(speech.__file__).parents[1] / "configs" / f"{pack}.toml")
    config["widths"] = [8, 8, 16, 16]
    config["cache"]["parts"] = 1
    config["loop"] |= {
        "steps": 6,
        "batch": 8,
        "warmup": 2,
        "look_steps": 6,
        "log_steps": 3,
        "threads": 1,
        "save_seconds": 0,
    }
    return config


def linear(folder: Path) -> None:
    """The network that makes its own spectrogram, on the same clips: its graph takes samples."""
    config = small("speech-linear")
    run = folder / "run-linear"
    speech.fit(config, folder / "data", run)
    speech.measure(config, folder / "data", run, "test")
    made = speech.export(config, run, folder / "packs")
    assert made["parity"] <= 1e-4 and made["half"] <= 0.005, made
    waves = np.stack([np.resize(voice(s, False), 64_000) for s in range(3)]).astype(np.float32)
    logits = graph.run(folder / "packs" / config["pack"] / "model.onnx", waves)[0]
    assert logits.shape == (3, 2) and np.isfinite(logits).all(), logits


def main() -> int:
    """Runs everything in a temporary folder."""
    torch.set_num_threads(1)
    config = small("speech-melresnet18")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        listing = make_lists(folder)
        kept, lost = collect(listing, folder / "snapshots", folder / "data" / "audio")
        assert (kept, lost) == (48, 0), (kept, lost)
        speech.prepare(folder / "data", 1)
        run = folder / "run"
        whole = config["loop"]["steps"]
        config["loop"]["steps"] = 3
        speech.fit(config, folder / "data", run)
        config["loop"]["steps"] = whole
        speech.fit(config, folder / "data", run)
        steps = [int(line.split(",")[0]) for line in (run / "curve.csv").read_text().splitlines()[1:]]
        assert steps == [3, 6], steps
        found = speech.measure(config, folder / "data", run, "test")
        made = speech.export(config, run, folder / "packs")
        assert made["parity"] <= 1e-4, made
        assert made["half"] <= 0.005, made
        pack = folder / "packs" / config["pack"]
        manifest = json.loads((pack / "pack.json").read_text())
        digest = hashlib.sha256((pack / "model.onnx").read_bytes()).hexdigest()
        assert manifest["files"][0]["sha256"] == digest
        mel = MelInput()(torch.from_numpy(np.stack([np.resize(voice(s, False), 64_000) for s in range(3)])).float())
        logits = graph.run(pack / "model.onnx", mel.numpy())[0]
        assert logits.shape == (3, 2) and np.isfinite(logits).all(), logits
        linear(folder)
        mel_error = mel_difference()
        assert mel_error <= 0.05, mel_error
        print(json.dumps({"mel": mel_error, "auc": found["sets"]["dev"]["auc"], **made, "manifest": manifest}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
