"""The `clean` store's real training speech -> the `copy` store of copy-synthesised fakes."""

from __future__ import annotations

import hashlib
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from ..data.sound_store import SAMPLE_RATE, Clip, SoundStore, has_chunk, to_int16, write_chunk
from .vocoders import VOCODERS, copy_synthesis

LEAST_SECONDS, MOST_SECONDS = 1.2, 5.0


def seeded(*words: str) -> np.random.Generator:
    """A generator that depends on the words only, so that a run can be broken and repeated."""
    digest = hashlib.sha256("|".join(words).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "little"))


def wanted(clip: Clip) -> bool:
    """Real, for training, under open terms, long enough."""
    row = clip.row
    train = row["split"].startswith("train") and row["label"] == "real" and row["terms"] == "open"
    return train and clip.length >= LEAST_SECONDS * SAMPLE_RATE


def _chunk(root: Path, out: Path, chunk: str) -> int:
    if has_chunk(out, int(chunk)):
        return 0
    store = SoundStore(root / "clean", chunk)
    made = []
    for clip in store.clips:
        if not wanted(clip):
            continue
        rng = seeded(clip.row["blob"], "copy synthesis")
        name = str(rng.choice(list(VOCODERS)))
        length = min(clip.length, int(MOST_SECONDS * SAMPLE_RATE))
        start = int(rng.integers(0, clip.length - length + 1))
        samples = store.read(clip, start, length).astype(np.float32) / 32768
        row = {**clip.row, "label": "fake", "system": f"copy-{name}"}
        made.append((to_int16(copy_synthesis(samples, name, rng)), row))
    if made:
        write_chunk(out, int(chunk), made)
    return len(made)


def synthesise(root: Path, workers: int) -> None:
    """Fills `root/copy` from `root/clean`, chunk by chunk."""
    chunks = sorted({clip.chunk for clip in SoundStore(root / "clean").clips})
    with get_context("fork").Pool(workers) as pool:
        for done, count in enumerate(pool.imap_unordered(partial(_chunk, root, root / "copy"), chunks), start=1):
            print(f"synthesise: chunk {done} of {len(chunks)}, {count} new clips", flush=True)
