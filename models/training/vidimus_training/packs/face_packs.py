"""What the packs that judge single faces share: the small network, its file, its manifest and the tables of its card."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import nn

from ..networks.face_net import FaceNet
from ..prepare.faces import FaceSet, as_cut
from . import graph, manifest

Json = Any


def build(config: dict[str, Json]) -> nn.Module:
    """The untrained network. Index 1 is "fake"."""
    made = FaceNet(2, tuple(config["widths"]), config["dropout"], config.get("maps", 0))
    return made.to(memory_format=torch.channels_last)


def trained(config: dict[str, Json], run: Path) -> nn.Module:
    """The averaged weights of a run."""
    model = build(config)
    model.load_state_dict(torch.load(run / "state.pt", weights_only=True)["mean"])
    return model.eval()


def write(config: dict[str, Json], run: Path, out: Path, described: dict[str, Json], card: str) -> dict[str, float]:
    """Writes graph, manifest and card. Returns parity and the cost of 16-bit storage in score."""
    torch.manual_seed(0)
    model = trained(config, run).to(memory_format=torch.contiguous_format)
    made, figures = graph.finished(model, (3, config["side"], config["side"]), "faces")
    manifest.write_pack(out / config["pack"], described, {"model.onnx": made}, card + manifest.cost(figures, "face"))
    return figures


def evaluated(run: Path) -> tuple[dict[str, Json], list[list[Json]]]:
    """A run's evaluation and the pictures it was trained on."""
    return json.loads((run / "evaluation.json").read_text()), json.loads((run / "pictures.json").read_text())


def envelope(faces: FaceSet, indices: np.ndarray) -> dict[str, float]:
    """Bounds of the faces measured, of the quantities in `src/engine/faces/gates.ts`: all but the outermost 1 %.

    Sharpness is that of the box at its own size, at most 128 px, as the application measures it. It is bounded by the
    same faces blurred by 1.5 px, because they are among those measured (robustness).
    """
    points = faces.points[indices]
    sharpness, brightness = [], []
    for index in indices:
        side = min(128, int(float(faces.rows[index].get("face", "128"))))
        grey = cv2.cvtColor(as_cut(faces.crops[index], 0.0, side), cv2.COLOR_BGR2GRAY)
        blurred = cv2.GaussianBlur(grey, (0, 0), 1.5)
        sharpness.append(cv2.Laplacian(blurred, cv2.CV_64F)[1:-1, 1:-1].var())
        brightness.append(grey.mean())
    between = points[:, 1] - points[:, 0]
    distance = np.maximum(np.linalg.norm(between, axis=1), 1e-6)
    offset = ((points[:, 2] - points[:, :2].mean(1)) * between).sum(1) / distance
    yaw = np.degrees(np.abs(np.arctan2(offset, 0.5 * distance)))
    return {
        "minFacePx": 60,
        "maxYawDegrees": round(float(np.quantile(yaw, 0.99))),
        "minSharpness": round(float(np.quantile(sharpness, 0.01)), 1),
        "minBrightness": round(float(np.quantile(brightness, 0.01))),
    }


def describe(config: dict[str, Json], found: dict[str, Json], name: str, note: str, validated: str) -> dict[str, Json]:
    """`pack.json` without its files."""
    side = config["side"]
    return {
        "id": config["pack"],
        "version": config["version"],
        "name": name,
        "task": "face-forgery",
        "family": "spatial-neural",
        "architecture": "face-net (stages " + ", ".join(map(str, config["widths"])) + ")",
        "licence": "for evaluation only: trained on pictures without an open licence",
        "source": {"name": "trained by this project, models/training", "url": "models/training/README.md"},
        "input": {
            "tensor": "faces",
            "kind": "face-crop",
            "width": side,
            "height": side,
            "layout": "NCHW",
            "color": "rgb",
            "resize": "opencv-linear",
            "scale": 1,
            "mean": [127.5] * 3,
            "std": [127.5] * 3,
            "crop": {"margin": config["margin"], "square": True, "align": "none"},
        },
        "output": {"tensor": "logits", "kind": "logits", "fakeIndex": 1, "realIndex": 0},
        # A low score excludes the fakes of the training kind and no others: it never speaks for "real".
        "thresholds": {"decision": found["threshold"], "uncertainBand": [0.0, found["band"][1]]},
        "calibration": None,
        "envelope": {**found["envelope"], "notes": [note]},
        "validation": [manifest.validation(validated, found["sets"]["dev"], found)],
        "published": [],
    }


def words(config: dict[str, Json], found: dict[str, Json], pictures: list[list[Json]]) -> dict[str, Json]:
    """What both card texts have a place for."""
    percent, dev, loop = manifest.percent, found["sets"]["dev"], config["loop"]
    low, high = dev["eer ci95"]
    rows = [{"group": name, "pictures": str(n), "licence": licence} for name, licence, n in pictures]
    return {
        "pack": config["pack"],
        "version": config["version"],
        "side": config["side"],
        "margin": config["margin"],
        "widths": ", ".join(map(str, config["widths"])),
        "threshold": f"{found['threshold']:.3f}",
        "high": f"{found['band'][1]:.3f}",
        "envelope": ", ".join(f"{key} {value}" for key, value in found["envelope"].items()),
        "data": manifest.markdown(rows),
        "groups": manifest.groups_table(found["tables"]["dev"], "pictures"),
        "robust": manifest.changes_table(found["robustness"]),
        "n": dev["n"],
        "auc": f"{dev['auc']:.3f}",
        "eer": f"{percent(dev['eer'])} ({percent(low)} to {percent(high)})",
        "date": found["date"],
        "steps": loop["steps"],
        "before": config["before"],
        "batch": loop["batch"],
        "rate": loop["rate"],
        "decay": loop["weight_decay"],
        "smoothing": loop["label_smoothing"],
    }
