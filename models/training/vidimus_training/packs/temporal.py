"""`temporal-3dcnn`: clips of faces that hold together or do not; prepare, train, evaluate, export."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from ..architectures._picture import IMAGENET
from ..augment.blend import BlendChain
from ..augment.clips import WAYS, ClipChain, clip, sized
from ..evaluate.metrics import auc, eer
from ..augment.video import through_h264
from ..evaluate.face_clips import face_clips
from ..evaluate.working import overall, table, under_changes, working_points
from ..networks.temporal3d import Temporal3d
from ..prepare.faces import FaceSet, any_box, load, place_of, whole
from ..train.cache import PART, Made, Stored, write_cache
from ..train.loop import Batch, LoopConfig, train
from . import graph, manifest
from .face_gan import CHANGES, configuration, group_of, prepare
from .face_swap import faces_of

__all__ = ["configuration", "export", "fit", "measure", "prepare"]

Json = Any


def build(config: dict[str, Json]) -> nn.Module:
    """The untrained network."""
    return Temporal3d(config["shrink"], config["width"], config["differences"])


LEAST_FACE = 64
"""Pixels; smaller faces were not among the clips."""

FRAME_GAP = 0.12
"""Seconds from one examined frame to the next, at most: slower than that, nothing moves as it did in training."""

ROBUSTNESS = [*CHANGES, "H.264 crf 28", "H.264 crf 36"]

BORDER = 8
"""Pixels by which stored clips are larger than what the network sees of them."""


def to_input(clips: np.ndarray) -> Tensor:
    """(N, frames, side, side, 3) uint8 BGR -> (N, frames, 3, side, side) float32 RGB, ImageNet's mean and deviation."""
    mean, deviation = (np.array(v, np.float32) for v in IMAGENET)
    ready = (clips[..., ::-1].astype(np.float32) / 255 - mean) / deviation
    return torch.from_numpy(np.ascontiguousarray(ready.transpose(0, 1, 4, 2, 3)))


