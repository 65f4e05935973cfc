"""Residual block over (channel, frequency, time) maps, shared by RawGAT-ST and AASIST."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F


class Residual2d(nn.Module):
    """Two 2x3 convolutions with a shortcut, then maximum over three frames.

    In the authors' code the normalised input never reaches the first convolution (it is computed and dropped), and the
    published weights were trained so. This block does the same; the keys of that unused normalisation are ignored.
    `first_name` is the key of the first convolution, which differs between the two networks. Without `project` a
    shortcut of one channel is added to all.
    """

    def __init__(self, channels: int, out: int, first_name: str = "conv1", project: bool = True) -> None:
        super().__init__()
        self.first_name = first_name
        self.add_module(first_name, nn.Conv2d(channels, out, (2, 3), padding=(1, 1)))
        self.bn2 = nn.BatchNorm2d(out)
        self.conv2 = nn.Conv2d(out, out, (2, 3), padding=(0, 1))
        if channels != out and project:
            self.conv_downsample = nn.Conv2d(channels, out, (1, 3), padding=(0, 1))

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv2(F.selu(self.bn2(self.get_submodule(self.first_name)(x))))
        shortcut = self.conv_downsample(x) if hasattr(self, "conv_downsample") else x
        return F.max_pool2d(y + shortcut, (1, 3))
