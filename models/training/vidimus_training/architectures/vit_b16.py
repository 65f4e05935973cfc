"""ViT-B/16 as fine-tuned for deepfakes on Hugging Face."""

from ..networks.transformer import vit_b16
from ..spec import TORCH_KEYS, Architecture, Graph, Input
from ._picture import HALF, LOGITS, picture_input

_MODEL = "dima806/deepfake_vs_real_image_detection"
# transformers 5 names the layers of a ViT anew; published files have the names of transformers 4.
_OLD = {
    "attention.attention.query": "attention.q_proj",
    "attention.attention.key": "attention.k_proj",
    "attention.attention.value": "attention.v_proj",
    "attention.output.dense": "attention.o_proj",
    "intermediate.dense": "mlp.fc1",
    "output.dense": "mlp.fc2",
    "layernorm_before": "layernorm_before",
    "layernorm_after": "layernorm_after",
}

ARCHITECTURE = Architecture(
    name="vit-b16",
    title="ViT-B/16 picture forgery detector",
    task="image-forgery",
    family="spatial-neural",
    reference=(
        "Dosovitskiy et al.: An Image is Worth 16x16 Words, ICLR 2021, arXiv:2010.11929. transformers' "
        f"ViTForImageClassification with two labels as in {_MODEL} (0 Real, 1 Fake): picture squeezed to 224x224, "
        "bilinear, RGB (x - 0.5) / 0.5."
    ),
    graphs=(
        Graph("classifier", vit_b16, (Input("input", ("batch", 3, 224, 224)),), ("logits",), golden={"batch": 1}),
    ),
    input=picture_input(224, HALF, "pil-bilinear"),
    output=LOGITS,
    envelope={"minWidth": 64, "minHeight": 64, "notes": ["Published weights were trained on faces of about 2021."]},
    keys=TORCH_KEYS
    | {
        "rename": [
            {
                "from": rf"^vit\.encoder\.layer\.(\d+)\.{old.replace('.', '[.]')}\.(weight|bias)$",
                "to": f"vit.layers.$1.{new}.$2",
            }
            for old, new in _OLD.items()
        ],
    },
    licence="Apache-2.0",
    source={"name": _MODEL, "url": f"https://huggingface.co/{_MODEL}"},
)
