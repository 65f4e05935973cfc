"""Exports a network to ONNX and takes the weights out again.

Initialisers that are parameters or persistent buffers of the module keep name, shape and type and lose their data;
everything else (filters the network computes, position numbers) keeps it. Nothing may be folded or fused on the way,
so that every remaining name is a key of the checkpoint: hence `optimize=False`.
"""

from __future__ import annotations

import hashlib
import io
import logging
import warnings

import numpy as np
import onnx
import torch
from torch import nn

from .fill import fill_input, fill_weight
from .spec import Graph, Input

OPSET = 18


class ExportError(RuntimeError):
    """The exported graph breaks a promise of this module; the message names it."""


def example_inputs(graph: Graph, sizes: dict[str, int]) -> dict[str, torch.Tensor]:
    """Inputs by the fill rule, with `sizes` for the dynamic axes."""
    return {i.name: torch.from_numpy(input_array(i, sizes)) for i in graph.inputs}


def input_array(spec: Input, sizes: dict[str, int]) -> np.ndarray:
    """One input by the fill rule."""
    dims = [sizes[d] if isinstance(d, str) else d for d in spec.dims]
    if spec.constant is not None:
        return np.full(dims, spec.constant, dtype=spec.dtype)
    return fill_input(spec.name, dims).astype(spec.dtype)


def filled(graph: Graph) -> nn.Module:
    """The network in evaluation mode with every parameter and buffer set by the fill rule."""
    module = graph.build().eval()
    state = module.state_dict()
    for key, value in state.items():
        if value.is_floating_point():
            state[key] = torch.from_numpy(fill_weight(key, tuple(value.shape), graph.gain))
    module.load_state_dict(state)
    return module


def export_with_weights(graph: Graph, module: nn.Module) -> onnx.ModelProto:
    """The ONNX graph of `module`, weights included, free of names and paths of this machine."""
    inputs = example_inputs(graph, graph.sizes)
    axes = {
        i.name: {n: _axis(graph, d) for n, d in enumerate(i.dims) if isinstance(d, str)} for i in graph.inputs
    }
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            module,
            tuple(inputs.values()),
            input_names=list(inputs),
            output_names=list(graph.outputs),
            dynamic_shapes=tuple(axes.values()),
            opset_version=OPSET,
            dynamo=True,
            optimize=False,
            external_data=False,
            verbose=False,
        )
    buffer = io.BytesIO()
    program.save(buffer)
    model = onnx.load_from_string(buffer.getvalue())
    _name_axes(graph, model)
    _tidy(model)
    return model


def strip(model: onnx.ModelProto, keys: set[str]) -> list[str]:
    """Empties the initialisers called by `keys`, in place; returns their names in the graph's order."""
    names = []
    for tensor in model.graph.initializer:
        if tensor.name not in keys:
            continue
        names.append(tensor.name)
        kept = onnx.TensorProto(name=tensor.name, data_type=tensor.data_type, dims=tensor.dims)
        tensor.CopyFrom(kept)
    return names


def structure(graph: Graph) -> tuple[bytes, list[str]]:
    """The stripped graph as bytes, and the names it needs from a checkpoint. Deterministic."""
    module = filled(graph)
    model = export_with_weights(graph, module)
    onnx.checker.check_model(model, full_check=True)
    names = strip(model, {k for k, v in module.state_dict().items() if v.is_floating_point()})
    _check_constants(model)
    return model.SerializeToString(deterministic=True), names


def sha256(data: bytes) -> str:
    """Lower-case hexadecimal digest."""
    return hashlib.sha256(data).hexdigest()


def _axis(graph: Graph, name: str) -> object:
    """A dynamic axis; one of given multiples is `multiple * Dim`, which lets tracing prove that halves fit."""
    if name in graph.multiples:
        return graph.multiples[name] * torch.export.Dim(f"{name}_over_{graph.multiples[name]}", min=1, max=4096)
    return torch.export.Dim.DYNAMIC


def _name_axes(graph: Graph, model: onnx.ModelProto) -> None:
    """Gives the dynamic axes of the inputs the names of the specification."""
    renamed: dict[str, str] = {}
    for spec, value in zip(graph.inputs, model.graph.input, strict=True):
        for size, dim in zip(spec.dims, value.type.tensor_type.shape.dim, strict=True):
            if isinstance(size, str):
                if not dim.dim_param:
                    raise ExportError(f"axis {size} of {spec.name} was frozen at {dim.dim_value}")
                renamed[dim.dim_param] = size
                dim.dim_param = size
            elif dim.dim_value != size:
                raise ExportError(f"{spec.name} has an axis of {dim.dim_value or dim.dim_param}, not {size}")
    for value in model.graph.output:
        for dim in value.type.tensor_type.shape.dim:
            if dim.dim_param:
                dim.dim_param = renamed.get(dim.dim_param, dim.dim_param)


def _tidy(model: onnx.ModelProto) -> None:
    """Removes stack traces, intermediate shapes and documentation; sorts what has no order."""
    for owner in (model, model.graph):
        owner.ClearField("metadata_props")
        owner.ClearField("doc_string")
    model.graph.ClearField("value_info")
    model.graph.name = "network"
    for item in (*model.graph.node, *model.graph.input, *model.graph.output, *model.graph.initializer):
        item.ClearField("metadata_props")
        item.ClearField("doc_string")
    used = {name for node in model.graph.node for name in node.input}
    kept = [t for t in model.graph.initializer if t.name in used]
    del model.graph.initializer[:]
    model.graph.initializer.extend(sorted(kept, key=lambda t: t.name))
    if model.functions:
        raise ExportError("the graph calls local functions: " + ", ".join(f.name for f in model.functions))
    _shorten(model.graph)


def _shorten(graph: onnx.GraphProto) -> None:
    """Numbers intermediate values and drops the names of nodes, which say nothing and make half of the file."""
    kept = {v.name for v in (*graph.input, *graph.output, *graph.initializer)} | {""}
    short: dict[str, str] = {}
    for node in graph.node:
        if any(a.type in (onnx.AttributeProto.GRAPH, onnx.AttributeProto.GRAPHS) for a in node.attribute):
            raise ExportError(f"{node.op_type} holds a graph of its own, whose names are not followed")
        node.ClearField("name")
        node.input[:] = [short.get(name, name) for name in node.input]
        for name in node.output:
            if name not in kept:
                short[name] = f"t{len(short)}"
        node.output[:] = [short.get(name, name) for name in node.output]


def _check_constants(model: onnx.ModelProto) -> None:
    """What kept its data must not be a weight under another name: constants are few and small, except filters."""
    for tensor in model.graph.initializer:
        size = len(tensor.raw_data)
        if size > 128 * 1024:
            raise ExportError(f"constant {tensor.name} has {size} bytes; a renamed weight?")
