"""Face X-ray."""

from ..networks.heads import FaceXRay
from ..spec import TORCH_KEYS, Architecture, Graph, Input
from ._picture import IMAGENET, LOGITS, face_input

ARCHITECTURE = Architecture(
    name="face-x-ray",
    title="Face X-ray blending boundary detector (HRNet-W48)",
    task="face-forgery",
    family="spatial-neural",
    reference=(
        "Li, Bao, Zhang, Yang, Chen, Wen, Guo: Face X-ray for More General Face Forgery Detection, CVPR 2020, "
        "arXiv:1912.13458. Trunk as timm's hrnet_w48 under `backbone.`, `mask` and `classifier` after the paper; the "
        "authors published no weights. Output `mask` is the boundary, 256x256 in 0..1."
    ),
    graphs=(
        Graph("classifier", FaceXRay, (Input("input", ("batch", 3, 256, 256)),), ("logits", "mask"), golden={"batch": 1}, gain=1.0),
    ),
    input=face_input(256, IMAGENET, "pil-bilinear", 0.3),
    output=LOGITS,
    envelope={"minFacePx": 96, "maxYawDegrees": 60},
    keys=TORCH_KEYS,
    licence="MIT",
    source={"name": "timm hrnet_w48 (trunk)", "url": "https://github.com/HRNet/HRNet-Image-Classification"},
)
