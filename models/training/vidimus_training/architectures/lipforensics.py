"""LipForensics."""

from ..networks.lipforensics import LipForensics
from ..spec import TORCH_KEYS, Architecture, Graph, Input

ARCHITECTURE = Architecture(
    name="lipforensics",
    title="LipForensics mouth movement detector",
    task="mouth-clip",
    family="temporal",
    reference=(
        "Haliassos, Vougioukas, Petridis, Pantic: Lips Don't Lie: A Generalisable and Robust Approach to Face Forgery "
        "Detection, CVPR 2021, arXiv:2012.07657. 25 consecutive mouth crops, aligned by landmarks, 96x96 cut to the "
        "middle 88x88, gray / 255, mean 0.421, deviation 0.165. The graph ends in a sigmoid: 1 means manipulated."
    ),
    graphs=(
        Graph(
            "classifier",
            LipForensics,
            (Input("input", ("batch", 1, 25, 88, 88)),),
            ("probability",),
            golden={"batch": 1},
            gain=2.0,
        ),
    ),
    input={
        "tensor": "input",
        "kind": "mouth-clip",
        "width": 88,
        "height": 88,
        "frames": 25,
        "layout": "NCTHW",
        "color": "gray",
        "resize": "opencv-linear",
        "scale": 1 / 255,
        "mean": [0.421],
        "std": [0.165],
        "crop": {"margin": 0, "square": True, "align": "mouth"},
    },
    output={"tensor": "probability", "kind": "sigmoid", "fakeIndex": 0},
    envelope={"minFrames": 25, "minFacePx": 96, "maxYawDegrees": 45},
    keys=TORCH_KEYS,
    licence="MIT",
    source={"name": "ahaliassos/LipForensics", "url": "https://github.com/ahaliassos/LipForensics"},
)
