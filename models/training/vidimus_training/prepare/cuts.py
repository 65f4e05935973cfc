"""What the application would cut around a face of the store, at random: its detector's box, the edge of the picture."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from ..augment.picture import PictureChain, moved_by, random_part
from .faces import any_box, beyond, place_of, whole


@dataclass(frozen=True)
class Cut:
    """`picture` (side, side, 3) uint8 BGR without black edges; `matrix` (2, 3) from the stored crop's pixels to its own;

    `outside` (side, side) bool or None, where the application has nothing to show.
    """

    picture: np.ndarray
    matrix: np.ndarray
    outside: np.ndarray | None

    def finished(self, picture: np.ndarray) -> np.ndarray:
        """The picture after everything that happened to it, black where the application has nothing to show."""
        if self.outside is None:
            return picture
        out = picture.copy()
        out[self.outside] = 0
        return out


def random_cut(crop: np.ndarray, margin: float, side: int, rng: np.random.Generator, chain: PictureChain) -> Cut:
    """A cut of a stored crop. One in two goes on, mirrored, where its picture ended, the others are black there."""
    stored, place = crop.shape[0], place_of(any_box(rng), margin, crop.shape[0])
    matrix = random_part(place, stored, side, rng, chain)
    picture = moved_by(whole(crop), matrix, side)
    if rng.random() < 0.5:
        return Cut(picture, matrix, None)
    level = random_part(place, stored, side, rng, replace(chain, turn_degrees=0.0, flip=float(matrix[0, 0] < 0)))
    return Cut(picture, matrix, moved_by(beyond(crop), level, side, cv2.BORDER_REPLICATE) > 127)
