"""wav2vec 2.0 base with a classifier."""

from ..networks.transformer import Wav2Vec2Base
from ..spec import TORCH_KEYS, Architecture, Graph, Input
from ._speech import ENVELOPE, LOGITS, WAVEFORM

_POSITION = "wav2vec2.encoder.pos_conv_embed.conv"

ARCHITECTURE = Architecture(
    name="wav2vec2-base",
    title="wav2vec 2.0 base speech spoofing detector",
    task="speech-spoof",
    family="acoustic-neural",
    reference=(
        "Baevski, Zhou, Mohamed, Auli: wav2vec 2.0, NeurIPS 2020, arXiv:2006.11477; for spoofing: Tak et al., Odyssey "
        "2022, arXiv:2202.12233. transformers' Wav2Vec2ForSequenceClassification with two labels: encoder, linear "
        "projection to 256, mean over time, linear. Zero mean and unit variance are part of the graph. Index 0 is "
        "taken as spoof; look at id2label in the config.json of the checkpoint before use."
    ),
    graphs=(
        Graph("classifier", Wav2Vec2Base, (Input("input", ("batch", 64000)),), ("logits",), golden={"batch": 1}),
    ),
    input=WAVEFORM | {"samples": 64000},
    output=LOGITS,
    envelope=ENVELOPE | {"notes": ["Depends on the set the classifier was trained on."]},
    keys=TORCH_KEYS
    | {
        # PyTorch renamed the two halves of weight normalisation; published files have either.
        "rename": [
            {"from": f"^{_POSITION}\\.weight_g$", "to": f"{_POSITION}.parametrizations.weight.original0"},
            {"from": f"^{_POSITION}\\.weight_v$", "to": f"{_POSITION}.parametrizations.weight.original1"},
        ],
        "ignore": [*TORCH_KEYS["ignore"], r"^wav2vec2\.masked_spec_embed$"],
    },
    licence="Apache-2.0",
    source={"name": "facebook/wav2vec2-base (trunk)", "url": "https://huggingface.co/facebook/wav2vec2-base"},
)
