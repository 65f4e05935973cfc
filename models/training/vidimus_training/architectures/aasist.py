"""AASIST."""

from ..networks.aasist import AASIST
from ..spec import Architecture
from ._aasist import KEYS, REFERENCE, SOURCE, URL, graph, published
from ._speech import ENVELOPE, LOGITS, WAVEFORM

ARCHITECTURE = Architecture(
    name="aasist",
    title="AASIST speech spoofing detector",
    task="speech-spoof",
    family="acoustic-neural",
    reference=REFERENCE,
    graphs=(graph(AASIST),),
    input=WAVEFORM,
    output=LOGITS,
    envelope=ENVELOPE,
    keys=KEYS,
    licence="MIT",
    source=SOURCE,
    known=(
        {
            "sha256": "51d2d9cf0738172f61e2a384ec50a54a55363240f67c971ed55a92435bc1a1c0",
            "name": "AASIST.pth",
            "url": URL,
            "licence": "MIT",
            "published": published("0.83 %", "0.0275"),
        },
        {
            "sha256": "8f10fe1d1ce3ac62c19f00b86dfaf79f86f464301d23e08726b16b02edbb601c",
            "name": "AASIST-ASVspoof5.pth",
            "url": "https://github.com/asvspoof-challenge/asvspoof5/tree/fe23d3053a",
            "licence": "MIT",
            "published": [
                {
                    "set": "ASVspoof 5 validation",
                    "metric": "EER",
                    "value": "15.2 %",
                    "reference": "https://github.com/asvspoof-challenge/asvspoof5/tree/fe23d3053a",
                }
            ],
        },
    ),
)
