"""`face-swap`: self-blended images and pair swaps of real faces; prepare, train, evaluate, export."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from ..augment.blend import BlendChain, changed, pair_swapped, self_blended
from ..augment.picture import PictureChain, degraded, to_input
from ..augment.video import coded_h264
from ..evaluate.metrics import auc, eer
from ..evaluate.working import overall, table, under_changes, working_points
from ..prepare.cuts import Cut, random_cut
from ..prepare.faces import FaceSet, any_box, as_cut, beyond, filling, largest_face, load, square_crop, whole
from ..train.cache import PART, Made, write_cache
from ..train.loop import Batch, LoopConfig, train
from ..train.picture_cache import BORDER, CachedPictures
from . import face_packs, manifest
from .face_gan import CHANGES, configuration, group_of, is_dev, prepare, without_twins
from .face_packs import build, trained

__all__ = ["build", "configuration", "export", "fit", "measure", "prepare"]

Json = Any


def video(crf: int) -> Callable[[np.ndarray], np.ndarray]:
    """A change for the robustness table: one intra frame of H.264."""
    return lambda p: coded_h264(p[None], crf, False, np.random.default_rng(crf))[0]


MIRRORED = [1, 0, 2, 4, 3]
"""Order of the five points in a mirrored picture: what was the left eye is the right one."""

ROBUSTNESS = {**CHANGES, "H.264 crf 28": video(28), "H.264 crf 36": video(36)}


def faces_of(faces: FaceSet, config: dict[str, Json], most: float = 0.2) -> tuple[np.ndarray, np.ndarray]:
    """Indices of real, unmasked faces for training and for development, none with more filling than `most` of a side"""
    own = [
        i
        for i in without_twins(faces)
        if faces.rows[i]["label"] == "real"
        and not faces.rows[i]["kind"].startswith("masked")
        and max(filling(as_cut(faces.crops[i], config["margin"], 160))) <= most * 160
    ]
    dev = np.array([is_dev(faces.rows[i], config["dev_share"]) for i in own])
    return np.array(own)[~dev], np.array(own)[dev]


def swapped(
    crop: np.ndarray, points: np.ndarray, faces: FaceSet, others: np.ndarray, rng: np.random.Generator, chain: BlendChain
) -> tuple[np.ndarray, np.ndarray]:
    """A made swap within the crop, and the mask (side, side, 1) by which it was laid over. Points are pixels."""
    if rng.random() >= chain.pair:
        return self_blended(crop, points, rng, chain)
    other = int(rng.choice(others))
    donor = whole(faces.crops[other])
    return pair_swapped(crop, points, donor, faces.points[other] * donor.shape[0], rng, chain)


class SwapBatches:
    """`make(step)`: half real faces, half swaps made of the very same faces, so that the person tells nothing.

    A batch goes through one video encoder with the probability `video` before every picture's own chain.
    """

    def __init__(self, faces: FaceSet, indices: np.ndarray, config: dict[str, Json], seed: int) -> None:
        known = {field.name for field in fields(PictureChain)}
        self.chain = PictureChain(**{k: v for k, v in config["chain"].items() if k in known})
        self.faces, self.blend, self.video = faces, BlendChain(**config["blend"]), config["video"]
        self.side, self.batch, self.seed = config["side"] + BORDER, config["cache"]["batch"], seed
        self.margin = config["margin"]
        groups: dict[str, list[int]] = {}
        for index in indices:
            groups.setdefault(group_of(faces.rows[index]), []).append(int(index))
        self.pools = [np.array(groups[name]) for name in sorted(groups)]
        weight = np.sqrt([len(pool) for pool in self.pools])
        self.shares = np.cumsum(weight / weight.sum())
        cv2.setNumThreads(1)

    def part(self, face: int, rng: np.random.Generator) -> tuple[Cut, np.ndarray]:
        """A random cut of a face, and its five points in the cut's pixels."""
        crop = self.faces.crops[face]
        cut = random_cut(crop, self.margin, self.side, rng, self.chain)
        points = self.faces.points[face] * crop.shape[0]
        if np.linalg.det(cut.matrix[:, :2]) < 0:
            points = points[MIRRORED]
        return cut, points @ cut.matrix[:, :2].T + cut.matrix[:, 2]

    def make(self, step: int) -> Made:
        """Pictures with their masks (N, side, side, 4) uint8, BGR first, and labels of a step."""
        rng = np.random.default_rng((self.seed, step))
        pictures: list[np.ndarray] = []
        cuts: list[Cut] = []
        masks = np.zeros((self.batch, self.side, self.side, 1), np.uint8)
        for number in range(0, self.batch, 2):
            pool = self.pools[min(int(np.searchsorted(self.shares, rng.random())), len(self.pools) - 1)]
            face = int(rng.choice(pool))
            real, _ = self.part(face, rng)
            pictures.append(changed(real.picture, rng) if rng.random() < 0.5 else real.picture)
            base, points = self.part(face, rng)
            fake, mask = swapped(base.picture, points, self.faces, pool, rng, self.blend)
            pictures.append(fake)
            cuts += [real, base]
            masks[number + 1] = np.rint(255 * mask / max(float(mask.max()), 1e-3))
        if rng.random() < self.video["share"]:
            pictures = filmed(pictures, rng, self.video)
        degrade = [degraded(picture, rng, self.chain) for picture in pictures]
        ready = np.stack([cut.finished(picture) for cut, picture in zip(cuts, degrade, strict=True)])
        return np.concatenate([ready, masks], 3), np.arange(len(pictures)) % 2


