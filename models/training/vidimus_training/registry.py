"""Every architecture by name, in the order in which they are written."""

from __future__ import annotations

import importlib

from .spec import Architecture

NAMES = (
    "mtcnn",
    "yunet",
    "aasist",
    "aasist-l",
    "meso4",
    "mesoinception4",
    "efficientnet-b4",
    "xception",
    "face-x-ray",
    "resnet50",
    "vit-b16",
    "siglip-b16",
    "forensic-mlp",
    "mel-resnet18",
    "rawnet2",
    "rawgat-st",
    "wav2vec2-base",
    "temporal-3dcnn",
    "lipforensics",
    "lrnet",
    "silero-vad",
)


def architecture(name: str) -> Architecture:
    """The architecture called `name`. Raises KeyError for a name that is not in NAMES."""
    if name not in NAMES:
        raise KeyError(f"no architecture {name}; there are {', '.join(NAMES)}")
    module = importlib.import_module(f"{__package__}.architectures.{name.replace('-', '_')}")
    return module.ARCHITECTURE
