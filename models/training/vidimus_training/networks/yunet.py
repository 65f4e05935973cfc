"""YuNet (n): a face detector of 75,856 parameters with three strides.

Wu, Peng and Yu, "YuNet: A Tiny Millisecond-level Face Detector", Machine Intelligence Research 20 (2023).
This is the published inference form: batch normalisation is folded into the convolution before it, which therefore has
a bias. Names follow the authors' modules.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class _Unit(nn.Module):
    """1x1 convolution, then 3x3 depthwise, then ReLU where `active`."""

    def __init__(self, channels: int, out: int, active: bool = True) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, out, 1)
        self.conv2 = nn.Conv2d(out, out, 3, padding=1, groups=out)
        self.active = active

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv2(self.conv1(x))
        return F.relu(x) if self.active else x


class _Stem(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, stride=2, padding=1)
        self.conv2 = _Unit(16, 16)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv2(F.relu(self.conv1(x)))


class _Stage(nn.Module):
    def __init__(self, channels: int, out: int) -> None:
        super().__init__()
        self.conv1 = _Unit(channels, channels)
        self.conv2 = _Unit(channels, out)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv2(self.conv1(x))


class _Backbone(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.model0 = _Stem()
        self.model1 = _Stage(16, 64)
        self.model2, self.model3 = _Stage(64, 64), _Stage(64, 64)
        self.model4, self.model5 = _Stage(64, 64), _Stage(64, 64)

    def forward(self, x: Tensor) -> list[Tensor]:
        """Features at strides 8, 16 and 32."""
        x = self.model2(self.model1(F.max_pool2d(self.model0(x), 2)))
        eight = self.model3(F.max_pool2d(x, 2))
        sixteen = self.model4(F.max_pool2d(eight, 2))
        return [eight, sixteen, self.model5(F.max_pool2d(sixteen, 2))]


class _Neck(nn.Module):
    """Top-down pyramid with nearest neighbour enlargement."""

    def __init__(self) -> None:
        super().__init__()
        self.lateral_convs = nn.ModuleList(_Unit(64, 64) for _ in range(3))

    def forward(self, features: list[Tensor]) -> list[Tensor]:
        out = list(features)
        out[2] = self.lateral_convs[2](out[2])
        for level in (1, 0):
            larger = F.interpolate(out[level + 1], scale_factor=2.0, mode="nearest")
            out[level] = self.lateral_convs[level](out[level] + larger)
        return out


class _Heads(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.multi_level_share_convs = nn.ModuleList(nn.Sequential(_Unit(64, 64)) for _ in range(3))
        self.multi_level_cls = nn.ModuleList(_Unit(64, 1, active=False) for _ in range(3))
        self.multi_level_obj = nn.ModuleList(_Unit(64, 1, active=False) for _ in range(3))
        self.multi_level_bbox = nn.ModuleList(_Unit(64, 4, active=False) for _ in range(3))
        self.multi_level_kps = nn.ModuleList(_Unit(64, 10, active=False) for _ in range(3))

    def forward(self, features: list[Tensor]) -> tuple[Tensor, ...]:
        shared = [conv(x) for conv, x in zip(self.multi_level_share_convs, features, strict=True)]
        answers: list[Tensor] = []
        for heads, bounded in (
            (self.multi_level_cls, True),
            (self.multi_level_obj, True),
            (self.multi_level_bbox, False),
            (self.multi_level_kps, False),
        ):
            for head, x in zip(heads, shared, strict=True):
                rows = head(x).permute(0, 2, 3, 1).flatten(1, 2)
                answers.append(torch.sigmoid(rows) if bounded else rows)
        return tuple(answers)


class YuNet(nn.Module):
    """(n, 3, 32a, 32b), BGR 0..255, to twelve tensors: cls, obj, bbox and kps at strides 8, 16 and 32."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone, self.neck, self.bbox_head = _Backbone(), _Neck(), _Heads()

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """Each (n, cells, 1 or 4 or 10), cells row by row."""
        return self.bbox_head(self.neck(self.backbone(x)))
