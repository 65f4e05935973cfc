"""The MTCNN cascade as the application runs it (`src/engine/faces/mtcnn.ts`), for training and measuring."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import nn

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
    order = list(np.argsort(-scores))
    kept = []
    while order:
        best = order.pop(0)
        kept.append(int(best))
        if order:
            rest = np.array(order)
            order = list(rest[overlaps(boxes[best], boxes[rest], smaller) <= limit])
    return kept


def squares(boxes: np.ndarray) -> np.ndarray:
    """Boxes grown to squares around their centres."""
    side = np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])
    centre = (boxes[:, :2] + boxes[:, 2:]) / 2
    return np.hstack([centre - side[:, None] / 2, centre + side[:, None] / 2])


def moved(boxes: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Boxes after regression; offsets are relative to each box's width and height."""
    size = np.tile(boxes[:, 2:] - boxes[:, :2], 2)
    return boxes + offsets * size


def window(picture: np.ndarray, box: np.ndarray, size: int) -> np.ndarray:
    """The box cut with zero padding and brought to `size` by area averaging, uint8 BGR."""
    x1, y1, x2, y2 = (round(float(v)) for v in box)
    x2, y2 = max(x2, x1 + 1), max(y2, y1 + 1)
    height, width = picture.shape[:2]
    pad = [max(0, -y1), max(0, y2 - height), max(0, -x1), max(0, x2 - width)]
    cut = picture[max(0, y1) : max(0, min(y2, height)), max(0, x1) : max(0, min(x2, width))]
    if cut.size == 0:
        return np.zeros((size, size, 3), np.uint8)
    if any(pad):
        cut = cv2.copyMakeBorder(cut, *pad, cv2.BORDER_CONSTANT)
    return cv2.resize(cut, (size, size), interpolation=cv2.INTER_AREA if cut.shape[0] > size else cv2.INTER_LINEAR)


def tensor(pictures: np.ndarray) -> torch.Tensor:
    """(N, h, w, 3) uint8 BGR -> (N, 3, h, w) float32 RGB, (x - 127.5) / 128."""
    return torch.from_numpy(
        np.ascontiguousarray(((pictures[..., ::-1].astype(np.float32) - 127.5) / 128).transpose(0, 3, 1, 2))
    )


def propose(cascade: Cascade, picture: np.ndarray, least: float, threshold: float) -> np.ndarray:
    """(N, 5) squares and scores after P-Net."""
    height, width = picture.shape[:2]
    scale, found = 12 / least, []
    while min(height, width) * scale >= 12:
        small = cv2.resize(picture, (int(width * scale + 1), int(height * scale + 1)), interpolation=cv2.INTER_AREA)
        offsets, scores = (o[0].numpy() for o in cascade.pnet(tensor(small[None])))
        ys, xs = np.nonzero(scores[1] >= threshold)
        if len(ys):
            boxes = np.stack([xs * 2, ys * 2, xs * 2 + 12, ys * 2 + 12], 1) / scale
            values = scores[1, ys, xs]
            kept = suppress(boxes, values, 0.5)
            found.append(np.hstack([moved(boxes, offsets[:, ys, xs].T), values[:, None], boxes])[kept])
        scale *= cascade.factor
    if not found:
        return np.zeros((0, 5))
    everything = np.concatenate(found)
    kept = suppress(everything[:, 5:], everything[:, 4], 0.7)
    return np.hstack([squares(everything[kept, :4]), everything[kept, 4:5]])


def refine(cascade: Cascade, picture: np.ndarray, boxes: np.ndarray, threshold: float) -> np.ndarray:
    """(N, 5) squares and scores after R-Net."""
    if len(boxes) == 0 or cascade.rnet is None:
        return boxes
    offsets, scores = (o.numpy() for o in cascade.rnet(tensor(np.stack([window(picture, b[:4], 24) for b in boxes]))))
    good = scores[:, 1] > threshold
    boxes, offsets, values = boxes[good, :4], offsets[good], scores[good, 1]
    kept = suppress(boxes, values, 0.7)
    return np.hstack([squares(moved(boxes[kept], offsets[kept])), values[kept, None]])


def detect(cascade: Cascade, picture: np.ndarray, least: float = 40.0) -> tuple[np.ndarray, np.ndarray]:
    """Faces of at least `least` pixels: boxes with scores (N, 5) and points (N, 5, 2)."""
    if cascade.onet is None:
        raise ValueError("the cascade has no O-Net yet")
    with torch.inference_mode():
        boxes = propose(cascade, picture, least, cascade.thresholds[0])
        boxes = refine(cascade, picture, boxes, cascade.thresholds[1])
        if len(boxes) == 0:
            return np.zeros((0, 5)), np.zeros((0, 5, 2))
        crops = tensor(np.stack([window(picture, b[:4], 48) for b in boxes]))
        offsets, places, scores = (o.numpy() for o in cascade.onet(crops))
    good = scores[:, 1] > cascade.thresholds[2]
    boxes, offsets, places, values = boxes[good, :4], offsets[good], places[good], scores[good, 1]
    side = (boxes[:, 2] - boxes[:, 0])[:, None, None]
    points = np.stack([places[:, :5], places[:, 5:]], 2) * side + boxes[:, None, :2]
    final = moved(boxes, offsets)
    kept = suppress(final, values, 0.7, smaller=True)
    return np.hstack([final[kept], values[kept, None]]), points[kept]


Detector = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


def measure(find: Detector, scenes: np.ndarray, faces: list[np.ndarray], least: float = 40.0) -> dict[str, float]:
    """Recall, precision (overlap 0.5) and the mean error of points in eye distances for faces of at least `least` px.

    A find on a smaller face is neither right nor wrong.
    """
    hits = wanted = wrong = 0
    errors: list[float] = []
    for picture, marks in zip(scenes, faces, strict=True):
        boxes, points = find(picture)
        truth = np.hstack([marks[:, :2], marks[:, :2] + marks[:, 2:4]])
        large = np.maximum(marks[:, 2], marks[:, 3]) >= least
        wanted += int(large.sum())
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
    return {
        "faces": wanted,
        "recall": hits / max(1, wanted),
        "precision": hits / max(1, hits + wrong),
        "points": float(np.mean(errors)) if errors else float("nan"),
        "points p90": float(np.percentile(errors, 90)) if errors else float("nan"),
    }


def modules(cascade: Cascade) -> list[nn.Module]:
    """The networks that are there."""
    return [net for net in (cascade.pnet, cascade.rnet, cascade.onet) if net is not None]
