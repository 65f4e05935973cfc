"""Clips of a face made from one photograph: moving as a camera and a head do, whole or inconsistent from frame to frame.

Both kinds move, change their light and are coded alike; only in the inconsistent ones does the face, its seam, its light
or its place differ from frame to frame for no reason in the scene.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from .blend import BlendChain, changed, mask_of, moved
from .picture import jpeg

WAYS = ("jittered swap", "flicker", "mask wobble", "interpolation")
"""Ways in which a clip is inconsistent."""


@dataclass(frozen=True)
class ClipChain:
    """Ranges of the camera's and the head's movement, relative to the picture's side, and of the coding."""

    shift: float = 0.04
    grow: float = 0.05
    turn_degrees: float = 4.0
    light: float = 0.06
    noise_sigma: tuple[float, float] = (0.0, 4.0)
    jpeg: float = 0.8
    jpeg_quality: tuple[int, int] = (30, 92)


def smooth(rng: np.random.Generator, frames: int, size: float) -> np.ndarray:
    """A slow random curve of about `size`."""
    knots = rng.standard_normal(4) * size
    return np.interp(np.linspace(0, 3, frames), np.arange(4), knots)


def frames_of(picture: np.ndarray, frames: int, side: int, rng: np.random.Generator, chain: ClipChain):
    """Matrices (frames, 2, 3) of a slow movement, from the picture to `side` x `side`."""
    size = picture.shape[0]
    dx, dy = smooth(rng, frames, chain.shift * side), smooth(rng, frames, chain.shift * side)
    angle = np.deg2rad(smooth(rng, frames, chain.turn_degrees / 2))
    scale = side / size * (1.08 + smooth(rng, frames, chain.grow / 2))
    out = np.empty((frames, 2, 3))
    for i in range(frames):
        cos, sin = np.cos(angle[i]) * scale[i], np.sin(angle[i]) * scale[i]
        out[i, :, :2] = [[cos, sin], [-sin, cos]]
        out[i, :, 2] = side / 2 + np.array([dx[i], dy[i]]) - out[i, :, :2] @ np.full(2, size / 2)
    return out


def inconsistent(
    picture: np.ndarray, points: np.ndarray, way: str, frames: int, rng: np.random.Generator, blend: BlendChain
) -> list[np.ndarray]:
    """The still picture frame by frame with a face that does not hold together. Not for `interpolation`."""
    size = picture.shape[0]
    other = moved(changed(picture, rng), rng, blend)
    mask = mask_of(points, size, rng, blend)
    mask = mask / max(float(mask.max()), 1e-3)
    out = []
    for _ in range(frames):
        inner, soft = other, mask
        if way == "jittered swap":
            shift = np.float32([[1, 0, rng.normal(0, 0.012) * size], [0, 1, rng.normal(0, 0.012) * size]])
            inner = cv2.warpAffine(other, shift, (size, size), borderMode=cv2.BORDER_REFLECT)
        elif way == "flicker":
            gain = 1 + rng.normal(0, 0.05) + rng.normal(0, 0.02, 3)
            inner = np.clip(other * gain, 0, 255).astype(np.uint8)
        else:
            soft = mask_of(points + rng.normal(0, 0.012, points.shape) * size, size, rng, blend)
            soft = soft / max(float(soft.max()), 1e-3)
        out.append(np.clip(inner * soft[..., None] + picture * (1 - soft[..., None]), 0, 255).astype(np.uint8))
    return out


def clip(
    picture: np.ndarray, points: np.ndarray, way: str | None, frames: int, side: int, rng: np.random.Generator,
    chain: ClipChain, blend: BlendChain,
) -> np.ndarray:  # fmt: skip
    """(frames, side, side, 3) uint8 BGR; `way` None for a clip that holds together.

    Half of the clips that hold together carry one constant blend, so that a seam alone tells nothing.
    """
    still = [picture] * frames
    if way is None and rng.random() < 0.5:
        mask = mask_of(points, picture.shape[0], rng, blend)[..., None]
        one = np.clip(moved(changed(picture, rng), rng, blend) * mask + picture * (1 - mask), 0, 255).astype(np.uint8)
        still = [one] * frames
    elif way is not None and way != "interpolation":
        still = inconsistent(picture, points, way, frames, rng, blend)
    matrices = frames_of(picture, frames, side, rng, chain)
    light = 1 + smooth(rng, frames, chain.light)
    sigma = rng.uniform(*chain.noise_sigma)
    quality = int(rng.integers(*chain.jpeg_quality)) if rng.random() < chain.jpeg else 0
    out = np.empty((frames, side, side, 3), np.float32)
    for i in range(frames):
        frame = cv2.warpAffine(still[i], matrices[i], (side, side), borderMode=cv2.BORDER_REFLECT)
        out[i] = frame * light[i] + rng.standard_normal(frame.shape, dtype=np.float32) * np.float32(sigma)
    if way == "interpolation":
        # Every second frame is a mixture of its neighbours, as frame-rate conversion leaves them.
        for i in range(1, frames - 1, 2):
            out[i] = (out[i - 1] + out[i + 1]) / 2
    whole = np.clip(out, 0, 255).astype(np.uint8)
    return np.stack([jpeg(f, quality) for f in whole]) if quality else whole
