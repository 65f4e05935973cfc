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
)


def architecture(name: str) -> Architecture:
    """The architecture called `name`. Raises KeyError for a name that is not in NAMES."""
    if name not in NAMES:
        raise KeyError(f"no architecture {name}; there are {', '.join(NAMES)}")
    module = importlib.import_module(f"{__package__}.architectures.{name.replace('-', '_')}")
    return module.ARCHITECTURE
