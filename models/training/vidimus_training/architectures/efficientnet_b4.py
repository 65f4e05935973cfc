"""EfficientNet-B4 with a head of two layers."""

from ..networks.heads import EfficientNetB4
from ..spec import TORCH_KEYS, Architecture, Graph, Input
from ._picture import IMAGENET, LOGITS, face_input

ARCHITECTURE = Architecture(
    name="efficientnet-b4",
    title="EfficientNet-B4 face forgery detector",
    task="face-forgery",
    family="spatial-neural",
    reference=(
        "Tan, Le: EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks, ICML 2019, "
        "arXiv:1905.11946. Trunk as timm's efficientnet_b4 under `backbone.`; head `classifier.1` (1792 to 512) and "
        "`classifier.4` (512 to 2). Face crop 224x224, RGB, ImageNet mean and deviation."
    ),
    graphs=(
        Graph(
            "classifier",
            EfficientNetB4,
            (Input("input", ("batch", 3, 224, 224)),),
            ("logits",),
            golden={"batch": 1},
            gain=5.0,
        ),
    ),
    input=face_input(224, IMAGENET, "pil-bilinear", 0.3),
    output=LOGITS,
    envelope={"minFacePx": 64, "maxYawDegrees": 60},
    keys=TORCH_KEYS,
    licence="Apache-2.0",
    source={"name": "timm efficientnet_b4 (trunk)", "url": "https://github.com/huggingface/pytorch-image-models"},
)
