"""A small residual network for face crops that also sees the high-pass residual of its input.

Generators leave their marks in the highest frequencies, which the first layers of a small network learn late; a fixed
filter shows them from the start (as noise-residual inputs do in Fridrich and Kodovsky 2012).
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from .mel_resnet import BasicBlock


class FaceNet(nn.Module):
    """(N, 3, side, side) RGB, normalised to about -1..1 -> logits (N, classes); `side` is a multiple of 16.

    Four neighbouring pixels become channels before the first convolution: a quarter of the positions, nothing lost.
    With `maps` the network also says, for each cell of 16 x 16 pixels, where something was laid over (`both`), and
    judges by the strongest and the mean answer together with the features (Li et al., Face X-ray, CVPR 2020).
    """

    def __init__(
        self,
        classes: int = 2,
        widths: tuple[int, int, int, int] = (24, 40, 80, 128),
        dropout: float = 0.2,
        maps: int = 0,
    ) -> None:
        super().__init__()
        kernel = torch.tensor([[-1.0, 2, -1], [2, -4, 2], [-1, 2, -1]]) / 4
        self.register_buffer("residual", kernel.expand(3, 1, 3, 3).clone())
        self.unshuffle = nn.PixelUnshuffle(2)
        self.stem = nn.Conv2d(24, widths[0], 3, 1, 1, bias=False)
        self.norm = nn.BatchNorm2d(widths[0])
        self.relu = nn.ReLU(inplace=True)
        stages: list[nn.Module] = []
        for inside, outside in pairwise(widths):
            stages += [BasicBlock(inside, outside, 2), BasicBlock(outside, outside, 1)]
        self.stages = nn.Sequential(*stages)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.dropout = nn.Dropout(dropout)
        self.where = nn.Conv2d(widths[-1], maps, 1) if maps else None
        self.fc = nn.Linear(widths[-1] + 2 * maps, classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        return self.both(x)[0]

    def both(self, x: Tensor) -> tuple[Tensor, Tensor | None]:
        """Logits (N, classes), and logits of the maps (N, maps, side / 16, side / 16) where there are any."""
        noise = nn.functional.conv2d(x, self.residual, padding=1, groups=3)
        x = self.relu(self.norm(self.stem(self.unshuffle(torch.cat([x, 4 * noise], 1)))))
        features = self.stages(x)
        pooled = [torch.flatten(self.pool(features), 1)]
        maps = None if self.where is None else self.where(features)
        if maps is not None:
            pooled += [maps.amax((2, 3)), maps.mean((2, 3))]
        return self.fc(self.dropout(torch.cat(pooled, 1))), maps
