"""Speech packs, mel spectrogram or raw wave: prepare, train, evaluate, export."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ..augment.sound import SoundChain
from ..data.sound_store import SAMPLE_RATE
from ..evaluate import speech as check
from ..evaluate.working import overall, under_changes, working_points
from ..networks.aasist import AASIST_L, Aasist
from ..networks.linear_input import LinearInput
from ..networks.mel_input import Listener, MelInput, mask_bands
from ..networks.mel_resnet import MelResNet18
from ..prepare.codecs import encode
from ..prepare.decode import decode
from ..prepare.synthesise import synthesise
from ..train.cache import write_cache
from ..train.loop import Batch, LoopConfig, train
from ..train.sound_cache import CachedSpectrograms, spectrograms
from ..train.speech import SpeechBatches, SpeechSampling
from . import graph, manifest

Json = Any


def configuration(path: Path) -> dict[str, Json]:
    """The configuration file of a speech pack."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


def build(config: dict[str, Json]) -> nn.Module:
    """The untrained network. Index 1 is "fake" in every network trained here."""
    if config["network"] == "aasist-l":
        return Aasist(AASIST_L)
    return MelResNet18(2, tuple(config["widths"]), config["dropout"]).to(memory_format=torch.channels_last)


def front_of(config: dict[str, Json]) -> nn.Module | None:
    """What stands before the network: a mel or linear spectrogram, or nothing where it hears the waveform."""
    if config["network"] == "aasist-l":
        return None
    return LinearInput() if config["network"] == "linear-resnet18" else MelInput()


def takes_waveform(config: dict[str, Json]) -> bool:
    """Whether the exported graph begins with samples: all but the mel network, whose input the application makes."""
    return config["network"] != "mel-resnet18"


def prepare(data: Path, workers: int) -> None:
    """Collected sound -> stores under `data/cache/sound`."""
    root = data / "cache" / "sound"
    decode(data / "audio", root, workers)
    synthesise(root, workers)
    encode(root, "clean", workers)
    encode(root, "copy", workers)


def batches_of(config: dict[str, Json], root: Path) -> SpeechBatches:
    """Batches as the configuration says."""
    chain = SoundChain(**config["chain"])
    synthetic = SoundChain(**(config["chain"] | config.get("synthetic", {})))
    loop = LoopConfig(**config["loop"])
    long_from = int(config["window"]["long_from"] * loop.steps)
    lengths = [(0, config["window"]["short"]), (long_from, config["window"]["samples"])]
    sampling = SpeechSampling(**config["sampling"])
    return SpeechBatches(root, sampling, chain, lengths, loop.batch, loop.seed, synthetic)


def cached(config: dict[str, Json], data: Path) -> CachedSpectrograms | None:
    """Windows that are made once (see `cache` in the configuration), or None where every step makes its own."""
    cache = config.get("cache")
    front = front_of(config)
    if cache is None or front is None:
        return None
    loop = LoopConfig(**config["loop"])
    folder = data / "cache" / cache["folder"]
    window = {**config["window"], "samples": config["window"]["short"]}
    source = batches_of({**config, "window": window}, data / "cache" / "sound")
    write_cache(spectrograms(source, front), folder, cache["parts"], cache["workers"])
    return CachedSpectrograms(folder, loop.batch, loop.seed)


