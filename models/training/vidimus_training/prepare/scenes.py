"""Scenes with faces at known places, for the face detector.

Pictures whose faces two teachers marked, scaled so that their face gets a random size, are laid on background
photographs in which the teacher finds nobody. So boxes and points are known to a fraction of a pixel, and backgrounds
are negatives.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from ..augment.picture import jpeg
from .synthesise import seeded
from .teach import Taught, Teachers, shrunk

SIDE = 256
BACKGROUND = 500
"""Longest side of background photographs."""

SWAPPED = [1, 0, 2, 4, 3]
"""Mirrored, the left eye is the right one; so are the corners of the mouth."""


def turned(picture: np.ndarray, faces: np.ndarray, size: float, rng: np.random.Generator):
    """The picture scaled so that its largest face has `size` pixels, mirrored and turned at random; and its faces."""
    faces = faces.copy()
    main = faces[int((faces[:, 2] * faces[:, 3]).argmax())]
    factor = size / max(main[2], main[3])
    if factor < 0.7:
        whole = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        faces *= np.tile([whole.shape[1] / picture.shape[1], whole.shape[0] / picture.shape[0]], 7)
        picture, factor = whole, 1.0
    height, width = picture.shape[:2]
    if rng.random() < 0.5:
        picture = picture[:, ::-1]
        faces[:, 0] = width - faces[:, 0] - faces[:, 2]
        faces[:, 4::2] = width - faces[:, 4::2]
        faces[:, 4:] = faces[:, 4:].reshape(-1, 5, 2)[:, SWAPPED].reshape(-1, 10)
    angle = rng.uniform(-25, 25) if rng.random() < 0.4 else 0.0
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, factor)
    out = (max(8, int(width * factor)), max(8, int(height * factor)))
    matrix[:, 2] += np.array(out) / 2 - [width / 2, height / 2]
    picture = cv2.warpAffine(
        np.ascontiguousarray(picture), matrix, out, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
    )
    centre = (faces[:, :2] + faces[:, 2:4] / 2) @ matrix[:, :2].T + matrix[:, 2]
    faces[:, 2:4] *= factor
    faces[:, :2] = centre - faces[:, 2:4] / 2
    faces[:, 4:] = (faces[:, 4:].reshape(-1, 5, 2) @ matrix[:, :2].T + matrix[:, 2]).reshape(-1, 10)
    return picture, faces


def lit(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Grey pictures get a tint half of the time; brightness, contrast and colour move."""
    value = picture.astype(np.float32)
    grey = float(np.abs(value[..., 0] - value[..., 2]).mean()) < 2
    if grey and rng.random() < 0.7:
        value *= np.array([rng.uniform(0.5, 0.95), rng.uniform(0.65, 1.0), rng.uniform(0.9, 1.2)], np.float32)
    elif rng.random() < 0.4:
        value *= rng.uniform(0.8, 1.2, 3).astype(np.float32)
    if rng.random() < 0.6:
        value = (value - 128) * rng.uniform(0.5, 1.25) + 128 + rng.uniform(-45, 35)
    return np.clip(value, 0, 255).astype(np.uint8)


def scene(
    faces: Sequence[Taught], background: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """A scene of SIDE x SIDE pixels and its faces (N, 14): box and points."""
    height, width = background.shape[:2]
    zoom = max(SIDE / min(height, width), rng.uniform(0.5, 1.5))
    canvas = cv2.resize(
        background, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA if zoom < 1 else cv2.INTER_LINEAR
    )
    top, left = (int(rng.integers(0, n - SIDE + 1)) for n in canvas.shape[:2])
    canvas = canvas[top : top + SIDE, left : left + SIDE].copy()
    marks: list[np.ndarray] = []
    taken: list[tuple[float, float, float, float]] = []
    for known in faces:
        size = np.exp(rng.uniform(np.log(18), np.log(200)))
        small, found = turned(known.picture, known.faces, size, rng)
        small = lit(small, rng)
        h, w = small.shape[:2]
        main = found[int((found[:, 2] * found[:, 3]).argmax())]
        # The main face lies inside the scene or a little over its edge; the rest of its picture may be cut off.
        centre, half = main[:2] + main[2:4] / 2, size * rng.uniform(0.35, 0.5)
        x0, y0 = (int(rng.uniform(half, SIDE - half) - c) for c in centre)
        xa, ya, xb, yb = max(0, x0), max(0, y0), min(SIDE, x0 + w), min(SIDE, y0 + h)
        if xb - xa < 8 or yb - ya < 8 or any(xa < t[2] and xb > t[0] and ya < t[3] and yb > t[1] for t in taken):
            continue
        part = small[ya - y0 : yb - y0, xa - x0 : xb - x0]
        alpha = np.ones(part.shape[:2], np.float32)
        if rng.random() < 0.4:
            soft = max(1, int(min(part.shape[:2]) * 0.06))
            alpha = np.zeros_like(alpha)
            alpha[soft:-soft, soft:-soft] = 1
            alpha = cv2.GaussianBlur(alpha, (0, 0), soft / 2)
        region = canvas[ya:yb, xa:xb]
        canvas[ya:yb, xa:xb] = part * alpha[..., None] + region * (1 - alpha[..., None])
        taken.append((xa, ya, xb, yb))
        marks.extend(found + np.tile([x0, y0], 7) * np.r_[1, 1, 0, 0, np.ones(10)])
    if rng.random() < 0.15:
        canvas = cv2.cvtColor(cv2.cvtColor(canvas, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    if rng.random() < 0.3:
        canvas = np.clip(canvas * rng.uniform(0.5, 1.3) + rng.uniform(-20, 20), 0, 255).astype(np.uint8)
    if rng.random() < 0.3:
        canvas = cv2.GaussianBlur(canvas, (0, 0), rng.uniform(0.3, 1.2))
    if rng.random() < 0.1:
        grain = rng.standard_normal(canvas.shape, dtype=np.float32) * np.float32(rng.uniform(2, 12))
        canvas = np.clip(canvas + grain, 0, 255).astype(np.uint8)
    if rng.random() < 0.5:
        canvas = jpeg(canvas, int(rng.integers(30, 95)))
    return canvas, np.array(marks).reshape(-1, 14)


def empty_ones(backgrounds: Sequence[Path], teachers: Teachers) -> list[Path]:
    """Backgrounds in which the teacher finds nobody."""
    pictures = ((path, shrunk(path, BACKGROUND)) for path in backgrounds)
    return [path for path, p in pictures if p is not None and len(teachers.find(p)) == 0]


def build(known: list[Taught], empty: list[np.ndarray], out: Path, count: int, name: str) -> None:
    """Writes `out/<name>.npy` (count, SIDE, SIDE, 3) BGR and `out/<name>.json` with the faces of every scene."""
    cv2.setNumThreads(1)
    scenes = np.lib.format.open_memmap(out / f"{name}.npy", "w+", np.uint8, (count, SIDE, SIDE, 3))
    marks = []
    for number in range(count):
        rng = seeded(name, str(number))
        many = int(rng.choice([0, 1, 2, 3], p=[0.08, 0.47, 0.27, 0.18]))
        chosen = [known[int(i)] for i in rng.integers(0, len(known), many)]
        scenes[number], found = scene(chosen, empty[int(rng.integers(len(empty)))], rng)
        marks.append(found.round(3).tolist())
        if number % 1000 == 0:
            print(f"scenes {name}: {number} of {count}", flush=True)
    scenes.flush()
    (out / f"{name}.json").write_text(json.dumps({"faces": marks, "pictures": len(known), "backgrounds": len(empty)}))
