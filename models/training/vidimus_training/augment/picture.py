"""Random picture chains: geometry, colour, blur, noise, scaling and JPEG, the same for both classes."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np


@dataclass(frozen=True)
class PictureChain:
    """Probabilities and ranges. Pictures are uint8 BGR."""

    flip: float = 0.5
    turn_degrees: float = 6.0
    colour: float = 0.5
    grey: float = 0.12
    scale: float = 0.5
    scale_range: tuple[float, float] = (0.4, 1.0)
    blur: float = 0.25
    blur_sigma: tuple[float, float] = (0.3, 1.5)
    noise: float = 0.25
    noise_sigma: tuple[float, float] = (1.0, 8.0)
    jpeg: float = 0.85
    jpeg_quality: tuple[int, int] = (35, 98)


def jpeg(picture: np.ndarray, quality: int) -> np.ndarray:
    """Through JPEG at a quality."""
    return cv2.imdecode(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR)


def random_part(
    place: tuple[float, float, float], stored: int, side: int, rng: np.random.Generator, chain: PictureChain
) -> np.ndarray:
    """The matrix (2, 3) from the pixels of a stored square picture to those of a part at `place` (left, top, side),

    resized to `side`, turned a little and mirrored at random.
    """
    left, top, part = place
    angle = np.deg2rad(rng.uniform(-chain.turn_degrees, chain.turn_degrees))
    factor = side / part
    cos, sin = np.cos(angle) * factor, np.sin(angle) * factor
    middle = np.array([left + part / 2, top + part / 2])
    matrix = np.array([[cos, sin, 0], [-sin, cos, 0]])
    matrix[:, 2] = side / 2 - matrix[:, :2] @ middle
    if rng.random() < chain.flip:
        matrix = matrix @ np.array([[-1.0, 0, stored - 1], [0, 1, 0], [0, 0, 1]])
    return matrix


def moved_by(picture: np.ndarray, matrix: np.ndarray, side: int, border: int = cv2.BORDER_REFLECT) -> np.ndarray:
    """The picture under a matrix of `random_part`, (side, side, …)."""
    return cv2.warpAffine(picture, matrix, (side, side), flags=cv2.INTER_LINEAR, borderMode=border)


def degraded(out: np.ndarray, rng: np.random.Generator, chain: PictureChain) -> np.ndarray:
    """A square picture through a random chain of everything that moves nothing: colour, scaling, blur, noise, JPEG."""
    side = out.shape[0]
    if rng.random() < chain.colour:
        gain = rng.uniform(0.75, 1.25) * rng.uniform(0.93, 1.07, 3)
        power = rng.uniform(0.8, 1.25)
        levels = (np.arange(256) / 255) ** power * 255
        tables = np.clip(levels[:, None] * gain + rng.uniform(-12, 12), 0, 255).astype(np.uint8)
        out = cv2.LUT(out, tables.reshape(256, 1, 3))
    if rng.random() < chain.grey:
        out = cv2.cvtColor(cv2.cvtColor(out, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    if rng.random() < chain.scale:
        small = max(24, int(side * rng.uniform(*chain.scale_range)))
        down = cv2.INTER_AREA if rng.random() < 0.5 else cv2.INTER_LINEAR
        up = cv2.INTER_LINEAR if rng.random() < 0.5 else cv2.INTER_CUBIC
        out = cv2.resize(out, (small, small), interpolation=down)
        if rng.random() < chain.jpeg / 2:
            out = jpeg(out, int(rng.integers(*chain.jpeg_quality)))
        out = cv2.resize(out, (side, side), interpolation=up)
    if rng.random() < chain.blur:
        out = cv2.GaussianBlur(out, (0, 0), rng.uniform(*chain.blur_sigma))
    if rng.random() < chain.noise:
        grain = rng.standard_normal(out.shape, dtype=np.float32) * np.float32(rng.uniform(*chain.noise_sigma))
        out = np.clip(out + grain, 0, 255).astype(np.uint8)
    if rng.random() < chain.jpeg:
        out = jpeg(out, int(rng.integers(*chain.jpeg_quality)))
    return out


def to_input(pictures: np.ndarray) -> np.ndarray:
    """(N, side, side, 3) uint8 BGR -> (N, 3, side, side) float32 RGB, (x - 127.5) / 127.5."""
    return np.ascontiguousarray(((pictures[..., ::-1].astype(np.float32) - 127.5) / 127.5).transpose(0, 3, 1, 2))
