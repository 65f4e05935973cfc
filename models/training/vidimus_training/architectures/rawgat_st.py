"""RawGAT-ST, the variant that multiplies the two graphs."""

from ..networks.rawgat import RawGatSt
from ..spec import TORCH_KEYS, Architecture, Graph, Input
from ._speech import ENVELOPE, LOGITS, WAVEFORM

_URL = "https://github.com/eurecom-asp/RawGAT-ST-antispoofing/tree/e3b049f79b"
# The authors' later code calls these layers otherwise than their published checkpoint does.
_RENAMED = {
    "GAT_layer_spectral": "GAT_layer1",
    "GAT_layer_temp": "GAT_layer2",
    "GAT_layer_spectro_temp": "GAT_layer3",
    "proj_spectral": "proj1",
    "proj_temp": "proj2",
    "proj_spectro_temp": "proj",
    "output_layer": "proj_node",
}

ARCHITECTURE = Architecture(
    name="rawgat-st",
    title="RawGAT-ST (mul) speech spoofing detector",
    task="speech-spoof",
    family="acoustic-neural",
    reference=(
        "Tak, Jung, Patino, Kamble, Todisco, Evans: End-to-end spectro-temporal graph attention networks for speaker "
        "verification anti-spoofing and speech deepfake detection, ASVspoof 2021 workshop, arXiv:2107.12710. 16 kHz "
        "mono, first 64,600 samples, shorter ones repeated; logits [spoof, bona fide]."
    ),
    graphs=(Graph("classifier", RawGatSt, (Input("input", ("batch", 64600)),), ("logits",), gain=3.0),),
    input=WAVEFORM,
    output=LOGITS,
    envelope=ENVELOPE,
    keys=TORCH_KEYS
    | {
        "rename": [{"from": rf"^{old}\.(.+)$", "to": f"{new}.$1"} for old, new in _RENAMED.items()],
        # Layers the authors declare but never feed forward.
        "ignore": [*TORCH_KEYS["ignore"], r"^encoder[12]\.\d+\.0\.bn1\.", r"^encoder[12]\.[1-5]\.0\.conv_1\."],
    },
    licence="MIT",
    source={"name": "eurecom-asp/RawGAT-ST-antispoofing", "url": _URL},
    known=(
        {
            "sha256": "8a91ce8201d42119cbfb9ebca8850e5914f1a85959b3ca962819783738c2a9e2",
            "name": "RawGAT_ST_mul.pth",
            "url": _URL,
            "licence": "MIT",
            "published": [
                {
                    "set": "ASVspoof 2019 LA evaluation",
                    "metric": "EER",
                    "value": "1.06 %",
                    "reference": "arXiv:2107.12710",
                }
            ],
        },
    ),
)
