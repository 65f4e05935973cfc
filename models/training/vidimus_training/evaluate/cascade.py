"""The MTCNN cascade with the very geometry of the application (`src/engine/faces/mtcnn.ts`), for training and measuring.

Boxes are x1, y1, x2, y2 as the application carries them: from R-Net on, pixels count from 1 and the edge belongs to the
box, so that a box covers the pixels x1 - 1 up to x2 (exclusive) counted from 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import torch

from ..networks.mtcnn import ONet, PNet, RNet


@dataclass
class Cascade:
    """Three networks in evaluation mode; the later ones may be missing while they are not trained yet."""

    pnet: PNet
    rnet: RNet | None = None
    onet: ONet | None = None
    thresholds: tuple[float, float, float] = (0.6, 0.7, 0.7)
    factor: float = 0.709


def overlaps(box: np.ndarray, others: np.ndarray, smaller: bool = False) -> np.ndarray:
    """Intersection over union (or over the smaller area) of x1, y1, x2, y2 boxes."""
    wide = np.minimum(box[2], others[:, 2]) - np.maximum(box[0], others[:, 0])
    high = np.minimum(box[3], others[:, 3]) - np.maximum(box[1], others[:, 1])
    common = np.maximum(0, wide) * np.maximum(0, high)
    area = (box[2] - box[0]) * (box[3] - box[1])
    areas = (others[:, 2] - others[:, 0]) * (others[:, 3] - others[:, 1])
    return common / (np.minimum(area, areas) if smaller else area + areas - common)


def suppress(boxes: np.ndarray, scores: np.ndarray, limit: float, smaller: bool = False) -> list[int]:
    """Indices that survive non-maximum suppression, best first."""
    order = np.argsort(-scores, kind="stable")
    kept = []
    while len(order):
        best, rest = order[0], order[1:]
        kept.append(int(best))
        order = rest[overlaps(boxes[best], boxes[rest], smaller) <= limit]
    return kept


def squares(boxes: np.ndarray) -> np.ndarray:
    """Boxes grown to squares around their centres."""
    side = np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])
    centre = (boxes[:, :2] + boxes[:, 2:]) / 2
    return np.hstack([centre - side[:, None] / 2, centre + side[:, None] / 2])


def moved(boxes: np.ndarray, offsets: np.ndarray, edge: int) -> np.ndarray:
    """Boxes after regression; offsets are relative to each box's width and height, which count `edge` more pixels."""
    size = np.tile(boxes[:, 2:] - boxes[:, :2] + edge, 2)
    return boxes + offsets * size


def crop_edges(boxes: np.ndarray, width: int, height: int) -> np.ndarray:
    """Pixels from 0 (N, 4: left, top, right, bottom; the last two exclusive) that a box covers inside the picture."""
    whole = np.trunc(boxes).astype(np.int64)
    first = np.maximum(1, whole[:, :2]) - 1
    last = np.minimum([width, height], whole[:, 2:])
    # A box outside the picture is dropped by the application; here it keeps one pixel and no face.
    first = np.minimum(first, [width - 1, height - 1])
    return np.hstack([first, np.maximum(last, first + 1)])


