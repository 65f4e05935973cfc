"""SigLIP-B/16 as fine-tuned for deepfakes on Hugging Face."""

from ..networks.transformer import siglip_b16
from ..spec import TORCH_KEYS, Architecture, Graph, Input
from ._picture import HALF, picture_input

ARCHITECTURE = Architecture(
    name="siglip-b16",
    title="SigLIP-B/16 picture forgery detector",
    task="image-forgery",
    family="spatial-neural",
    reference=(
        "Zhai, Mustafa, Kolesnikov, Beyer: Sigmoid Loss for Language Image Pre-Training, ICCV 2023, arXiv:2303.15343; "
        "Tschannen et al.: SigLIP 2, arXiv:2502.14786. transformers' SiglipForImageClassification with two labels at "
        "224x224, bilinear, RGB (x - 0.5) / 0.5. Index 0 is taken as fake, as in the published detectors seen; look "
        "at id2label in the config.json of the checkpoint before use."
    ),
    graphs=(
        Graph("classifier", siglip_b16, (Input("input", ("batch", 3, 224, 224)),), ("logits",), golden={"batch": 1}),
    ),
    input=picture_input(224, HALF, "pil-bilinear"),
    output={"tensor": "logits", "kind": "logits", "fakeIndex": 0, "realIndex": 1},
    envelope={"minWidth": 64, "minHeight": 64},
    # The attention pooling of the tower is not used by the classifier.
    keys=TORCH_KEYS | {"ignore": [*TORCH_KEYS["ignore"], r"^vision_model\.head\."]},
    licence="Apache-2.0",
    source={
        "name": "google/siglip2-base-patch16-224 (trunk)",
        "url": "https://huggingface.co/google/siglip2-base-patch16-224",
    },
)
