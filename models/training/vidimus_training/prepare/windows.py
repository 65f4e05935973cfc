"""Windows of scenes with what each of MTCNN's networks should answer on them.

A target row holds the class (1 face, 0 none, -1 counts for the box only), the four edges of the face relative to the
window's own edges and the five points (x, then y) inside the window, all in units of the window's side. In these units
a mirrored window has mirrored targets; `answers` turns them into what the application's geometry expects.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch

from ..evaluate.cascade import Cascade, SummedArea, crop_edges, propose, refine, squares
from .scenes import BACKGROUND
from .teach import shrunk

FACE, PART, NONE = 0.6, 0.4, 0.25
"""Least overlap of a face and of a part, most overlap of a window without face; those between are left out."""


def scenes_of(folder: Path, name: str) -> tuple[np.ndarray, list[np.ndarray]]:
    """Scenes and the faces in them (N, 14)."""
    marks = json.loads((folder / f"{name}.json").read_text())["faces"]
    return np.load(folder / f"{name}.npy", mmap_mode="r"), [np.array(m, np.float64).reshape(-1, 14) for m in marks]


def corners(marks: np.ndarray) -> np.ndarray:
    """x, y, width, height, ... -> x1, y1, x2, y2."""
    return np.hstack([marks[:, :2], marks[:, :2] + marks[:, 2:4]])


def all_overlaps(boxes: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """(boxes, truths) intersection over union."""
    low = np.maximum(boxes[:, None, :2], truth[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], truth[None, :, 2:])
    common = np.clip(high - low, 0, None).prod(2)
    area = (boxes[:, 2:] - boxes[:, :2]).prod(1)[:, None] + (truth[:, 2:] - truth[:, :2]).prod(1)[None]
    return common / (area - common)


def targets_of(boxes: np.ndarray, marks: np.ndarray) -> np.ndarray:
    """(N, 15) targets of square windows; class -2 where the overlap leaves it open.

    Overlap is taken with the square around the face, because every window is a square.
    """
    out = np.zeros((len(boxes), 15), np.float32)
    if len(marks) == 0:
        return out
    truth = corners(marks)
    common = all_overlaps(boxes, squares(truth))
    best = common.argmax(1)
    value = common[np.arange(len(boxes)), best]
    out[:, 0] = np.select([value >= FACE, value >= PART, value < NONE], [1, -1, 0], -2)
    side = (boxes[:, 2] - boxes[:, 0])[:, None]
    out[:, 1:5] = (truth[best] - boxes) / side
    points = (marks[best, 4:].reshape(-1, 5, 2) - boxes[:, None, :2]) / side[:, :, None]
    out[:, 5:10], out[:, 10:] = points[..., 0], points[..., 1]
    out[out[:, 0] == 0, 1:] = 0
    return out


def answers(stage: str, targets: np.ndarray) -> np.ndarray:
    """Targets as the stage's own numbers: P-Net's boxes begin one cell's twelfth late and are 11 twelfths long."""
    if stage != "pnet":
        return targets
    out = targets.copy()
    out[:, 1:3] = (12 * targets[:, 1:3] - 1) / 11
    out[:, 3:5] = 12 * targets[:, 3:5] / 11
    return out


def random_boxes(side: int, marks: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Squares near every face, closely and loosely, and anywhere."""
    found = []
    for mark in marks:
        longest = float(max(mark[2], mark[3]))
        if longest < 14:
            continue
        centre = mark[:2] + mark[2:4] / 2
        many = 28
        spread = np.where(np.arange(many) < 16, 0.18, 0.6)[:, None]
        length = longest * np.exp(rng.uniform(-0.3, 0.3, many) * np.where(np.arange(many) < 20, 1, 2.5))
        middle = centre + rng.uniform(-1, 1, (many, 2)) * spread * longest
        found.append(np.hstack([middle - length[:, None] / 2, middle + length[:, None] / 2]))
    length = np.exp(rng.uniform(np.log(12), np.log(side * 0.9), 12))
    corner = rng.uniform(0, 1, (12, 2)) * (side - length)[:, None]
    found.append(np.hstack([corner, corner + length[:, None]]))
    return np.concatenate(found)


def chosen(targets: np.ndarray, rng: np.random.Generator, most: tuple[int, int, int]) -> np.ndarray:
    """Indices of at most so many faces, parts and others."""
    picked = []
    for kind, count in zip((1, -1, 0), most, strict=True):
        members = np.flatnonzero(targets[:, 0] == kind)
        picked.append(rng.permutation(members)[:count])
    return np.concatenate(picked)


def harvest(
    folder: Path, name: str, size: int, before: Cascade | None, seed: int, most: int
) -> tuple[np.ndarray, np.ndarray]:
    """Windows (N, size, size, 3) uint8 and targets (N, 15) of a stage: random ones, and from R-Net on what the stages

    before propose, on scenes and on the backgrounds themselves.
    """
    scenes, faces = scenes_of(folder, name)
    pictures, targets = [], []

    def take(area: SummedArea, boxes: np.ndarray, marks: np.ndarray, wanted: tuple[int, int, int]) -> None:
        known = targets_of(boxes, marks)
        index = chosen(known, rng, wanted)
        if len(index):
            pictures.append(area.crops(crop_edges(boxes[index] + [1, 1, 0, 0], area.width, area.height), size))
            targets.append(known[index])

    def proposed(area: SummedArea, least: float) -> np.ndarray:
        if before is None:
            return np.zeros((0, 4))
        with torch.inference_mode():
            boxes = propose(before, area, least, 0.5)
            return refine(before, area, boxes, 0.4)[:, :4] - [1, 1, 0, 0]

    for number in range(min(len(scenes), most)):
        rng = np.random.default_rng((seed, number))
        area = SummedArea(scenes[number])
        marks = faces[number]
        near = max(1, len(marks))
        if before is None:
            take(area, random_boxes(area.width, marks, rng), marks, (6 * near, 4 * near, 8 * near + 6))
        else:
            take(area, random_boxes(area.width, marks, rng), marks, (4 * near, 3 * near, 3 * near + 2))
            take(area, proposed(area, 18), marks, (6 * near, 4 * near, 24))
        if number % 1000 == 0:
            print(f"windows of {number} scenes", flush=True)
    if before is not None:
        listed = json.loads((folder / f"{name}-empty.json").read_text())
        none = np.zeros((0, 14))
        for number, path in enumerate(listed[: max(1, most // 3)]):
            rng = np.random.default_rng((seed, 1_000_000 + number))
            picture = shrunk(folder.parents[1] / path, BACKGROUND)
            if picture is not None:
                area = SummedArea(picture)
                take(area, proposed(area, 20), none, (0, 0, 60))
    return np.concatenate(pictures), np.concatenate(targets)
