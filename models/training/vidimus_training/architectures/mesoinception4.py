"""MesoInception-4."""

from ..keras import key_rules
from ..networks.mesonet import MesoInception4
from ..spec import Architecture, Graph, Input
from ._mesonet import ENVELOPE, INPUT, OUTPUT, REFERENCE, URL, known

_PATHS = ("conv1", "conv2a", "conv2b", "conv3a", "conv3b", "conv4a", "conv4b")
# Keras numbers layers in the order of their creation: each module's seven convolutions, then the two plain ones.
_LAYERS = (
    {f"conv2d_{7 * m + i + 1}": f"inception{m + 1}.{path}" for m in range(2) for i, path in enumerate(_PATHS)}
    | {"conv2d_15": "conv3", "conv2d_16": "conv4"}
    | {f"batch_normalization_{n}": f"bn{n}" for n in range(1, 5)}
    | {"dense_1": "dense1", "dense_2": "dense2"}
)

ARCHITECTURE = Architecture(
    name="mesoinception4",
    title="MesoInception-4 face forgery detector",
    task="face-forgery",
    family="spatial-neural",
    reference=REFERENCE,
    graphs=(Graph("classifier", MesoInception4, (Input("input", ("batch", 3, 256, 256)),), ("probability",)),),
    input=INPUT,
    output=OUTPUT,
    envelope=ENVELOPE,
    keys=key_rules(_LAYERS),
    licence="Apache-2.0",
    source={"name": "DariusAf/MesoNet", "url": URL},
    known=(
        known("MesoInception_DF", "234586d40058e76ef8b6f27ca4b63c06e31c2a5a69c0d8ba6f30b1468ab7bafa", None),
        known("MesoInception_F2F", "d4533ac8a3197dc35c47405d23d99e888c1d0135e267e03540c7451feaccff3f", None),
    ),
)