def fit(config: dict[str, Json], data: Path, run: Path) -> None:
    """Trains into `run`; goes on where an earlier call stopped."""
    root = data / "cache" / "sound"
    loop = LoopConfig(**config["loop"])
    length, hop = config["window"]["samples"], config["window"]["hop"]
    batches = batches_of(config, root)
    print(f"clips {batches.describe()}, rooms {len(batches.rooms)}", flush=True)
    stored = cached(config, data)
    torch.manual_seed(loop.seed)
    model, mean = build(config), build(config)
    front = front_of(config)
    mask = config["mask"]
    entropy = nn.CrossEntropyLoss(label_smoothing=loop.label_smoothing)

    def loss_of(network: nn.Module, batch: Batch) -> Tensor:
        samples, labels = batch
        if front is None:
            return entropy(network(samples), labels)
        with torch.no_grad():
            mel = samples if stored is not None else front(samples)
            rng = np.random.default_rng(int(samples.flatten()[:8].abs().sum() * 1e6))
            mel = mask_bands(mel, rng, mask["probability"], mask["mels"], mask["frames"])
        return entropy(network(mel.contiguous(memory_format=torch.channels_last)), labels)

    sets = check.development(root)
    looked = {"dev": check.sample_of(sets["dev"], 60), "unseen": check.sample_of(sets["unseen"], 25)}

    def look(network: nn.Module, step: int) -> dict[str, float]:
        network.eval()
        ear = Listener(network, front)
        found: dict[str, float] = {}
        for name, items in looked.items():
            found |= {f"{name} {k}": v for k, v in check.summary(check.score(ear, items, length, hop)).items()}
        return found

    run.mkdir(parents=True, exist_ok=True)
    (run / "clips.json").write_text(json.dumps(counts(batches), indent=1, ensure_ascii=False))
    train(model, mean, (stored or batches).make, loss_of, loop, run, look)


def counts(batches: SpeechBatches) -> list[dict[str, Json]]:
    """What is trained on: per system or corpus the clips, speakers and licences."""
    found = []
    for kind, group, rows in batches.groups():
        found.append(
            {
                "label": "real" if kind == "real" else "fake",
                "name": group,
                "source": "own copy synthesis of the real clips"
                if kind == "copy"
                else "; ".join(sorted({r["repo"] for r in rows})),
                "clips": len(rows),
                "speakers": len({row["speaker"] for row in rows}),
                "licence": "; ".join(sorted({row["licence"] for row in rows})),
            }
        )
    return found


def trained(config: dict[str, Json], run: Path) -> nn.Module:
    """The averaged weights of a run."""
    model = build(config)
    model.load_state_dict(torch.load(run / "state.pt", weights_only=True)["mean"])
    return model.eval()


def measure(config: dict[str, Json], data: Path, run: Path, commit: str) -> dict[str, Json]:
    """Everything the card says, written to `run/evaluation.json`. At most `evaluation.most` files of each group."""
    most, few = config["evaluation"]["most"], config["evaluation"]["robustness"]
    torch.set_num_threads(config["loop"].get("threads", 2))
    root = data / "cache" / "sound"
    length, hop = config["window"]["samples"], config["window"]["hop"]
    model = Listener(trained(config, run), front_of(config)).eval()
    sets = check.development(root)
    found: dict[str, Json] = {"date": datetime.now(UTC).date().isoformat(), "commit": commit, "sets": {}, "tables": {}}
    dev = check.score(model, check.sample_of(sets["dev"], most), length, hop)
    unseen = check.score(model, check.sample_of(sets["unseen"], most), length, hop)
    both = check.Scored([*dev.rows, *unseen.rows], np.concatenate([dev.scores, unseen.scores]))
    found |= working_points(both.scores, both.labels, [check.group_of(row) for row in both.rows])
    threshold = found["threshold"]
    phone = check.score(model, check.sample_of(sets["phone"], min(most, 300)), length, hop)
    for name, scored in (("dev", dev), ("unseen", unseen)):
        figures = overall(scored.scores, scored.labels, [row["speaker"] for row in scored.rows])
        found["sets"][name] = {**figures, "macro": check.summary(scored)["macro"]}
        found["tables"][name] = check.table(scored, threshold)
    found["tables"]["phone"] = check.table(phone, threshold)
    small = check.sample_of(sets["dev"], few)
    labels = np.array([int(clip.row["label"] == "fake") for _, clip in small])

    def changed(change: str) -> np.ndarray:
        return check.score(model, small, length, hop, check.ROBUSTNESS[change]).scores

    found["robustness"] = under_changes(changed, list(check.ROBUSTNESS), labels, threshold)
    found["corpora"] = dict(Counter(check.group_of(row) for row in dev.rows))
    (run / "evaluation.json").write_text(json.dumps(found, indent=1))
    return found


