"""Two published detectors mark the faces of pictures: boxes and five points on which both agree.

YuNet (Apache-2.0) finds the faces; MTCNN's last network (MIT, facenet-pytorch) looks at each again. Where both agree
the mean of their boxes and points is the truth; a face only one of them is sure of keeps its picture out.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import cv2
import numpy as np
import torch

from ..data.lists import Row
from ..evaluate.cascade import SummedArea, crop_edges, overlaps, squares, tensor
from ..networks.mtcnn import ONet

LONGEST = 480
FACE_SIDE = 150
"""Pictures are kept no larger than their largest face needs; networks see at most 48 pixels of it."""

SURE, DOUBTFUL = 0.75, 0.3
"""YuNet's least score for a face that is taught, and for one that is there at all."""


@dataclass(frozen=True)
class Taught:
    """A picture with its faces (N, 14: box x, y, width, height, then five points) and how far the teachers differ.

    `spread` (N,) is the mean distance between the two teachers' points in eye distances, NaN where only YuNet answered.
    """

    picture: np.ndarray
    faces: np.ndarray
    spread: np.ndarray
    row: Row


def person_of(row: Row) -> str:
    """Name in the file name, where there is one, so that no person is on both sides of the split."""
    stem = PurePosixPath(row["path"]).stem
    name = re.sub(r"[\W\d_]+$", "", stem)
    return f"{row['repo']}|{name.lower()}" if len(name) >= 6 and "mask" not in name.lower() else row["blob"]


def is_apart(key: str, share: float) -> bool:
    """Whether a person or picture is kept apart, by hash: the same in every run."""
    return int(hashlib.sha256(key.encode()).hexdigest()[:8], 16) / 2**32 < share


class Teachers:
    """YuNet and MTCNN's O-Net from a folder with `yunet.onnx` and `onet.pt`."""

    def __init__(self, folder: Path) -> None:
        self.yunet = cv2.FaceDetectorYN.create(str(folder / "yunet.onnx"), "", (256, 256), DOUBTFUL, 0.3, 200)
        self.onet = ONet()
        self.onet.load_state_dict(torch.load(folder / "onet.pt", weights_only=True))
        self.onet.eval()

    def find(self, picture: np.ndarray) -> np.ndarray:
        """(N, 15): x, y, width, height, five points (x, y), score; every face above DOUBTFUL."""
        self.yunet.setInputSize((picture.shape[1], picture.shape[0]))
        _, found = self.yunet.detect(picture)
        return np.zeros((0, 15), np.float32) if found is None else found

    def second(self, picture: np.ndarray, boxes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """O-Net's boxes (x1, y1, x2, y2), points (N, 5, 2) and probabilities for x1, y1, x2, y2 boxes.

        The picture is continued over its edges, because a square that is cut there would be stretched.
        """
        border = int((boxes[:, 2:] - boxes[:, :2]).max() * 0.6) + 1
        area = SummedArea(cv2.copyMakeBorder(picture, border, border, border, border, cv2.BORDER_REPLICATE))
        boxes = boxes + border
        for _ in range(2):
            square = squares(boxes)
            edges = crop_edges(square + [1, 1, 0, 0], area.width, area.height)
            with torch.inference_mode():
                offsets, places, values = (o.numpy() for o in self.onet(tensor(area.crops(edges, 48))))
            side = (square[:, 2] - square[:, 0])[:, None]
            boxes = square + offsets * side
        points = np.stack([places[:, :5], places[:, 5:]], 2) * side[:, :, None] + square[:, None, :2]
        return boxes - border, points - border, values[:, 1]

    def teach(self, picture: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
        """Faces (N, 14) and spread (N,), or None where a face is doubtful or too small."""
        found = self.find(picture).astype(np.float64)
        if len(found) == 0 or (found[:, 14] < SURE).any() or (found[:, 2:4].max(1) < 20).any():
            return None
        first = np.hstack([found[:, :2], found[:, :2] + found[:, 2:4]])
        boxes, points, sure = self.second(picture, first)
        faces, spread = found[:, :14].copy(), np.full(len(found), np.nan)
        for i in range(len(found)):
            if sure[i] < 0.7 or overlaps(boxes[i], first[i : i + 1])[0] < 0.5:
                continue
            box = (boxes[i] + first[i]) / 2
            known = found[i, 4:14].reshape(5, 2)
            eyes = max(np.linalg.norm(known[0] - known[1]), 0.2 * found[i, 2])
            spread[i] = np.linalg.norm(known - points[i], axis=1).mean() / eyes
            faces[i, :4] = [box[0], box[1], box[2] - box[0], box[3] - box[1]]
            faces[i, 4:] = ((known + points[i]) / 2).ravel()
        return faces, spread


def shrunk(path: Path, longest: int = LONGEST) -> np.ndarray | None:
    """The picture, at most `longest` pixels."""
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        return None
    scale = longest / max(picture.shape[:2])
    return picture if scale >= 1 else cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def teach_all(files: Sequence[tuple[Path, Row]], folder: Path, out: Path, largest: int = FACE_SIDE) -> None:
    """Writes `out`.bin (pictures, BGR bytes) and `out`.json (where they lie, their faces, their rows)."""
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    teachers = Teachers(folder)
    index, offset, refused = [], 0, 0
    with out.with_suffix(".bin").open("wb") as file:
        for number, (path, row) in enumerate(files):
            if number % 500 == 0:
                print(f"teach {out.name}: {number} of {len(files)}, {len(index)} kept", flush=True)
            picture = shrunk(path)
            known = None if picture is None else teachers.teach(picture)
            if picture is None or known is None:
                refused += 1
                continue
            faces, spread = known
            factor = largest / faces[:, 2:4].max()
            if factor < 1:
                old = picture.shape
                picture = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
                faces = faces * np.tile([picture.shape[1] / old[1], picture.shape[0] / old[0]], 7)
            file.write(picture.tobytes())
            index.append({
                "offset": offset, "shape": picture.shape, "faces": faces.round(3).tolist(),
                "spread": [None if np.isnan(s) else round(float(s), 4) for s in spread],
                "row": {k: row[k] for k in ("repo", "kind", "licence", "blob", "path")},
            })  # fmt: skip
            offset += picture.size
    out.with_suffix(".json").write_text(json.dumps({"refused": refused, "pictures": index}))


def taught(path: Path) -> list[Taught]:
    """What `teach_all` wrote; pictures stay on disk."""
    raw = np.memmap(path.with_suffix(".bin"), np.uint8, "r")
    out = []
    for known in json.loads(path.with_suffix(".json").read_text())["pictures"]:
        height, width, _ = known["shape"]
        begin = known["offset"]
        picture = raw[begin : begin + height * width * 3].reshape(height, width, 3)
        spread = np.array([np.nan if s is None else s for s in known["spread"]])
        out.append(Taught(picture, np.array(known["faces"]).reshape(-1, 14), spread, known["row"]))
    return out
