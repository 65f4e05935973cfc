"""Collected sound files -> the `clean` store: 16 kHz mono, silence removed, at most some seconds of speech.

The pauses cut out of real recordings go to the `room` store; they become background noise for both classes.
"""

from __future__ import annotations

import random
import subprocess
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import soundfile
import soxr

from ..data.lists import Row, read_rows
from ..data.sound_store import SAMPLE_RATE, has_chunk, to_int16, write_chunk
from .silence import remove_silence

CHUNK = 200
MOST_SECONDS = 12.0
LEAST_ROOM_SECONDS = 0.5
KEPT = ("split", "label", "system", "corpus", "repo", "path", "blob", "licence", "terms", "fmt", "sr", "speaker")


def speaker_of(row: Row) -> str:
    """The speaker of a clip as far as its path tells; else the corpus. Bootstrap sources and splits go by it."""
    parts = Path(row["path"]).parts
    repo = row["repo"]
    if repo == "jimbozhang/speechocean762":
        return parts[-2]
    if repo == "k2-fsa/sherpa":
        name = parts[-1].rsplit(".", 1)[0]
        voice = "-".join(name.split("-")[:2]) if "supertonic" in row["path"] else name
        return f"{parts[-2]}/{voice}" if "piper" in row["path"] else voice
    if repo.startswith("Walleclipse/"):
        return Path(row["path"]).stem.split("-")[0]
    if repo == "rhasspy/larynx":
        return f"{row['corpus']}/{parts[-2]}"
    if repo.startswith(("MycroftAI/", "Picovoice/")):
        return Path(row["path"]).stem
    return f"{row['system']}/{row['corpus']}"


def read_mono(path: Path) -> np.ndarray:
    """A sound file mixed to mono at 16 kHz, float32; what libsndfile refuses goes through ffmpeg, which conceals."""
    try:
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    except soundfile.LibsndfileError:
        command = [
            "ffmpeg",
            "-v",
            "quiet",
            "-nostdin",
            "-i",
            str(path),
            "-ac",
            "1",
            "-ar",
            str(SAMPLE_RATE),
            "-f",
            "f32le",
            "-",
        ]
        return np.frombuffer(subprocess.run(command, stdout=subprocess.PIPE, check=False).stdout, "<f4")
    mono = samples.mean(axis=1)
    return mono if rate == SAMPLE_RATE else soxr.resample(mono, rate, SAMPLE_RATE, quality="HQ").astype(np.float32)


def _chunk(folder: Path, out: Path, work: tuple[int, list[Row]]) -> int:
    number, rows = work
    if has_chunk(out / "clean", number):
        return 0
    clips, room = [], []
    for row in rows:
        kept = {key: row.get(key, "") for key in KEPT} | {"speaker": speaker_of(row)}
        samples = read_mono(folder / row["file"])
        if len(samples) == 0:
            print(f"decode: {row['repo']} {row['path']} is unreadable, left out", flush=True)
            continue
        speech, pause = remove_silence(samples)
        clips.append((to_int16(speech[: int(MOST_SECONDS * SAMPLE_RATE)]), kept))
        real_room = row["label"] == "real" and row["split"].startswith("train") and row["terms"] == "open"
        if real_room and len(pause) >= LEAST_ROOM_SECONDS * SAMPLE_RATE:
            room.append((to_int16(pause[: 4 * SAMPLE_RATE]), kept))
    if room:
        write_chunk(out / "room", number, room)
    write_chunk(out / "clean", number, clips)
    return len(clips)


def decode(collected: Path, out: Path, workers: int, seed: int = 1) -> None:
    """Fills `out/clean` and `out/room`. Files are shuffled once so that every chunk holds every class."""
    rows = read_rows(collected / "index.csv")
    random.Random(seed).shuffle(rows)
    work = [(n, rows[n * CHUNK : (n + 1) * CHUNK]) for n in range(-(-len(rows) // CHUNK))]
    with get_context("fork").Pool(workers) as pool:
        for done, count in enumerate(pool.imap_unordered(partial(_chunk, collected, out), work), start=1):
            print(f"decode: chunk {done} of {len(work)}, {count} new clips", flush=True)
