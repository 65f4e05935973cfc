"""YuNet (n)."""

from ..networks.yunet import YuNet
from ..spec import Architecture, Graph, Input

_URL = "https://github.com/ShiqiYu/libfacedetection.train/tree/0047ac24af"
_WIDER = "WIDER FACE validation (easy / medium / hard)"

# In the published ONNX files the convolutions with a folded normalisation carry numbers for names, in this order.
_FOLDED = (
    "backbone.model0.conv1",
    "backbone.model0.conv2.conv2",
    *(f"backbone.model{m}.conv{c}.conv2" for m in range(1, 6) for c in (1, 2)),
    *(f"neck.lateral_convs.{level}.conv2" for level in (2, 1, 0)),
    *(f"bbox_head.multi_level_share_convs.{level}.0.conv2" for level in range(3)),
)


def _known(name: str, digest: str) -> dict[str, object]:
    published = [{"set": _WIDER, "metric": "AP", "value": ".892 / .883 / .811", "reference": _URL}]
    return {"sha256": digest, "name": name, "url": _URL, "licence": "Apache-2.0", "published": published}


ARCHITECTURE = Architecture(
    name="yunet",
    title="YuNet-n face detector",
    task="face-detection",
    family="spatial-neural",
    reference=(
        "Wu, Peng, Yu: YuNet: A Tiny Millisecond-level Face Detector, Machine Intelligence Research 20, 2023, "
        "doi:10.1007/s11633-023-1423-y. Input BGR 0..255 without normalisation, sides multiples of 32; strides 8, 16 "
        "and 32; score = sqrt(cls * obj)."
    ),
    graphs=(
        Graph(
            "detector",
            YuNet,
            (Input("input", ("batch", 3, "height", "width")),),
            tuple(f"{kind}_{stride}" for kind in ("cls", "obj", "bbox", "kps") for stride in (8, 16, 32)),
            sizes={"batch": 2, "height": 96, "width": 64},
            golden={"batch": 1, "height": 64, "width": 128},
            multiples={"height": 32, "width": 32},
        ),
    ),
    input={
        "tensor": "input",
        "kind": "image",
        "layout": "NCHW",
        "color": "bgr",
        "scale": 1.0,
        "mean": [0.0, 0.0, 0.0],
        "std": [1.0, 1.0, 1.0],
        "pad": "zero",
    },
    output={"tensor": "cls_8", "kind": "boxes"},
    envelope={"minFacePx": 10},
    keys={
        "rename": [
            {"from": f"^{459 + 3 * n + i}$", "to": f"{module}.{field}"}
            for n, module in enumerate(_FOLDED)
            for i, field in enumerate(("weight", "bias"))
        ],
        # Shapes and scales that the published file keeps among its initialisers.
        "ignore": ["^(?:267|322|329|401|434|51[2-9]|52[0-9]|53[0-7])$"],
    },
    licence="Apache-2.0",
    source={"name": "ShiqiYu/libfacedetection.train", "url": _URL},
    known=(
        _known("yunet_n_640_640.onnx", "25a606a145a5b6d7271ae138fbd00eba91dad8b83222ae3f2c7ecd0f4a7b0e31"),
        _known("yunet_n_dynamic.onnx", "104ee26c71d5c270ce79a6b3dced91c91013260d29a6bf18f9296c5b8c4c2b12"),
    ),
)
