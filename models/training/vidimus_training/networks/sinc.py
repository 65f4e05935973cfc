"""Fixed band-pass filters on the mel scale, the first layer of RawNet2, RawGAT-ST and AASIST.

Tak et al., "End-to-End anti-spoofing with RawNet2", ICASSP 2021: windowed sinc filters whose edges are equally spaced
in mel between 0 and half the sampling rate. Nothing is learnt, so nothing is in the checkpoint.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F


def mel_filters(count: int, length: int, rate: int = 16000) -> np.ndarray:
    """`count` Hamming-windowed filters of `length` taps (odd), float32, shape (count, 1, length)."""
    top = 2595.0 * np.log10(1.0 + rate / 2 / 700.0)
    edges = 700.0 * (10.0 ** (np.linspace(0.0, top, count + 1) / 2595.0) - 1.0)
    taps = np.arange(length) - (length - 1) / 2
    low_pass = [2 * f / rate * np.sinc(2 * f * taps / rate) for f in edges]
    # The authors multiply in single precision.
    window = np.hamming(length).astype(np.float32)
    bands = [window * (high - low).astype(np.float32) for low, high in zip(low_pass[:-1], low_pass[1:], strict=True)]
    return np.stack(bands)[:, None, :]


class MelSinc(nn.Module):
    """(n, samples) to (n, count, samples - length + 1)."""

    def __init__(self, count: int, length: int) -> None:
        super().__init__()
        filters = torch.from_numpy(mel_filters(count, length))
        self.register_buffer("filters", filters, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        return F.conv1d(x.unsqueeze(1), self.filters)