class SummedArea:
    """Summed-area table of a BGR picture, from which crops are resampled by area all at once."""

    def __init__(self, picture: np.ndarray) -> None:
        self.height, self.width = picture.shape[:2]
        self.sums = cv2.integral(np.ascontiguousarray(picture), sdepth=cv2.CV_32S)

    def crops(self, edges: np.ndarray, size: int) -> np.ndarray:
        """(N, size, size, 3) uint8 of integer regions: cell i averages floor(i w / size) up to ceil((i + 1) w / size)."""
        steps = np.arange(size)
        wide, high = (edges[:, 2] - edges[:, 0])[:, None], (edges[:, 3] - edges[:, 1])[:, None]
        left = edges[:, :1] + steps * wide // size
        right = edges[:, :1] - (-(steps + 1) * wide // size)
        top = edges[:, 1:2] + steps * high // size
        bottom = edges[:, 1:2] - (-(steps + 1) * high // size)
        above, below = top[:, :, None], bottom[:, :, None]
        before, after = left[:, None, :], right[:, None, :]
        sums = self.sums
        total = sums[below, after] - sums[below, before] - sums[above, after] + sums[above, before]
        count = ((below - above) * (after - before))[..., None]
        return ((total + count // 2) // count).astype(np.uint8)

    def level(self, width: int, height: int) -> np.ndarray:
        """The whole picture at a size, (1, height, width, 3)."""
        columns, rows = np.arange(width), np.arange(height)
        left, right = columns * self.width // width, -(-(columns + 1) * self.width // width)
        top, bottom = rows * self.height // height, -(-(rows + 1) * self.height // height)
        lower, upper = self.sums[bottom], self.sums[top]
        band = lower - upper
        total = band[:, right] - band[:, left]
        count = ((bottom - top)[:, None] * (right - left))[..., None]
        return ((total + count // 2) // count).astype(np.uint8)[None]


def tensor(pictures: np.ndarray) -> torch.Tensor:
    """(N, h, w, 3) uint8 BGR -> (N, 3, h, w) float32 RGB, (x - 127.5) / 128."""
    return torch.from_numpy(
        np.ascontiguousarray(((pictures[..., ::-1].astype(np.float32) - 127.5) / 128).transpose(0, 3, 1, 2))
    )


def propose(cascade: Cascade, area: SummedArea, least: float, threshold: float) -> np.ndarray:
    """(N, 5) squares and scores after P-Net."""
    scale, found = 12 / least, []
    while min(area.height, area.width) * scale >= 12:
        small = area.level(int(area.width * scale + 1), int(area.height * scale + 1))
        offsets, scores = (o[0].numpy() for o in cascade.pnet(tensor(small)))
        ys, xs = np.nonzero(scores[1] >= threshold)
        if len(ys):
            boxes = np.floor(np.stack([xs * 2 + 1, ys * 2 + 1, xs * 2 + 12, ys * 2 + 12], 1) / scale)
            values = scores[1, ys, xs]
            kept = suppress(boxes, values, 0.5)
            found.append(np.hstack([boxes, offsets[:, ys, xs].T, values[:, None]])[kept])
        scale *= cascade.factor
    if not found:
        return np.zeros((0, 5))
    every = np.concatenate(found)
    every = every[suppress(every[:, :4], every[:, 8], 0.7)]
    return np.hstack([squares(moved(every[:, :4], every[:, 4:8], 0)), every[:, 8:9]])


def refine(cascade: Cascade, area: SummedArea, boxes: np.ndarray, threshold: float) -> np.ndarray:
    """(N, 5) squares and scores after R-Net."""
    if len(boxes) == 0 or cascade.rnet is None:
        return boxes
    crops = area.crops(crop_edges(boxes[:, :4], area.width, area.height), 24)
    offsets, scores = (o.numpy() for o in cascade.rnet(tensor(crops)))
    good = scores[:, 1] > threshold
    boxes, offsets, values = boxes[good, :4], offsets[good], scores[good, 1]
    kept = suppress(boxes, values, 0.7)
    return np.hstack([squares(moved(boxes[kept], offsets[kept], 1)), values[kept, None]])


def detect(cascade: Cascade, picture: np.ndarray, least: float = 40.0) -> tuple[np.ndarray, np.ndarray]:
    """Faces of at least `least` pixels: boxes with scores (N, 5) and points (N, 5, 2)."""
    if cascade.onet is None:
        raise ValueError("the cascade has no O-Net yet")
    area = SummedArea(picture)
    with torch.inference_mode():
        boxes = propose(cascade, area, least, cascade.thresholds[0])
        boxes = refine(cascade, area, boxes, cascade.thresholds[1])
        if len(boxes) == 0:
            return np.zeros((0, 5)), np.zeros((0, 5, 2))
        crops = area.crops(crop_edges(boxes[:, :4], area.width, area.height), 48)
        offsets, places, scores = (o.numpy() for o in cascade.onet(tensor(crops)))
    good = scores[:, 1] > cascade.thresholds[2]
    boxes, offsets, places, values = boxes[good, :4], offsets[good], places[good], scores[good, 1]
    side = (boxes[:, 2] - boxes[:, 0] + 1)[:, None, None]
    points = np.stack([places[:, :5], places[:, 5:]], 2) * side + boxes[:, None, :2] - 1
    final = moved(boxes, offsets, 1)
    kept = suppress(final, values, 0.7, smaller=True)
    return np.hstack([final[kept], values[kept, None]]), points[kept]


Detector = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Count:
    """One picture: faces there, faces found, false finds, and per face found the points' mean error in eye distances."""

    wanted: int
    hits: int
    wrong: int
    errors: list[float]


def count(find: Detector, picture: np.ndarray, marks: np.ndarray, least: float) -> Count:
    """Compares finds with the truth at an overlap of 0.5. A find on a face smaller than `least` is neither right nor

    wrong.
    """
    boxes, points = find(picture)
    truth = np.hstack([marks[:, :2], marks[:, :2] + marks[:, 2:4]])
    large = np.maximum(marks[:, 2], marks[:, 3]) >= least
    hits = wrong = 0
    errors: list[float] = []
    used: set[int] = set()
    for box, place in zip(boxes, points, strict=True):
        common = overlaps(box, truth) if len(truth) else np.zeros(0)
        best = int(common.argmax()) if len(common) else -1
        if best < 0 or common[best] < 0.5 or best in used:
            wrong += int(best < 0 or large[best] or common[best] < 0.5)
            continue
        used.add(best)
        if large[best]:
            hits += 1
            known = marks[best, 4:].reshape(5, 2)
            eyes = np.linalg.norm(known[0] - known[1])
            if eyes > 0.15 * marks[best, 2]:
                errors.append(float(np.linalg.norm(place - known, axis=1).mean() / eyes))
    return Count(int(large.sum()), hits, wrong, errors)
