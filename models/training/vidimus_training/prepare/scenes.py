"""Scenes with faces at known places, for the face detector.

A teacher (YuNet) marks every face of the listed pictures; the pictures, scaled so that their face gets a random size,
are laid on background photographs in which the teacher finds nobody. So boxes and points are known to a fraction of a
pixel, and backgrounds are negatives.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from ..augment.picture import jpeg
from ..data.lists import Row
from .synthesise import seeded

SIDE = 256
LONGEST = 360
SURE = 0.75
"""Teacher's least score for a face that is taught; pictures with a less certain face (above 0.3) are left out."""


def shrunk(path: Path, longest: int = LONGEST) -> np.ndarray | None:
    """The picture, at most `longest` pixels."""
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        return None
    scale = longest / max(picture.shape[:2])
    return picture if scale >= 1 else cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def teach(detector: cv2.FaceDetectorYN, picture: np.ndarray) -> np.ndarray:
    """(N, 15): x, y, width, height, five points (x, y), score; every face above 0.3."""
    detector.setInputSize((picture.shape[1], picture.shape[0]))
    _, found = detector.detect(picture)
    return np.zeros((0, 15), np.float32) if found is None else found


def scene(
    faces: Sequence[tuple[np.ndarray, np.ndarray]], background: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """A scene of SIDE x SIDE pixels and its faces (N, 14): box and points. `faces` are pictures with taught faces."""
    height, width = background.shape[:2]
    zoom = max(SIDE / min(height, width), rng.uniform(0.5, 1.5))
    canvas = cv2.resize(
        background, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA if zoom < 1 else cv2.INTER_LINEAR
    )
    top, left = (int(rng.integers(0, n - SIDE + 1)) for n in canvas.shape[:2])
    canvas = canvas[top : top + SIDE, left : left + SIDE].copy()
    marks: list[np.ndarray] = []
    taken: list[tuple[float, float, float, float]] = []
    for picture, found in faces:
        main = max(found, key=lambda f: f[2] * f[3])
        size = np.exp(rng.uniform(np.log(18), np.log(190)))
        factor = size / max(main[2], main[3])
        interpolation = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
        small = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=interpolation)
        mirror = rng.random() < 0.5
        if mirror:
            small = small[:, ::-1]
        h, w = small.shape[:2]
        # The main face lies inside the scene; the rest of its picture may be cut off.
        centre = (main[:2] + main[2:4] / 2) * factor
        if mirror:
            centre[0] = w - centre[0]
        half = size / 2
        x0 = int(rng.uniform(half, SIDE - half) - centre[0]) if size < SIDE else 0
        y0 = int(rng.uniform(half, SIDE - half) - centre[1]) if size < SIDE else 0
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
        for face in found:
            mark = face[:14].astype(np.float64) * factor
            if mirror:
                mark[0] = w - mark[0] - mark[2]
                mark[4::2] = w - mark[4::2]
                # Mirrored, the left eye is the right one; so are the corners of the mouth.
                mark[4:] = mark[4:].reshape(5, 2)[[1, 0, 2, 4, 3]].ravel()
            mark[0] += x0
            mark[1] += y0
            mark[4::2] += x0
            mark[5::2] += y0
            marks.append(mark)
    if rng.random() < 0.2:
        canvas = cv2.cvtColor(cv2.cvtColor(canvas, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    if rng.random() < 0.5:
        canvas = np.clip(canvas * rng.uniform(0.5, 1.3) + rng.uniform(-20, 20), 0, 255).astype(np.uint8)
    if rng.random() < 0.3:
        canvas = cv2.GaussianBlur(canvas, (0, 0), rng.uniform(0.3, 1.2))
    if rng.random() < 0.5:
        canvas = jpeg(canvas, int(rng.integers(30, 95)))
    return canvas, np.array(marks).reshape(-1, 14)


def build(
    pictures: list[tuple[Path, Row]], backgrounds: list[Path], detector_model: Path, out: Path, count: int, name: str
) -> None:
    """Writes `out/<name>.npy` (count, SIDE, SIDE, 3) BGR and `out/<name>.json` with the faces of every scene."""
    cv2.setNumThreads(1)
    detector = cv2.FaceDetectorYN.create(str(detector_model), "", (256, 256), 0.3, 0.3, 50)
    taught = []
    for number, (path, _) in enumerate(pictures):
        picture = shrunk(path)
        if number % 500 == 0:
            print(f"scenes {name}: {number} of {len(pictures)} pictures taught", flush=True)
        if picture is None:
            continue
        found = teach(detector, picture)
        inside = (found[:, 2:4].min(1) >= 24) & (found[:, 14] >= SURE) if len(found) else np.zeros(0, bool)
        if len(found) and inside.all():
            taught.append((picture, found))
    empty = []
    for path in backgrounds:
        picture = shrunk(path, 500)
        if picture is not None and len(teach(detector, picture)) == 0:
            empty.append(picture)
    print(f"scenes {name}: {len(taught)} pictures with faces, {len(empty)} backgrounds without", flush=True)
    out.mkdir(parents=True, exist_ok=True)
    scenes = np.lib.format.open_memmap(out / f"{name}.npy", "w+", np.uint8, (count, SIDE, SIDE, 3))
    marks = []
    for number in range(count):
        rng = seeded(name, str(number))
        many = int(rng.choice([0, 1, 2, 3], p=[0.1, 0.5, 0.25, 0.15]))
        chosen = [taught[int(i)] for i in rng.integers(0, len(taught), many)]
        scenes[number], found = scene(chosen, empty[int(rng.integers(len(empty)))], rng)
        marks.append(found.round(3).tolist())
    scenes.flush()
    (out / f"{name}.json").write_text(json.dumps({"faces": marks, "pictures": len(taught), "backgrounds": len(empty)}))
