"""MTCNN: P-Net, R-Net and O-Net."""

from ..networks.mtcnn import ONet, PNet, RNet
from ..spec import TORCH_KEYS, Architecture, Graph, Input

_URL = "https://github.com/timesler/facenet-pytorch/tree/787da06156"


def _known(role: str, digest: str) -> dict[str, object]:
    return {"sha256": digest, "name": f"facenet-pytorch {role}.pt", "url": _URL, "licence": "MIT", "role": role}


ARCHITECTURE = Architecture(
    name="mtcnn",
    title="MTCNN face detector (P-Net, R-Net, O-Net)",
    task="face-detection",
    family="spatial-neural",
    reference=(
        "Zhang, Zhang, Li, Qiao: Joint Face Detection and Alignment Using Multitask Cascaded Convolutional Networks, "
        "IEEE Signal Processing Letters 23(10), 2016, doi:10.1109/LSP.2016.2603342. Input RGB (x - 127.5) / 128; "
        "cascade parameters as in facenet-pytorch (factor 0.709, thresholds 0.6, 0.7, 0.7). Index 1 of `probabilities` "
        "is the face; `boxes` are offsets of x1, y1, x2, y2 relative to the box; `landmarks` five x, then five y."
    ),
    graphs=(
        Graph(
            "pnet",
            PNet,
            (Input("input", ("batch", 3, "height", "width")),),
            ("boxes", "probabilities"),
            sizes={"batch": 2, "height": 37, "width": 50},
            golden={"batch": 1, "height": 30, "width": 23},
            file="pnet.onnx",
        ),
        Graph("rnet", RNet, (Input("input", ("batch", 3, 24, 24)),), ("boxes", "probabilities"), file="rnet.onnx"),
        Graph(
            "onet",
            ONet,
            (Input("input", ("batch", 3, 48, 48)),),
            ("boxes", "landmarks", "probabilities"),
            file="onet.onnx",
        ),
    ),
    input={
        "tensor": "input",
        "kind": "image",
        "layout": "NCHW",
        "color": "rgb",
        "resize": "area",
        "scale": 1.0,
        "mean": [127.5, 127.5, 127.5],
        "std": [128.0, 128.0, 128.0],
    },
    output={"tensor": "probabilities", "kind": "boxes"},
    envelope={"minFacePx": 20},
    keys=TORCH_KEYS,
    licence="MIT",
    source={"name": "facenet-pytorch", "url": _URL},
    known=(
        _known("pnet", "a2a71925e0b9996a42f63e47efc1ca19043e69558b5c523b978d611dfae49c8f"),
        _known("rnet", "bbb937de72efc9ef83b186c49f5f558467a1d7e3453a8ece0d71a886633f6a86"),
        _known("onet", "165bfbe42940416ccfb977545cf0e976d5bf321f67083ae2aaaa5c764280118d"),
    ),
)
