"""Clips of a face made from one photograph: moving as a camera and a head do, whole or inconsistent from frame to frame.

Both kinds move, bend as faces do, change their light, tremble as a hand-held camera does, lose frames and are coded
alike; only in the inconsistent ones does the face, its seam, its light or its place differ from frame to frame for no
reason in the scene.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from .blend import BlendChain, changed, mask_of, moved
from .picture import jpeg
from .video import through_h264

WAYS = ("jittered swap", "flicker", "mask wobble", "interpolation")
"""Ways in which a clip is inconsistent."""


@dataclass(frozen=True)
class ClipChain:
    """Ranges of the movement of camera, head and face, relative to the picture's side, and of the coding."""

    shift: float = 0.04
    grow: float = 0.05
    turn_degrees: float = 4.0
    bend: float = 0.025
    light: float = 0.06
    shake: float = 0.3
    shake_size: float = 0.006
    flicker: float = 0.25
    flicker_size: float = 0.015
    lost: float = 0.15
    noise_sigma: tuple[float, float] = (0.0, 4.0)
    sizes: tuple[int, int] = (88, 240)
    h264: float = 0.6
    crf: tuple[int, int] = (18, 36)
    jpeg: float = 0.25
    jpeg_quality: tuple[int, int] = (30, 92)


def smooth(rng: np.random.Generator, frames: int, size: float, *shape: int) -> np.ndarray:
    """Slow random curves of about `size`, (frames, *shape)."""
    knots = rng.standard_normal((4, *shape)) * size
    places = np.linspace(0, 3, frames)
    first = np.minimum(places.astype(int), 2)
    part = (places - first).reshape(-1, *[1] * len(shape))
    return knots[first] * (1 - part) + knots[first + 1] * part


def movement(
    place: tuple[float, float, float], frames: int, side: int, rng: np.random.Generator, chain: ClipChain
) -> np.ndarray:
    """Matrices (frames, 2, 3) from a picture, around a place in it (left, top, side), to `side` x `side`."""
    left, top, part = place
    dx, dy = smooth(rng, frames, chain.shift * side, 2).T
    if rng.random() < chain.shake:
        tremble = rng.normal(0, rng.uniform(0, chain.shake_size) * side, (2, frames))
        dx, dy = dx + tremble[0], dy + tremble[1]
    angle = np.deg2rad(smooth(rng, frames, chain.turn_degrees / 2))
    scale = side / part * (1 + smooth(rng, frames, chain.grow / 2))
    if rng.random() < chain.lost:
        # A recorder that drops frames shows the one before again.
        kept = np.maximum.accumulate(np.where(rng.random(frames) < 0.8, np.arange(frames), 0))
        dx, dy, angle, scale = dx[kept], dy[kept], angle[kept], scale[kept]
    out = np.empty((frames, 2, 3))
    cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
    out[:, 0, 0], out[:, 0, 1], out[:, 1, 0], out[:, 1, 1] = cos, sin, -sin, cos
    out[:, :, 2] = side / 2 + np.stack([dx, dy], 1) - out[:, :, :2] @ [left + part / 2, top + part / 2]
    return out


def inconsistent(
    picture: np.ndarray, points: np.ndarray, way: str, frames: int, rng: np.random.Generator, blend: BlendChain
) -> list[np.ndarray]:
    """The still picture frame by frame with a face that does not hold together. Not for `interpolation`."""
    size = picture.shape[0]
    other = moved(changed(picture, rng), rng, blend)
    mask = mask_of(points, size, rng, blend)
    mask = mask / max(float(mask.max()), 1e-3)
    strength = rng.uniform(0.35, 1.2)
    out = []
    for _ in range(frames):
        inner, soft = other, mask
        if way == "jittered swap":
            right, down = rng.normal(0, 0.009 * strength, 2) * size
            turned = cv2.getRotationMatrix2D((size / 2, size / 2), rng.normal(0, strength), 1 + rng.normal(0, 0.012 * strength))
            turned[:, 2] += right, down
            inner = cv2.warpAffine(other, turned, (size, size), borderMode=cv2.BORDER_REFLECT)
        elif way == "flicker":
            gain = 1 + rng.normal(0, 0.05 * strength) + rng.normal(0, 0.02 * strength, 3)
            inner = np.clip(other * gain, 0, 255).astype(np.uint8)
        else:
            soft = mask_of(points + rng.normal(0, 0.009 * strength, points.shape) * size, size, rng, blend)
            soft = soft / max(float(soft.max()), 1e-3)
        out.append(np.clip(inner * soft[..., None] + picture * (1 - soft[..., None]), 0, 255).astype(np.uint8))
    return out


