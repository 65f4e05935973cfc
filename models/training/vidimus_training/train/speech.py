"""Batches of 4 s windows of real and synthetic speech."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from ..augment.sound import SoundChain, random_chain
from ..data.lists import Row
from ..data.sound_store import SAMPLE_RATE, Clip, SoundStore
from .loop import Batch


@dataclass(frozen=True)
class SpeechSampling:
    """How clips are drawn; see the configuration file."""

    fake_share: float
    copy_share: float
    coded_real: float
    coded_mp3: float
    spoken_like_real: float
    copies: tuple[str, ...]
    clean: tuple[str, ...] = ()
    clean_weight: float = 1.0
    terms: tuple[str, ...] = ("open",)


@dataclass(frozen=True)
class Source:
    """A clip of one of the stores."""

    store: int
    clip: Clip


def like_real(clip: Clip) -> bool:
    """Whether a synthetic voice speaks a language that the real training speech has, too."""
    corpus = clip.row["corpus"].lower().replace("_", "-")
    return corpus == "" or corpus.split("-")[0] in ("en", "de") or "lj" in corpus or "kerstin" in corpus


class SpeechBatches:
    """`make(step)` gives (N, samples) float32 and (N,) int64 labels; the same for the same seed and step.

    Systems (for real speech: corpora) are drawn by the square root of their count, clips within a system evenly.
    """

    def __init__(
        self,
        root: Path,
        sampling: SpeechSampling,
        chain: SoundChain,
        lengths: list[tuple[int, int]],
        batch: int,
        seed: int,
        synthetic: SoundChain | None = None,
    ) -> None:
        """`lengths` holds (first step, samples), ascending: short windows cost less while the network learns most.

        `synthetic` is the chain of synthetic voices, where it differs from that of recordings (and of their copies).
        """
        self.sampling, self.chain, self.lengths, self.batch, self.seed = sampling, chain, lengths, batch, seed
        self.synthetic = synthetic or chain
        names = [name for name in ("clean", "copy", "clean-coded", "copy-coded") if (root / name).is_dir()]
        self.stores = [SoundStore(root / name) for name in names]
        self._by_blob: dict[str, dict[str, Source]] = {}
        found: dict[str, tuple[str, str]] = {}
        for number, (name, store) in enumerate(zip(names, self.stores, strict=True)):
            for clip in store.clips:
                row = clip.row
                if not row["split"].startswith("train") or row["terms"] not in sampling.terms:
                    continue
                if clip.length < SAMPLE_RATE // 2:
                    continue
                copied = name.startswith("copy")
                if copied and row["system"].removeprefix("copy-") not in sampling.copies:
                    continue
                key = ("copy:" if copied else "") + row["blob"]
                variants = self._by_blob.setdefault(key, {})
                variants["coded" if name.endswith("coded") else "clean"] = Source(number, clip)
                group = row["repo"] if row["label"] == "real" else row["system"]
                found[key] = ("copy" if copied else row["label"], group)
        # A clip without its coded variant would tell its class by never being coded.
        anything_coded = any(name.endswith("coded") for name in names)
        pools: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for key, (kind, group) in found.items():
            if not anything_coded or "coded" in self._by_blob[key]:
                pools[kind][group].append(key)
        self.pools = {
            kind: _weighted(groups, self._weight_of if kind == "real" else None)
            for kind, groups in pools.items()
            if groups
        }
        self._within: dict[tuple[str, int], np.ndarray] = {}
        for kind, (groups, _) in self.pools.items():
            for number, keys in enumerate(groups):
                weight = np.array([self._weight_of(key) for key in keys]) if kind == "copy" else np.ones(len(keys))
                if kind == "fake":
                    clips = [next(iter(self._by_blob[key].values())).clip for key in keys]
                    weight = np.array([sampling.spoken_like_real if like_real(c) else 1.0 for c in clips])
                self._within[kind, number] = np.cumsum(weight / weight.sum())
        room = root / "room"
        rooms = SoundStore(room) if room.is_dir() else None
        self.rooms = [rooms.read(c).astype(np.float32) / 32768 for c in rooms.clips] if rooms else []

    def _weight_of(self, key: str) -> float:
        """How often a recording (or its copy) is drawn against others: clean ones are rare and most like synthesis."""
        row = next(iter(self._by_blob[key].values())).clip.row
        return self.sampling.clean_weight if row["corpus"] in self.sampling.clean else 1.0

    def describe(self) -> dict[str, int]:
        """Clips per pool."""
        return {kind: sum(len(g) for g in groups) for kind, (groups, _) in self.pools.items()}

    def groups(self) -> list[tuple[str, str, list[Row]]]:
        """(pool, name of system or corpus, rows of its clips)."""
        out = []
        for kind, (groups, _) in self.pools.items():
            for keys in groups:
                rows = [next(iter(self._by_blob[key].values())).clip.row for key in keys]
                name = (rows[0]["corpus"] or rows[0]["repo"]) if kind == "real" else rows[0]["system"]
                out.append((kind, name, rows))
        return out

    def _draw(self, kind: str, rng: np.random.Generator, length: int) -> np.ndarray:
        groups, weights = self.pools[kind]
        number = int(np.searchsorted(weights, rng.random()))
        number = min(number, len(groups) - 1)
        keys = groups[number]
        key = keys[min(int(np.searchsorted(self._within[kind, number], rng.random())), len(keys) - 1)]
        variants = self._by_blob[key]
        first = variants.get("clean") or variants["coded"]
        was_mp3 = first.clip.row["fmt"].startswith("MP3") and kind != "copy"
        share = self.sampling.coded_mp3 if was_mp3 else self.sampling.coded_real
        source = variants.get("coded", first) if rng.random() < share else first
        longest = int(length * 1.2)
        clip = source.clip
        start = int(rng.integers(0, max(1, clip.length - longest + 1)))
        samples = self.stores[source.store].read(clip, start, longest).astype(np.float32) / 32768
        chain = self.synthetic if kind == "fake" else self.chain
        return random_chain(samples, length, rng, chain, self.rooms)

    def make(self, step: int) -> Batch:
        """The batch of a step."""
        rng = np.random.default_rng((self.seed, step))
        length = [samples for first, samples in self.lengths if step >= first][-1]
        samples = np.empty((self.batch, length), np.float32)
        labels = np.zeros(self.batch, np.int64)
        for index in range(self.batch):
            fake = index < round(self.batch * self.sampling.fake_share)
            kind = "real"
            if fake:
                kind = "copy" if "copy" in self.pools and rng.random() < self.sampling.copy_share else "fake"
                labels[index] = 1
            samples[index] = self._draw(kind, rng, length)
        return torch.from_numpy(samples), torch.from_numpy(labels)


def _weighted(
    groups: dict[str, list[str]], of: Callable[[str], float] | None
) -> tuple[list[list[str]], np.ndarray]:
    """Groups with the running sum of square-root weights, times what `of` says of a group's first clip."""
    names = sorted(groups)
    weight = np.sqrt([len(groups[name]) for name in names])
    if of is not None:
        weight = weight * [of(groups[name][0]) for name in names]
    return [groups[name] for name in names], np.cumsum(weight / weight.sum())
