"""Face swaps made from real faces alone, with the seams and mismatches that real swaps have.

Self-blended images: a face is pasted over itself after one copy was changed in colour, sharpness and place (Shiohara
and Yamasaki, CVPR 2022). Pair swaps: the face of another person, brought to the same five points, colours matched.
Pictures are uint8 BGR, square; points (5, 2) are eyes, nose and mouth corners in pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np


@dataclass(frozen=True)
class BlendChain:
    """Probabilities and ranges of the blending."""

    pair: float = 0.35
    shift: float = 0.03
    grow: tuple[float, float] = (0.95, 1.05)
    warp: float = 4.0
    soft: tuple[float, float] = (1.0, 9.0)
    ratios: tuple[float, ...] = (0.75, 1.0, 1.0, 1.0)
    coarse: float = 0.5
    coarse_range: tuple[float, float] = (0.25, 0.7)


def mask_of(points: np.ndarray, size: int, rng: np.random.Generator, chain: BlendChain) -> np.ndarray:
    """A soft mask (size, size) float32 0..1 around the inner face: hull of points set around the five."""
    left, right, nose, mouth_left, mouth_right = points
    eyes, mouth = (left + right) / 2, (mouth_left + mouth_right) / 2
    down = mouth - eyes
    across = right - left
    forehead, jaw, cheek = rng.uniform(0.25, 0.75), rng.uniform(0.25, 0.75), rng.uniform(0.25, 0.6)
    outline = [
        left - across * cheek,
        left - across * cheek * 0.6 - down * forehead,
        eyes - down * forehead * 1.15,
        right + across * cheek * 0.6 - down * forehead,
        right + across * cheek,
        mouth_right + across * cheek * 0.7,
        mouth + down * jaw + across * 0.25,
        mouth + down * jaw - across * 0.25,
        mouth_left - across * cheek * 0.7,
    ]
    if rng.random() < 0.25:
        outline = [nose + (p - nose) * rng.uniform(0.6, 0.8) for p in outline]
    corners = np.array(outline) + rng.normal(0, size * 0.012, (len(outline), 2))
    mask = np.zeros((size, size), np.float32)
    cv2.fillConvexPoly(mask, cv2.convexHull(np.rint(corners).astype(np.int32)), 1.0)
    mask = elastic(mask, rng, size * 0.02)
    sigma = rng.uniform(*chain.soft) * size / 256
    mask = cv2.GaussianBlur(mask, (0, 0), max(0.4, sigma))
    if rng.random() < 0.5:
        mask = np.clip((mask - 0.5) * rng.uniform(1, 3) + 0.5, 0, 1)
        mask = cv2.GaussianBlur(mask, (0, 0), max(0.4, sigma / 2))
    return mask * np.float32(rng.choice(chain.ratios))


def elastic(picture: np.ndarray, rng: np.random.Generator, strength: float) -> np.ndarray:
    """Moved by a smooth random field of about `strength` pixels."""
    size = picture.shape[0]
    field = rng.standard_normal((2, 6, 6)).astype(np.float32)
    dx, dy = (cv2.resize(f, (size, size), interpolation=cv2.INTER_CUBIC) * np.float32(strength) for f in field)
    y, x = np.mgrid[:size, :size].astype(np.float32)
    return cv2.remap(picture, x + dx, y + dy, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)


def changed(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Colour, brightness and sharpness changed a little: the mismatch between two recordings."""
    out = picture.astype(np.float32)
    if rng.random() < 0.8:
        out = out * rng.uniform(0.9, 1.1, 3).astype(np.float32) + rng.uniform(-14, 14, 3).astype(np.float32)
    if rng.random() < 0.4:
        out = (out - 128) * np.float32(rng.uniform(0.85, 1.15)) + 128
    if rng.random() < 0.4:
        hsv = cv2.cvtColor(np.clip(out, 0, 255).astype(np.uint8), cv2.COLOR_BGR2HSV).astype(np.int16)
        hsv[..., 0] = (hsv[..., 0] + int(rng.integers(-6, 7))) % 180
        hsv[..., 1] = np.clip(hsv[..., 1] * rng.uniform(0.75, 1.25), 0, 255)
        out = cv2.cvtColor(hsv.astype(np.uint8), cv2.COLOR_HSV2BGR).astype(np.float32)
    which = rng.random()
    size = picture.shape[0]
    if which < 0.4:
        small = int(size * rng.uniform(0.35, 0.9))
        out = cv2.resize(
            cv2.resize(out, (small, small), interpolation=cv2.INTER_AREA), (size, size), interpolation=cv2.INTER_LINEAR
        )
    elif which < 0.6:
        out = out + (out - cv2.GaussianBlur(out, (0, 0), 1.2)) * np.float32(rng.uniform(0.3, 1.0))
    return np.clip(out, 0, 255).astype(np.uint8)


