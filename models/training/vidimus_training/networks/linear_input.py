"""A linear spectrogram inside the graph, so that a pack takes the waveform and hears fine structure up to 8 kHz.

Mel bands grow wider with the frequency and average away what vocoders leave between 4 and 8 kHz; linear bands keep it
(Sahidullah, Kinnunen, Hanilci: A comparison of features for synthetic speech detection, Interspeech 2015).
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

TOP_DB = 80.0


class LinearInput(nn.Module):
    """(N, samples) -1..1 -> (N, 1, bands, 1 + samples // hop), decibels below the loudest point, (dB + 40) / 40.

    Periodic Hann, centred with zeros, power of `2 * bands` bins without the constant one, neighbours added in pairs.
    The transform is a convolution: the same arithmetic in training and in the exported graph.
    """

    def __init__(self, n_fft: int = 512, hop: int = 256) -> None:
        super().__init__()
        self.n_fft, self.hop, self.bins = n_fft, hop, n_fft // 2
        time, bin_number = np.arange(n_fft), np.arange(1, self.bins + 1)[:, None]
        window = 0.5 - 0.5 * np.cos(2 * np.pi * time / n_fft)
        angle = 2 * np.pi * bin_number * time / n_fft
        kernel = np.concatenate([np.cos(angle), np.sin(angle)]) * window
        self.register_buffer("kernel", torch.from_numpy(kernel[:, None].astype(np.float32)), persistent=False)

    def forward(self, samples: Tensor) -> Tensor:
        half = self.n_fft // 2
        parts = nn.functional.conv1d(samples.unsqueeze(1), self.kernel, stride=self.hop, padding=half).square()
        power = parts[:, : self.bins] + parts[:, self.bins :]
        bands = (power[:, 0::2] + power[:, 1::2]).clamp_min(1e-10)
        top = bands.amax(dim=(1, 2), keepdim=True)
        decibels = (bands / top).clamp_min(10 ** (-TOP_DB / 10)).log() * (10 / float(np.log(10)))
        return ((decibels + 40) / 40).unsqueeze(1)
