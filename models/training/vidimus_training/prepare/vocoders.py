"""Copy synthesis: real speech taken apart and put together again by simple vocoders.

The result has the speaker, the words, the room and the microphone of the recording; only the waveform's making
differs, so a network cannot pass by recognising the corpus (Wang and Yamagishi, ICASSP 2023: spoofed training data
by copy synthesis). Five families of our own making, each with random parameters:

`griffin-lim`    mel magnitudes inverted, phase by fast Griffin-Lim (Perraudin et al. 2013)
`oracle-phase`   mel magnitudes inverted, the recording's phase kept with a little noise on it
`lpc`            linear prediction filter driven by pulses and noise (autocorrelation method)
`harmonic`       sum of harmonics plus noise under a cepstrally smoothed envelope, after WORLD and HNM
`source-filter`  sawtooth-like sine source plus noise, shaped by the mel envelope frame by frame
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import fft, ndimage, signal
from scipy.linalg import solve_toeplitz

RATE = 16_000


def hz_to_mel(hz: np.ndarray) -> np.ndarray:
    """Slaney's scale: linear below 1 kHz, logarithmic above."""
    hz = np.asarray(hz, np.float64)
    return np.where(hz < 1000, hz * 3 / 200, 15 + np.log(np.maximum(hz, 1e-9) / 1000) / (np.log(6.4) / 27))


def mel_to_hz(mel: np.ndarray) -> np.ndarray:
    """Inverse of `hz_to_mel`."""
    mel = np.asarray(mel, np.float64)
    return np.where(mel < 15, mel * 200 / 3, 1000 * np.exp((mel - 15) * (np.log(6.4) / 27)))