def moved(picture: np.ndarray, rng: np.random.Generator, chain: BlendChain) -> np.ndarray:
    """Shifted, scaled and bent by some pixels."""
    size = picture.shape[0]
    dx, dy = rng.uniform(-chain.shift, chain.shift, 2) * size
    matrix = cv2.getRotationMatrix2D((size / 2, size / 2), rng.uniform(-2, 2), rng.uniform(*chain.grow))
    matrix[:, 2] += (dx, dy)
    out = cv2.warpAffine(picture, matrix, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    return elastic(out, rng, rng.uniform(0, chain.warp) * size / 256)


def coarsened(picture: np.ndarray, rng: np.random.Generator, chain: BlendChain) -> np.ndarray:
    """Made smaller and larger again at times: swapping networks draw a face of 64 to 256 pixels, which is then fitted."""
    if rng.random() >= chain.coarse:
        return picture
    size = picture.shape[0]
    small = max(24, int(size * rng.uniform(*chain.coarse_range)))
    less = cv2.resize(picture, (small, small), interpolation=cv2.INTER_AREA)
    return cv2.resize(less, (size, size), interpolation=cv2.INTER_LINEAR if rng.random() < 0.5 else cv2.INTER_CUBIC)


def matched(picture: np.ndarray, like: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Mean and spread of Lab colours within the mask brought to those of `like` (Reinhard et al. 2001)."""
    inside = mask > 0.3
    if inside.sum() < 50:
        return picture
    one, two = (cv2.cvtColor(p, cv2.COLOR_BGR2LAB).astype(np.float32) for p in (picture, like))
    a, b = one[inside], two[inside]
    one = (one - a.mean(0)) * (b.std(0) / (a.std(0) + 1e-3)) + b.mean(0)
    return cv2.cvtColor(np.clip(one, 0, 255).astype(np.uint8), cv2.COLOR_LAB2BGR)


def self_blended(
    picture: np.ndarray, points: np.ndarray, rng: np.random.Generator, chain: BlendChain
) -> tuple[np.ndarray, np.ndarray]:
    """The face over itself, and the mask (size, size, 1) by which it was laid over."""
    mask = mask_of(points, picture.shape[0], rng, chain)[..., None]
    inner, outer = (changed(picture, rng), picture) if rng.random() < 0.5 else (picture, changed(picture, rng))
    inner = coarsened(moved(inner, rng, chain), rng, chain)
    return np.clip(inner * mask + outer * (1 - mask), 0, 255).astype(np.uint8), mask


def similarity(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """(2, 3): rotation, scale and shift that bring points (N, 2) nearest to others in the sense of least squares."""
    ones, zeros = np.ones(len(source)), np.zeros(len(source))
    x, y = source.T
    rows = np.concatenate([np.stack([x, -y, ones, zeros], 1), np.stack([y, x, zeros, ones], 1)])
    a, b, right, down = np.linalg.lstsq(rows, np.concatenate([target[:, 0], target[:, 1]]), rcond=None)[0]
    return np.array([[a, -b, right], [b, a, down]])


def pair_swapped(
    picture: np.ndarray,
    points: np.ndarray,
    other: np.ndarray,
    other_points: np.ndarray,
    rng: np.random.Generator,
    chain: BlendChain,
) -> tuple[np.ndarray, np.ndarray]:
    """Another person's face brought to this one's five points and blended in, and the mask (size, size, 1)."""
    size, matrix = picture.shape[0], similarity(other_points, points)
    face = cv2.warpAffine(other, matrix, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    mask = mask_of(points, size, rng, chain)
    mask = mask / max(float(mask.max()), 1e-3)
    face = matched(face, picture, mask)
    if rng.random() < 0.5:
        face = changed(face, rng)
    face = coarsened(face, rng, chain)
    mask = mask[..., None]
    return np.clip(face * mask + picture * (1 - mask), 0, 255).astype(np.uint8), mask
