"""Prepared sound: 16 kHz mono int16 in flat files, read through memory maps.

A store is a folder of chunks, `<number>.pcm` beside `<number>.csv`. The CSV is written last, so a chunk with a CSV is
complete and a broken run goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .lists import Row, read_rows, write_rows

SAMPLE_RATE = 16_000


@dataclass(frozen=True)
class Clip:
    """One stored clip: where it lies and the columns of its row."""

    chunk: str
    offset: int
    length: int
    row: Row


def to_int16(samples: np.ndarray) -> np.ndarray:
    """-1..1 to 16 bit, clipped."""
    return np.clip(np.rint(samples * 32767.0), -32768, 32767).astype("<i2")


def has_chunk(folder: Path, number: int) -> bool:
    """Whether the chunk is complete."""
    return (folder / f"{number:05d}.csv").exists()


def write_chunk(folder: Path, number: int, clips: Sequence[tuple[np.ndarray, Row]]) -> None:
    """Writes clips (int16) with their rows."""
    folder.mkdir(parents=True, exist_ok=True)
    rows, offset = [], 0
    with (folder / f"{number:05d}.pcm").open("wb") as file:
        for samples, row in clips:
            file.write(samples.astype("<i2").tobytes())
            rows.append({**row, "offset": str(offset), "length": str(len(samples))})
            offset += len(samples)
    write_rows(folder / f"{number:05d}.csv", rows)


class SoundStore:
    """All clips of a folder of chunks, in the order of the chunk numbers; or those of the chunk called `only`."""

    def __init__(self, folder: Path, only: str | None = None) -> None:
        self.clips: list[Clip] = []
        self._maps: dict[str, np.ndarray] = {}
        for listing in sorted(folder.glob(f"{only or '*'}.csv")):
            name = listing.stem
            pcm = folder / f"{name}.pcm"
            self._maps[name] = np.memmap(pcm, dtype="<i2", mode="r") if pcm.stat().st_size else np.zeros(0, "<i2")
            for row in read_rows(listing):
                self.clips.append(Clip(name, int(row["offset"]), int(row["length"]), row))

    def read(self, clip: Clip, start: int = 0, count: int | None = None) -> np.ndarray:
        """Samples as int16, at most to the end of the clip."""
        stop = clip.length if count is None else min(clip.length, start + count)
        return self._maps[clip.chunk][clip.offset + start : clip.offset + stop]