def export(config: dict[str, Json], run: Path, out: Path) -> dict[str, float]:
    """Writes the pack from the run's evaluation and weights. Returns parity and the cost of 16-bit storage in score."""
    torch.manual_seed(0)
    model = trained(config, run).to(memory_format=torch.contiguous_format)
    found = json.loads((run / "evaluation.json").read_text())
    clips = json.loads((run / "clips.json").read_text())
    samples = config["window"]["samples"]
    wave = takes_waveform(config)
    shape = (samples,) if wave else (1, 80, 1 + samples // 256)
    whole = Listener(model, front_of(config)) if wave and front_of(config) is not None else model
    made, figures = graph.finished(whole, shape, "wave" if wave else "mel")
    text = card(config, found, clips) + manifest.cost(figures, "window of 4 s")
    manifest.write_pack(out / config["pack"], describe(config, found), {"model.onnx": made}, text)
    return figures


def input_rule(config: dict[str, Json]) -> dict[str, Json]:
    """How sound becomes the network's input."""
    if takes_waveform(config):
        return {
            "tensor": "wave",
            "kind": "waveform",
            "sampleRate": SAMPLE_RATE,
            "samples": config["window"]["samples"],
            "layout": "NL",
            "scale": 1,
            "mean": [0],
            "std": [1],
            "trimSilence": True,
            "normalizeLevel": "peak" if front_of(config) is None else "none",
            "pad": "repeat",
        }
    return {
        "tensor": "mel",
        "kind": "mel",
        "width": 1 + config["window"]["samples"] // 256,
        "height": 80,
        "sampleRate": SAMPLE_RATE,
        "samples": config["window"]["samples"],
        "layout": "NCHL",
        "scale": 1,
        "mean": [-40],
        "std": [40],
        "mel": {
            "nFft": 1024,
            "hop": 256,
            "nMels": 80,
            "fMin": 0,
            "fMax": None,
            "power": 2,
            "norm": "slaney",
            "scale": "slaney",
            "db": {"ref": "max", "topDb": 80},
        },
        "trimSilence": True,
        "normalizeLevel": "none",
        "pad": "repeat",
    }


SETS = {
    "dev": "development split, 8 systems unseen in training",
    "unseen": "20 and more systems left out of training",
}
"""What the sets of an evaluation are called in a manifest."""


def describe(config: dict[str, Json], found: dict[str, Json]) -> dict[str, Json]:
    """`pack.json` without its files."""
    return {
        "id": config["pack"],
        "version": config.get("version", "1.0.0"),
        "name": config["title"],
        "task": "speech-spoof",
        "family": "acoustic-neural",
        "architecture": config["network"],
        "licence": "Apache-2.0",
        "source": {"name": "trained by this project, models/training", "url": "models/training/README.md"},
        "input": input_rule(config),
        "output": {"tensor": "logits", "kind": "logits", "fakeIndex": 1, "realIndex": 0},
        "thresholds": manifest.thresholds(found),
        "calibration": None,
        "envelope": {
            "minSeconds": 1,
            "minSampleRate": 8000,
            "notes": [
                "validated on speech without music; file score = mean of the windows' scores, windows of 4 s every 2 s"
            ],
        },
        "validation": [manifest.validation(SETS[name], row, found) for name, row in found["sets"].items()],
        "published": [],
    }


def words_of(config: dict[str, Json]) -> str:
    """The network in words, for the card."""
    if front_of(config) is None:
        return (
            "AASIST-L (Jung et al., ICASSP 2022), trained from scratch on the waveform: 64,600 samples at 16 kHz, "
            'silence removed, at its own peak. Output: two logits, the second is "synthetic".'
        )
    widths = ", ".join(map(str, config["widths"]))
    if takes_waveform(config):
        return (
            f"ResNet-18 (He et al. 2016) with a one-channel stem and stages of {widths} channels, trained from scratch "
            "on the CPU. Input: 4 s at 16 kHz, silence removed; the graph itself makes a linear spectrogram of 128 "
            "bands up to 8 kHz (periodic Hann, 512 points every 256), 80 dB below the loudest point. Clips shorter "
            'than 4 s are repeated. Output: two logits, the second is "synthetic".'
        )
    return (
        f"ResNet-18 (He et al. 2016) with a one-channel stem and stages of {widths} channels, trained from scratch on "
        "the CPU. Input: 4 s at 16 kHz, silence removed, as an 80-band mel spectrogram in decibels (librosa's "
        "definition: n_fft 1024, hop 256, Slaney scale and norm, reference maximum, 80 dB), 1 x 80 x 251, "
        '(dB + 40) / 40. Clips shorter than 4 s are repeated. Output: two logits, the second is "synthetic".'
    )


def recorded(config: dict[str, Json]) -> str:
    """How synthetic voices differ from recordings in the chain, in words."""
    chain = config["chain"]
    synthetic = chain | config.get("synthetic", {})
    noise, reverb = (
        f"{what} in {manifest.percent(synthetic[key])} of the cases, recordings and their copies in {manifest.percent(chain[key])}"
        for key, what in (("noise", "noise"), ("reverb", "a room"))
    )
    return f"synthetic voices get {noise}, and {reverb}"


def largest(rows: list[dict[str, Json]], least: int) -> dict[str, Json]:
    """The row with the highest error among those of at least `least` files (among all where none has as many)."""
    return max([r for r in rows if r["n"] >= least] or rows, key=lambda r: r["error"])


def card(config: dict[str, Json], found: dict[str, Json], clips: list[dict[str, Json]]) -> str:
    """`CARD.md`."""
    percent = manifest.percent

    data = manifest.markdown(
        [
            {
                "class": c["label"],
                "system or corpus": c["name"],
                "source": c["source"],
                "clips": str(c["clips"]),
                "speakers": str(c["speakers"]),
                "licence": c["licence"],
            }
            for c in clips
        ]
    )
    overall = manifest.markdown(
        [
            {
                "set": name,
                "files": str(r["n"]),
                "AUC": f"{r['auc']:.3f}",
                "EER": percent(r["eer"]),
                "95 % interval of the EER": " to ".join(percent(v) for v in r["eer ci95"]),
                "mean EER over systems": percent(r["macro"]),
            }
            for name, r in found["sets"].items()
        ]
    )
    loop = config["loop"]
    text = (Path(__file__).parent / "speech_card.md").read_text(encoding="utf-8")
    worst = largest([r for r in found["tables"]["dev"] if r["group"].startswith("fake")], 10)
    alarm = largest([r for t in ("dev", "unseen") for r in found["tables"][t] if r["group"].startswith("real")], 5)
    return text.format(
        pack=config["pack"],
        version=config.get("version", "1.0.0"),
        most=config["evaluation"]["most"],
        few=config["evaluation"]["robustness"],
        network=words_of(config),
        synthetic=recorded(config),
        data=data,
        overall=overall,
        dev=manifest.groups_table(found["tables"]["dev"], "files"),
        unseen=manifest.groups_table(found["tables"]["unseen"], "files"),
        phone=manifest.groups_table(found["tables"]["phone"], "files"),
        robust=manifest.changes_table(found["robustness"]),
        band=f"{found['band'][0]:.3f} to {found['band'][1]:.3f}",
        steps=loop["steps"],
        batch=loop["batch"],
        rate=loop["rate"],
        decay=loop["weight_decay"],
        smoothing=loop["label_smoothing"],
        threshold=f"{found['threshold']:.3f}",
        worst=f"{worst['group'][6:]} ({percent(worst['error'])} missed)",
        alarm=f"{alarm['group'][6:]} ({percent(alarm['error'])} false alarms, {alarm['n']} files)",
        date=found["date"],
    )
