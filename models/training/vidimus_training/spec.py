"""What an architecture is: the graphs to export and the words of `architecture.json`.

The schema is `ArchitectureManifest` in `src/contract/pack.ts`; field names here are those of the file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from torch import nn

Json = Any
"""A value that `json.dumps` writes."""

TORCH_KEYS: dict[str, Json] = {
    "strip": ["module."],
    "nested": ["state_dict", "model_state_dict", "model"],
    "ignore": [r"\.num_batches_tracked$"],
}
"""Rules for files that PyTorch saved: training loops wrap the network and nest its weights under one of these keys."""


@dataclass(frozen=True)
class Input:
    """An input of a graph. A string in `dims` is a dynamic axis of that name; an integer is fixed.

    `constant` fills the tensor with one value (for example a sampling rate) instead of the fill rule.
    """

    name: str
    dims: tuple[int | str, ...]
    dtype: str = "float32"
    constant: float | None = None


@dataclass(frozen=True)
class Graph:
    """One exported graph. `sizes` gives every dynamic axis a size for tracing (2 or more, so that none is frozen),

    `golden` the sizes at which the reference outputs are recorded; they differ, to show that the axis is free.
    """

    role: str
    build: Callable[[], nn.Module]
    inputs: tuple[Input, ...]
    outputs: tuple[str, ...]
    sizes: dict[str, int] = field(default_factory=lambda: {"batch": 2})
    golden: dict[str, int] = field(default_factory=lambda: {"batch": 3})
    multiples: dict[str, int] = field(default_factory=dict)
    """Axes whose size must be a multiple of something, with that something."""
    gain: float = 6.0
    """Gain of the fill rule: He's 6 for ReLU, less where values would saturate the network or errors would grow."""
    file: str = "graph.onnx"


@dataclass(frozen=True)
class Architecture:
    """A network with its rules. Everything but `graphs` is copied into `architecture.json` as it stands."""

    name: str
    title: str
    task: str
    family: str
    reference: str
    graphs: tuple[Graph, ...]
    input: dict[str, Json]
    output: dict[str, Json]
    envelope: dict[str, Json]
    licence: str
    source: dict[str, str]
    keys: dict[str, Json] = field(default_factory=dict)
    uncertain: tuple[float, float] = (0.4, 0.6)
    known: tuple[dict[str, Json], ...] = ()