class ClipBatches:
    """`make(step)`: half clips that hold together, half that do not, made of the same photographs; already shrunk."""

    def __init__(self, faces: FaceSet, indices: np.ndarray, config: dict[str, Json], seed: int) -> None:
        self.faces, self.config, self.seed, self.batch = faces, config, seed, config["cache"]["batch"]
        known = {field.name for field in fields(ClipChain)}
        self.chain = ClipChain(**{k: v for k, v in config["chain"].items() if k in known})
        groups: dict[str, list[int]] = {}
        for index in indices:
            groups.setdefault(group_of(faces.rows[index]), []).append(int(index))
        self.pools = [np.array(groups[name]) for name in sorted(groups)]
        cv2.setNumThreads(1)

    def one(self, index: int, way: str | None, side: int, rng: np.random.Generator) -> np.ndarray:
        """A clip of a photograph, (frames, side, side, 3)."""
        crop = whole(self.faces.crops[index])
        points = self.faces.points[index] * crop.shape[0]
        place = place_of(any_box(rng), self.config["margin"], crop.shape[0])
        return sized(clip(crop, points, place, way, self.config["frames"], rng, self.chain, BlendChain()), side)

    def make(self, step: int) -> Made:
        """Clips (N, frames, side, side, 3) uint8 and labels of a step."""
        rng = np.random.default_rng((self.seed, step))
        shrink = self.config["shrink"]
        side = self.config["side"] // shrink + BORDER
        clips, labels = [], []
        for number in range(self.batch // 2):
            index = int(rng.choice(self.pools[int(rng.integers(len(self.pools)))]))
            for way in (None, WAYS[number % len(WAYS)]):
                full = self.one(index, way, side * shrink, rng)
                clips.append(np.stack([cv2.resize(f, (side, side), interpolation=cv2.INTER_AREA) for f in full]))
                labels.append(int(way is not None))
        return np.stack(clips), np.array(labels)


class CachedClips:
    """`make(step)`: clips that were made once, cut, turned over, lit and run forwards or backwards anew."""

    def __init__(self, folder: Path, side: int, batch: int, seed: int) -> None:
        self.stored, self.side, self.seed = Stored(folder, batch, seed), side, seed

    def make(self, step: int) -> Batch:
        """The batch of a step: (N, frames, 3, side, side) and labels."""
        index = self.stored.draw(step)
        rng = np.random.default_rng((self.seed, 7, step))
        first = self.stored.pictures
        out = np.empty((len(index), first.shape[1], 3, self.side, self.side), np.float32)
        for place, frames in enumerate(first[index]):
            top, left = rng.integers(0, BORDER + 1, 2)
            cut = frames[:, top : top + self.side, left : left + self.side]
            cut = cut[:, :, ::-1] if rng.random() < 0.5 else cut
            cut = cut[::-1] if rng.random() < 0.5 else cut
            light = np.clip(np.arange(256) * rng.uniform(0.8, 1.2) + rng.uniform(-15, 15), 0, 255)
            for channel, (mean, deviation) in enumerate(zip(*IMAGENET, strict=True)):
                table = ((np.rint(light) / 255 - mean) / deviation).astype(np.float32)
                out[place, :, channel] = table[cut[..., 2 - channel]]
        return torch.from_numpy(out), torch.from_numpy(self.stored.labels[index])


def development(batches: ClipBatches, dev: np.ndarray) -> tuple[list[np.ndarray], np.ndarray, list[str]]:
    """Clips of development photographs, each whole and inconsistent in one of the ways by turns."""
    clips, labels, groups = [], [], []
    for number, index in enumerate(dev):
        rng = np.random.default_rng((98, int(index)))
        way = WAYS[number % len(WAYS)]
        side = batches.config["side"]
        clips += [batches.one(int(index), None, side, rng), batches.one(int(index), way, side, rng)]
        labels += [0, 1]
        groups += ["real: made to hold together", f"fake: {way}"]
    return clips, np.array(labels), groups


def scores(model: nn.Module, clips: list[np.ndarray]) -> np.ndarray:
    """Probability of "inconsistent" per clip."""
    model.eval()
    with torch.inference_mode():
        parts = [
            torch.softmax(model(to_input(np.stack(clips[i : i + 8]))), 1)[:, 1].numpy() for i in range(0, len(clips), 8)
        ]
    return np.concatenate(parts)


def after(frames: np.ndarray, change: str) -> np.ndarray:
    """A clip (frames, side, side, 3) under a change of the robustness table, all of its frames alike."""
    if change.startswith("H.264"):
        return through_h264(frames, int(change.split()[-1]), 250)
    if change.startswith("noise"):
        grain = np.random.default_rng(4).standard_normal(frames.shape) * 6
        return np.clip(frames + grain, 0, 255).astype(np.uint8)
    return np.stack([CHANGES[change](frame) for frame in frames])


def real_clips(model: nn.Module, data: Path, config: dict[str, Json]) -> list[dict[str, Json]]:
    """Scores of real swaps and their originals, where such clips are at hand."""
    rows: list[dict[str, Json]] = []
    for path in sorted((data / "media").glob("*.mp4")):
        clips = face_clips(path, data / "yunet.onnx", config["margin"], config["frames"], config["side"])
        if len(clips):
            found = np.sort(scores(model, list(clips)))
            cut = len(found) // 4
            score = float(found[cut : len(found) - cut].mean())
            rows.append({"clip": path.name, "clips": len(clips), "score": score})
    return rows


def fit(config: dict[str, Json], data: Path, run: Path) -> None:
    """Trains into `run`; goes on where an earlier call stopped."""
    faces = load(data / "cache" / "faces")
    loop = LoopConfig(**config["loop"])
    mine, dev = faces_of(faces, config)
    maker = ClipBatches(faces, mine, config, loop.seed)
    folder, cache = data / "cache" / "clips", config["cache"]
    write_cache(maker.make, folder, cache["parts"], cache["workers"])
    batches = CachedClips(folder, config["side"] // config["shrink"], loop.batch, loop.seed)
    run.mkdir(parents=True, exist_ok=True)
    counted = Counter((group_of(faces.rows[i]), faces.rows[i]["licence"]) for i in mine)
    (run / "pictures.json").write_text(json.dumps([[*key, n] for key, n in sorted(counted.items())]))
    torch.manual_seed(loop.seed)
    model, mean = build(config), build(config)
    entropy = nn.CrossEntropyLoss(label_smoothing=loop.label_smoothing)
    few = np.random.default_rng(1).permutation(dev)[: config["evaluation"]["look"]]
    clips, labels, _ = development(maker, few)

    def loss_of(network: nn.Module, batch: Batch) -> Tensor:
        return entropy(network.shrunk(batch[0]), batch[1])

    def look(network: nn.Module, step: int) -> dict[str, float]:
        found = scores(network, clips)
        return {"auc": auc(found, labels), "eer": eer(found, labels)[0]}

    train(model, mean, batches.make, loss_of, loop, run, look)


def trained(config: dict[str, Json], run: Path) -> nn.Module:
    """The averaged weights of a run."""
    model = build(config)
    model.load_state_dict(torch.load(run / "state.pt", weights_only=True)["mean"])
    return model.eval()


def raised(points: dict[str, Json], least: float) -> dict[str, Json]:
    """Working points whose threshold is at least the stated one: false alarms on real video are not known."""
    threshold = max(points["threshold"], least)
    return {"threshold": threshold, "band": [points["band"][0], round(max(points["band"][1], threshold + 0.01), 4)]}


def measure(config: dict[str, Json], data: Path, run: Path, commit: str) -> dict[str, Json]:
    """Everything the card says, written to `run/evaluation.json`."""
    torch.set_num_threads(config["loop"].get("threads", 2))
    faces = load(data / "cache" / "faces")
    _, dev = faces_of(faces, config)
    dev = np.random.default_rng(2).permutation(dev)[: config["evaluation"]["most"]]
    batches = ClipBatches(faces, dev, config, 0)
    clips, labels, groups = development(batches, dev)
    model = trained(config, run)
    found = scores(model, clips)
    sources = np.repeat([faces.rows[i]["blob"] for i in dev], 2)
    points = raised(working_points(found, labels, groups), config["threshold"])
    few = 2 * config["evaluation"]["robustness"]

    def again(change: str) -> np.ndarray:
        return scores(model, [after(c, change) for c in clips[:few]])

    result = {
        "date": datetime.now(UTC).date().isoformat(),
        "commit": commit,
        **points,
        "sets": {"dev": overall(found, labels, sources)},
        "table": table(found, labels, groups, points["threshold"]),
        "robustness": under_changes(again, ROBUSTNESS, labels[:few], points["threshold"]),
        "clips": real_clips(model, data, config),
    }
    (run / "evaluation.json").write_text(json.dumps(result, indent=1))
    return result


def export(config: dict[str, Json], run: Path, out: Path) -> dict[str, float]:
    """Writes the pack. Returns parity and the cost of 16-bit storage in score."""
    found = json.loads((run / "evaluation.json").read_text())
    pictures = json.loads((run / "pictures.json").read_text())
    side = config["side"]
    made, figures = graph.finished(trained(config, run), (config["frames"], 3, side, side), "input")
    text = card(config, found, pictures) + manifest.cost(figures, "clip")
    manifest.write_pack(out / config["pack"], describe(config, found), {"model.onnx": made}, text)
    return figures


def describe(config: dict[str, Json], found: dict[str, Json]) -> dict[str, Json]:
    """`pack.json` without its files."""
    return {
        "id": config["pack"],
        "version": config["version"],
        "name": "Consistency of face clips, small 3D network",
        "task": "clip-consistency",
        "family": "temporal",
        "architecture": "temporal-3dcnn",
        "licence": "for evaluation only: trained in part on pictures without an open licence",
        "source": {"name": "trained by this project, models/training", "url": "models/training/README.md"},
        "input": {
            "tensor": "input", "kind": "clip", "width": config["side"], "height": config["side"],
            "frames": config["frames"], "layout": "NTCHW", "color": "rgb", "resize": "pil-bilinear", "scale": 1 / 255,
            "mean": list(IMAGENET[0]), "std": list(IMAGENET[1]),
            "crop": {"margin": config["margin"], "square": True, "align": "none"}, "pad": "repeat",
        },
        "output": {"tensor": "logits", "kind": "logits", "fakeIndex": 1, "realIndex": 0},
        # A low score excludes inconsistencies of the training kind and no others: it never speaks for "real".
        "thresholds": {"decision": found["threshold"], "uncertainBand": [0.0, found["band"][1]]},
        "calibration": None,
        "envelope": {
            "minFrames": config["frames"], "minFacePx": LEAST_FACE, "maxFrameGap": FRAME_GAP,
            "notes": [
                "trained and validated on photographs that were moved by rule; real video was hardly measured",
                "frames that a frame-rate conversion mixed score high as well",
            ],
        },
        "validation": [manifest.validation("clips made by rule of photographs kept apart", found["sets"]["dev"], found)],
        "published": [],
    }  # fmt: skip


def card(config: dict[str, Json], found: dict[str, Json], pictures: list[list[Json]]) -> str:
    """`CARD.md`."""
    percent, row, loop = manifest.percent, found["sets"]["dev"], config["loop"]
    data = manifest.markdown([{"source": g, "pictures": str(n), "licence": licence} for g, licence, n in pictures])
    real = [{"clip": r["clip"], "clips": str(r["clips"]), "score": f"{r['score']:.3f}"} for r in found["clips"]]
    crf = ClipChain(**{k: v for k, v in config["chain"].items() if k == "crf"}).crf
    text = (Path(__file__).parent / "temporal_card.md").read_text(encoding="utf-8")
    return text.format(
        pack=config["pack"], date=found["date"], data=data, groups=manifest.groups_table(found["table"], "clips"),
        robust=manifest.changes_table(found["robustness"]), few=2 * config["evaluation"]["robustness"],
        clips=manifest.markdown(real), threshold=f"{found['threshold']:.3f}", n=row["n"], auc=f"{row['auc']:.3f}",
        eer=percent(row["eer"]), interval=" to ".join(percent(v) for v in row["eer ci95"]),
        steps=loop["steps"], batch=loop["batch"], rate=loop["rate"], decay=loop["weight_decay"],
        smoothing=loop["label_smoothing"], frames=config["frames"], side=config["side"], shrink=config["shrink"],
        width=config["width"], margin=config["margin"], share=percent(config["dev_share"]), least=LEAST_FACE,
        gap=FRAME_GAP, high=f"{found['band'][1]:.2f}", crf=f"{crf[0]} to {crf[1] - 1}",
        made=PART * config["cache"]["parts"] * config["cache"]["batch"],
    )  # fmt: skip