def filmed(crops: list[np.ndarray], rng: np.random.Generator, video: dict[str, Json]) -> list[np.ndarray]:
    """The crops through H.264 at a random size and a random rate factor, and back to their own size."""
    size, side = int(rng.choice(video["sizes"])), crops[0].shape[0]
    how, back = (cv2.INTER_AREA, cv2.INTER_LINEAR) if size < side else (cv2.INTER_LINEAR, cv2.INTER_AREA)
    small = np.stack([cv2.resize(crop, (size, size), interpolation=how) for crop in crops])
    coded = coded_h264(small, int(rng.integers(*video["crf"])), bool(rng.random() < 0.5), rng)
    return [cv2.resize(crop, (side, side), interpolation=back) for crop in coded]


def places(masks: Tensor) -> Tensor:
    """Masks (N, 1, side, side) 0..1 -> what the maps should say (N, 2, side / 16, side / 16): the share of a cell that

    was laid over, and the strongest seam in it, 4 m (1 - m) as in Face X-ray.
    """
    seam = 4 * masks * (1 - masks)
    return torch.cat([nn.functional.avg_pool2d(masks, 16), nn.functional.max_pool2d(seam, 16)], 1)


def development(
    faces: FaceSet, dev: np.ndarray, config: dict[str, Json]
) -> tuple[list[np.ndarray], np.ndarray, list[str]]:
    """Crops, labels and groups: every development face as it is, and as a self-blended or a pair swap by turns.

    Boxes lie as the application's detector draws them, the same for both; beyond the picture the crop is black.
    """
    crops: list[np.ndarray] = []
    labels, groups = [], []
    for number, index in enumerate(dev):
        rng = np.random.default_rng((99, int(index)))
        box = any_box(np.random.default_rng((97, int(index))))
        stored = np.ascontiguousarray(faces.crops[index])
        crops.append(as_cut(stored, config["margin"], config["stored"], box))
        labels.append(0)
        groups.append(group_of(faces.rows[index]))
        pair = number % 2 == 1
        points = faces.points[index] * stored.shape[0]
        fake = swapped(whole(stored), points, faces, dev, rng, BlendChain(pair=float(pair)))[0]
        fake[beyond(stored) > 0] = 0
        crops.append(as_cut(fake, config["margin"], config["stored"], box))
        labels.append(1)
        groups.append("fake: pair swap made by rule" if pair else "fake: self-blended")
    return crops, np.array(labels), groups


def scores(model: nn.Module, crops: list[np.ndarray], side: int, change: str = "as it is") -> np.ndarray:
    """Probability of "fake" per crop."""
    found = []
    with torch.inference_mode():
        for first in range(0, len(crops), 64):
            changes = [ROBUSTNESS[change](c) for c in crops[first : first + 64]]
            part = np.stack([cv2.resize(c, (side, side), interpolation=cv2.INTER_LINEAR) for c in changes])
            batch = torch.from_numpy(to_input(part)).contiguous(memory_format=torch.channels_last)
            found.append(torch.softmax(model(batch), 1)[:, 1].numpy())
    return np.concatenate(found)


