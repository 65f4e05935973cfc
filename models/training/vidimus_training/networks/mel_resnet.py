"""ResNet-18 over one-channel time-frequency pictures.

He, Zhang, Ren, Sun: Deep residual learning for image recognition, CVPR 2016. Key names are those of the usual
implementations (`conv1`, `layer1.0.conv1`, `fc`), so that other weights of this shape fit.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class BasicBlock(nn.Module):
    """Two 3x3 convolutions around a shortcut. (N, inside, H, W) -> (N, outside, H/stride, W/stride)."""

    def __init__(self, inside: int, outside: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inside, outside, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outside)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(outside, outside, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outside)
        self.downsample: nn.Module | None = None
        if stride != 1 or inside != outside:
            self.downsample = nn.Sequential(nn.Conv2d(inside, outside, 1, stride, bias=False), nn.BatchNorm2d(outside))

    def forward(self, x: Tensor) -> Tensor:
        shortcut = x if self.downsample is None else self.downsample(x)
        x = self.relu(self.bn1(self.conv1(x)))
        return self.relu(self.bn2(self.conv2(x)) + shortcut)


class MelResNet18(nn.Module):
    """(N, 1, mels, frames) normalised decibels -> logits (N, classes).

    `widths` are the channels of the four stages (64, 128, 256, 512 in the paper); `dropout` acts before the last layer.
    """

    def __init__(
        self, classes: int = 2, widths: tuple[int, int, int, int] = (64, 128, 256, 512), dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, widths[0], 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(widths[0])
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        inside = widths[0]
        for number, outside in enumerate(widths, start=1):
            stride = 1 if number == 1 else 2
            stage = nn.Sequential(BasicBlock(inside, outside, stride), BasicBlock(outside, outside, 1))
            setattr(self, f"layer{number}", stage)
            inside = outside
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.dropout = nn.Dropout(dropout)
        self.fc = nn.Linear(inside, classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(self.dropout(torch.flatten(self.avgpool(x), 1)))
