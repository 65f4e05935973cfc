"""AASIST-L, the light variant."""

from ..networks.aasist import AASIST_L
from ..spec import Architecture
from ._aasist import KEYS, REFERENCE, SOURCE, URL, graph, published
from ._speech import ENVELOPE, LOGITS, WAVEFORM

ARCHITECTURE = Architecture(
    name="aasist-l",
    title="AASIST-L speech spoofing detector (light)",
    task="speech-spoof",
    family="acoustic-neural",
    reference=REFERENCE,
    graphs=(graph(AASIST_L),),
    input=WAVEFORM,
    output=LOGITS,
    envelope=ENVELOPE,
    keys=KEYS,
    licence="MIT",
    source=SOURCE,
    known=(
        {
            "sha256": "814331d088032bb4c3fa61cc014789eadeed464209dd094ab3a2dd6ffbdce27a",
            "name": "AASIST-L.pth",
            "url": URL,
            "licence": "MIT",
            "published": published("0.99 %", "0.0309"),
        },
    ),
)
