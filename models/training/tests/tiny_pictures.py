"""The packs for pictures and clips on drawings in seconds: train, evaluate, export, parity.

Prints one JSON line with the figures; exits 1 with a message where something is wrong.
"""

from __future__ import annotations

import csv
import hashlib
import json
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from vidimus_training.packs import face_mtcnn, face_swap, forensic_mlp, temporal
from vidimus_training.prepare.faces import FaceSet, load, save
from vidimus_training.prepare.scenes import build
from vidimus_training.prepare.teach import Taught, taught
from vidimus_training.prepare.windows import scenes_of, targets_of

CONFIGS = Path(face_mtcnn.__file__).parents[1] / "configs"
POINTS = np.array([[0.33, 0.4], [0.67, 0.4], [0.5, 0.58], [0.37, 0.75], [0.63, 0.75]])


def texture(seed: int, width: int, height: int) -> np.ndarray:
    """A smooth random picture."""
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 255, (9, 9, 3)).astype(np.uint8)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)


def drawing(seed: int, side: int = 120) -> tuple[np.ndarray, np.ndarray]:
    """A drawn face on a texture, and its row of box and points."""
    rng = np.random.default_rng(seed)
    picture = texture(seed, side, side)
    middle, half = side // 2, int(side * 0.32)
    skin = tuple(int(v) for v in rng.integers(120, 230, 3))
    cv2.ellipse(picture, (middle, middle), (int(half * 0.8), half), 0, 0, 360, skin, -1)
    box = np.array([middle - half * 0.8, middle - half, half * 1.6, half * 2])
    points = box[:2] + POINTS * box[2:]
    for x, y in points[:2]:
        cv2.circle(picture, (int(x), int(y)), side // 30, (20, 20, 20), -1)
    cv2.line(picture, tuple(points[3].astype(int)), tuple(points[4].astype(int)), (30, 30, 160), side // 40)
    return picture, np.concatenate([box, points.ravel()])


def write_taught(folder: Path, name: str, seeds: range) -> list[Taught]:
    """Drawings as if two teachers had marked them."""
    index, offset = [], 0
    with (folder / f"{name}-taught.bin").open("wb") as file:
        for seed in seeds:
            picture, mark = drawing(seed)
            file.write(picture.tobytes())
            row = {"repo": "nobody/drawings", "kind": "drawing", "licence": "CC0", "blob": str(seed), "path": f"{seed}.png"}
            index.append({
                "offset": offset, "shape": picture.shape, "faces": [mark.tolist()], "spread": [0.05], "row": row,
            })  # fmt: skip
            offset += picture.size
    (folder / f"{name}-taught.json").write_text(json.dumps({"refused": 0, "pictures": index}))
    return taught(folder / f"{name}-taught")


def detector(data: Path, out: Path) -> float:
    """The face detector on drawings. Returns the parity of its three graphs."""
    folder = data / "cache" / "scenes"
    folder.mkdir(parents=True)
    for name, first in (("train", 0), ("dev", 50)):
        listed = []
        for number in range(2):
            path = data / f"{name}{number}.png"
            cv2.imwrite(str(path), texture(first + 20 + number, 300, 260))
            listed.append(path.name)
        (folder / f"{name}-empty.json").write_text(json.dumps(listed))
        known = write_taught(folder, name, range(first, first + 8))
        build(known, [cv2.imread(str(data / p)) for p in listed], folder, 12, name)
        (folder / f"{name}-pictures.json").write_text(json.dumps([["nobody/drawings", "drawing", "CC0", len(known)]]))
    _, faces = scenes_of(folder, "train")
    marks = next(m for m in faces if len(m))
    x, y, w, h = marks[0, :4]
    side = max(w, h)
    square = np.array([[x + w / 2 - side / 2, y + h / 2 - side / 2, x + w / 2 + side / 2, y + h / 2 + side / 2]])
    known = targets_of(square, marks)[0]
    assert known[0] == 1 and abs(known[2]) < 1e-3 or w > h, known
    config = face_mtcnn.configuration(CONFIGS / "face-mtcnn.toml")
    config |= {"scenes": 12, "look_scenes": 12}
    for stage in ("pnet", "rnet", "onet"):
        config[stage] = {"steps": 2, "batch": 24}
    config["loop"] |= {"warmup": 1, "look_steps": 2, "log_steps": 1, "threads": 1}
    face_mtcnn.fit(config, data, data / "run-faces")
    face_mtcnn.measure(config, data, data / "run-faces", "test")
    return face_mtcnn.export(config, data / "run-faces", out)["parity"]


def forensic(data: Path, out: Path) -> float:
    """The perceptron on textures. Returns the parity of its graph."""
    folder = data / "visual"
    folder.mkdir()
    rows = []
    for number in range(12):
        path = folder / f"{number}.png"
        cv2.imwrite(str(path), texture(number, 272, 264))
        blob = hashlib.sha1(path.read_bytes()).hexdigest()
        split, kind = ("background", "scene") if number < 6 else ("train", "face 256")
        label = "fake" if number >= 9 else "real"
        rows.append({
            "split": split, "label": label, "kind": kind, "blob": blob, "repo": "nobody/textures", "licence": "CC0",
            "file": path.name,
        })  # fmt: skip
    with (folder / "index.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    forensic_mlp.prepare(data, 1)
    config = forensic_mlp.configuration(CONFIGS / "forensic-mlp.toml")
    config["dev_share"] = 0.5
    config["loop"]["steps"] = 20
    forensic_mlp.fit(config, data, data / "run-forensic")
    forensic_mlp.measure(config, data, data / "run-forensic", "test")
    return forensic_mlp.export(config, data / "run-forensic", out)["parity"]


def faces(data: Path) -> None:
    """Drawn faces as prepared crops."""
    crops, points, rows = [], [], []
    for seed in range(16):
        picture, mark = drawing(seed + 200, 160)
        crops.append(picture)
        points.append(mark[4:].reshape(5, 2) / 160)
        rows.append({
            "blob": hashlib.sha1(picture.tobytes()).hexdigest(), "label": "real", "kind": "drawing", "system": "-",
            "repo": "nobody/drawings", "licence": "CC0",
        })  # fmt: skip
    save(FaceSet(np.stack(crops), rows, np.stack(points).astype(np.float32)), data / "cache" / "faces")


def swaps(data: Path, out: Path) -> float:
    """The swap network on swaps made of drawings, through the video encoder. Returns the parity of its graph."""
    config = face_swap.configuration(CONFIGS / "face-swap.toml")
    config |= {"widths": [16, 16, 16, 32], "dev_share": 0.5}  # 8 channels crash oneDNN of torch 2.13 backwards
    config["cache"] = {"parts": 1, "batch": 4, "workers": 1}
    config["loop"] |= {"steps": 2, "batch": 4, "warmup": 1, "look_steps": 2, "log_steps": 1, "threads": 1}
    crops = load(data / "cache" / "faces")
    batches = face_swap.SwapBatches(crops, np.arange(len(crops.rows)), config, 1)
    parts = [batches.part(0, np.random.default_rng(seed)) for seed in range(12)]
    assert {bool(np.linalg.det(cut.matrix[:, :2]) > 0) for cut, _ in parts} == {True, False}
    # Mirrored or not, the eye that is called the left one lies to the left.
    assert all(points[0, 0] < points[1, 0] and points[3, 0] < points[4, 0] for _, points in parts), parts
    face_swap.fit(config, data, data / "run-swaps")
    face_swap.measure(config, data, data / "run-swaps", "test")
    return face_swap.export(config, data / "run-swaps", out)["parity"]


def clips(data: Path, out: Path) -> float:
    """The clip network on drawings. Returns the parity of its graph."""
    config = temporal.configuration(CONFIGS / "temporal-3dcnn.toml")
    config |= {"width": 4, "side": 64, "dev_share": 0.5}
    config["cache"] = {"parts": 1, "batch": 4, "workers": 1}
    config["loop"] |= {"steps": 2, "batch": 4, "warmup": 1, "look_steps": 2, "log_steps": 1, "threads": 1}
    config["evaluation"] = {"look": 4, "most": 4, "robustness": 2}
    temporal.fit(config, data, data / "run-clips")
    temporal.measure(config, data, data / "run-clips", "test")
    return temporal.export(config, data / "run-clips", out)["parity"]


def main() -> int:
    """Runs everything in a temporary folder."""
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as name:
        data = Path(name)
        out = data / "packs"
        parity = {"face-mtcnn": detector(data, out), "forensic-mlp": forensic(data, out)}
        faces(data)
        parity |= {"face-swap": swaps(data, out), "temporal-3dcnn": clips(data, out)}
        assert max(parity.values()) <= 1e-4, parity
        manifests = [json.loads((out / pack / "pack.json").read_text()) for pack in parity]
        print(json.dumps({"parity": max(parity.values()), "manifests": manifests}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
