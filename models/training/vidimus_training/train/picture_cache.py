"""Batches of face crops that were made once; a step cuts, turns over and lights them anew."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from ..augment.picture import to_input
from .cache import Stored
from .loop import Batch

BORDER = 8
"""Pixels by which stored pictures are larger than the network's input."""


class CachedPictures:
    """`make(step)`: (N, 3, side, side) float32 and labels, every epoch in an order of its own."""

    def __init__(self, folder: Path, side: int, batch: int, seed: int) -> None:
        self.stored, self.side, self.seed = Stored(folder, batch, seed), side, seed

    def make(self, step: int) -> Batch:
        """The batch of a step."""
        index = self.stored.draw(step)
        rng = np.random.default_rng((self.seed, 7, step))
        out = np.empty((len(index), self.side, self.side, 3), np.uint8)
        levels = np.arange(256, dtype=np.float32)
        for place, picture in enumerate(self.stored.pictures[index]):
            top, left = rng.integers(0, BORDER + 1, 2)
            cut = picture[top : top + self.side, left : left + self.side]
            table = np.clip(levels * rng.uniform(0.85, 1.15) + rng.uniform(-10, 10), 0, 255).astype(np.uint8)
            out[place] = table[cut[:, ::-1] if rng.random() < 0.5 else cut]
        return torch.from_numpy(to_input(out)), torch.from_numpy(self.stored.labels[index])
