"""RawNet2, the baseline of ASVspoof 2021."""

from ..networks.rawnet2 import RawNet2
from ..spec import TORCH_KEYS, Architecture, Graph, Input
from ._speech import ENVELOPE, LOGITS, WAVEFORM

_URL = "https://github.com/asvspoof-challenge/2021/tree/main/DF/Baseline-RawNet2"

ARCHITECTURE = Architecture(
    name="rawnet2",
    title="RawNet2 speech spoofing detector (ASVspoof 2021 baseline)",
    task="speech-spoof",
    family="acoustic-neural",
    reference=(
        "Tak, Patino, Todisco, Nautsch, Evans, Larcher: End-to-end anti-spoofing with RawNet2, ICASSP 2021, "
        "arXiv:2011.01108. 16 kHz mono, first 64,600 samples, shorter ones repeated; log probabilities "
        "[spoof, bona fide]."
    ),
    graphs=(Graph("classifier", RawNet2, (Input("input", ("batch", 64600)),), ("logits",)),),
    input=WAVEFORM,
    output=LOGITS,
    envelope=ENVELOPE,
    keys=TORCH_KEYS,
    licence="MIT",
    source={"name": "asvspoof-challenge/2021, Baseline-RawNet2", "url": _URL},
)
