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
    """`make(step)`: (N, 3, side, side) float32 and labels, every epoch in an order of its own.

    A stored fourth channel is a mask of 0 to 255; it moves with the picture and comes as a fourth plane of 0..1.
    """

    def __init__(self, folder: Path, side: int, batch: int, seed: int) -> None:
        self.stored, self.side, self.seed = Stored(folder, batch, seed), side, seed

    def make(self, step: int) -> Batch:
        """The batch of a step."""
        index = self.stored.draw(step)
        rng = np.random.default_rng((self.seed, 7, step))
        out = np.empty((len(index), self.side, self.side, self.stored.pictures.shape[-1]), np.uint8)
        levels = np.arange(256, dtype=np.float32)
        for place, picture in enumerate(self.stored.pictures[index]):
            top, left = rng.integers(0, BORDER + 1, 2)
            cut = picture[top : top + self.side, left : left + self.side]
            table = np.clip(levels * rng.uniform(0.85, 1.15) + rng.uniform(-10, 10), 0, 255).astype(np.uint8)
            turned = cut[:, ::-1] if rng.random() < 0.5 else cut
            out[place, ..., :3], out[place, ..., 3:] = table[turned[..., :3]], turned[..., 3:]
        masks = out[..., 3:].astype(np.float32).transpose(0, 3, 1, 2) / 255
        pictures = np.concatenate([to_input(out[..., :3]), masks], 1)
        return torch.from_numpy(pictures), torch.from_numpy(self.stored.labels[index])
