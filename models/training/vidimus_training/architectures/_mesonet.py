"""What both MesoNets share."""

URL = "https://github.com/DariusAf/MesoNet/tree/2144d56a30"
REFERENCE = (
    "Afchar, Nozick, Yamagishi, Echizen: MesoNet: a Compact Facial Video Forgery Detection Network, WIFS 2018, "
    "arXiv:1809.00888. Face crop 256x256, nearest neighbour (the authors' Keras generator), RGB / 255."
)
INPUT = {
    "tensor": "input",
    "kind": "face-crop",
    "width": 256,
    "height": 256,
    "layout": "NCHW",
    "color": "rgb",
    "resize": "nearest",
    "scale": 1 / 255,
    "mean": [0.0, 0.0, 0.0],
    "std": [1.0, 1.0, 1.0],
    "crop": {"margin": 0.3, "square": True, "align": "none"},
}
OUTPUT = {"tensor": "probability", "kind": "sigmoid", "realIndex": 0}
ENVELOPE = {
    "minFacePx": 64,
    "maxYawDegrees": 45,
    "notes": ["Trained on compressed video frames of 2018 (DeepFake or Face2Face); later methods are outside."],
}


def known(name: str, digest: str, accuracy: str | None) -> dict[str, object]:
    """A published Keras file; `accuracy` is the authors' claim on their own set."""
    published = (
        []
        if accuracy is None
        else [{"set": "MesoNet authors' own", "metric": "accuracy", "value": accuracy, "reference": "arXiv:1809.00888"}]
    )
    return {"sha256": digest, "name": f"{name}.h5", "url": URL, "licence": "Apache-2.0", "published": published}
