"""Random recording chains for sound, in the frequency domain where that is cheap.

One chain serves both classes, so that no format, loudness, room, band limit or noise tells them apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import fft

RATE = 16_000


@dataclass(frozen=True)
class SoundChain:
    """Probabilities and ranges of every change. Frequencies in Hz, levels in dB, times in seconds."""

    speed: float = 0.5
    speed_range: tuple[float, float] = (0.9, 1.1)
    lowpass: float = 0.4
    lowpass_range: tuple[float, float] = (3400.0, 7800.0)
    highpass: float = 0.25
    highpass_range: tuple[float, float] = (50.0, 300.0)
    equaliser: float = 0.6
    equaliser_db: float = 8.0
    reverb: float = 0.35
    reverb_seconds: tuple[float, float] = (0.08, 0.7)
    noise: float = 0.65
    snr_db: tuple[float, float] = (5.0, 45.0)
    room: float = 0.5
    clip: float = 0.05


def tile(samples: np.ndarray, length: int) -> np.ndarray:
    """Repeats a short clip to `length`; the pack says `pad: repeat`."""
    if len(samples) >= length:
        return samples[:length]
    return np.resize(samples, length) if len(samples) else np.zeros(length, samples.dtype)


def coloured_noise(rng: np.random.Generator, length: int) -> np.ndarray:
    """Noise whose power falls as frequency to a random power between 0 (white) and 2 (brown), with hum at times."""
    size = fft.next_fast_len(length, real=True)
    bins = np.arange(size // 2 + 1, dtype=np.float32)
    spectrum = np.empty(len(bins), np.complex64)
    spectrum.real, spectrum.imag = rng.standard_normal((2, len(bins)), dtype=np.float32)
    spectrum *= np.maximum(bins, size * 40 / RATE) ** np.float32(-rng.uniform(0, 1))
    noise = fft.irfft(spectrum, size)[:length].astype(np.float32)
    noise /= noise.std() + 1e-12
    if rng.random() < 0.2:
        mains = rng.choice([50, 60])
        time = np.arange(length, dtype=np.float32) / RATE
        for order in range(1, int(rng.integers(2, 8))):
            noise += rng.uniform(0, 1) * np.sin(2 * np.pi * mains * order * time, dtype=np.float32)
    return noise


def transfer(rng: np.random.Generator, chain: SoundChain, length: int) -> np.ndarray | None:
    """A random frequency response for a clip of `length` samples at 16 kHz, or None where nothing is changed."""
    bins = fft.rfftfreq(length, 1 / RATE).astype(np.float32)
    response: np.ndarray | None = None

    def times(factor: np.ndarray) -> None:
        nonlocal response
        response = factor if response is None else response * factor

    if rng.random() < chain.lowpass:
        cut, width = rng.uniform(*chain.lowpass_range), rng.uniform(30, 400)
        times(1 / (1 + np.exp(np.clip((bins - cut) / width, -30, 30))))
    if rng.random() < chain.highpass:
        cut = rng.uniform(*chain.highpass_range)
        times((bins / cut) ** 2 / np.sqrt(1 + (bins / cut) ** 4))
    if rng.random() < chain.equaliser:
        points = np.array([0, 150, 400, 1000, 2000, 3500, 5500, 8000])
        gains = rng.uniform(-1, 1, len(points)) * rng.uniform(0, chain.equaliser_db)
        times(10 ** (np.interp(bins, points, gains).astype(np.float32) / 20))
    if rng.random() < chain.reverb:
        decay = rng.uniform(*chain.reverb_seconds)
        time = np.arange(int(decay * RATE), dtype=np.float32) / RATE
        tail = rng.standard_normal(len(time), dtype=np.float32) * np.exp(-6.9 * time / decay)
        tail *= rng.uniform(0.1, 1.2) / (np.linalg.norm(tail) + 1e-9)
        tail[: int(rng.uniform(0.001, 0.012) * RATE)] = 0
        tail[0] = 1
        times(fft.rfft(tail, length))
    return response


def random_chain(
    samples: np.ndarray, length: int, rng: np.random.Generator, chain: SoundChain, rooms: Sequence[np.ndarray]
) -> np.ndarray:
    """`length` samples of `samples` (float32, -1..1, at 16 kHz) from a random place, through a random chain."""
    taken = length
    if rng.random() < chain.speed:
        taken = fft.next_fast_len(int(length * rng.uniform(*chain.speed_range)), real=True)
    if len(samples) > taken:
        start = int(rng.integers(0, len(samples) - taken + 1))
        samples = samples[start : start + taken]
    elif len(samples) < taken:
        samples = tile(np.roll(samples, int(rng.integers(0, max(1, len(samples))))), taken)
    response = transfer(rng, chain, length)
    if response is not None or taken != length:
        spectrum = fft.rfft(samples)
        bins = length // 2 + 1
        if len(spectrum) < bins:
            spectrum = np.pad(spectrum, (0, bins - len(spectrum)))
        spectrum = spectrum[:bins] * np.float32(length / taken)
        samples = fft.irfft(spectrum if response is None else spectrum * response, length)
    samples = samples.astype(np.float32)
    power = float(np.sqrt(np.mean(samples**2))) + 1e-7
    if rng.random() < chain.noise:
        if rooms and rng.random() < chain.room:
            room = rooms[int(rng.integers(len(rooms)))]
            noise = tile(np.roll(room, int(rng.integers(len(room)))), length).astype(np.float32)
            noise = noise / (noise.std() + 1e-9)
        else:
            noise = coloured_noise(rng, length)
        samples = samples + noise * np.float32(power * 10 ** (-rng.uniform(*chain.snr_db) / 20))
    peak = float(np.abs(samples).max()) + 1e-9
    samples = samples / np.float32(peak)
    if rng.random() < chain.clip:
        samples = np.clip(samples, -rng.uniform(0.3, 0.9), rng.uniform(0.3, 0.9))
    return samples
