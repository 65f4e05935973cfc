"""Records what PyTorch answers on weights and inputs by the fill rule, for the TypeScript test."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from .export import filled
from .parity import run_torch
from .spec import Architecture, Graph, Json

FIRST = 16
"""Outputs are long; the test compares this many first values and the mean absolute value."""


def record(architecture: Architecture, file: Path) -> None:
    """Replaces the entry of `architecture` in `file` and leaves the others alone."""
    everything: dict[str, Json] = json.loads(file.read_text()) if file.exists() else {}
    everything[architecture.name] = [_graph(g) for g in architecture.graphs]
    ordered = dict(sorted(everything.items()))
    file.write_text(json.dumps(ordered, indent=1) + "\n")


def _graph(graph: Graph) -> dict[str, Json]:
    outputs = run_torch(filled(graph), graph, graph.golden)
    return {
        "file": graph.file,
        "gain": graph.gain,
        "inputs": [
            {
                "name": i.name,
                "dims": [graph.golden[d] if isinstance(d, str) else d for d in i.dims],
                "type": i.dtype,
                **({} if i.constant is None else {"constant": i.constant}),
            }
            for i in graph.inputs
        ],
        "outputs": [_output(n, o) for n, o in zip(graph.outputs, outputs, strict=True)],
    }


def _output(name: str, value: np.ndarray) -> dict[str, Json]:
    flat = value.astype(np.float64).ravel()
    return {
        "name": name,
        "dims": list(value.shape),
        "first": [float(f"{v:.9g}") for v in flat[:FIRST]],
        "scale": float(f"{np.abs(flat).max():.9g}"),
        "meanAbsolute": float(f"{np.abs(flat).mean():.9g}"),
    }
