"""RawGAT-ST (multiplication): graph attention over spectral and temporal maps of the raw waveform.

Tak, Jung, Patino, Kamble, Todisco and Evans, "End-to-end spectro-temporal graph attention networks for speaker
verification anti-spoofing and speech deepfake detection", ASVspoof 2021 workshop. Keys as in the authors' checkpoint.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from .graphs import GraphAttention, GraphPool
from .residual2d import Residual2d
from .sinc import MelSinc

_BLOCKS = ((1, 32), (32, 32), (32, 64), (64, 64), (64, 64), (64, 64))


def _encoder() -> nn.Sequential:
    first, *others = _BLOCKS
    blocks = [Residual2d(*first, "conv_1", project=False), *(Residual2d(a, b) for a, b in others)]
    return nn.Sequential(*(nn.Sequential(block) for block in blocks))


class RawGatSt(nn.Module):
    """(n, 64600) samples to logits (n, 2): index 0 spoof, index 1 bona fide."""

    def __init__(self) -> None:
        super().__init__()
        self.conv_time = MelSinc(70, 129)
        self.first_bn = nn.BatchNorm2d(1)
        self.encoder1, self.encoder2 = _encoder(), _encoder()
        self.GAT_layer1, self.pool1 = GraphAttention(64, 32), GraphPool(32, 14)
        self.GAT_layer2, self.pool2 = GraphAttention(64, 32), GraphPool(32, 23)
        self.GAT_layer3, self.pool3 = GraphAttention(32, 16), GraphPool(16, 7)
        self.proj1, self.proj2 = nn.Linear(14, 12), nn.Linear(23, 12)
        self.proj, self.proj_node = nn.Linear(16, 1), nn.Linear(7, 2)

    def forward(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(self.conv_time(x).unsqueeze(1).abs(), (3, 3))
        x = F.selu(self.first_bn(x))
        spectral = self.encoder1(x).abs().amax(dim=3).transpose(1, 2)
        temporal = self.encoder2(x).abs().amax(dim=2).transpose(1, 2)
        one = self.proj1(self.pool1(self.GAT_layer1(spectral)).transpose(1, 2))
        two = self.proj2(self.pool2(self.GAT_layer2(temporal)).transpose(1, 2))
        nodes = self.pool3(self.GAT_layer3((one * two).transpose(1, 2)))
        return self.proj_node(self.proj(nodes).flatten(1))
