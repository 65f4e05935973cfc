"""LRNet: landmarks and their differences."""

from ..networks.lrnet import LrNet
from ..spec import TORCH_KEYS, Architecture, Graph, Input

_URL = "https://github.com/frederickszk/LRNet/tree/9a172a0cce"


def _known(role: str, name: str, digest: str) -> dict[str, object]:
    return {
        "sha256": digest,
        "name": name,
        "url": _URL,
        "licence": "MIT",
        "role": role,
        "published": [
            {"set": "FaceForensics++ raw, both networks", "metric": "AUC", "value": "99.02 %", "reference": _URL}
        ],
    }


ARCHITECTURE = Architecture(
    name="lrnet",
    title="LRNet landmark dynamics (positions and differences)",
    task="clip-consistency",
    family="temporal",
    reference=(
        "Sun, Han, Hua, Ruan, Jia: Improving the Efficiency and Robustness of Deepfakes Detection through Precise "
        "Geometric Features, CVPR 2021, arXiv:2104.04480. 68 landmarks of 60 consecutive frames, calibrated by "
        "optical flow and aligned, as x, y pairs; the second network sees the 59 differences between frames; the "
        "score is the mean of both probabilities."
    ),
    graphs=(
        Graph("landmarks", LrNet, (Input("input", ("batch", 60, 136)),), ("probabilities",), file="g1.onnx"),
        Graph("differences", LrNet, (Input("input", ("batch", 59, 136)),), ("probabilities",), file="g2.onnx"),
    ),
    input={
        "tensor": "input",
        "kind": "landmarks",
        "frames": 60,
        "layout": "NTF",
        "scale": 1.0,
        "mean": [0.0],
        "std": [1.0],
    },
    output={"tensor": "probabilities", "kind": "softmax", "fakeIndex": 1, "realIndex": 0},
    envelope={"minFrames": 60, "minFacePx": 80, "maxYawDegrees": 45},
    keys=TORCH_KEYS,
    licence="MIT",
    source={"name": "frederickszk/LRNet", "url": _URL},
    known=(
        _known("landmarks", "g1.pth", "2d057605d518b7527fd1931aa2522bbb9040eb11ff8a3181b3e351e89b55ed4c"),
        _known("differences", "g2.pth", "7380f8f96bc2a1e3e4e9bea8a6d226b9f56661b875106d34702e337fa503e07f"),
    ),
)
