"""Samples that are made once and kept on disk as bytes, so that a training step is the network alone.

A part file holds PART batches; it is complete when its labels are there, so a broken run makes only what is missing.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path

import numpy as np

PART = 64
"""Batches of one part file."""

Made = tuple[np.ndarray, np.ndarray]

_make: Callable[[int], Made] | None = None


def _write(work: tuple[Path, int]) -> int:
    folder, part = work
    if (folder / f"{part:04d}.labels.npy").exists() or _make is None:
        return part
    made = [_make(step) for step in range(part * PART, (part + 1) * PART)]
    np.save(folder / f"{part:04d}.npy", np.concatenate([pictures for pictures, _ in made]))
    np.save(folder / f"{part:04d}.labels.npy", np.concatenate([labels for _, labels in made]).astype(np.uint8))
    return part


def write_cache(make: Callable[[int], Made], folder: Path, parts: int, workers: int) -> None:
    """Writes `parts` parts of PART batches, each what `make(step)` gives as uint8; those that are there stay."""
    global _make
    folder.mkdir(parents=True, exist_ok=True)
    _make = make
    work = [(folder, part) for part in range(parts)]
    with ExitStack() as stack:
        each = map if workers == 1 else stack.enter_context(get_context("fork").Pool(workers)).imap_unordered
        for part in each(_write, work):
            print(f"{folder.name}: part {part} of {parts}", flush=True)


class Stored:
    """What was written, with an order of its own for every epoch."""

    def __init__(self, folder: Path, batch: int, seed: int) -> None:
        parts = sorted(folder.glob("*.labels.npy"))
        self.labels = np.concatenate([np.load(p) for p in parts]).astype(np.int64)
        stored = [np.load(p.with_name(p.name.replace(".labels", "")), mmap_mode="r") for p in parts]
        self.pictures = np.concatenate(stored)
        self.batch, self.seed = batch, seed
        self._epoch, self._order = -1, np.zeros(0, np.int64)

    def draw(self, step: int) -> np.ndarray:
        """Indices of a step's batch, ascending."""
        epoch, place = divmod(step, len(self.labels) // self.batch)
        if epoch != self._epoch:
            self._order = np.random.default_rng((self.seed, epoch)).permutation(len(self.labels))
            self._epoch = epoch
        return np.sort(self._order[place * self.batch : (place + 1) * self.batch])
