"""`forensic-mlp`: twelve measurements of whole pictures through a perceptron; prepare, train, evaluate, export."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from ..data.lists import Row, read_rows
from ..evaluate.working import overall, table, working_points
from ..networks.forensic_mlp import ForensicMlp
from ..prepare.forensic import FEATURES, KINDS, SIDE, measure_all
from ..prepare.teach import is_apart
from . import graph, manifest

Json = Any


def configuration(path: Path) -> dict[str, Json]:
    """The configuration file."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


def measurements_file(data: Path) -> Path:
    """Where the measurements lie, one JSON object per line."""
    return data / "cache" / "forensic.jsonl"


def prepare(data: Path, workers: int) -> None:
    """Photographs as they are and manipulated by rule, GAN faces and photographs of faces -> measurements."""
    config = configuration(Path(__file__).parents[1] / "configs" / "forensic-mlp.toml")
    folder = data / "visual"
    rows = sorted(read_rows(folder / "index.csv"), key=lambda r: r["blob"])
    scenes = [r for r in rows if r["split"] == "background"][: config["photographs"]]
    work: list[tuple[str, str, Row, str]] = []
    for number, row in enumerate(scenes):
        # A donor from the same side of the split, so that no picture is on both.
        apart = is_apart(row["blob"], config["dev_share"])
        others = [r for r in scenes if is_apart(r["blob"], config["dev_share"]) == apart and r is not row] or [row]
        donor = others[number % len(others)]
        path, other = str(folder / row["file"]), str(folder / donor["file"])
        work.append((path, other, row, "photograph"))
        work.append((path, other, row, KINDS[number % len(KINDS)]))
    for label, kind in (("fake", "gan"), ("real", "face")):
        faces = [r for r in rows if r["split"] == "train" and r["label"] == label and r["kind"] == "face 256"]
        work += [(str(folder / r["file"]), "", r, kind) for r in faces[: config["faces"]]]
    measure_all(work, measurements_file(data), workers)


def table_of(data: Path) -> tuple[np.ndarray, np.ndarray, list[dict[str, Json]]]:
    """(N, 12) measurements, labels and the lines they came from."""
    lines = [json.loads(line) for line in measurements_file(data).read_text().splitlines()]
    return np.array([r["values"] for r in lines], np.float32), np.array([r["fake"] for r in lines]), lines


def split(lines: list[dict[str, Json]], share: float) -> np.ndarray:
    """True for what is kept apart, by hash of the picture: a picture and its manipulation are on the same side."""
    return np.array([is_apart(r["blob"], share) for r in lines])


def fit(config: dict[str, Json], data: Path, run: Path) -> None:
    """Trains into `run` (seconds: the whole table is one batch of each step)."""
    values, labels, lines = table_of(data)
    mine = ~split(lines, config["dev_share"])
    loop = config["loop"]
    torch.manual_seed(loop["seed"])
    torch.set_num_threads(1)
    network = ForensicMlp()
    x, y = torch.from_numpy(values[mine]), torch.from_numpy(labels[mine])
    network.scaler.mean.copy_(x.mean(0))
    network.scaler.scale.copy_(x.std(0).clamp_min(1e-6))
    # Groups weigh alike within their class, and the classes weigh alike.
    kinds = np.array([r["kind"] for r in lines])[mine]
    count = Counter(kinds)
    sides = {k: len({kinds[i] for i in range(len(kinds)) if labels[mine][i] == k}) for k in (0, 1)}
    weight = torch.tensor(
        [1 / (count[k] * sides[int(f)]) for k, f in zip(kinds, labels[mine], strict=True)], dtype=torch.float32
    )
    weight = weight / weight.mean()
    entropy = nn.CrossEntropyLoss(label_smoothing=loop["label_smoothing"], reduction="none")
    optimiser = torch.optim.AdamW(network.parameters(), lr=loop["rate"], weight_decay=loop["weight_decay"])
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, loop["steps"])
    network.train()
    run.mkdir(parents=True, exist_ok=True)
    with (run / "curve.csv").open("w") as file:
        file.write("step,loss\n")
        for step in range(loop["steps"]):
            loss = (entropy(network(x), y) * weight).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            cosine.step()
            if step % loop["log_steps"] == 0:
                file.write(f"{step},{float(loss.detach()):.5f}\n")
    torch.save(network.state_dict(), run / "state.pt")
    counted = Counter((r["kind"], r["source"], r["licence"]) for r, m in zip(lines, mine, strict=True) if m)
    (run / "pictures.json").write_text(json.dumps([[*k, n] for k, n in sorted(counted.items())]))


