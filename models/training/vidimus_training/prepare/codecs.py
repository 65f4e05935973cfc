"""The stores' training clips once more, each through a random codec: the `coded` store.

Clips of one chunk are coded in groups, joined with short gaps, because starting ffmpeg for each clip costs more than
coding it. Both classes get the same random choice.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from ..data.sound_store import SAMPLE_RATE, Clip, SoundStore, has_chunk, write_chunk
from .synthesise import seeded

GROUP = 24
GAP = 3200
MOST = 6 * SAMPLE_RATE

Recipe = tuple[str, list[str]]


def recipe(rng: np.random.Generator) -> Recipe:
    """Container and encoder options of a random codec; half of all are MP3, the most common on the way to a court."""
    kind = rng.choice(
        ["mp3", "opus", "aac", "vorbis", "mulaw", "gsm", "g722", "speex", "wma"],
        p=[0.45, 0.15, 0.13, 0.05, 0.08, 0.03, 0.03, 0.03, 0.05],
    )
    if kind == "mp3":
        rate = int(rng.choice([16000, 22050, 24000, 44100, 44100]))
        return "mp3", [
            "-ar",
            str(rate),
            "-c:a",
            "libmp3lame",
            "-b:a",
            f"{rng.choice([24, 32, 48, 64, 64, 80, 96, 128])}k",
        ]
    if kind == "opus":
        return "ogg", ["-ar", "48000", "-c:a", "libopus", "-b:a", f"{rng.choice([8, 12, 16, 24, 32, 64])}k"]
    if kind == "aac":
        return "adts", [
            "-ar",
            str(rng.choice([16000, 44100])),
            "-c:a",
            "aac",
            "-b:a",
            f"{rng.choice([24, 32, 48, 64, 96])}k",
        ]
    if kind == "vorbis":
        return "ogg", ["-ar", "22050", "-c:a", "libvorbis", "-q:a", str(rng.choice([0, 2, 5]))]
    if kind == "mulaw":
        return "wav", ["-ar", "8000", "-c:a", "pcm_mulaw"]
    if kind == "gsm":
        return "wav", ["-ar", "8000", "-c:a", "libgsm_ms"]
    if kind == "g722":
        return "g722", ["-ar", "16000", "-c:a", "g722"]
    if kind == "speex":
        return "ogg", ["-ar", "16000", "-c:a", "libspeex", "-b:a", f"{rng.choice([12, 18, 28])}k"]
    return "asf", ["-ar", "22050", "-c:a", "wmav2", "-b:a", f"{rng.choice([32, 48, 64])}k"]


def through(samples: np.ndarray, how: Recipe) -> np.ndarray:
    """int16 at 16 kHz through encoder and decoder; the same rate, about the same length. Raises on a failed encoder."""
    container, options = how
    raw = ["-f", "s16le", "-ar", str(SAMPLE_RATE), "-ac", "1"]
    head = ["ffmpeg", "-v", "error", "-nostdin", "-threads", "1"]
    coded = subprocess.run(
        [*head, *raw, "-i", "pipe:0", *options, "-f", container, "pipe:1"],
        input=samples.astype("<i2").tobytes(),
        stdout=subprocess.PIPE,
        check=True,
    ).stdout
    opened = {"adts": "aac", "g722": "g722", "asf": "asf"}.get(container, container)
    plain = subprocess.run(
        [*head, "-f", opened, "-i", "pipe:0", *raw, "pipe:1"], input=coded, stdout=subprocess.PIPE, check=True
    ).stdout
    return np.frombuffer(plain, "<i2")


def through_joined(parts: Sequence[np.ndarray], how: Recipe) -> list[np.ndarray]:
    """Several clips through one run of the codec."""
    gap = np.zeros(GAP, "<i2")
    joined = np.concatenate([piece for part in parts for piece in (part, gap)])
    plain = through(joined, how)
    plain = np.pad(plain, (0, max(0, len(joined) - len(plain))))
    out, offset = [], 0
    for part in parts:
        out.append(plain[offset : offset + len(part)])
        offset += len(part) + GAP
    return out


def _wanted(clip: Clip) -> bool:
    return clip.row["split"].startswith("train") and clip.row["terms"] == "open" and clip.length >= SAMPLE_RATE // 2


def _chunk(source: Path, out: Path, chunk: str) -> int:
    if has_chunk(out, int(chunk)):
        return 0
    store = SoundStore(source, chunk)
    clips = [clip for clip in store.clips if _wanted(clip)]
    made = []
    for first in range(0, len(clips), GROUP):
        group = clips[first : first + GROUP]
        rng = seeded(chunk, str(first), source.name)
        how = recipe(rng)
        parts = []
        for clip in group:
            length = min(clip.length, MOST)
            parts.append(store.read(clip, int(rng.integers(0, clip.length - length + 1)), length))
        note = f"{how[0]} " + " ".join(how[1])
        made += [(x, {**clip.row, "coded": note}) for x, clip in zip(through_joined(parts, how), group, strict=True)]
    if made:
        write_chunk(out, int(chunk), made)
    return len(made)


def encode(root: Path, store: str, workers: int) -> None:
    """Fills `root/<store>-coded` from `root/<store>`."""
    chunks = sorted({clip.chunk for clip in SoundStore(root / store).clips})
    with get_context("fork").Pool(workers) as pool:
        todo = partial(_chunk, root / store, root / f"{store}-coded")
        for done, count in enumerate(pool.imap_unordered(todo, chunks), start=1):
            print(f"encode {store}: chunk {done} of {len(chunks)}, {count} new clips", flush=True)
