"""Key rules for weights that Keras saved as HDF5.

A data set is named by its full path in the file, joined by "/", for example `conv2d_5/conv2d_5/kernel:0`.
Kernels are stored (height, width, in, out) and dense kernels (in, out). Transposition is asked for by the name in the
file, so that a PyTorch file with the same names as the graph is left as it is.
"""

from __future__ import annotations

from collections.abc import Mapping

from .spec import Json

_WEIGHTS = {"kernel": "weight", "bias": "bias"}
_NORM = {"gamma": "weight", "beta": "bias", "moving_mean": "running_mean", "moving_variance": "running_var"}


def key_rules(layers: Mapping[str, str]) -> dict[str, Json]:
    """Rules for `layers`: Keras layer name (such as `conv2d_5`) to module name (such as `conv1`)."""
    rename = []
    for layer, module in layers.items():
        fields = _NORM if layer.startswith("batch_normalization") else _WEIGHTS
        rename += [{"from": f"^(?:{layer}/)+{old}:0$", "to": f"{module}.{new}"} for old, new in fields.items()]
    transpose = [
        {"match": r"(?:^|/)conv2d_\d+/kernel:0$", "permutation": [3, 2, 0, 1]},
        {"match": r"(?:^|/)dense_\d+/kernel:0$", "permutation": [1, 0]},
    ]
    return {"rename": rename, "transpose": transpose}
