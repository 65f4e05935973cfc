"""Transformers of the `transformers` library, as published checkpoints use them; two labels each."""

from __future__ import annotations

from torch import Tensor, nn
from transformers import (
    SiglipConfig,
    SiglipForImageClassification,
    ViTConfig,
    ViTForImageClassification,
    Wav2Vec2Config,
    Wav2Vec2ForSequenceClassification,
)


class _Logits(nn.Module):
    """Registers the parts of `network` at the root, so that keys stay as published, and returns its logits."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        for name, part in network.named_children():
            self.add_module(name, part)
        # Not registered: a second path to the same parameters would double every key.
        object.__setattr__(self, "network", network)

    def eval(self) -> _Logits:
        self.network.eval()
        return super().eval()

    def forward(self, x: Tensor) -> Tensor:
        return self.network(x).logits


def vit_b16() -> nn.Module:
    """ViT-B/16 at 224 (Dosovitskiy et al., ICLR 2021): `ViTForImageClassification`."""
    return _Logits(ViTForImageClassification(ViTConfig(num_labels=2, attn_implementation="eager")))


def siglip_b16() -> nn.Module:
    """SigLIP-B/16 at 224 (Zhai et al., ICCV 2023), vision tower, mean of patches: `SiglipForImageClassification`."""
    config = SiglipConfig(attn_implementation="eager")
    config.num_labels = 2
    return _Logits(SiglipForImageClassification(config))


class Wav2Vec2Base(_Logits):
    """wav2vec 2.0 base (Baevski et al., NeurIPS 2020): encoder, projection, mean over time, two labels.

    The published feature extractor brings every recording to zero mean and unit variance; that is part of the graph.
    """

    def __init__(self) -> None:
        super().__init__(
            Wav2Vec2ForSequenceClassification(Wav2Vec2Config(num_labels=2, attn_implementation="eager"))
        )

    def forward(self, x: Tensor) -> Tensor:
        """(n, 64000) samples to logits (n, 2)."""
        centred = x - x.mean(dim=1, keepdim=True)
        power = (centred * centred).mean(dim=1, keepdim=True)
        return super().forward(centred / (power + 1e-7).sqrt())