def trained(run: Path) -> ForensicMlp:
    """The weights of a run."""
    network = ForensicMlp()
    network.load_state_dict(torch.load(run / "state.pt", weights_only=True))
    return network.eval()


def measure(config: dict[str, Json], data: Path, run: Path, commit: str) -> dict[str, Json]:
    """Everything the card says, written to `run/evaluation.json`."""
    values, labels, lines = table_of(data)
    apart = split(lines, config["dev_share"])
    with torch.inference_mode():
        found = torch.softmax(trained(run)(torch.from_numpy(values[apart])), 1)[:, 1].numpy()
    labels = labels[apart]
    kinds = np.array([r["kind"] for r in lines])[apart]
    sources = [r["blob"] for r, a in zip(lines, apart, strict=True) if a]
    points = working_points(found, labels, kinds)
    result = {
        "date": datetime.now(UTC).date().isoformat(),
        "commit": commit,
        **points,
        "sets": {"dev": overall(found, labels, sources)},
        "table": table(found, labels, kinds, points["threshold"]),
    }
    (run / "evaluation.json").write_text(json.dumps(result, indent=1))
    return result


def export(config: dict[str, Json], run: Path, out: Path) -> dict[str, float]:
    """Writes the pack from the run's evaluation and weights. Returns the parity with PyTorch."""
    found = json.loads((run / "evaluation.json").read_text())
    network = trained(run)
    rng = np.random.default_rng(3)
    mean, scale = network.scaler.mean.numpy(), network.scaler.scale.numpy()
    batch = (mean + scale * rng.standard_normal((6, len(FEATURES)))).astype(np.float32)
    made = graph.to_onnx(network, torch.from_numpy(batch[:2]), "input", ["logits"])
    parity = graph.difference(network, made, batch)
    if parity > 1e-4:
        raise ValueError(f"PyTorch and ONNX differ by {parity}")
    pictures = json.loads((run / "pictures.json").read_text())
    manifest.write_pack(out / config["pack"], describe(config, found), {"model.onnx": made}, card(config, found, pictures))
    return {"parity": parity}


def describe(config: dict[str, Json], found: dict[str, Json]) -> dict[str, Json]:
    """`pack.json` without its files."""
    return {
        "id": config["pack"],
        "version": config["version"],
        "name": "Perceptron over twelve forensic measurements",
        "task": "feature-forgery",
        "family": "frequency",
        "architecture": "forensic-mlp",
        "licence": "for evaluation only: trained in part on pictures without an open licence",
        "source": {"name": "trained by this project, models/training", "url": "models/training/README.md"},
        "input": {
            "tensor": "input", "kind": "features", "layout": "NL", "scale": 1, "mean": [0], "std": [1],
            "features": list(FEATURES), "width": SIDE, "height": SIDE,
        },
        "output": {"tensor": "logits", "kind": "logits", "fakeIndex": 1, "realIndex": 0},
        "thresholds": manifest.thresholds(found),
        "calibration": None,
        "envelope": {"minWidth": SIDE, "minHeight": SIDE, "notes": [f"measures the middle {SIDE} x {SIDE} pixels alone"]},
        "validation": [
            manifest.validation("pictures kept apart from training, by hash", found["sets"]["dev"], found)
        ],
        "published": [],
    }  # fmt: skip


def card(config: dict[str, Json], found: dict[str, Json], pictures: list[list[Json]]) -> str:
    """`CARD.md`."""
    percent, row = manifest.percent, found["sets"]["dev"]
    groups = manifest.groups_table(found["table"], "pictures")
    data = manifest.markdown([
        {"group": kind, "source": source, "pictures": str(n), "licence": licence}
        for kind, source, licence, n in pictures
    ])  # fmt: skip
    text = (Path(__file__).parent / "forensic_mlp_card.md").read_text(encoding="utf-8")
    return text.format(
        pack=config["pack"], date=found["date"], data=data, groups=groups, threshold=found["threshold"],
        n=row["n"], auc=f"{row['auc']:.3f}", eer=percent(row["eer"]), share=percent(config["dev_share"]),
        interval=" to ".join(percent(v) for v in row["eer ci95"]), steps=config["loop"]["steps"],
        rate=config["loop"]["rate"], decay=config["loop"]["weight_decay"],
    )  # fmt: skip
