"""Trunks of published libraries with the heads this project gives them."""

from __future__ import annotations

import timm
import torch
import torchvision
from torch import Tensor, nn
from torch.nn import functional as F


class EfficientNetB4(nn.Module):
    """timm's `efficientnet_b4` (Tan and Le, ICML 2019) with a head of 1792, 512, 2."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = timm.create_model("efficientnet_b4", pretrained=False, num_classes=0)
        self.classifier = nn.Sequential(
            nn.Dropout(0.3), nn.Linear(1792, 512), nn.ReLU(), nn.Dropout(0.2), nn.Linear(512, 2)
        )

    def forward(self, x: Tensor) -> Tensor:
        """(n, 3, 224, 224) to logits (n, 2): index 1 manipulated."""
        return self.classifier(self.backbone(x))


def xception() -> nn.Module:
    """timm's `legacy_xception` (Chollet, CVPR 2017) with two classes: index 1 manipulated."""
    return timm.create_model("legacy_xception", pretrained=False, num_classes=2)


def resnet50() -> nn.Module:
    """torchvision's ResNet-50 (He et al., CVPR 2016) with two classes: index 1 manipulated."""
    return torchvision.models.resnet50(weights=None, num_classes=2)


def mel_resnet18() -> nn.Module:
    """torchvision's ResNet-18 over a mel spectrogram of one channel, two classes: index 1 spoof."""
    network = torchvision.models.resnet18(weights=None, num_classes=2)
    network.conv1 = nn.Conv2d(1, 64, 7, stride=2, padding=3, bias=False)
    return network


class FaceXRay(nn.Module):
    """HRNet-W48 that draws the blending boundary of a face and judges by it.

    Li, Bao, Zhang, Yang, Chen, Wen and Guo, "Face X-ray for More General Face Forgery Detection", CVPR 2020. The four
    resolutions of timm's `hrnet_w48` are enlarged to a quarter of the input, joined and reduced to one channel by a 1x1
    convolution; the mask is its bilinear enlargement through a sigmoid, the class comes from the mask's mean.
    """

    def __init__(self) -> None:
        super().__init__()
        self.backbone = timm.create_model("hrnet_w48", pretrained=False, head="")
        self.mask = nn.Conv2d(48 + 96 + 192 + 384, 1, 1)
        self.classifier = nn.Linear(1, 2)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(n, 3, 256, 256) to logits (n, 2), index 1 manipulated, and the mask (n, 1, 256, 256) in 0..1."""
        trunk = self.backbone
        x = trunk.act2(trunk.bn2(trunk.conv2(trunk.act1(trunk.bn1(trunk.conv1(x))))))
        levels = trunk.stages(x)
        joined = torch.cat(
            [levels[0]] + [F.interpolate(y, size=(64, 64), mode="bilinear", align_corners=False) for y in levels[1:]],
            dim=1,
        )
        mask = torch.sigmoid(F.interpolate(self.mask(joined), size=(256, 256), mode="bilinear", align_corners=False))
        return self.classifier(mask.mean(dim=(2, 3))), mask
