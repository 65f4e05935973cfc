"""`face-gan`: prepare, train, evaluate, export."""

from __future__ import annotations

import hashlib
import json
import subprocess
import tomllib
from collections import Counter
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from ..augment.picture import PictureChain, degraded, jpeg, to_input
from ..data.lists import Row, read_rows
from ..evaluate.metrics import auc, eer
from ..evaluate.working import overall, table, under_changes, working_points
from ..prepare.cuts import random_cut
from ..prepare.faces import FaceSet, any_box, as_cut, cut_faces, load, save
from ..train.cache import Made, write_cache
from ..train.loop import Batch, LoopConfig, train
from ..train.picture_cache import BORDER, CachedPictures
from . import face_packs, manifest
from .face_packs import build, trained

Json = Any


def configuration(path: Path) -> dict[str, Json]:
    """The configuration file."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


def group_of(row: Row) -> str:
    """Where a picture comes from, with its class."""
    kind = row["kind"].split(",")[0]
    return f"{row['label']}: {row['system']} ({row['repo'].split('/')[0]}, {kind})"


def is_dev(row: Row, share: float) -> bool:
    """Development pictures by hash, the same in every run."""
    return int(hashlib.sha256(row["blob"].encode()).hexdigest()[:8], 16) / 2**32 < share


def listed(folder: Path) -> list[tuple[Path, Row]]:
    """GAN faces (the archive of older ones unpacked), photographs, and masked faces for measuring only."""
    out: list[tuple[Path, Row]] = []
    grey = 0
    for row in sorted(read_rows(folder / "index.csv"), key=lambda r: r["blob"]):
        path = folder / row["file"]
        if path.suffix == ".7z":
            target = folder / "unpacked"
            if not target.exists():
                subprocess.run(["7z", "x", "-y", f"-o{target}", str(path)], check=True, stdout=subprocess.DEVNULL)
            for picture in sorted(target.glob("*/*.jpg")):
                blob = hashlib.sha1(picture.read_bytes()).hexdigest()
                out.append((picture, {**row, "blob": blob, "kind": "face 128"}))
        elif row["split"] == "train":
            out.append((path, row))
        elif row["split"] == "face-detector":
            masked = row["kind"].startswith("masked")
            grey += not masked
            if masked or grey % 6 == 0:
                out.append((path, row))
    return out


def prepare(data: Path, workers: int) -> None:
    """Collected pictures -> `data/cache/faces` (crops around YuNet's boxes)."""
    faces = cut_faces(listed(data / "visual"), data / "yunet.onnx")
    save(faces, data / "cache" / "faces")
    print(Counter(group_of(row) for row in faces.rows))


def without_twins(faces: FaceSet) -> np.ndarray:
    """Indices of crops that are no near copy of an earlier one (mean hash of 8 x 8), across all sources."""
    seen: set[bytes] = set()
    kept = []
    for index, crop in enumerate(faces.crops):
        grey = cv2.cvtColor(as_cut(crop, 0.35, 160), cv2.COLOR_BGR2GRAY)
        small = cv2.resize(grey, (8, 8), interpolation=cv2.INTER_AREA)
        mark = np.packbits(small > small.mean()).tobytes()
        if mark not in seen:
            seen.add(mark)
            kept.append(index)
    return np.array(kept)


class FaceBatches:
    """`make(step)`: pictures (N, side, side, 3) uint8 BGR and labels; sources by the square root of their size, classes

    equal. Boxes lie as the application's detector draws them. Half of the pictures go on, mirrored, where the source

    ended: how a source was cut must not tell.
    """

    def __init__(self, faces: FaceSet, indices: np.ndarray, config: dict[str, Json], seed: int) -> None:
        known = {field.name for field in fields(PictureChain)}
        self.chain = PictureChain(**{k: v for k, v in config["chain"].items() if k in known})
        self.faces, self.side, self.batch, self.seed = faces, config["side"] + BORDER, config["cache"]["batch"], seed
        self.margin = config["margin"]
        self.pools: list[list[np.ndarray]] = [[], []]
        groups: dict[str, list[int]] = {}
        for index in indices:
            groups.setdefault(group_of(faces.rows[index]), []).append(int(index))
        for name in sorted(groups):
            self.pools[int(name.startswith("fake"))].append(np.array(groups[name]))
        self.shares = [
            np.cumsum(np.sqrt([len(g) for g in pool])) / np.sqrt([len(g) for g in pool]).sum() for pool in self.pools
        ]
        cv2.setNumThreads(1)

    def make(self, step: int) -> Made:
        """The batch of a step."""
        rng = np.random.default_rng((self.seed, step))
        pictures = np.empty((self.batch, self.side, self.side, 3), np.uint8)
        labels = np.arange(self.batch) % 2
        for index, label in enumerate(labels):
            pool = self.pools[label]
            group = pool[min(int(np.searchsorted(self.shares[label], rng.random())), len(pool) - 1)]
            cut = random_cut(self.faces.crops[rng.choice(group)], self.margin, self.side, rng, self.chain)
            pictures[index] = cut.finished(degraded(cut.picture, rng, self.chain))
        return pictures, labels


CHANGES = {
    "as it is": lambda p: p,
    "JPEG 80": lambda p: jpeg(p, 80),
    "JPEG 60": lambda p: jpeg(p, 60),
    "JPEG 40": lambda p: jpeg(p, 40),
    "half size": lambda p: cv2.resize(
        cv2.resize(p, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), p.shape[1::-1]
    ),
    "blur 1.5": lambda p: cv2.GaussianBlur(p, (0, 0), 1.5),
    "noise 6": lambda p: np.clip(p + np.random.default_rng(4).standard_normal(p.shape) * 6, 0, 255).astype(np.uint8),
}


def scores(
    model: nn.Module, faces: FaceSet, indices: np.ndarray, config: dict[str, Json], change: str = "as it is"
) -> np.ndarray:
    """Probability of "fake" per picture, each in one box as the application's detector draws them."""
    found = []
    model.eval()
    with torch.inference_mode():
        for first in range(0, len(indices), 64):
            part = np.stack(
                [
                    as_cut(
                        CHANGES[change](np.ascontiguousarray(faces.crops[i])),
                        config["margin"],
                        config["side"],
                        any_box(np.random.default_rng((97, int(i)))),
                    )
                    for i in indices[first : first + 64]
                ]
            )
            batch = torch.from_numpy(to_input(part)).contiguous(memory_format=torch.channels_last)
            found.append(torch.softmax(model(batch), 1)[:, 1].numpy())
    return np.concatenate(found)


def splits(faces: FaceSet, config: dict[str, Json]) -> tuple[np.ndarray, np.ndarray]:
    """Training and development indices. Masked faces are for measuring only, as is `config["left_out"]`."""
    own = without_twins(faces)
    out = config.get("left_out")
    dev = np.array(
        [
            is_dev(faces.rows[i], config["dev_share"])
            or faces.rows[i]["kind"].startswith("masked")
            or (out is not None and out in group_of(faces.rows[i]))
            for i in own
        ]
    )
    return own[~dev], own[dev]


def thinned(faces: FaceSet, indices: np.ndarray, most: int) -> np.ndarray:
    """At most `most` pictures of each group, the same in every run."""
    kept: list[int] = []
    count: Counter[str] = Counter()
    for index in np.random.default_rng(5).permutation(indices):
        name = group_of(faces.rows[index])
        if count[name] < most:
            count[name] += 1
            kept.append(int(index))
    return np.array(sorted(kept))


def cache_name(config: dict[str, Json]) -> str:
    """Pictures made once must not be those of a run that knew a source which this one leaves out."""
    out = config.get("left_out")
    return "gan" if out is None else f"gan-without-{hashlib.sha256(out.encode()).hexdigest()[:8]}"


def fit(config: dict[str, Json], data: Path, run: Path) -> None:
    """Trains into `run`."""
    faces = load(data / "cache" / "faces")
    loop = LoopConfig(**config["loop"])
    mine, dev = splits(faces, config)
    folder, cache = data / "cache" / cache_name(config), config["cache"]
    write_cache(FaceBatches(faces, mine, config, loop.seed).make, folder, cache["parts"], cache["workers"])
    batches = CachedPictures(folder, config["side"], loop.batch, loop.seed)
    run.mkdir(parents=True, exist_ok=True)
    counted = Counter((group_of(faces.rows[i]), faces.rows[i]["licence"]) for i in mine)
    (run / "pictures.json").write_text(json.dumps([[*key, n] for key, n in sorted(counted.items())]))
    print(f"training on {len(mine)}, development {len(dev)}", flush=True)
    torch.manual_seed(loop.seed)
    model, mean = build(config), build(config)
    entropy = nn.CrossEntropyLoss(label_smoothing=loop.label_smoothing)
    labels = np.array([int(faces.rows[i]["label"] == "fake") for i in dev])
    few = np.random.default_rng(1).permutation(len(dev))[:500]

    def loss_of(network: nn.Module, batch: Batch) -> Tensor:
        return entropy(network(batch[0].contiguous(memory_format=torch.channels_last)), batch[1])

    def look(network: nn.Module, step: int) -> dict[str, float]:
        found = scores(network, faces, dev[few], config)
        return {"auc": auc(found, labels[few]), "eer": eer(found, labels[few])[0]}

    train(model, mean, batches.make, loss_of, loop, run, look)


def measure(config: dict[str, Json], data: Path, run: Path, commit: str) -> dict[str, Json]:
    """Everything the card says, written to `run/evaluation.json`."""
    torch.set_num_threads(config["loop"].get("threads", 2))
    faces = load(data / "cache" / "faces")
    dev = thinned(faces, splits(faces, config)[1], config["evaluation"]["most"])
    few = config["evaluation"]["robustness"]
    model = trained(config, run)
    rows = [faces.rows[i] for i in dev]
    labels = np.array([int(row["label"] == "fake") for row in rows])
    names = np.array([group_of(row) for row in rows])
    found = scores(model, faces, dev, config)
    inside = np.array([not row["kind"].startswith("masked") for row in rows])
    points = working_points(found[inside], labels[inside], names[inside])
    threshold = points["threshold"]
    core = np.random.default_rng(2).permutation(np.flatnonzero(inside))[:few]

    def changed(change: str) -> np.ndarray:
        return scores(model, faces, dev[core], config, change)

    blobs = [row["blob"] for row, counted in zip(rows, inside, strict=True) if counted]
    result = {
        "date": datetime.now(UTC).date().isoformat(),
        "commit": commit,
        "left out": config.get("left_out"),
        "steps": config["loop"]["steps"],
        **points,
        "envelope": face_packs.envelope(faces, dev[inside]),
        "sets": {"dev": overall(found[inside], labels[inside], blobs)},
        "tables": {"dev": table(found, labels, names, threshold, against=inside)},
        "robustness": under_changes(changed, list(CHANGES), labels[core], threshold),
    }
    (run / "evaluation.json").write_text(json.dumps(result, indent=1))
    return result


def export(config: dict[str, Json], run: Path, out: Path) -> dict[str, float]:
    """Writes the pack. Returns parity and the cost of 16-bit storage in score."""
    found, pictures = face_packs.evaluated(run)
    note = "whole synthetic faces by StyleGAN and one older GAN; not face swaps, not diffusion models"
    validated = "development pictures of the same sources, split by picture"
    described = face_packs.describe(config, found, "GAN faces, small residual network", note, validated)
    return face_packs.write(config, run, out, described, card(config, found, pictures, unseen_generator(config, run)))


def unseen_generator(config: dict[str, Json], run: Path) -> str:
    """What the run `evaluation.left_out`, trained without one generator, found of that generator; for the card."""
    known = run.with_name(config["evaluation"]["left_out"]) / "evaluation.json"
    if not known.exists():
        return "not measured"
    found = json.loads(known.read_text())
    rows = [r for r in found["tables"]["dev"] if found["left out"] in r["group"]]
    texts = [f"{r['group']}: AUC {r['auc']:.3f}, {manifest.percent(r['error'])} missed, {r['n']} pictures" for r in rows]
    return "; ".join(texts) + f" (after {found['steps']} steps)"


def card(config: dict[str, Json], found: dict[str, Json], pictures: list[list[Json]], left_out: str) -> str:
    """`CARD.md`."""
    text = (Path(__file__).parent / "face_gan_card.md").read_text(encoding="utf-8")
    return text.format(
        **face_packs.words(config, found, pictures),
        share=manifest.percent(config["dev_share"]),
        left_out=left_out,
    )
