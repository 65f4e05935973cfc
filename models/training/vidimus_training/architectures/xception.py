"""Xception as in FaceForensics++."""

from ..networks.heads import xception
from ..spec import TORCH_KEYS, Architecture, Graph, Input
from ._picture import HALF, LOGITS, face_input

ARCHITECTURE = Architecture(
    name="xception",
    title="Xception face forgery detector (FaceForensics++)",
    task="face-forgery",
    family="spatial-neural",
    reference=(
        "Roessler, Cozzolino, Verdoliva, Riess, Thies, Niessner: FaceForensics++: Learning to Detect Manipulated "
        "Facial Images, ICCV 2019, arXiv:1901.08971; Chollet: Xception, CVPR 2017. Keys as timm's legacy_xception; the "
        "FaceForensics++ prefix `model.` and name `last_linear` are understood. Face box enlarged by 1.3, 299x299, "
        "RGB (x - 0.5) / 0.5; index 1 manipulated."
    ),
    graphs=(Graph("classifier", xception, (Input("input", ("batch", 3, 299, 299)),), ("logits",), golden={"batch": 1}, gain=4.0),),
    input=face_input(299, HALF, "pil-bilinear", 0.3),
    output=LOGITS,
    envelope={"minFacePx": 80, "maxYawDegrees": 60},
    keys=TORCH_KEYS
    | {
        "strip": [*TORCH_KEYS["strip"], "model."],
        "rename": [{"from": r"^last_linear\.(?:1\.)?(weight|bias)$", "to": "fc.$1"}],
    },
    licence="Apache-2.0",
    source={"name": "ondyari/FaceForensics", "url": "https://github.com/ondyari/FaceForensics"},
)
