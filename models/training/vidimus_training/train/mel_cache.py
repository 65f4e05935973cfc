"""Batches of speech turned into mel spectrograms once and kept on disk, so that a training step is the network alone.

Window by window the cache holds what `SpeechBatches` makes, as bytes: 0 is -80 dB, 255 the window's loudest point, so
one level is 0.31 dB. Rows are labels, then pictures; a part is complete when its labels are there.
"""

from __future__ import annotations

from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ..networks.mel_input import MelInput
from .loop import Batch
from .speech import SpeechBatches

PART = 64
"""Batches of one part file."""

_source: SpeechBatches | None = None


def to_bytes(mel: Tensor) -> np.ndarray:
    """(N, 1, mels, frames) in -1..1 -> (N, mels, frames) uint8."""
    return ((mel[:, 0] + 1) * 127.5).round().clamp(0, 255).to(torch.uint8).numpy()


def _write(work: tuple[Path, int]) -> int:
    folder, part = work
    if (folder / f"{part:04d}.labels.npy").exists() or _source is None:
        return part
    torch.set_num_threads(1)
    front = MelInput()
    pictures, labels = [], []
    for step in range(part * PART, (part + 1) * PART):
        samples, known = _source.make(step)
        pictures.append(to_bytes(front(samples)))
        labels.append(known.numpy().astype(np.uint8))
    np.save(folder / f"{part:04d}.npy", np.concatenate(pictures))
    np.save(folder / f"{part:04d}.labels.npy", np.concatenate(labels))
    return part


def write_cache(source: SpeechBatches, folder: Path, parts: int, workers: int) -> None:
    """Writes `parts` parts of PART batches; those that are there stay."""
    global _source
    folder.mkdir(parents=True, exist_ok=True)
    _source = source
    with get_context("fork").Pool(workers) as pool:
        for part in pool.imap_unordered(_write, [(folder, part) for part in range(parts)]):
            print(f"mel windows: part {part} of {parts}", flush=True)


class CachedMel:
    """`make(step)`: (N, 1, mels, frames) in -1..1 and labels, every epoch in an order of its own.

    A window is moved in time (cyclically), tilted and lifted by a few decibels at random, so that it is never the same.
    """

    def __init__(self, folder: Path, batch: int, seed: int) -> None:
        parts = sorted(folder.glob("*.labels.npy"))
        self.labels = np.concatenate([np.load(p) for p in parts]).astype(np.int64)
        stored = [np.load(p.with_name(p.name.replace(".labels", "")), mmap_mode="r") for p in parts]
        self.pictures = np.concatenate(stored)
        self.batch, self.seed = batch, seed
        self._epoch, self._order = -1, np.zeros(0, np.int64)

    def make(self, step: int) -> Batch:
        """The batch of a step."""
        each = len(self.labels) // self.batch
        epoch, place = divmod(step, each)
        if epoch != self._epoch:
            order = np.random.default_rng((self.seed, epoch)).permutation(len(self.labels))
            self._epoch, self._order = epoch, order
        index = np.sort(self._order[place * self.batch : (place + 1) * self.batch])
        rng = np.random.default_rng((self.seed, 7, step))
        pictures = self.pictures[index].astype(np.float32) / 127.5 - 1
        mels = pictures.shape[1]
        slope = rng.uniform(-0.1, 0.1, (len(index), 1, 1)) * np.linspace(-1, 1, mels)[None, :, None]
        pictures = np.clip(pictures + slope, -1, 1).astype(np.float32)
        for picture in pictures:
            picture[:] = np.roll(picture, int(rng.integers(picture.shape[1])), axis=1)
        return torch.from_numpy(pictures[:, None]), torch.from_numpy(self.labels[index])
