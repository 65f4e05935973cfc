"""ResNet-50 over whole pictures."""

from ..networks.heads import resnet50
from ..spec import TORCH_KEYS, Architecture, Graph, Input
from ._picture import IMAGENET, LOGITS, picture_input

ARCHITECTURE = Architecture(
    name="resnet50",
    title="ResNet-50 picture forgery detector",
    task="image-forgery",
    family="spatial-neural",
    reference=(
        "He, Zhang, Ren, Sun: Deep Residual Learning for Image Recognition, CVPR 2016, arXiv:1512.03385. Keys as "
        "torchvision's resnet50 with two classes; 224x224, RGB, ImageNet mean and deviation; index 1 manipulated."
    ),
    graphs=(Graph("classifier", resnet50, (Input("input", ("batch", 3, 224, 224)),), ("logits",), golden={"batch": 1}, gain=3.0),),
    input=picture_input(224, IMAGENET, "pil-bilinear"),
    output=LOGITS,
    envelope={"minWidth": 224, "minHeight": 224},
    keys=TORCH_KEYS,
    licence="BSD-3-Clause",
    source={"name": "torchvision resnet50", "url": "https://github.com/pytorch/vision"},
)
