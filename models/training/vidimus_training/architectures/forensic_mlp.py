"""Perceptron over forensic measurements."""

from ..networks.forensic_mlp import ForensicMlp
from ..spec import TORCH_KEYS, Architecture, Graph, Input
from ._picture import LOGITS

_FEATURES = [
    "high_freq_ratio",
    "spectral_entropy",
    "magnitude_mean",
    "magnitude_std",
    "noise_variance",
    "noise_mean",
    "noise_var_r",
    "noise_var_g",
    "noise_var_b",
    "noise_var_ratio",
    "sharpness",
    "blocking_score",
]

ARCHITECTURE = Architecture(
    name="forensic-mlp",
    title="Perceptron over twelve forensic measurements",
    task="feature-forgery",
    family="frequency",
    reference=(
        "Own design: 12, 64, 32, 2 with ReLU; measurements enter raw and are centred and scaled in the graph by "
        "`scaler.mean` and `scaler.scale` of the training set; index 1 manipulated."
    ),
    graphs=(Graph("classifier", ForensicMlp, (Input("input", ("batch", 12)),), ("logits",)),),
    input={
        "tensor": "input",
        "kind": "features",
        "layout": "NL",
        "scale": 1.0,
        "mean": [0.0],
        "std": [1.0],
        "features": _FEATURES,
    },
    output=LOGITS,
    envelope={"minWidth": 128, "minHeight": 128},
    keys=TORCH_KEYS,
    licence="Apache-2.0",
    source={"name": "Vidimus", "url": "models/training/vidimus_training/networks/forensic_mlp.py"},
)
