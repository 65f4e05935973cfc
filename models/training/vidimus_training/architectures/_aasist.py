"""What both sizes of AASIST share."""

from ..networks.aasist import SAMPLES, Aasist, Config
from ..spec import TORCH_KEYS, Graph, Input

URL = "https://github.com/clovaai/aasist/tree/a04c9863f6"
REFERENCE = (
    "Jung, Heo, Tak, Shim, Chung, Lee, Yu, Evans: AASIST: Audio Anti-Spoofing Using Integrated Spectro-Temporal Graph "
    "Attention Networks, ICASSP 2022, arXiv:2110.01200. 16 kHz mono, first 64,600 samples, shorter ones repeated; "
    "logits [spoof, bona fide]."
)
# Normalisations the authors declare but never feed forward.
KEYS = TORCH_KEYS | {"ignore": [*TORCH_KEYS["ignore"], r"^encoder\.\d+\.0\.bn1\."]}
SOURCE = {"name": "clovaai/aasist", "url": URL}


def graph(config: Config) -> Graph:
    """The graph of one size."""
    return Graph("classifier", lambda: Aasist(config), (Input("input", ("batch", SAMPLES)),), ("logits",))


def published(eer: str, tdcf: str) -> list[dict[str, str]]:
    """The authors' figures on ASVspoof 2019 LA."""
    common = {"set": "ASVspoof 2019 LA evaluation", "reference": "arXiv:2110.01200"}
    return [common | {"metric": "EER", "value": eer}, common | {"metric": "min t-DCF", "value": tdcf}]
