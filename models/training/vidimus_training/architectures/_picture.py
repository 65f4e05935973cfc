"""Input rules that several picture classifiers share."""

from ..spec import Json

LOGITS = {"tensor": "logits", "kind": "logits", "fakeIndex": 1, "realIndex": 0}
IMAGENET = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
HALF = ([0.5, 0.5, 0.5], [0.5, 0.5, 0.5])


def face_input(side: int, statistics: tuple[list[float], list[float]], resize: str, margin: float) -> dict[str, Json]:
    """A square RGB face crop, scaled to 0..1 and normalised."""
    return picture_input(side, statistics, resize) | {
        "kind": "face-crop",
        "crop": {"margin": margin, "square": True, "align": "none"},
    }


def picture_input(side: int, statistics: tuple[list[float], list[float]], resize: str) -> dict[str, Json]:
    """The whole picture, squeezed to a square in RGB, scaled to 0..1 and normalised."""
    mean, std = statistics
    return {
        "tensor": "input",
        "kind": "image",
        "width": side,
        "height": side,
        "layout": "NCHW",
        "color": "rgb",
        "resize": resize,
        "scale": 1 / 255,
        "mean": mean,
        "std": std,
    }
