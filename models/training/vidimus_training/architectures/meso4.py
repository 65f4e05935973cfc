"""Meso-4."""

from ..keras import key_rules
from ..networks.mesonet import Meso4
from ..spec import Architecture, Graph, Input
from ._mesonet import ENVELOPE, INPUT, OUTPUT, REFERENCE, URL, known

_LAYERS = (
    {f"conv2d_{n + 4}": f"conv{n}" for n in range(1, 5)}
    | {f"batch_normalization_{n + 4}": f"bn{n}" for n in range(1, 5)}
    | {"dense_3": "dense1", "dense_4": "dense2"}
)

ARCHITECTURE = Architecture(
    name="meso4",
    title="Meso-4 face forgery detector",
    task="face-forgery",
    family="spatial-neural",
    reference=REFERENCE,
    graphs=(Graph("classifier", Meso4, (Input("input", ("batch", 3, 256, 256)),), ("probability",)),),
    input=INPUT,
    output=OUTPUT,
    envelope=ENVELOPE,
    keys=key_rules(_LAYERS),
    licence="Apache-2.0",
    source={"name": "DariusAf/MesoNet", "url": URL},
    known=(
        known("Meso4_DF", "036ed30d04ffd9c7506f825b97c86aa64915f5818931da96817b169aad790af5", "> 98 %"),
        known("Meso4_F2F", "bcfda015d217b9f8d6557693edbdf9f4e79cfd22672541968dd0e2954462b5d7", "> 95 %"),
    ),
)
