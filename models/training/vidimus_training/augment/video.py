"""Pictures through a video encoder: what a frame of a clip has lost, which JPEG never shows."""

from __future__ import annotations

import subprocess

import cv2
import numpy as np

FRAMES = 3
"""Frames that stand for one picture where it is coded with motion; the last of them is taken."""


def coded_h264(pictures: np.ndarray, crf: int, motion: bool, rng: np.random.Generator) -> np.ndarray:
    """(N, side, side, 3) uint8 BGR of an even side -> the same through H.264, 4:2:0, at a constant rate factor.

    Without `motion` every picture is an intra frame. With it each is shown FRAMES times, moved by up to two pixels,
    and the last one is taken, so that predicted frames occur, too. Raises where ffmpeg or its libx264 is missing.
    """
    side = pictures.shape[1]
    each = FRAMES if motion else 1
    frames = np.repeat(pictures, each, axis=0)
    if motion:
        for number in range(len(frames)):
            if number % each != each - 1:
                shift = np.float32([[1, 0, rng.uniform(-2, 2)], [0, 1, rng.uniform(-2, 2)]])
                frames[number] = cv2.warpAffine(frames[number], shift, (side, side), borderMode=cv2.BORDER_REFLECT)
    return through_h264(frames, crf, each)[each - 1 :: each]


def through_h264(frames: np.ndarray, crf: int, group: int) -> np.ndarray:
    """(N, side, side, 3) uint8 BGR of an even side -> the same through H.264 with an intra frame every `group` frames.

    4:2:0 at a constant rate factor. Raises where ffmpeg or its libx264 is missing.
    """
    side = frames.shape[1]
    raw = ["-f", "rawvideo", "-pix_fmt", "bgr24", "-s", f"{side}x{side}", "-r", "30"]
    head = ["ffmpeg", "-v", "error", "-nostdin", "-threads", "1"]
    x264 = ["-c:v", "libx264", "-preset", "veryfast", "-threads", "1", "-pix_fmt", "yuv420p", "-crf", str(crf)]
    coded = subprocess.run(
        [*head, *raw, "-i", "pipe:0", *x264, "-g", str(group), "-sc_threshold", "0", "-f", "matroska", "pipe:1"],
        input=frames.tobytes(),
        stdout=subprocess.PIPE,
        check=True,
    ).stdout
    plain = subprocess.run(
        [*head, "-f", "matroska", "-i", "pipe:0", "-f", "rawvideo", "-pix_fmt", "bgr24", "pipe:1"],
        input=coded,
        stdout=subprocess.PIPE,
        check=True,
    ).stdout
    return np.frombuffer(plain, np.uint8).reshape(-1, side, side, 3)