def coded(frames: np.ndarray, rng: np.random.Generator, chain: ClipChain) -> np.ndarray:
    """The frames through H.264, through JPEG one by one, or as they are."""
    which = rng.random()
    if which < chain.h264:
        return through_h264(frames, int(rng.integers(*chain.crf)), int(rng.choice([12, 30, 250])))
    if which < chain.h264 + chain.jpeg:
        quality = int(rng.integers(*chain.jpeg_quality))
        return np.stack([jpeg(f, quality) for f in frames])
    return frames


def clip(
    picture: np.ndarray, points: np.ndarray, place: tuple[float, float, float], way: str | None, frames: int,
    rng: np.random.Generator, chain: ClipChain, blend: BlendChain,
) -> np.ndarray:  # fmt: skip
    """(frames, side, side, 3) uint8 BGR of a random side; `way` None for a clip that holds together.

    `place` (left, top, side) is what is seen of the picture. Half of the clips that hold together carry one constant
    blend, so that a seam alone tells nothing.
    """
    still = [picture] * frames
    if way is None and rng.random() < 0.5:
        mask = mask_of(points, picture.shape[0], rng, blend)[..., None]
        one = np.clip(moved(changed(picture, rng), rng, blend) * mask + picture * (1 - mask), 0, 255).astype(np.uint8)
        still = [one] * frames
    elif way is not None and way != "interpolation":
        still = inconsistent(picture, points, way, frames, rng, blend)
    side = 2 * (int(rng.integers(*chain.sizes)) // 2)
    matrices = movement(place, frames, side, rng, chain)
    bend = smooth(rng, frames, rng.uniform(0, chain.bend) * side, 2, 5, 5).astype(np.float32)
    light = 1 + smooth(rng, frames, chain.light)
    if rng.random() < chain.flicker:
        light = light * (1 + rng.normal(0, rng.uniform(0, chain.flicker_size), frames))
    sigma = rng.uniform(*chain.noise_sigma)
    y, x = np.mgrid[:side, :side].astype(np.float32)
    out = np.empty((frames, side, side, 3), np.float32)
    for i in range(frames):
        back = cv2.invertAffineTransform(matrices[i]).astype(np.float32)
        right, down = (cv2.resize(f, (side, side), interpolation=cv2.INTER_CUBIC) for f in bend[i])
        u, v = x + right, y + down
        from_x, from_y = (back[k, 0] * u + back[k, 1] * v + back[k, 2] for k in range(2))
        frame = cv2.remap(still[i], from_x, from_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        out[i] = frame * light[i] + rng.standard_normal(frame.shape, dtype=np.float32) * np.float32(sigma)
    if way == "interpolation":
        # Every second frame is a mixture of its neighbours, as frame-rate conversion leaves them.
        for i in range(1, frames - 1, 2):
            out[i] = (out[i - 1] + out[i + 1]) / 2
    return coded(np.clip(out, 0, 255).astype(np.uint8), rng, chain)


def sized(frames: np.ndarray, side: int) -> np.ndarray:
    """The frames as the application hands them over, (frames, side, side, 3)."""
    return np.stack([cv2.resize(f, (side, side), interpolation=cv2.INTER_LINEAR) for f in frames])
