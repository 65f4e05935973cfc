"""`face-mtcnn`: scenes, three stages trained one after another, measured as a cascade, exported as three graphs."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..data.lists import Row, read_rows
from ..evaluate import cascade as run_cascade
from ..evaluate.cascade import Cascade, overlaps
from ..evaluate.metrics import auc
from ..networks.mtcnn import ONet, PNet, RNet
from ..prepare.scenes import build
from ..train.loop import Batch, LoopConfig, train
from . import graph, manifest
from .face_gan import is_dev

Json = Any

SIZES = {"pnet": 12, "rnet": 24, "onet": 48}
NETWORKS: dict[str, type[nn.Module]] = {"pnet": PNet, "rnet": RNet, "onet": ONet}


def configuration(path: Path) -> dict[str, Json]:
    """The configuration file."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


def pictures_of(folder: Path, every: int) -> tuple[list[tuple[Path, Row]], list[Path]]:
    """Photographs of faces (of the grey ones each `every`-th) and background photographs."""
    faces: list[tuple[Path, Row]] = []
    backgrounds: list[Path] = []
    grey = 0
    for row in sorted(read_rows(folder / "index.csv"), key=lambda r: r["blob"]):
        path = folder / row["file"]
        if row["split"] == "background":
            backgrounds.append(path)
        elif row["label"] == "real":
            if row["kind"].startswith("face crop"):
                grey += 1
                if grey % every:
                    continue
            faces.append((path, row))
    return faces, backgrounds


