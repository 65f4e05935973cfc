"""Compares PyTorch with onnxruntime on weights and inputs by the fill rule, through the stripped graph."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import onnx
import onnxruntime
import torch

from .export import example_inputs, filled, structure
from .fill import fill_weight
from .spec import Graph


@dataclass(frozen=True)
class Difference:
    """Largest absolute difference of one output, with the largest absolute value it should be read against."""

    output: str
    difference: float
    scale: float


def fill_structure(data: bytes, gain: float) -> bytes:
    """Gives every initialiser without data its value by the fill rule, as the TypeScript test does."""
    model = onnx.load_from_string(data)
    for tensor in model.graph.initializer:
        count = int(np.prod(tensor.dims))
        if count and not tensor.raw_data and not tensor.float_data and not tensor.int64_data:
            tensor.raw_data = fill_weight(tensor.name, tuple(tensor.dims), gain).tobytes()
    return model.SerializeToString()


def compare(graph: Graph, data: bytes | None = None) -> list[Difference]:
    """One row per output, at the sizes of tracing and at the golden sizes."""
    blob = structure(graph)[0] if data is None else data
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    model = fill_structure(blob, graph.gain)
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    module = filled(graph)
    rows = []
    for sizes in (graph.sizes, graph.golden):
        expected = run_torch(module, graph, sizes)
        feeds = {k: v.numpy() for k, v in example_inputs(graph, sizes).items()}
        answers = session.run(list(graph.outputs), {i.name: feeds[i.name] for i in session.get_inputs()})
        for name, want, got in zip(graph.outputs, expected, answers, strict=True):
            if want.shape != got.shape:
                raise ValueError(f"{name}: PyTorch gives {want.shape}, onnxruntime {got.shape}")
            rows.append(Difference(name, float(np.abs(want - got).max()), float(np.abs(want).max())))
    return rows


def run_torch(module: torch.nn.Module, graph: Graph, sizes: dict[str, int]) -> list[np.ndarray]:
    """The outputs of the network for inputs by the fill rule."""
    with torch.no_grad():
        answer = module(*example_inputs(graph, sizes).values())
    tensors = (answer,) if isinstance(answer, torch.Tensor) else answer
    return [t.numpy() for t in tensors]
