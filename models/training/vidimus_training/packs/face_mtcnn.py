"""`face-mtcnn`: scenes, three stages trained one after another, measured as a cascade, exported as three graphs."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..data.lists import Row, read_rows
from ..evaluate import cascade as run_cascade
from ..evaluate.cascade import Cascade
from ..evaluate.metrics import auc
from ..networks.mtcnn import ONet, PNet, RNet
from ..prepare.scenes import BACKGROUND, SWAPPED, build, empty_ones
from ..prepare.teach import Taught, Teachers, is_apart, person_of, shrunk, taught, teach_all
from ..prepare.windows import answers, harvest, scenes_of
from ..train.loop import Batch, LoopConfig, train
from . import graph, manifest

Json = Any

SIZES = {"pnet": 12, "rnet": 24, "onet": 48}
SHARES = {"pnet": (1 / 3, 1 / 6), "rnet": (1 / 3, 1 / 6), "onet": (0.5, 0.15)}
"""Share of faces and of parts in a batch; only they teach the points, which O-Net alone answers."""

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


def without_doubtful_points(pictures: list[Taught], spread: float) -> int:
    """Blanks the points on which the teachers contradict each other, for nobody knows them; face and box stay.

    Returns for how many faces.
    """
    count = 0
    for one in pictures:
        far = np.nan_to_num(one.spread, nan=1.0) > spread
        one.faces[far, 4:] = np.nan
        count += int(far.sum())
    return count


def prepare(data: Path, workers: int) -> None:
    """Collected pictures -> `data/cache/scenes`: `train` and `dev`, which share neither person nor background."""
    config = configuration(Path(__file__).parents[1] / "configs" / "face-mtcnn.toml")
    faces, backgrounds = pictures_of(data / "visual", config["every_grey"])
    out = data / "cache" / "scenes"
    out.mkdir(parents=True, exist_ok=True)
    share = config["dev_share"]
    for name, wanted, count in (("train", False, config["scenes"]), ("dev", True, config["dev_scenes"])):
        chosen = [(p, r) for p, r in faces if is_apart(person_of(r), share) == wanted]
        pictures = out / f"{name}-taught"
        if not pictures.with_suffix(".json").exists():
            teach_all(chosen[: config["most_apart"]] if wanted else chosen, data / "teachers", pictures)
        known = taught(pictures)
        unsure = without_doubtful_points(known, config["spread"])
        print(f"{name}: {len(known)} of {len(chosen)} pictures taught, {unsure} faces without points", flush=True)
        behind = [p for p in backgrounds if is_apart(p.stem, share) == wanted]
        listing = out / f"{name}-empty.json"
        if not listing.exists():
            found = empty_ones(behind, Teachers(data / "teachers"))
            listing.write_text(json.dumps([str(p.relative_to(data)) for p in found]))
        listed = (shrunk(data / p, BACKGROUND) for p in json.loads(listing.read_text()))
        empty = [picture for picture in listed if picture is not None]
        print(f"{name}: {len(empty)} of {len(behind)} backgrounds without faces", flush=True)
        build(known, empty, out, count, name)
        counted = Counter((t.row["repo"], t.row["kind"], t.row["licence"]) for t in known)
        (out / f"{name}-pictures.json").write_text(json.dumps([[*k, n] for k, n in sorted(counted.items())]))


class WindowBatches:
    """`make(step)`: faces, parts and windows without a face in the shares of SHARES, mirrored and recoloured at random."""

    def __init__(self, stage: str, pictures: np.ndarray, targets: np.ndarray, batch: int, seed: int) -> None:
        self.stage, self.pictures, self.targets = stage, pictures, targets
        faces, parts = (round(batch * share) for share in SHARES[stage])
        self.shares = (faces, parts, batch - faces - parts)
        self.batch, self.seed = batch, seed
        self.kinds = [np.flatnonzero(targets[:, 0] == kind) for kind in (1, -1, 0)]

    def make(self, step: int) -> Batch:
        """The batch of a step."""
        rng = np.random.default_rng((self.seed, step))
        index = np.concatenate([rng.choice(kind, n) for kind, n in zip(self.kinds, self.shares, strict=True)])
        pictures = self.pictures[index].astype(np.float32)
        targets = self.targets[index].copy()
        flip = rng.random(len(index)) < 0.5
        pictures[flip] = pictures[flip, :, ::-1]
        targets[flip, 1], targets[flip, 3] = -targets[flip, 3], -targets[flip, 1]
        targets[flip, 5:10] = (1 - targets[flip, 5:10])[:, SWAPPED]
        targets[flip, 10:15] = targets[flip, 10:15][:, SWAPPED]
        grey = rng.random(len(index)) < 0.15
        pictures[grey] = pictures[grey].mean(-1, keepdims=True)
        shape = (len(index), 1, 1, 1)
        gain = rng.uniform(0.7, 1.3, shape) * rng.uniform(0.9, 1.1, (len(index), 1, 1, 3))
        pictures = np.clip(pictures * gain + rng.uniform(-25, 25, shape), 0, 255)
        ready = ((pictures[..., ::-1] - 127.5) / 128).astype(np.float32).transpose(0, 3, 1, 2)
        return torch.from_numpy(np.ascontiguousarray(ready)), torch.from_numpy(answers(self.stage, targets))


def loss_for(stage: str, smoothing: float):
    """Cross-entropy over faces and non-faces (the hardest 70 %), squared error of offsets and, in O-Net, of points."""

    def loss_of(network: nn.Module, batch: Batch) -> Tensor:
        pictures, targets = batch
        out = [o.flatten(1) for o in network(pictures.contiguous(memory_format=torch.channels_last))]
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
            pointed = boxed & ~targets[:, 5].isnan()
            total = total + (out[1][pointed] - targets[pointed, 5:]).square().sum(1).mean() * 10.0
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
    scenes = data / "cache" / "scenes"
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
            size = SIZES[stage]
            pictures, targets = harvest(scenes, "train", size, before, loop.seed + number, config["scenes"])
            seen, known = harvest(scenes, "dev", size, before, 77, config["look_scenes"])
            np.savez(cache, pictures=pictures, targets=targets, dev_pictures=seen, dev_targets=known)
        stored = np.load(cache)
        targets = stored["targets"]
        print(f"{stage}: {[int((targets[:, 0] == k).sum()) for k in (1, -1, 0)]} faces, parts, others", flush=True)
        batches = WindowBatches(stage, stored["pictures"], targets, loop.batch, loop.seed)
        judged = stored["dev_targets"][:, 0] >= 0
        seen, known = stored["dev_pictures"][judged], answers(stage, stored["dev_targets"][judged])

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
                found["point error"] = float(np.nanmean(np.abs(out[1][face] - known[face, 5:])))
            return found

        torch.manual_seed(loop.seed + number)
        model, mean = (NETWORKS[stage]().to(memory_format=torch.channels_last) for _ in range(2))
        train(model, mean, batches.make, loss_for(stage, config["smoothing"]), loop, folder, look)
        (folder / "done").write_text("")


def measure(config: dict[str, Json], data: Path, run: Path, commit: str) -> dict[str, Json]:
    """The cascade on what was kept apart, written to `run/evaluation.json`: scenes made by rule, the face pictures as

    they are, and backgrounds without faces.
    """
    torch.set_num_threads(config["loop"].get("threads", 2))
    folder = data / "cache" / "scenes"
    scenes, faces = scenes_of(folder, "dev")
    built = replace(cascade_of(run), thresholds=tuple(config["thresholds"]))
    pictures = taught(folder / "dev-taught")
    without_doubtful_points(pictures, config["spread"])
    made = [(np.ascontiguousarray(scenes[i]), faces[i]) for i in range(len(scenes))]

    def counts(items: list[tuple[np.ndarray, np.ndarray]], least: float) -> list[run_cascade.Count]:
        find = lambda picture: run_cascade.detect(built, picture, least)  # noqa: E731
        return [run_cascade.count(find, picture, marks, least) for picture, marks in items]

    rows = [{"set": "scenes", "least": least, **summary(counts(made, least))} for least in (40.0, 20.0)]
    found = counts([(t.picture, t.faces) for t in pictures], 40.0)
    rows.append({"set": "photographs", "least": 40.0, **summary(found)})
    for kind in sorted({t.row["kind"] for t in pictures}):
        mine = [c for c, t in zip(found, pictures, strict=True) if t.row["kind"] == kind]
        rows.append({"set": kind, "least": 40.0, **summary(mine)})
    listed = json.loads((folder / "dev-empty.json").read_text())
    alarms, pixels = 0, 0
    for path in listed:
        picture = shrunk(data / path, BACKGROUND)
        if picture is not None:
            alarms += len(run_cascade.detect(built, picture, 40.0)[0])
            pixels += picture.shape[0] * picture.shape[1]
    result = {
        "date": datetime.now(UTC).date().isoformat(),
        "commit": commit,
        "sets": {r["set"]: r for r in rows if r["least"] == 40.0 and r["set"] in ("scenes", "photographs")},
        "rows": rows,
        "teachers": float(np.mean([s for t in pictures for s in t.spread if s <= config["spread"]])),
        "backgrounds": {
            "n": len(listed),
            "alarms": alarms,
            "megapixels": round(pixels / 1e6, 1),
            "trained on": len(json.loads((folder / "train-empty.json").read_text())),
        },
        "pictures": {n: json.loads((folder / f"{n}-pictures.json").read_text()) for n in ("train", "dev")},
    }
    (run / "evaluation.json").write_text(json.dumps(result, indent=1))
    return result


def summary(counts: list[run_cascade.Count], rounds: int = 400) -> dict[str, Json]:
    """Recall, precision and point errors with 95 % intervals (bootstrap over pictures)."""
    table = np.array([[c.wanted, c.hits, c.wrong] for c in counts], np.float64)
    rng = np.random.default_rng(1)
    drawn = [table[rng.integers(0, len(table), len(table))].sum(0) for _ in range(rounds)]
    errors = np.array([e for c in counts for e in c.errors])
    wanted, hits, wrong = table.sum(0)

    def interval(values: list[float]) -> list[float]:
        return [float(v) for v in np.percentile(values, [2.5, 97.5])]

    return {
        "n": len(counts),
        "faces": int(wanted),
        "recall": float(hits / max(1, wanted)),
        "recall ci95": interval([h / max(1, w) for w, h, _ in drawn]),
        "precision": float(hits / max(1, hits + wrong)),
        "precision ci95": interval([h / max(1, h + x) for _, h, x in drawn]),
        "points": float(errors.mean()) if len(errors) else float("nan"),
        "points p90": float(np.percentile(errors, 90)) if len(errors) else float("nan"),
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
        "thresholds": {"decision": config["thresholds"][2], "uncertainBand": [0.8, 0.95], "stages": config["thresholds"]},
        "calibration": None,
        "envelope": {"minFacePx": 40, "notes": notes(found)},
        # The contract's figures are those of a score for manipulation, which a detector of faces does not give.
        "validation": [],
        "published": [],
    }


def notes(found: dict[str, Json]) -> list[str]:
    """Recall and precision in a sentence for each set."""
    percent = manifest.percent
    return [
        f"{name}, faces of at least 40 px kept apart from training (n = {row['faces']}): recall {percent(row['recall'])}, "
        f"precision {percent(row['precision'])}, points within {percent(row['points'])} of the eye distance on average"
        for name, row in found["sets"].items()
    ]


def card(config: dict[str, Json], found: dict[str, Json]) -> str:
    """`CARD.md`."""
    percent = manifest.percent

    def span(values: list[float]) -> str:
        return f"{percent(values[0])} to {percent(values[1])}"

    rows = manifest.markdown(
        [
            {
                "set": r["set"],
                "faces of at least": f"{r['least']:.0f} px",
                "pictures": str(r["n"]),
                "faces": str(r["faces"]),
                "recall": percent(r["recall"]),
                "95 %": span(r["recall ci95"]),
                "precision": percent(r["precision"]),
                "95 % ": span(r["precision ci95"]),
                "points, mean": percent(r["points"]),
                "90th percentile": percent(r["points p90"]),
            }
            for r in found["rows"]
        ]
    )
    data = manifest.markdown(
        [
            {"source": repo, "kind": kind, "pictures": str(n), "licence": licence}
            for repo, kind, licence, n in found["pictures"]["train"]
        ]
    )
    text = (Path(__file__).parent / "face_mtcnn_card.md").read_text(encoding="utf-8")
    return text.format(
        pack=config["pack"],
        date=found["date"],
        thresholds=", ".join(map(str, config["thresholds"])),
        rows=rows,
        data=data,
        scenes=config["scenes"],
        spread=percent(config["spread"]),
        backgrounds=found["backgrounds"]["trained on"],
        empty=found["backgrounds"]["n"],
        alarms=found["backgrounds"]["alarms"],
        megapixels=found["backgrounds"]["megapixels"],
        teachers=percent(found["teachers"]),
        share=percent(config["dev_share"]),
        steps=", ".join(f"{s} {config[s]['steps']}" for s in SIZES),
        rate=config["loop"]["rate"],
        decay=config["loop"]["weight_decay"],
    )
