"""Real video as the application shows it to a clip network: one face, its box held between detections, 16 frames at once."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from ..prepare.faces import largest_face, square_crop

LONGEST = 640
"""Longer side at which the detector looks."""

EVERY = 15
"""Frames from one detection to the next; boxes between are interpolated, as the application's tracker does."""


def frames_of(path: Path, most: int = 2000) -> list[np.ndarray]:
    """The first frames of a video, BGR."""
    video, out = cv2.VideoCapture(str(path)), []
    while len(out) < most:
        good, frame = video.read()
        if not good:
            break
        out.append(frame)
    return out


def boxes_of(frames: list[np.ndarray], detector_model: Path) -> np.ndarray | None:
    """(N, 4) x, y, width, height of the largest face in every frame, or None where a detection finds nobody."""
    detector = cv2.FaceDetectorYN.create(str(detector_model), "", (256, 256), 0.6, 0.3, 50)
    places = sorted({*range(0, len(frames), EVERY), len(frames) - 1})
    seen = []
    for place in places:
        frame = frames[place]
        scale = min(1.0, LONGEST / max(frame.shape[:2]))
        face = largest_face(detector, cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
        if face is None:
            return None
        seen.append(face[:4] / scale)
    every = np.arange(len(frames))
    return np.stack([np.interp(every, places, [box[k] for box in seen]) for k in range(4)], 1)


def face_clips(path: Path, detector_model: Path, margin: float, length: int, side: int) -> np.ndarray:
    """(N, length, side, side, 3) uint8 BGR: consecutive clips of the largest face; empty where it is not followed."""
    frames = frames_of(path)
    boxes = boxes_of(frames, detector_model) if len(frames) >= length else None
    if boxes is None:
        return np.zeros((0, length, side, side, 3), np.uint8)
    crops = [square_crop(frame, box, margin, side)[0] for frame, box in zip(frames, boxes, strict=True)]
    whole = len(crops) // length
    return np.stack(crops[: whole * length]).reshape(whole, length, side, side, 3)
