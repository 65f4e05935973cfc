"""RawNet2 as in the ASVspoof 2021 baseline.

Tak, Patino, Todisco, Nautsch, Evans and Larcher, "End-to-end anti-spoofing with RawNet2", ICASSP 2021. Keys as in the
baseline's checkpoint.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .gru import Gru
from .sinc import MelSinc


class _Block(nn.Module):
    """Two convolutions with a shortcut, then maximum over three samples."""

    def __init__(self, channels: int, out: int, first: bool = False) -> None:
        super().__init__()
        if not first:
            self.bn1 = nn.BatchNorm1d(channels)
        self.conv1 = nn.Conv1d(channels, out, 3, padding=1)
        self.bn2 = nn.BatchNorm1d(out)
        self.conv2 = nn.Conv1d(out, out, 3, padding=1)
        if channels != out:
            self.conv_downsample = nn.Conv1d(channels, out, 1)

    def forward(self, x: Tensor) -> Tensor:
        y = F.leaky_relu(self.bn1(x), 0.3) if hasattr(self, "bn1") else x
        y = self.conv2(F.leaky_relu(self.bn2(self.conv1(y)), 0.3))
        shortcut = self.conv_downsample(x) if hasattr(self, "conv_downsample") else x
        return F.max_pool1d(y + shortcut, 3)


class RawNet2(nn.Module):
    """(n, 64600) samples to log probabilities (n, 2): index 0 spoof, index 1 bona fide."""

    def __init__(self) -> None:
        super().__init__()
        self.Sinc_conv = MelSinc(20, 1025)
        self.first_bn = nn.BatchNorm1d(20)
        for n, (a, b) in enumerate(((20, 20), (20, 20), (20, 128), (128, 128), (128, 128), (128, 128))):
            self.add_module(f"block{n}", nn.Sequential(_Block(a, b, first=n == 0)))
            self.add_module(f"fc_attention{n}", nn.Sequential(nn.Linear(b, b)))
        self.bn_before_gru = nn.BatchNorm1d(128)
        self.gru = Gru(128, 1024, layers=3)
        self.fc1_gru, self.fc2_gru = nn.Linear(1024, 1024), nn.Linear(1024, 2)

    def forward(self, x: Tensor) -> Tensor:
        x = F.selu(self.first_bn(F.max_pool1d(self.Sinc_conv(x).abs(), 3)))
        for n in range(6):
            x = self.get_submodule(f"block{n}")(x)
            weight = torch.sigmoid(self.get_submodule(f"fc_attention{n}")(x.mean(dim=2))).unsqueeze(2)
            x = x * weight + weight
        frames = F.selu(self.bn_before_gru(x)).transpose(1, 2)
        last = self.gru(frames, torch.zeros(3, 1, 1024).expand(-1, x.shape[0], -1))[0]
        return torch.log_softmax(self.fc2_gru(self.fc1_gru(last)), dim=1)
