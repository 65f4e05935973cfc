"""Pictures of faces -> one array of equal crops with their rows.

A detector (YuNet) gives the box; the crop is that box made square and grown by CONTEXT, so that training can cut from it
what the application's own detector would have cut, whose boxes are larger, smaller and elsewhere.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from ..data.lists import Row

LONGEST = 256
"""Pictures are first brought to this size (area averaging): sources of 1024 px would tell themselves by sharpness."""

CONTEXT = 0.8
"""Stored crops reach this far beyond the box, in its longer side."""

STORED = 216
"""Side of a stored crop in pixels."""

SPREAD = (0.1, 0.035)
"""How face-mtcnn's boxes differ from YuNet's on 234 development pictures: standard deviation of the logarithm of the

size (5 to 95 %: 0.88 to 1.26), and of the middle's place along either axis, in sizes of the box.
"""


@dataclass(frozen=True)
class FaceSet:
    """`crops` (N, size, size, 3) uint8 BGR with their rows; `points` (N, 5, 2) relative to the crop (0..1)."""

    crops: np.ndarray
    rows: list[Row]
    points: np.ndarray


def largest_face(detector: cv2.FaceDetectorYN, picture: np.ndarray) -> np.ndarray | None:
    """Box, five points and score of the largest face that YuNet finds, or None."""
    detector.setInputSize((picture.shape[1], picture.shape[0]))
    _, found = detector.detect(picture)
    if found is None:
        return None
    return max(found, key=lambda f: f[2] * f[3])


def square_crop(picture: np.ndarray, box: np.ndarray, margin: float, size: int) -> tuple[np.ndarray, np.ndarray]:
    """The box grown by `margin` of its size, square, cut with zero padding and resized. Also its x, y, side."""
    x, y, w, h = (float(v) for v in box[:4])
    side = max(w, h) * (1 + margin)
    left, top = x + w / 2 - side / 2, y + h / 2 - side / 2
    x0, y0, x1, y1 = (round(v) for v in (left, top, left + side, top + side))
    height, width = picture.shape[:2]
    pad = [max(0, -y0), max(0, y1 - height), max(0, -x0), max(0, x1 - width)]
    cut = picture[max(0, y0) : max(0, min(y1, height)), max(0, x0) : max(0, min(x1, width))]
    cut = cv2.copyMakeBorder(cut, *pad, cv2.BORDER_CONSTANT)
    shrink = cut.shape[0] > size
    return cv2.resize(cut, (size, size), interpolation=cv2.INTER_AREA if shrink else cv2.INTER_LINEAR), np.array(
        [x0, y0, x1 - x0]
    )


def filling(crop: np.ndarray) -> tuple[int, int, int, int]:
    """Rows above and below and columns left and right that are black, because the picture ended there."""
    rows = np.flatnonzero(crop.max((1, 2)) >= 4)
    columns = np.flatnonzero(crop.max((0, 2)) >= 4)
    if len(rows) == 0:
        return crop.shape[0], 0, 0, 0
    return int(rows[0]), crop.shape[0] - 1 - int(rows[-1]), int(columns[0]), crop.shape[1] - 1 - int(columns[-1])


def whole(crop: np.ndarray) -> np.ndarray:
    """The crop with its black filling replaced by the mirrored picture: frames have something around the face."""
    top, bottom, left, right = (n + 1 if n else 0 for n in filling(crop))  # one more: the edge was interpolated
    height, width = crop.shape[:2]
    inside = np.ascontiguousarray(crop[top : height - bottom, left : width - right])
    return cv2.copyMakeBorder(inside, top, bottom, left, right, cv2.BORDER_REFLECT_101)


@dataclass(frozen=True)
class Box:
    """A detector's box within a stored crop, relative to the one it was cut around."""

    size: float = 1.0
    right: float = 0.0
    down: float = 0.0


def any_box(rng: np.random.Generator) -> Box:
    """A box as the application's detector would have drawn it."""
    right, down = rng.normal(0, SPREAD[1], 2)
    return Box(float(np.exp(rng.normal(0.02, SPREAD[0]))), float(right), float(down))


def place_of(box: Box, margin: float, stored: int) -> tuple[float, float, float]:
    """Left, top and side, in pixels of the stored crop, of what is cut around a box with a margin."""
    unit = stored / (1 + CONTEXT)
    side = unit * box.size * (1 + margin)
    return stored / 2 + box.right * unit - side / 2, stored / 2 + box.down * unit - side / 2, side


def as_cut(crop: np.ndarray, margin: float, side: int, box: Box | None = None) -> np.ndarray:
    """What the application cuts around a box of a stored crop, (side, side, 3), black beyond the picture."""
    left, top, part = place_of(box or Box(), margin, crop.shape[0])
    scale = part / side
    matrix = np.float32([[scale, 0, left + scale / 2 - 0.5], [0, scale, top + scale / 2 - 0.5]])
    return cv2.warpAffine(
        np.ascontiguousarray(crop), matrix, (side, side), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    )


def beyond(crop: np.ndarray) -> np.ndarray:
    """(side, side) uint8: 255 where the picture had ended and the stored crop is filled with black."""
    top, bottom, left, right = filling(crop)
    out = np.full(crop.shape[:2], 255, np.uint8)
    out[top : crop.shape[0] - bottom, left : crop.shape[1] - right] = 0
    return out


def cut_faces(files: list[tuple[Path, Row]], detector_model: Path, least: float = 40.0) -> FaceSet:
    """Crops of every picture with a face of at least `least` pixels; the others are left out."""
    cv2.setNumThreads(1)
    detector = cv2.FaceDetectorYN.create(str(detector_model), "", (256, 256), 0.6, 0.3, 50)
    crops, rows, points = [], [], []
    for number, (path, row) in enumerate(files):
        picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
        if number % 500 == 0:
            print(f"faces: {number} of {len(files)}, {len(crops)} kept", flush=True)
        if picture is None:
            continue
        longest = max(picture.shape[:2])
        if longest > LONGEST:
            scale = LONGEST / longest
            picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        face = largest_face(detector, picture)
        if face is None or min(face[2], face[3]) < least:
            continue
        crop, (x, y, side) = square_crop(picture, face, CONTEXT, STORED)
        crops.append(crop)
        rows.append({**row, "face": str(int(max(face[2], face[3])))})
        points.append((face[4:14].reshape(5, 2) - [x, y]) / side)
    return FaceSet(np.stack(crops), rows, np.stack(points).astype(np.float32))


def save(faces: FaceSet, path: Path) -> None:
    """Writes `path`.npy, `path`.points.npy and `path`.json; the JSON last."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path.with_suffix(".npy"), faces.crops)
    np.save(path.with_suffix(".points.npy"), faces.points)
    path.with_suffix(".json").write_text(json.dumps(faces.rows))


def load(path: Path) -> FaceSet:
    """Reads what `save` wrote; crops stay on disk."""
    crops = np.load(path.with_suffix(".npy"), mmap_mode="r")
    points = np.load(path.with_suffix(".points.npy"))
    return FaceSet(crops, json.loads(path.with_suffix(".json").read_text()), points)
