"""The twelve forensic measurements of a picture, and pictures manipulated by rule.

The measurements are those of `src/engine/signals/picture/features.ts` (and of its reference numbers): spectrum of the
grey picture, residual of non-local means (h = 10, hColor = 10, 7, 21), Laplacian variance, blocking after Wang, Sheikh
and Bovik (ICIP 2002).
"""

from __future__ import annotations

import json
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np
from scipy import fft

from ..augment.picture import jpeg
from ..data.lists import Row
from .synthesise import seeded

FEATURES = (
    "high_freq_ratio",
    "spectral_entropy",
    "magnitude_mean",
    "magnitude_std",
    "noise_variance",
    "noise_mean",
    "noise_var_r",
    "noise_var_g",
    "noise_var_b",
    "noise_var_ratio",
    "sharpness",
    "blocking_score",
)


def measurements(bgr: np.ndarray) -> np.ndarray:
    """(12,) float64 in the order of FEATURES for an 8-bit BGR picture."""
    grey = cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY)
    plain = grey.astype(np.float64)
    magnitude = np.abs(fft.fftshift(fft.fft2(plain)))
    height, width = magnitude.shape
    middle = magnitude[height // 4 : 3 * height // 4, width // 4 : 3 * width // 4]
    share = magnitude.ravel() / magnitude.sum() + 1e-10
    share /= share.sum()
    # The reference hands RGB to a function that expects BGR; the channels are swapped to get its very numbers.
    rgb = np.ascontiguousarray(bgr[..., ::-1])
    noise = rgb.astype(np.float64) - cv2.fastNlMeansDenoisingColored(rgb, None, 10, 10, 7, 21)
    variance = noise.reshape(-1, 3).var(0)
    across = np.abs(np.diff(plain, axis=1))[:, 7::8].mean()
    down = np.abs(np.diff(plain, axis=0))[7::8].mean()
    return np.array(
        [
            1 - middle.sum() / magnitude.sum(),
            -(share * np.log(share)).sum(),
            magnitude.mean(),
            magnitude.std(),
            noise.var(),
            np.abs(noise).mean(),
            *variance,
            variance.max() / (variance.min() + 1e-10),
            cv2.Laplacian(grey, cv2.CV_64F).var(),
            np.clip((across + down) / 2, 0, 20),
        ]
    )


SIDE = 256
"""Pixels a side that are measured: several measurements grow with the size of the picture."""


def middle(picture: np.ndarray) -> np.ndarray:
    """The middle SIDE x SIDE pixels, begun on the grid of 8 x 8 blocks as the application begins them."""
    top, left = ((n - SIDE) // 2 // 8 * 8 for n in picture.shape[:2])
    return picture[top : top + SIDE, left : left + SIDE]


def spliced(picture: np.ndarray, other: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A soft-edged ellipse of another picture, scaled and of another JPEG history, on this one."""
    height, width = picture.shape[:2]
    factor = rng.uniform(0.6, 1.6)
    donor = jpeg(
        cv2.resize(other, (int(width * factor), int(height * factor)), interpolation=cv2.INTER_CUBIC),
        int(rng.integers(40, 80)),
    )
    donor = cv2.resize(donor, (width, height)) if factor < 1 else donor[:height, :width]
    mask = np.zeros((height, width), np.float32)
    axes = (int(width * rng.uniform(0.15, 0.32)), int(height * rng.uniform(0.15, 0.32)))
    centre = (int(width * rng.uniform(0.3, 0.7)), int(height * rng.uniform(0.3, 0.7)))
    cv2.ellipse(mask, centre, axes, float(rng.uniform(0, 180)), 0, 360, 1.0, -1)
    mask = cv2.GaussianBlur(mask, (0, 0), rng.uniform(1, 4))[..., None]
    return np.clip(picture * (1 - mask) + donor * mask, 0, 255).astype(np.uint8)


def resampled(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Enlarged or turned a little, cut back to the size it had."""
    height, width = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), rng.uniform(-8, 8), rng.uniform(1.15, 1.9))
    return cv2.warpAffine(picture, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)


def recompressed(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Coded badly, moved off the block grid, to be coded again at the end."""
    dy, dx = int(rng.integers(1, 8)), int(rng.integers(1, 8))
    return jpeg(picture, int(rng.integers(30, 65)))[dy:, dx:]


KINDS = ("recompressed", "resampled", "spliced")


def manipulated(picture: np.ndarray, other: np.ndarray, kind: str, rng: np.random.Generator) -> np.ndarray:
    """One of KINDS."""
    if kind == "spliced":
        return spliced(picture, other, rng)
    return resampled(picture, rng) if kind == "resampled" else recompressed(picture, rng)


def _one(work: tuple[str, str, Row, str]) -> dict[str, object] | None:
    path, other, row, kind = work
    picture = cv2.imread(path, cv2.IMREAD_COLOR)
    if picture is None or min(picture.shape[:2]) < SIDE:
        return None
    cv2.setNumThreads(1)
    rng = seeded(row["blob"], kind)
    longest = 400
    if max(picture.shape[:2]) > longest:
        height, width = (min(n, longest) for n in picture.shape[:2])
        picture = picture[:height, :width]
    if kind in KINDS:
        donor = cv2.imread(other, cv2.IMREAD_COLOR)
        picture = manipulated(picture, donor if donor is not None else picture[::-1], kind, rng)
    if min(picture.shape[:2]) < SIDE:
        return None
    # Both classes leave through the same last step, so that it tells nothing.
    if rng.random() < 0.7:
        picture = jpeg(picture, int(rng.integers(75, 98)))
    fake = kind in KINDS or row["label"] == "fake"
    return {
        "kind": kind,
        "fake": int(fake),
        "source": row["repo"],
        "blob": row["blob"],
        "licence": row["licence"],
        "values": measurements(middle(picture)).tolist(),
    }


def measure_all(work: list[tuple[str, str, Row, str]], out: Path, workers: int) -> None:
    """Measures every (path, donor, row, kind); goes on where an earlier call stopped. One JSON object per line."""
    out.parent.mkdir(parents=True, exist_ok=True)
    done = set()
    if out.exists():
        for line in out.read_text().splitlines():
            known = json.loads(line)
            done.add((known["blob"], known["kind"]))
    todo = [w for w in work if (w[2]["blob"], w[3]) not in done]
    with get_context("fork").Pool(workers) as pool, out.open("a") as file:
        for number, found in enumerate(pool.imap(_one, todo, chunksize=4), start=1):
            if found is not None:
                file.write(json.dumps(found) + "\n")
            if number % 100 == 0:
                file.flush()
                print(f"forensic: {number} of {len(todo)}", flush=True)
