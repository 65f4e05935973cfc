"""A trained network as an ONNX file: dynamic batch, opset 18, weights stored in 16 bit where scores allow it."""

from __future__ import annotations

import io
import logging
import time
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

OPSET = 18
SMALLEST_HALF = 256
"""Initialisers with fewer numbers stay in 32 bit: biases and batch statistics cost nothing and carry precision."""


def to_onnx(
    model: nn.Module, example: torch.Tensor, input_name: str, outputs: Sequence[str], free: Sequence[int] = (0,)
) -> onnx.ModelProto:
    """The network in evaluation mode as an ONNX model. Axes named in `free` are dynamic, the first is `batch`."""
    model = model.eval()
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    shapes = {axis: torch.export.Dim.DYNAMIC for axis in free}
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            model,
            (example,),
            input_names=[input_name],
            output_names=list(outputs),
            dynamic_shapes=(shapes,),
            opset_version=OPSET,
            dynamo=True,
            external_data=False,
            verbose=False,
        )
    buffer = io.BytesIO()
    program.save(buffer)
    found = onnx.load_from_string(buffer.getvalue())
    tidy(found)
    onnx.checker.check_model(found, full_check=True)
    return found


def tidy(model: onnx.ModelProto) -> None:
    """Takes out traces, paths and intermediate shapes, so that the file is the same on every machine."""
    for owner in (model, model.graph):
        owner.ClearField("metadata_props")
        owner.ClearField("doc_string")
    model.graph.ClearField("value_info")
    model.graph.name = "network"
    for item in (*model.graph.node, *model.graph.input, *model.graph.output, *model.graph.initializer):
        item.ClearField("metadata_props")
        item.ClearField("doc_string")
    first = model.graph.input[0].type.tensor_type.shape.dim[0]
    old = first.dim_param
    for value in (*model.graph.input, *model.graph.output):
        for dim in value.type.tensor_type.shape.dim:
            if old and dim.dim_param == old:
                dim.dim_param = "batch"


def half_storage(model: onnx.ModelProto) -> onnx.ModelProto:
    """A copy with large weights in 16 bit, cast back when the model is loaded: arithmetic stays 32 bit.

    What a `front` computes stays whole: a spectrogram of 80 dB needs more than 11 bits.
    """
    out = onnx.ModelProto()
    out.CopyFrom(model)
    graph = out.graph
    casts = []
    for index, tensor in enumerate(list(graph.initializer)):
        if tensor.data_type != TensorProto.FLOAT or int(np.prod(tensor.dims)) < SMALLEST_HALF or tensor.name.startswith("front."):
            continue
        name = tensor.name
        stored = numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float16), f"{name}.half")
        graph.initializer[index].CopyFrom(stored)
        casts.append(helper.make_node("Cast", [stored.name], [name], to=TensorProto.FLOAT))
    nodes = list(graph.node)
    del graph.node[:]
    graph.node.extend([*casts, *nodes])
    onnx.checker.check_model(out, full_check=True)
    return out


def run(model: onnx.ModelProto | Path, batch: np.ndarray) -> list[np.ndarray]:
    """All outputs of an ONNX model on the CPU."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    source = str(model) if isinstance(model, Path) else model.SerializeToString()
    session = onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: batch})


def difference(model: nn.Module, graph: onnx.ModelProto, batch: np.ndarray) -> float:
    """Largest difference between PyTorch's first output and the graph's; of outputs beyond 10, per 10 of their size.

    Full-scale noise drives logits to hundreds, where 32-bit sums in another order differ by more than 1e-4 although
    neither is nearer to the sum in 64 bit; the score is 0 or 1 there.
    """
    with torch.inference_mode():
        found = model.eval()(torch.from_numpy(batch))
    reference = (found[0] if isinstance(found, tuple) else found).numpy()
    return float((np.abs(reference - run(graph, batch)[0]) / np.maximum(1, np.abs(reference) / 10)).max())


def milliseconds(model: onnx.ModelProto, shape: Sequence[int], batch: int = 8, rounds: int = 15) -> float:
    """Median time of one sample within a batch, onnxruntime on one thread of this machine's CPU."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    samples = {session.get_inputs()[0].name: np.random.default_rng(5).uniform(-1, 1, (batch, *shape)).astype(np.float32)}
    session.run(None, samples)
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        session.run(None, samples)
        times.append(time.perf_counter() - begun)
    return 1000 * sorted(times)[rounds // 2] / batch


def finished(model: nn.Module, shape: Sequence[int], input_name: str) -> tuple[onnx.ModelProto, dict[str, float]]:
    """The graph to ship, and what it cost: `parity` (largest difference of a logit between PyTorch and ONNX), `half`

    (largest change of a score by 16-bit storage, which is taken where it stays within 0.005) and `milliseconds` of one
    sample.
    Raises ValueError where parity is worse than 1e-4.
    """
    rng = np.random.default_rng(3)
    batch = rng.uniform(-1, 1, (6, *shape)).astype(np.float32)
    # Full-scale noise saturates scores; weaker noise on a level keeps them where a change would show.
    ladder = np.array([1, 0.3, 0.1, 0.03, 0.01, 0.003], np.float32).reshape(-1, *([1] * len(shape)))
    batch = batch * ladder + np.linspace(-0.5, 0.5, 6, dtype=np.float32).reshape(ladder.shape) * (1 - ladder)
    full = to_onnx(model, torch.from_numpy(batch[:2]), input_name, ["logits"])
    parity = difference(model, full, batch)
    if parity > 1e-4:
        raise ValueError(f"PyTorch and ONNX differ by {parity}")
    half = half_storage(full)
    first, second = (torch.softmax(torch.from_numpy(run(g, batch)[0]), 1) for g in (full, half))
    cost = float((first - second).abs().max())
    chosen = half if cost <= 0.005 else full
    return chosen, {"parity": parity, "half": cost, "milliseconds": milliseconds(chosen, shape)}
