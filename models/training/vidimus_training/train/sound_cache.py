"""Batches of speech as spectrograms that were made once.

The cache holds bytes: 0 is -80 dB, 255 the window's loudest point, so one level is 0.31 dB.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from .cache import Made, Stored
from .loop import Batch
from .speech import SpeechBatches


def to_bytes(picture: Tensor) -> np.ndarray:
    """(N, 1, bands, frames) in -1..1 -> (N, bands, frames) uint8."""
    return ((picture[:, 0] + 1) * 127.5).round().clamp(0, 255).to(torch.uint8).numpy()


def spectrograms(source: SpeechBatches, front: nn.Module) -> Callable[[int], Made]:
    """A step's windows as `front` shows them, with their labels."""

    def make(step: int) -> Made:
        torch.set_num_threads(1)
        samples, known = source.make(step)
        return to_bytes(front(samples)), known.numpy()

    return make


class CachedSpectrograms:
    """`make(step)`: (N, 1, bands, frames) in -1..1 and labels, every epoch in an order of its own.

    A window is moved in time (cyclically), tilted and lifted by a few decibels at random, so that it is never the same.
    """

    def __init__(self, folder: Path, batch: int, seed: int) -> None:
        self.stored, self.seed = Stored(folder, batch, seed), seed

    def make(self, step: int) -> Batch:
        """The batch of a step."""
        index = self.stored.draw(step)
        rng = np.random.default_rng((self.seed, 7, step))
        pictures = self.stored.pictures[index].astype(np.float32) / 127.5 - 1
        bands = pictures.shape[1]
        slope = rng.uniform(-0.1, 0.1, (len(index), 1, 1)) * np.linspace(-1, 1, bands)[None, :, None]
        pictures = np.clip(pictures + slope, -1, 1).astype(np.float32)
        for picture in pictures:
            picture[:] = np.roll(picture, int(rng.integers(picture.shape[1])), axis=1)
        return torch.from_numpy(pictures[:, None]), torch.from_numpy(self.stored.labels[index])
