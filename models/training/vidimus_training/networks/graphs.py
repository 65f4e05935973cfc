"""Graph attention and graph pooling over complete graphs of (batch, nodes, features).

Tak et al., "End-to-end spectro-temporal graph attention networks for speaker verification anti-spoofing and speech
deepfake detection" (ASVspoof 2021); Jung et al., "AASIST" (ICASSP 2022).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def pairs(x: Tensor) -> Tensor:
    """Products of all pairs of nodes: (n, nodes, features) to (n, nodes, nodes, features)."""
    return x.unsqueeze(2) * x.unsqueeze(1)


def normalise(norm: nn.BatchNorm1d, x: Tensor) -> Tensor:
    """Batch normalisation of node features."""
    return norm(x.flatten(0, 1)).unflatten(0, (-1, x.shape[1]))


class GraphAttention(nn.Module):
    """Attention of every node to every node, with a projection of the attended and of the own features."""

    def __init__(self, features: int, out: int, temperature: float = 1.0) -> None:
        super().__init__()
        self.att_proj = nn.Linear(features, out)
        self.att_weight = nn.Parameter(torch.zeros(out, 1))
        self.proj_with_att = nn.Linear(features, out)
        self.proj_without_att = nn.Linear(features, out)
        self.bn = nn.BatchNorm1d(out)
        self.drop = nn.Dropout(0.2)
        self.temperature = temperature

    def forward(self, x: Tensor) -> Tensor:
        x = self.drop(x)
        scores = torch.tanh(self.att_proj(pairs(x))) @ self.att_weight / self.temperature
        attention = torch.softmax(scores, dim=-2).squeeze(-1)
        return F.selu(normalise(self.bn, self.proj_with_att(attention @ x) + self.proj_without_att(x)))


class GraphPool(nn.Module):
    """Keeps the `keep` nodes of the highest score, best first, scaled by their score."""

    def __init__(self, features: int, keep: int, drop: float = 0.3) -> None:
        super().__init__()
        self.proj = nn.Linear(features, 1)
        self.drop = nn.Dropout(drop)
        self.keep = keep

    def forward(self, x: Tensor) -> Tensor:
        scores = torch.sigmoid(self.proj(self.drop(x)))
        chosen = torch.topk(scores, self.keep, dim=1).indices.expand(-1, -1, x.shape[2])
        return torch.gather(x * scores, 1, chosen)
