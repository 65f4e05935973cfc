"""Small 3D network over clips."""

from ..networks.temporal3d import Temporal3d
from ..spec import TORCH_KEYS, Architecture, Graph, Input
from ._picture import IMAGENET, LOGITS

ARCHITECTURE = Architecture(
    name="temporal-3dcnn",
    title="Temporal consistency of face clips (3D network)",
    task="clip-consistency",
    family="temporal",
    reference=(
        "Own design after Tran et al.: A Closer Look at Spatiotemporal Convolutions for Action Recognition, CVPR 2018, "
        "arXiv:1711.11248. 16 face crops of 224x224, RGB, ImageNet mean and deviation; index 1 manipulated."
    ),
    graphs=(
        Graph(
            "classifier",
            Temporal3d,
            (Input("input", ("batch", 16, 3, 224, 224)),),
            ("logits",),
            golden={"batch": 1},
        ),
    ),
    input={
        "tensor": "input",
        "kind": "clip",
        "width": 224,
        "height": 224,
        "frames": 16,
        "layout": "NTCHW",
        "color": "rgb",
        "resize": "pil-bilinear",
        "scale": 1 / 255,
        "mean": IMAGENET[0],
        "std": IMAGENET[1],
        "crop": {"margin": 0.3, "square": True, "align": "none"},
        "pad": "repeat",
    },
    output=LOGITS,
    envelope={"minFrames": 16, "minFacePx": 64},
    keys=TORCH_KEYS,
    licence="Apache-2.0",
    source={"name": "Vidimus", "url": "models/training/vidimus_training/networks/temporal3d.py"},
)