def fit(config: dict[str, Json], data: Path, run: Path) -> None:
    """Trains into `run`."""
    faces = load(data / "cache" / "faces")
    loop = LoopConfig(**config["loop"])
    mine, dev = faces_of(faces, config)
    folder, cache = data / "cache" / "swaps", config["cache"]
    write_cache(SwapBatches(faces, mine, config, loop.seed).make, folder, cache["parts"], cache["workers"])
    batches = CachedPictures(folder, config["side"], loop.batch, loop.seed)
    run.mkdir(parents=True, exist_ok=True)
    counted = Counter((group_of(faces.rows[i]), faces.rows[i]["licence"]) for i in mine)
    (run / "pictures.json").write_text(json.dumps([[*key, n] for key, n in sorted(counted.items())]))
    print(f"training on {len(mine)} faces, development {len(dev)}", flush=True)
    torch.manual_seed(loop.seed)
    model, mean = build(config), build(config)
    entropy = nn.CrossEntropyLoss(label_smoothing=loop.label_smoothing)
    few = np.random.default_rng(1).permutation(dev)[:250]
    crops, labels, _ = development(faces, few, config)

    cells = nn.BCEWithLogitsLoss()

    def loss_of(network: nn.Module, batch: Batch) -> Tensor:
        logits, maps = network.both(batch[0][:, :3].contiguous(memory_format=torch.channels_last))
        return entropy(logits, batch[1]) + config["map_weight"] * cells(maps, places(batch[0][:, 3:]))

    def look(network: nn.Module, step: int) -> dict[str, float]:
        network.eval()
        found = scores(network, crops, config["side"])
        return {"auc": auc(found, labels), "eer": eer(found, labels)[0]}

    train(model, mean, batches.make, loss_of, loop, run, look)


def clip_scores(model: nn.Module, folder: Path, detector_model: Path, config: dict[str, Json]) -> list[dict[str, Json]]:
    """Mean score of every tenth frame of real swaps and their originals, where such clips are at hand."""
    rows: list[dict[str, Json]] = []
    clips = sorted(folder.glob("*.mp4"))
    if not clips:
        return rows
    detector = cv2.FaceDetectorYN.create(str(detector_model), "", (256, 256), 0.6, 0.3, 50)
    for path in clips:
        video, crops, number = cv2.VideoCapture(str(path)), [], 0
        while True:
            good, frame = video.read()
            if not good:
                break
            if number % 10 == 0:
                scale = min(1.0, 640 / max(frame.shape[:2]))
                small = cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
                face = largest_face(detector, small)
                if face is not None:
                    crops.append(square_crop(frame, face[:4] / scale, config["margin"], config["stored"])[0])
            number += 1
        if crops:
            values = scores(model, crops, config["side"])
            rows.append({"clip": path.name, "frames": len(crops), "score": float(values.mean())})
    return rows


def measure(config: dict[str, Json], data: Path, run: Path, commit: str) -> dict[str, Json]:
    """Everything the card says, written to `run/evaluation.json`."""
    torch.set_num_threads(config["loop"].get("threads", 2))
    faces = load(data / "cache" / "faces")
    _, dev = faces_of(faces, config)
    model = trained(config, run)
    crops, labels, groups = development(faces, dev, config)
    sources = np.repeat([faces.rows[i]["blob"] for i in dev], 2)
    found = scores(model, crops, config["side"])
    points = working_points(found, labels, groups)
    few = np.random.default_rng(3).permutation(len(crops))[:600]

    def again(change: str) -> np.ndarray:
        return scores(model, [crops[i] for i in few], config["side"], change)

    result = {
        "date": datetime.now(UTC).date().isoformat(),
        "commit": commit,
        **points,
        "envelope": face_packs.envelope(faces, dev),
        "sets": {"dev": overall(found, labels, sources)},
        "tables": {"dev": table(found, labels, groups, points["threshold"])},
        "robustness": under_changes(again, list(ROBUSTNESS), labels[few], points["threshold"]),
        "clips": clip_scores(model, data / "media", data / "yunet.onnx", config),
    }
    (run / "evaluation.json").write_text(json.dumps(result, indent=1))
    return result


def export(config: dict[str, Json], run: Path, out: Path) -> dict[str, float]:
    """Writes the pack. Returns parity and the cost of 16-bit storage in score."""
    found, pictures = face_packs.evaluated(run)
    note = "trained and validated on swaps made by rule; real swapping programs were not among the data"
    validated = "swaps made by rule from development photographs, split by picture"
    described = face_packs.describe(config, found, "Face swaps, small residual network", note, validated)
    return face_packs.write(config, run, out, described, card(config, found, pictures))


def card(config: dict[str, Json], found: dict[str, Json], pictures: list[list[Json]]) -> str:
    """`CARD.md`."""
    clips = [{"clip": r["clip"], "frames": str(r["frames"]), "mean score": f"{r['score']:.3f}"} for r in found["clips"]]
    text = (Path(__file__).parent / "face_swap_card.md").read_text(encoding="utf-8")
    return text.format(
        **face_packs.words(config, found, pictures),
        clips=manifest.markdown(clips),
        pair=manifest.percent(config["blend"]["pair"]),
        video=manifest.percent(config["video"]["share"]),
        crf=f"{config['video']['crf'][0]} to {config['video']['crf'][1] - 1}",
        sizes=", ".join(map(str, config["video"]["sizes"])),
        made=PART * config["cache"]["batch"] * config["cache"]["parts"],
    )