def mel_bank(bands: int, n_fft: int, rate: int = RATE, low: float = 0.0, high: float | None = None) -> np.ndarray:
    """Triangular filters with unit area (librosa's `norm="slaney"`), (bands, n_fft/2 + 1) float32."""
    edges = mel_to_hz(np.linspace(hz_to_mel(np.array(low)), hz_to_mel(np.array(high or rate / 2)), bands + 2))
    bins = np.fft.rfftfreq(n_fft, 1 / rate)
    rise = (bins[None] - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    fall = (edges[2:, None] - bins[None]) / (edges[2:] - edges[1:-1])[:, None]
    weight = np.maximum(0, np.minimum(rise, fall)) * (2 / (edges[2:] - edges[:-2]))[:, None]
    return weight.astype(np.float32)


class Stft:
    """Short-time Fourier transform with a periodic Hann window and its least-squares inverse, for one length."""

    def __init__(self, length: int, n_fft: int, hop: int) -> None:
        self.length, self.n_fft, self.hop = length, n_fft, hop
        self.frames = 1 + -(-length // hop)
        self.window = signal.get_window("hann", n_fft).astype(np.float32)
        size = (self.frames - 1) * hop + n_fft
        self._size = size
        total = np.zeros(size, np.float32)
        for i in range(self.frames):
            total[i * hop : i * hop + n_fft] += self.window**2
        self._total = np.maximum(total, 1e-3)

    def forward(self, x: np.ndarray) -> np.ndarray:
        """(length,) -> (frames, bins) complex."""
        padded = np.zeros(self._size, np.float32)
        padded[self.n_fft // 2 : self.n_fft // 2 + self.length] = x
        view = np.lib.stride_tricks.sliding_window_view(padded, self.n_fft)[:: self.hop]
        return fft.rfft(view * self.window, axis=1)

    def inverse(self, spectrum: np.ndarray) -> np.ndarray:
        """(frames, bins) -> (length,)."""
        parts = fft.irfft(spectrum, self.n_fft, axis=1).astype(np.float32) * self.window
        out = np.zeros(self._size, np.float32)
        for i, part in enumerate(parts):
            out[i * self.hop : i * self.hop + self.n_fft] += part
        out /= self._total
        return out[self.n_fft // 2 : self.n_fft // 2 + self.length]


def through_mel(magnitude: np.ndarray, bands: int, n_fft: int) -> np.ndarray:
    """Magnitudes that passed a mel filter bank and its pseudo-inverse: what a vocoder is given."""
    bank = mel_bank(bands, n_fft)
    return np.maximum(magnitude @ bank.T @ np.linalg.pinv(bank).T.astype(np.float32), 1e-6)


def pitch(x: np.ndarray, hop: int = 160) -> tuple[np.ndarray, np.ndarray]:
    """Fundamental in Hz and voicing 0..1 every `hop` samples, by normalised autocorrelation (60 to 400 Hz)."""
    size = 1024
    stft = Stft(len(x), size, hop)
    padded = np.zeros(stft.frames * hop + size, np.float32)
    padded[size // 2 : size // 2 + len(x)] = x
    view = np.lib.stride_tricks.sliding_window_view(padded, size)[::hop][: stft.frames]
    frames = view * np.hanning(size).astype(np.float32)
    power = np.abs(fft.rfft(frames, 2 * size, axis=1)) ** 2
    auto = fft.irfft(power, axis=1)[:, :size]
    window = fft.irfft(np.abs(fft.rfft(np.hanning(size), 2 * size)) ** 2)[:size]
    auto = auto / np.maximum(auto[:, :1], 1e-9) / (window / window[0] + 1e-3)
    shortest, longest = RATE // 400, RATE // 60
    lag = shortest + auto[:, shortest:longest].argmax(1)
    voiced = np.clip(auto[np.arange(len(lag)), lag], 0, 1)
    f0 = signal.medfilt(RATE / lag, 5)
    return f0, signal.medfilt(voiced, 5)


def _excite(f0: np.ndarray, voiced: np.ndarray, length: int, hop: int) -> np.ndarray:
    """Instantaneous phase in turns from frame-wise pitch."""
    track = np.interp(np.arange(length), np.arange(len(f0)) * hop, f0)
    return np.cumsum(track / RATE)


def griffin_lim(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Mel inversion with phase from scratch."""
    n_fft = int(rng.choice([512, 800, 1024]))
    stft = Stft(len(x), n_fft, n_fft // int(rng.choice([4, 4, 3])))
    target = through_mel(np.abs(stft.forward(x)), int(rng.choice([64, 80, 100, 128])), n_fft)
    momentum = rng.choice([0.0, 0.99])
    angle = np.exp(2j * np.pi * rng.random(target.shape)).astype(np.complex64)
    previous = np.zeros_like(angle)
    for _ in range(int(rng.integers(8, 28))):
        rebuilt = stft.forward(stft.inverse(target * angle))
        angle = rebuilt + momentum * (rebuilt - previous)
        angle /= np.abs(angle) + 1e-9
        previous = rebuilt
    return stft.inverse(target * angle)


def oracle_phase(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Mel inversion on the recording's own phase, blurred by a random angle."""
    n_fft = int(rng.choice([512, 1024, 1024]))
    stft = Stft(len(x), n_fft, n_fft // 4)
    spectrum = stft.forward(x)
    target = through_mel(np.abs(spectrum), int(rng.choice([64, 80, 80, 100])), n_fft)
    ripple = np.linspace(0, 1, spectrum.shape[1]) ** rng.uniform(0.5, 2) * rng.uniform(0, 1.2)
    angle = np.angle(spectrum) + rng.standard_normal(spectrum.shape) * ripple
    return stft.inverse(target * np.exp(1j * angle).astype(np.complex64))


def lpc(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Classic pulse-or-noise vocoder."""
    hop, order = int(rng.choice([80, 160])), int(rng.integers(14, 25))
    size = hop * 4
    f0, voiced = pitch(x, hop)
    phase = _excite(f0, voiced, len(x), hop)
    pulses = (np.diff(np.floor(phase), prepend=0) > 0).astype(np.float64) * np.sqrt(RATE / np.mean(f0))
    noise = rng.standard_normal(len(x))
    limit = rng.uniform(0.4, 0.6)
    mix = np.interp(np.arange(len(x)), np.arange(len(voiced)) * hop, voiced > limit)
    source = np.pad(mix * pulses + (1 - mix) * noise + mix * noise * rng.uniform(0, 0.2), (0, size))
    padded = np.pad(x.astype(np.float64), (0, size))
    window = np.hanning(size)
    out, total = np.zeros(len(padded)), np.full(len(padded), 1e-3)
    for start in range(0, len(x), hop):
        frame = padded[start : start + size] * window
        auto = fft.irfft(np.abs(fft.rfft(frame, 2 * size)) ** 2)[: order + 1]
        if auto[0] < 1e-7:
            continue
        auto[0] *= 1 + 1e-4
        coefficients = solve_toeplitz(auto[:-1], auto[1:])
        gain = np.sqrt(max(auto[0] - coefficients @ auto[1:], 1e-12) / (window**2).sum())
        made = signal.lfilter([gain], np.concatenate([[1.0], -coefficients]), source[start : start + size])
        out[start : start + size] += made * window
        total[start : start + size] += window
    return (out / np.maximum(total, 0.2))[: len(x)]


def harmonic(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Harmonics with smoothed amplitudes plus shaped noise."""
    hop, n_fft = 160, 1024
    f0, voiced = pitch(x, hop)
    if rng.random() < 0.5:
        f0 = signal.savgol_filter(f0, 7, 2)
    stft = Stft(len(x), n_fft, hop)
    magnitude = np.abs(stft.forward(x)) + 1e-5
    lifter = int(rng.integers(24, 60))
    cepstrum = fft.irfft(np.log(magnitude), axis=1)
    cepstrum[:, lifter:-lifter] = 0
    envelope = np.exp(fft.rfft(cepstrum, axis=1).real)
    phase = _excite(f0, voiced, len(x), hop)
    time = np.arange(len(x)) / hop
    frames = np.minimum(np.arange(len(f0)), len(envelope) - 1)
    tone = np.zeros(len(x))
    offsets = rng.random(128) if rng.random() < 0.5 else np.zeros(128)
    low = max(float(np.percentile(f0, 10)), 70.0)
    for number in range(1, min(128, int(RATE / 2 / low))):
        frequency = f0 * number
        bins = np.clip(np.rint(frequency * n_fft / RATE).astype(int), 0, n_fft // 2)
        level = envelope[frames, bins] * (frequency < RATE / 2 - 200) * voiced
        tone += np.interp(time, np.arange(len(level)), level) * np.sin(
            2 * np.pi * (phase * number + offsets[number - 1])
        )
    cut = rng.uniform(2500, 6000)
    bins = np.fft.rfftfreq(n_fft, 1 / RATE)
    rough = 1 / (1 + np.exp(-(bins - cut) / 500))
    share = np.interp(np.arange(stft.frames), np.arange(len(voiced)), voiced)
    weight = (1 - share)[:, None] + share[:, None] * np.maximum(rough, rng.uniform(0.02, 0.15))[None]
    hiss = stft.inverse(stft.forward(rng.standard_normal(len(x)).astype(np.float32)) * (envelope * weight) / n_fft**0.5)
    return tone * (4 / n_fft) + hiss


def source_filter(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Harmonic source and noise through the recording's mel envelope."""
    n_fft, hop = 1024, 256
    stft = Stft(len(x), n_fft, hop)
    target = through_mel(np.abs(stft.forward(x)), int(rng.choice([40, 64, 80])), n_fft)
    f0, voiced = pitch(x, 160)
    phase = _excite(f0, voiced, len(x), 160)
    share = np.interp(np.arange(len(x)), np.arange(len(voiced)) * 160, np.clip((voiced - 0.3) / 0.5, 0, 1))
    saw = 2 * (phase % 1) - 1
    source = share * saw + (1 - 0.9 * share) * rng.standard_normal(len(x)) * rng.uniform(0.2, 0.6)
    spectrum = stft.forward(source.astype(np.float32))
    smooth = ndimage.uniform_filter1d(np.abs(spectrum), 31, axis=1, mode="nearest") + 1e-4
    return stft.inverse(spectrum / smooth * target)


VOCODERS: dict[str, Callable[[np.ndarray, np.random.Generator], np.ndarray]] = {
    "griffin-lim": griffin_lim,
    "oracle-phase": oracle_phase,
    "lpc": lpc,
    "harmonic": harmonic,
    "source-filter": source_filter,
}


def copy_synthesis(x: np.ndarray, name: str, rng: np.random.Generator) -> np.ndarray:
    """`x` (-1..1 at 16 kHz, at least 0.5 s) spoken again by a vocoder, at the level of `x`."""
    made = VOCODERS[name](x.astype(np.float32), rng).astype(np.float32)
    made = np.nan_to_num(made)
    level = np.sqrt(np.mean(made**2)) + 1e-9
    made *= np.sqrt(np.mean(x**2)) / level
    return made / max(1.0, float(np.abs(made).max()))
