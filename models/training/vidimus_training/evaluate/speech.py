"""File scores of speech packs on clips that were never trained on."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from scipy import fft
from torch import nn

from ..augment.sound import tile
from ..data.lists import Row
from ..data.sound_store import SAMPLE_RATE, Clip, SoundStore
from ..prepare.codecs import through_joined
from . import working
from .metrics import auc, eer

Change = Callable[[list[np.ndarray]], list[np.ndarray]]


@dataclass(frozen=True)
class Scored:
    """Scores of files with their rows."""

    rows: list[Row]
    scores: np.ndarray

    @property
    def labels(self) -> np.ndarray:
        """1 = fake."""
        return np.array([int(row["label"] == "fake") for row in self.rows])


def windows(samples: np.ndarray, length: int, hop: int) -> np.ndarray:
    """Windows every `hop` samples and one at the end; a short clip is repeated. (windows, length)."""
    if len(samples) <= length:
        return tile(samples, length)[None]
    starts = list(range(0, len(samples) - length + 1, hop))
    if starts[-1] + length < len(samples):
        starts.append(len(samples) - length)
    return np.stack([samples[s : s + length] for s in starts])


def score_clips(
    model: nn.Module, clips: Sequence[np.ndarray], length: int, hop: int, fake: int = 1, batch: int = 64
) -> np.ndarray:
    """Score of a file = mean over its windows of the softmax probability of "fake". `clips` are -1..1; `model` takes

    samples (N, length).
    """
    parts = [windows(clip, length, hop) for clip in clips]
    owner = np.repeat(np.arange(len(parts)), [len(p) for p in parts])
    everything = np.concatenate(parts).astype(np.float32)
    found = []
    with torch.inference_mode():
        for first in range(0, len(everything), batch):
            logits = model(torch.from_numpy(everything[first : first + batch]))
            found.append(torch.softmax(logits, 1)[:, fake].numpy())
    values = np.concatenate(found)
    return np.bincount(owner, values) / np.bincount(owner)


def development(root: Path, least_seconds: float = 1.0) -> dict[str, list[tuple[SoundStore, Clip]]]:
    """Three sets that no training ever saw: `dev` (the list's own split), `unseen` (research systems and recordings of

    the training list, left out of training because of their terms) and `phone` (8 kHz digits, real only).
    """
    store = SoundStore(root / "clean")
    sets: dict[str, list[tuple[SoundStore, Clip]]] = {"dev": [], "unseen": [], "phone": []}
    for clip in store.clips:
        row = clip.row
        if clip.length < least_seconds * SAMPLE_RATE and row["split"] != "robustness-8k":
            continue
        if row["split"].startswith("dev"):
            sets["dev"].append((store, clip))
        elif row["split"] == "robustness-8k":
            sets["phone"].append((store, clip))
        elif row["terms"] == "research":
            sets["unseen"].append((store, clip))
    return sets


def sample_of(items: list[tuple[SoundStore, Clip]], most: int, seed: int = 7) -> list[tuple[SoundStore, Clip]]:
    """At most `most` clips of each system (for real speech: corpus)."""
    groups: dict[str, list[tuple[SoundStore, Clip]]] = {}
    for item in items:
        groups.setdefault(group_of(item[1].row), []).append(item)
    rng = random.Random(seed)
    out = []
    for name in sorted(groups):
        members = sorted(groups[name], key=lambda i: i[1].row["blob"])
        out += rng.sample(members, min(most, len(members)))
    return out


def group_of(row: Row) -> str:
    """The system of a fake; the corpus of a real recording."""
    return f"fake: {row['system']}" if row["label"] == "fake" else f"real: {row['corpus'] or row['repo']}"


def score(
    model: nn.Module, items: list[tuple[SoundStore, Clip]], length: int, hop: int, change: Change | None = None
) -> Scored:
    """Scores in the order of the items, changed before scoring where `change` says how."""
    scores = []
    for first in range(0, len(items), 48):
        part = items[first : first + 48]
        clips = [store.read(clip).astype(np.float32) / 32768 for store, clip in part]
        scores.append(score_clips(model, change(clips) if change else clips, length, hop))
    return Scored([clip.row for _, clip in items], np.concatenate(scores) if scores else np.zeros(0))


def summary(scored: Scored) -> dict[str, float]:
    """AUC, EER and the mean EER over systems (each system's fakes against all reals)."""
    labels = scored.labels
    systems = {row["system"] for row in scored.rows if row["label"] == "fake"}
    each = []
    for system in systems:
        keep = np.array([row["label"] == "real" or row["system"] == system for row in scored.rows])
        each.append(eer(scored.scores[keep], labels[keep])[0])
    return {"auc": auc(scored.scores, labels), "eer": eer(scored.scores, labels)[0], "macro": float(np.mean(each))}


def table(scored: Scored, threshold: float) -> list[dict[str, object]]:
    """Per system (misses) and per corpus (false alarms): see `working.table`."""
    names, sources = [group_of(row) for row in scored.rows], [row["speaker"] for row in scored.rows]
    return working.table(scored.scores, scored.labels, names, threshold, sources)


def noisy(snr_db: float, seed: int = 5) -> Change:
    """White noise at a signal-to-noise ratio."""

    def change(clips: list[np.ndarray]) -> list[np.ndarray]:
        rng = np.random.default_rng(seed)
        out = []
        for clip in clips:
            level = np.sqrt(np.mean(clip**2)) * 10 ** (-snr_db / 20)
            out.append((clip + level * rng.standard_normal(len(clip))).astype(np.float32))
        return out

    return change


def reverberant(seconds: float = 0.5, seed: int = 6) -> Change:
    """One synthetic room: exponentially decaying noise, direct sound and tail equally loud."""
    rng = np.random.default_rng(seed)
    time = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    tail = rng.standard_normal(len(time)) * np.exp(-6.9 * time / seconds)
    tail /= np.linalg.norm(tail)
    tail[:80] = 0
    tail[0] = 1

    def change(clips: list[np.ndarray]) -> list[np.ndarray]:
        out = []
        for clip in clips:
            size = fft.next_fast_len(len(clip) + len(tail))
            wet = fft.irfft(fft.rfft(clip, size) * fft.rfft(tail, size), size)[: len(clip)]
            out.append((wet / max(1.0, float(np.abs(wet).max()))).astype(np.float32))
        return out

    return change


def coded(container: str, options: list[str]) -> Change:
    """Through a codec."""

    def change(clips: list[np.ndarray]) -> list[np.ndarray]:
        whole = [np.clip(np.rint(clip * 32767), -32768, 32767).astype("<i2") for clip in clips]
        return [part.astype(np.float32) / 32768 for part in through_joined(whole, (container, options))]

    return change


ROBUSTNESS: dict[str, Change | None] = {
    "as it is": None,
    "MP3 32 kbit/s": coded("mp3", ["-ar", "22050", "-c:a", "libmp3lame", "-b:a", "32k"]),
    "8 kHz mu-law": coded("wav", ["-ar", "8000", "-c:a", "pcm_mulaw"]),
    "noise 15 dB": noisy(15),
    "reverberation 0.5 s": reverberant(),
}
