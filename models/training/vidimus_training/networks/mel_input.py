"""The mel spectrogram of librosa 0.11, batched in PyTorch, normalised as the pack's input rule says."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from ..prepare.vocoders import mel_bank


class MelInput(nn.Module):
    """(N, samples) -1..1 -> (N, 1, mels, 1 + samples // hop).

    Power spectrogram (periodic Hann, centred, zero padding), Slaney mel bank, `power_to_db(ref=max, top_db=80)`, then
    (dB + 40) / 40, which lies in -1..1.
    """

    def __init__(self, rate: int = 16_000, n_fft: int = 1024, hop: int = 256, mels: int = 80) -> None:
        super().__init__()
        self.n_fft, self.hop = n_fft, hop
        self.register_buffer("window", torch.hann_window(n_fft, periodic=True), persistent=False)
        bank = torch.from_numpy(np.ascontiguousarray(mel_bank(mels, n_fft, rate)))
        self.register_buffer("bank", bank, persistent=False)

    def forward(self, samples: Tensor) -> Tensor:
        spectrum = torch.stft(
            samples, self.n_fft, self.hop, window=self.window, center=True, pad_mode="constant", return_complex=True
        )
        power = torch.view_as_real(spectrum).square().sum(-1)
        mel = torch.matmul(self.bank, power).clamp_min(1e-10)
        top = mel.amax(dim=(1, 2), keepdim=True)
        decibels = 10 * (mel.log10() - top.log10())
        return ((decibels.clamp_min(-80) + 40) / 40).unsqueeze(1)


class Listener(nn.Module):
    """A network with what stands before it: samples (N, length) -> logits.

    `front` None gives the network the waveform, each window at its own peak (`normalizeLevel: peak`).
    """

    def __init__(self, network: nn.Module, front: nn.Module | None) -> None:
        super().__init__()
        self.network, self.front = network, front

    def forward(self, samples: Tensor) -> Tensor:
        if self.front is None:
            return self.network(samples / samples.abs().amax(dim=1, keepdim=True).clamp_min(1e-9))
        return self.network(self.front(samples).contiguous(memory_format=torch.channels_last))


def mask_bands(pictures: Tensor, rng: np.random.Generator, probability: float, mels: int, frames: int) -> Tensor:
    """SpecAugment (Park et al. 2019): up to one band of frequencies and one of time set to the mean, in place."""
    for picture in pictures:
        if rng.random() >= probability:
            continue
        value = float(picture.mean())
        height, width = int(rng.integers(0, mels + 1)), int(rng.integers(0, frames + 1))
        top = int(rng.integers(0, picture.shape[-2] - height))
        left = int(rng.integers(0, picture.shape[-1] - width))
        picture[:, top : top + height, :] = value
        picture[:, :, left : left + width] = value
    return pictures
