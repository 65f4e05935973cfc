"""LipForensics: lip-reading features judged over time.

Haliassos, Vougioukas, Petridis and Pantic, "Lips Don't Lie: A Generalisable and Robust Approach to Face Forgery
Detection", CVPR 2021, on the lip reader of Martinez et al., "Lipreading using Temporal Convolutional Networks", ICASSP
2020. Keys as in the authors' checkpoint. PReLU throughout.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

_KERNELS = (3, 5, 7)
_WIDTH = 256


class _Basic(nn.Module):
    """Residual block of ResNet-18."""

    def __init__(self, channels: int, out: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, out, 3, stride, 1, bias=False)
        self.bn1, self.relu1 = nn.BatchNorm2d(out), nn.PReLU(out)
        self.conv2 = nn.Conv2d(out, out, 3, 1, 1, bias=False)
        self.bn2, self.relu2 = nn.BatchNorm2d(out), nn.PReLU(out)
        if stride != 1 or channels != out:
            self.downsample = nn.Sequential(
                nn.Conv2d(channels, out, 1, stride, bias=False), nn.BatchNorm2d(out)
            )

    def forward(self, x: Tensor) -> Tensor:
        y = self.bn2(self.conv2(self.relu1(self.bn1(self.conv1(x)))))
        return self.relu2(y + (self.downsample(x) if hasattr(self, "downsample") else x))


class _Trunk(nn.Module):
    """ResNet-18 without its stem: (n, 64, 22, 22) to (n, 512)."""

    def __init__(self) -> None:
        super().__init__()
        for n, (a, b) in enumerate(((64, 64), (64, 128), (128, 256), (256, 512)), start=1):
            self.add_module(f"layer{n}", nn.Sequential(_Basic(a, b, 1 if n == 1 else 2), _Basic(b, b, 1)))

    def forward(self, x: Tensor) -> Tensor:
        for n in range(1, 5):
            x = self.get_submodule(f"layer{n}")(x)
        return x.mean(dim=(2, 3))


class _Branch(nn.Module):
    """Convolution over time; its padding is cut off again on both sides, so the length stays."""

    def __init__(self, channels: int, out: int, kernel: int, dilation: int) -> None:
        super().__init__()
        self.cut = (kernel - 1) * dilation // 2
        self.conv = nn.Conv1d(channels, out, kernel, padding=2 * self.cut, dilation=dilation)
        self.batchnorm, self.non_lin = nn.BatchNorm1d(out), nn.PReLU(out)

    def forward(self, x: Tensor) -> Tensor:
        return self.non_lin(self.batchnorm(self.conv(x))[:, :, self.cut : -self.cut])


class _Level(nn.Module):
    """Two rounds of three branches (kernels 3, 5, 7) with a projected shortcut."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        out = _WIDTH * len(_KERNELS)
        for n, kernel in enumerate(_KERNELS):
            self.add_module(f"cbcr0_{n}", _Branch(channels, _WIDTH, kernel, dilation))
            self.add_module(f"cbcr1_{n}", _Branch(out, _WIDTH, kernel, dilation))
        self.downsample = nn.Conv1d(channels, out, 1)
        self.relu_final = nn.PReLU(out)
        self.drop = nn.Dropout(0.2)

    def forward(self, x: Tensor) -> Tensor:
        y = x
        for stage in (0, 1):
            branches = [self.get_submodule(f"cbcr{stage}_{n}")(y) for n in range(len(_KERNELS))]
            y = self.drop(torch.cat(branches, dim=1))
        return self.relu_final(y + self.downsample(x))


class _Temporal(nn.Module):
    """Four levels with doubling dilation, mean over time, one unit."""

    def __init__(self) -> None:
        super().__init__()
        wide = _WIDTH * len(_KERNELS)
        self.mb_ms_tcn = nn.Module()
        self.mb_ms_tcn.network = nn.Sequential(*(_Level(512 if n == 0 else wide, 2**n) for n in range(4)))
        self.tcn_output = nn.Linear(wide, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.tcn_output(self.mb_ms_tcn.network(x.transpose(1, 2)).mean(dim=2))


class LipForensics(nn.Module):
    """(n, 1, 25, 88, 88) mouth crops to the probability of manipulation (n, 1)."""

    def __init__(self) -> None:
        super().__init__()
        self.frontend3D = nn.Sequential(
            nn.Conv3d(1, 64, (5, 7, 7), (1, 2, 2), (2, 3, 3), bias=False),
            nn.BatchNorm3d(64),
            nn.PReLU(64),
            nn.MaxPool3d((1, 3, 3), (1, 2, 2), (0, 1, 1)),
        )
        self.trunk, self.tcn = _Trunk(), _Temporal()

    def forward(self, x: Tensor) -> Tensor:
        frames = self.frontend3D(x).transpose(1, 2)
        features = self.trunk(frames.flatten(0, 1)).unflatten(0, (-1, frames.shape[1]))
        return torch.sigmoid(self.tcn(features))
