"""AASIST and AASIST-L: spoofing detection on the raw waveform.

Jung, Heo, Tak, Shim, Chung, Lee, Yu and Evans, "AASIST: Audio Anti-Spoofing Using Integrated Spectro-Temporal Graph
Attention Networks", ICASSP 2022. Keys as in the authors' checkpoints.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .graphs import GraphAttention, GraphPool, normalise, pairs
from .residual2d import Residual2d
from .sinc import MelSinc

SAMPLES = 64600
"""Length of the input at 16 kHz, 4.04 s; shorter recordings are repeated."""
_BANDS, _FRAMES = 23, 29
"""Nodes of the two graphs: bands after pooling by three, frames after the six residual blocks."""


@dataclass(frozen=True)
class Config:
    """What differs between the two sizes. Pool ratios: bands, frames, and the heterogeneous stages."""

    wide: int
    spectral_keep: float
    temporal_keep: float
    stage_keep: float
    mixed: int = 32


AASIST = Config(wide=64, spectral_keep=0.5, temporal_keep=0.7, stage_keep=0.5)
AASIST_L = Config(wide=24, spectral_keep=0.4, temporal_keep=0.5, stage_keep=0.7, mixed=32)


class HeterogeneousAttention(nn.Module):
    """Attention over the nodes of two graphs with weights by kind of pair, and a master node fed by all of them."""

    def __init__(self, features: int, out: int, temperature: float = 100.0) -> None:
        super().__init__()
        self.proj_type1, self.proj_type2 = nn.Linear(features, features), nn.Linear(features, features)
        self.att_proj, self.att_projM = nn.Linear(features, out), nn.Linear(features, out)
        for kind in ("11", "22", "12", "M"):
            self.register_parameter(f"att_weight{kind}", nn.Parameter(torch.zeros(out, 1)))
        self.proj_with_att, self.proj_without_att = nn.Linear(features, out), nn.Linear(features, out)
        self.proj_with_attM, self.proj_without_attM = nn.Linear(features, out), nn.Linear(features, out)
        self.bn = nn.BatchNorm1d(out)
        self.drop = nn.Dropout(0.2)
        self.temperature = temperature

    def forward(self, one: Tensor, two: Tensor, master: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Nodes of both graphs (n, nodes, features) and the master node (n, 1, features)."""
        count = one.shape[1]
        x = self.drop(torch.cat([self.proj_type1(one), self.proj_type2(two)], dim=1))
        hidden = torch.tanh(self.att_proj(pairs(x)))
        upper = torch.cat(
            [hidden[:, :count, :count] @ self.att_weight11, hidden[:, :count, count:] @ self.att_weight12], dim=2
        )
        lower = torch.cat(
            [hidden[:, count:, :count] @ self.att_weight12, hidden[:, count:, count:] @ self.att_weight22], dim=2
        )
        attention = torch.softmax(torch.cat([upper, lower], dim=1) / self.temperature, dim=-2).squeeze(-1)
        summary = self._master(x, master)
        x = F.selu(normalise(self.bn, self.proj_with_att(attention @ x) + self.proj_without_att(x)))
        return x[:, :count], x[:, count:], summary

    def _master(self, x: Tensor, master: Tensor) -> Tensor:
        scores = torch.tanh(self.att_projM(x * master)) @ self.att_weightM
        attention = torch.softmax(scores / self.temperature, dim=-2).transpose(1, 2)
        return self.proj_with_attM(attention @ x) + self.proj_without_attM(master)


class Aasist(nn.Module):
    """(n, 64600) samples to logits (n, 2): index 0 spoof, index 1 bona fide."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        wide, mixed = config.wide, config.mixed
        bands, frames = int(_BANDS * config.spectral_keep), int(_FRAMES * config.temporal_keep)
        self.conv_time = MelSinc(70, 129)
        self.first_bn = nn.BatchNorm2d(1)
        blocks = ((1, 32), (32, 32), (32, wide), (wide, wide), (wide, wide), (wide, wide))
        self.encoder = nn.Sequential(*(nn.Sequential(Residual2d(a, b)) for a, b in blocks))
        self.pos_S = nn.Parameter(torch.zeros(1, _BANDS, wide))
        self.master1 = nn.Parameter(torch.zeros(1, 1, wide))
        self.master2 = nn.Parameter(torch.zeros(1, 1, wide))
        self.GAT_layer_S = GraphAttention(wide, wide, 2.0)
        self.GAT_layer_T = GraphAttention(wide, wide, 2.0)
        self.pool_S, self.pool_T = GraphPool(wide, bands), GraphPool(wide, frames)
        for branch in ("1", "2"):
            self.add_module(f"HtrgGAT_layer_ST{branch}1", HeterogeneousAttention(wide, mixed))
            self.add_module(f"HtrgGAT_layer_ST{branch}2", HeterogeneousAttention(mixed, mixed))
            self.add_module(f"pool_hS{branch}", GraphPool(mixed, int(bands * config.stage_keep)))
            self.add_module(f"pool_hT{branch}", GraphPool(mixed, int(frames * config.stage_keep)))
        self.drop, self.drop_way = nn.Dropout(0.5), nn.Dropout(0.2)
        self.out_layer = nn.Linear(5 * mixed, 2)

    def forward(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(self.conv_time(x).unsqueeze(1).abs(), (3, 3))
        x = self.encoder(F.selu(self.first_bn(x))).abs()
        spectral = self.pool_S(self.GAT_layer_S(x.amax(dim=3).transpose(1, 2) + self.pos_S))
        temporal = self.pool_T(self.GAT_layer_T(x.amax(dim=2).transpose(1, 2)))
        t1, s1, m1 = self._branch("1", temporal, spectral, self.master1)
        t2, s2, m2 = self._branch("2", temporal, spectral, self.master2)
        t, s, m = torch.maximum(t1, t2), torch.maximum(s1, s2), torch.maximum(m1, m2)
        summary = [t.abs().amax(dim=1), t.mean(dim=1), s.abs().amax(dim=1), s.mean(dim=1), m.squeeze(1)]
        return self.out_layer(self.drop(torch.cat(summary, dim=1)))

    def _branch(self, branch: str, t: Tensor, s: Tensor, master: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Two heterogeneous layers, the second as a residual of the pooled first."""
        t, s, m = self.get_submodule(f"HtrgGAT_layer_ST{branch}1")(t, s, master.expand(t.shape[0], -1, -1))
        s, t = self.get_submodule(f"pool_hS{branch}")(s), self.get_submodule(f"pool_hT{branch}")(t)
        dt, ds, dm = self.get_submodule(f"HtrgGAT_layer_ST{branch}2")(t, s, m)
        return self.drop_way(t + dt), self.drop_way(s + ds), self.drop_way(m + dm)