def prepare(data: Path, workers: int) -> None:
    """Collected pictures -> `data/cache/scenes`: `train` and `dev`, which share neither face nor background."""
    config = configuration(Path(__file__).parents[1] / "configs" / "face-mtcnn.toml")
    faces, backgrounds = pictures_of(data / "visual", config["every_grey"])
    out = data / "cache" / "scenes"
    for name, wanted, count in (("train", False, config["scenes"]), ("dev", True, config["dev_scenes"])):
        chosen = [(p, r) for p, r in faces if is_dev(r, config["dev_share"]) == wanted]
        chosen = chosen[:: max(1, len(chosen) // config["most_pictures"])] if not wanted else chosen[::5]
        behind = [p for p in backgrounds if is_dev({"blob": p.stem}, config["dev_share"]) == wanted]
        build(chosen, behind, data / "yunet.onnx", out, count, name)
        counted = Counter((r["repo"], r["kind"], r["licence"]) for _, r in chosen)
        (out / f"{name}-pictures.json").write_text(json.dumps([[*k, n] for k, n in sorted(counted.items())]))


def scenes_of(data: Path, name: str) -> tuple[np.ndarray, list[np.ndarray]]:
    """Scenes and the faces in them."""
    folder = data / "cache" / "scenes"
    marks = json.loads((folder / f"{name}.json").read_text())["faces"]
    return np.load(folder / f"{name}.npy", mmap_mode="r"), [np.array(m, np.float64).reshape(-1, 14) for m in marks]


class Windows:
    """Windows with their targets: class (1 face, 0 none, -1 for the box only), four offsets, ten point offsets."""

    def __init__(self) -> None:
        self.pictures: list[np.ndarray] = []
        self.targets: list[np.ndarray] = []

    def add(self, scene: np.ndarray, box: np.ndarray, marks: np.ndarray, size: int) -> int:
        """Labels a window by its overlap with the faces and keeps it. Returns its class, -2 where it is unclear."""
        truth = np.hstack([marks[:, :2], marks[:, :2] + marks[:, 2:4]])
        common = overlaps(box, truth) if len(truth) else np.zeros(1)
        best = int(common.argmax())
        value = float(common[best])
        kind = 1 if value > 0.6 else -1 if value > 0.4 else 0 if value < 0.25 else -2
        if kind == 0 and len(truth):
            # A window inside a large face is no face, but a small face wholly inside the window makes it unclear.
            inside = overlaps(box, truth, smaller=True)
            if ((inside > 0.7) & (truth[:, 2] - truth[:, 0] < box[2] - box[0])).any():
                return -2
        if kind == -2:
            return kind
        target = np.zeros(15, np.float32)
        target[0] = kind
        if kind != 0:
            side = box[2] - box[0]
            target[1:5] = (truth[best] - box) / side
            points = (marks[best, 4:].reshape(5, 2) - box[:2]) / side
            target[5:] = points.T.ravel()
        self.pictures.append(run_cascade.window(scene, box, size))
        self.targets.append(target)
        return kind


def random_windows(scene: np.ndarray, marks: np.ndarray, rng: np.random.Generator, size: int, into: Windows) -> None:
    """Windows near every face (positive and partial) and anywhere else."""
    side = scene.shape[0]
    for mark in marks:
        longest = float(max(mark[2], mark[3]))
        if longest < 12:
            continue
        centre = mark[:2] + mark[2:4] / 2
        kept = {1: 0, -1: 0, 0: 0}
        for _ in range(24):
            if kept[1] >= 5 and kept[-1] >= 3 and kept[0] >= 3:
                break
            spread = 0.22 if kept[1] < 5 else 0.5
            length = longest * np.exp(rng.uniform(-0.3, 0.3))
            middle = centre + rng.uniform(-spread, spread, 2) * longest
            box = np.concatenate([middle - length / 2, middle + length / 2])
            kind = into.add(scene, box, marks, size)
            if kind in kept:
                kept[kind] += 1
    for _ in range(10):
        length = np.exp(rng.uniform(np.log(12), np.log(side * 0.9)))
        corner = rng.uniform(0, side - length, 2)
        into.add(scene, np.concatenate([corner, corner + length]), marks, size)


def harvest(
    data: Path, name: str, stage: str, before: Cascade | None, seed: int, most: int
) -> tuple[np.ndarray, np.ndarray]:
    """Windows of a stage: random ones, and from R-Net on what the stages before wrongly or rightly propose."""
    scenes, faces = scenes_of(data, name)
    found = Windows()
    size = SIZES[stage]
    cv2.setNumThreads(1)
    for number in range(min(len(scenes), most)):
        rng = np.random.default_rng((seed, number))
        scene, marks = np.ascontiguousarray(scenes[number]), faces[number]
        random_windows(scene, marks, rng, size, found)
        if before is None:
            continue
        with torch.inference_mode():
            boxes = run_cascade.propose(before, scene, 18, 0.5)
            boxes = run_cascade.refine(before, scene, boxes, 0.4)
        for box in boxes[rng.permutation(len(boxes))[:24], :4]:
            found.add(scene, box, marks, size)
        if number % 500 == 0:
            print(f"{stage}: windows of {number} scenes", flush=True)
    return np.stack(found.pictures), np.stack(found.targets)


class WindowBatches:
    """`make(step)`: a third faces, a sixth partial, half none, mirrored and recoloured at random."""

    def __init__(self, pictures: np.ndarray, targets: np.ndarray, batch: int, seed: int) -> None:
        self.pictures, self.targets, self.batch, self.seed = pictures, targets, batch, seed
        self.kinds = [np.flatnonzero(targets[:, 0] == kind) for kind in (1, -1, 0)]

    def make(self, step: int) -> Batch:
        """The batch of a step."""
        rng = np.random.default_rng((self.seed, step))
        shares = (self.batch // 3, self.batch // 6, self.batch - self.batch // 3 - self.batch // 6)
        index = np.concatenate([rng.choice(kind, n) for kind, n in zip(self.kinds, shares, strict=True)])
        pictures = self.pictures[index].astype(np.float32)
        targets = self.targets[index].copy()
        flip = rng.random(len(index)) < 0.5
        pictures[flip] = pictures[flip, :, ::-1]
        x1, x2 = targets[flip, 1].copy(), targets[flip, 3].copy()
        targets[flip, 1], targets[flip, 3] = -x2, -x1
        xs = 1 - targets[flip, 5:10]
        targets[flip, 5:10] = xs[:, [1, 0, 2, 4, 3]]
        targets[flip, 10:15] = targets[flip, 10:15][:, [1, 0, 2, 4, 3]]
        none = targets[:, 0] == 0
        targets[none, 1:] = 0
        gain = rng.uniform(0.7, 1.3, (len(index), 1, 1, 1)) * rng.uniform(0.9, 1.1, (len(index), 1, 1, 3))
        pictures = np.clip(pictures * gain + rng.uniform(-20, 20, (len(index), 1, 1, 1)), 0, 255)
        ready = ((pictures[..., ::-1] - 127.5) / 128).astype(np.float32).transpose(0, 3, 1, 2)
        return torch.from_numpy(np.ascontiguousarray(ready)), torch.from_numpy(targets)


def loss_for(stage: str, smoothing: float):
    """Cross-entropy over faces and non-faces (the hardest 70 %), squared error of offsets and, in O-Net, of points."""

    def loss_of(network: nn.Module, batch: Batch) -> Tensor:
        pictures, targets = batch
        out = [o.flatten(1) for o in network(pictures)]
        offsets, scores = out[0], out[-1]
        kind = targets[:, 0]
        judged = kind >= 0
        want = kind[judged] * (1 - smoothing) + smoothing / 2
        value = scores[judged, 1].clamp(1e-6, 1 - 1e-6)
        entropy = F.binary_cross_entropy(value, want, reduction="none")
        hard = entropy.topk(int(0.7 * len(entropy))).values.mean()
        boxed = kind != 0
        total = hard + (offsets[boxed] - targets[boxed, 1:5]).square().sum(1).mean() * (1.0 if stage != "onet" else 2.0)
        if stage == "onet":
            total = total + (out[1][boxed] - targets[boxed, 5:]).square().sum(1).mean() * 4.0
        return total

    return loss_of


def load_stage(run: Path, stage: str) -> nn.Module:
    """A trained stage."""
    network = NETWORKS[stage]()
    network.load_state_dict(torch.load(run / stage / "state.pt", weights_only=True)["mean"])
    return network.eval()


def cascade_of(run: Path) -> Cascade:
    """The stages that are trained so far."""
    have = {stage: load_stage(run, stage) for stage in SIZES if (run / stage / "done").exists()}
    return Cascade(have["pnet"], have.get("rnet"), have.get("onet"))


def fit(config: dict[str, Json], data: Path, run: Path) -> None:
    """Trains the three stages into `run/<stage>`; a finished stage is not trained again."""
    for number, stage in enumerate(SIZES):
        folder = run / stage
        if (folder / "done").exists():
            continue
        loop = LoopConfig(**{**config["loop"], **config[stage]})
        torch.set_num_threads(loop.threads)
        before = None if stage == "pnet" else cascade_of(run)
        cache = folder / "windows.npz"
        folder.mkdir(parents=True, exist_ok=True)
        if not cache.exists():
            pictures, targets = harvest(data, "train", stage, before, loop.seed + number, config["scenes"])
            seen, known = harvest(data, "dev", stage, before, 77, config["look_scenes"])
            np.savez(cache, pictures=pictures, targets=targets, dev_pictures=seen, dev_targets=known)
        stored = np.load(cache)
        targets = stored["targets"]
        print(f"{stage}: {[int((targets[:, 0] == k).sum()) for k in (1, -1, 0)]} faces, parts, others", flush=True)
        batches = WindowBatches(stored["pictures"], targets, loop.batch, loop.seed)
        judged = stored["dev_targets"][:, 0] >= 0
        seen, known = stored["dev_pictures"][judged], stored["dev_targets"][judged]

        def look(network: nn.Module, step: int, seen: np.ndarray = seen, known: np.ndarray = known) -> dict[str, float]:
            network.eval()
            with torch.inference_mode():
                out = [o.flatten(1).numpy() for o in network(run_cascade.tensor(seen))]
            face = known[:, 0] == 1
            found = {
                "auc": auc(out[-1][:, 1], face.astype(int)),
                "recall at 0.7": float((out[-1][face, 1] > 0.7).mean()),
            }
            found["alarms at 0.7"] = float((out[-1][~face, 1] > 0.7).mean())
            found["box error"] = float(np.abs(out[0][face] - known[face, 1:5]).mean())
            if len(out) == 3:
                found["point error"] = float(np.abs(out[1][face] - known[face, 5:]).mean())
            return found

        torch.manual_seed(loop.seed + number)
        train(
            NETWORKS[stage](), NETWORKS[stage](), batches.make, loss_for(stage, config["smoothing"]), loop, folder, look
        )
        (folder / "done").write_text("")


def measure(config: dict[str, Json], data: Path, run: Path, commit: str) -> dict[str, Json]:
    """The cascade on development scenes, written to `run/evaluation.json`."""
    torch.set_num_threads(config["loop"].get("threads", 2))
    scenes, faces = scenes_of(data, "dev")
    built = cascade_of(run)
    rows = []
    for least in (20.0, 40.0):
        find = lambda picture, least=least: run_cascade.detect(built, picture, least)  # noqa: E731
        rows.append({"least": least, **run_cascade.measure(find, scenes, faces, least)})
    empty = [i for i, marks in enumerate(faces) if len(marks) == 0]
    alarms = sum(len(run_cascade.detect(built, np.ascontiguousarray(scenes[i]), 40.0)[0]) for i in empty)
    at_40 = lambda picture: run_cascade.detect(built, picture, 40.0)  # noqa: E731
    drawn = []
    for seed in range(100):
        index = np.random.default_rng(seed).integers(0, len(scenes), len(scenes))
        drawn.append(index)
    per_scene = [run_cascade.measure(at_40, scenes[i : i + 1], faces[i : i + 1], 40.0) for i in range(len(scenes))]
    interval = interval_of(per_scene, drawn)
    result = {
        "date": datetime.now(UTC).date().isoformat(),
        "commit": commit,
        "sets": {"dev": {"n": len(scenes), **rows[1]}},
        "sizes": rows,
        "interval": interval,
        "empty": len(empty),
        "alarms": alarms,
        "pictures": {
            n: json.loads((data / "cache" / "scenes" / f"{n}-pictures.json").read_text()) for n in ("train", "dev")
        },
    }
    (run / "evaluation.json").write_text(json.dumps(result, indent=1))
    return result


def interval_of(per_scene: list[dict[str, float]], drawn: Sequence[np.ndarray]) -> dict[str, list[float]]:
    """95 % intervals of recall and precision when scenes are drawn again."""
    faces = np.array([s["faces"] for s in per_scene])
    hits = np.rint([s["recall"] * s["faces"] for s in per_scene])
    wrong = np.array(
        [h / s["precision"] - h if s["precision"] > 0 else 0 for h, s in zip(hits, per_scene, strict=True)]
    )
    recall = [hits[i].sum() / max(1, faces[i].sum()) for i in drawn]
    precision = [hits[i].sum() / max(1.0, hits[i].sum() + wrong[i].sum()) for i in drawn]
    return {
        k: [float(v) for v in np.percentile(x, [2.5, 97.5])] for k, x in (("recall", recall), ("precision", precision))
    }


def export(config: dict[str, Json], run: Path, out: Path) -> dict[str, float]:
    """Writes the pack with its three graphs. Returns the worst parity with PyTorch."""
    found = json.loads((run / "evaluation.json").read_text())
    graphs, worst = {}, 0.0
    rng = np.random.default_rng(3)
    for stage, size in SIZES.items():
        network = load_stage(run, stage)
        outputs = ["boxes", "probabilities"] if stage != "onet" else ["boxes", "landmarks", "probabilities"]
        shape = (2, 3, 37, 50) if stage == "pnet" else (2, 3, size, size)
        batch = rng.uniform(-1, 1, shape).astype(np.float32)
        made = graph.to_onnx(network, torch.from_numpy(batch), "input", outputs, (0, 2, 3) if stage == "pnet" else (0,))
        with torch.inference_mode():
            reference = [o.numpy() for o in network(torch.from_numpy(batch))]
        pairs = zip(reference, graph.run(made, batch), strict=True)
        worst = max(worst, *(float(np.abs(a - b).max()) for a, b in pairs))
        graphs[f"{stage}.onnx"] = made
    if worst > 1e-4:
        raise ValueError(f"PyTorch and ONNX differ by {worst}")
    manifest.write_pack(out / config["pack"], describe(config, found), graphs, card(config, found))
    return {"parity": worst}


def describe(config: dict[str, Json], found: dict[str, Json]) -> dict[str, Json]:
    """`pack.json` without its files."""
    return {
        "id": config["pack"],
        "version": config.get("version", "1.0.0"),
        "name": "MTCNN face detector, own weights",
        "task": "face-detection",
        "family": "spatial-neural",
        "architecture": "mtcnn",
        "licence": "for evaluation only: trained in part on pictures without an open licence",
        "source": {"name": "trained by this project, models/training", "url": "models/training/README.md"},
        "input": {
            "tensor": "input",
            "kind": "image",
            "layout": "NCHW",
            "color": "rgb",
            "resize": "area",
            "scale": 1,
            "mean": [127.5] * 3,
            "std": [128] * 3,
        },
        "output": {"tensor": "probabilities", "kind": "boxes"},
        "thresholds": {"decision": 0.7, "uncertainBand": [0.6, 0.8]},
        "calibration": None,
        "envelope": {"minFacePx": 40, "notes": ["recall and precision: see CARD.md"]},
        "validation": [],
        "published": [],
    }


def card(config: dict[str, Json], found: dict[str, Json]) -> str:
    """`CARD.md`."""
    percent = manifest.percent
    sizes = manifest.markdown(
        [
            {
                "faces of at least": f"{r['least']:.0f} px",
                "faces": str(r["faces"]),
                "recall": percent(r["recall"]),
                "precision": percent(r["precision"]),
                "points, mean error in eye distances": percent(r["points"]),
                "90th percentile": percent(r["points p90"]),
            }
            for r in found["sizes"]
        ]
    )
    data = manifest.markdown(
        [
            {"source": repo, "kind": kind, "pictures": str(n), "licence": licence}
            for repo, kind, licence, n in found["pictures"]["train"]
        ]
    )
    text = (Path(__file__).parent / "face_mtcnn_card.md").read_text(encoding="utf-8")
    recall, precision = (found["interval"][k] for k in ("recall", "precision"))
    return text.format(
        pack=config["pack"],
        date=found["date"],
        sizes=sizes,
        data=data,
        scenes=config["scenes"],
        dev=found["sets"]["dev"]["n"],
        recall=" to ".join(percent(v) for v in recall),
        precision=" to ".join(percent(v) for v in precision),
        empty=found["empty"],
        alarms=found["alarms"],
        share=percent(config["dev_share"]),
        steps=", ".join(f"{s} {config[s]['steps']}" for s in SIZES),
        rate=config["loop"]["rate"],
        decay=config["loop"]["weight_decay"],
    )
