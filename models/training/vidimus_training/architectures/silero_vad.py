"""silero VAD at 16 kHz."""

from ..networks.silero import SileroVad
from ..spec import Architecture, Graph, Input

_URL = "https://github.com/snakers4/silero-vad/tree/806dcba3f0"

ARCHITECTURE = Architecture(
    name="silero-vad",
    title="silero voice activity detector (16 kHz)",
    task="voice-activity",
    family="acoustic-neural",
    reference=(
        "Silero Team: Silero VAD, 2024, https://github.com/snakers4/silero-vad. Each call takes 64 samples of context "
        "and 512 new ones at 16 kHz, the state of the call before (zeros at first) and the rate; the answer is the "
        "probability of speech. Structure rewritten from the names and shapes of the published ONNX file (MIT)."
    ),
    graphs=(
        Graph(
            "detector",
            SileroVad,
            (Input("input", ("batch", 576)), Input("state", (2, "batch", 128)), Input("sr", (), "int64", 16000)),
            ("output", "stateN"),
        ),
    ),
    input={
        "tensor": "input",
        "kind": "waveform",
        "sampleRate": 16000,
        "samples": 512,
        "layout": "NL",
        "scale": 1.0,
        "mean": [0.0],
        "std": [1.0],
        "normalizeLevel": "none",
        "pad": "zero",
    },
    output={"tensor": "output", "kind": "sigmoid"},
    envelope={"minSampleRate": 8000, "notes": ["Recordings of other rates are resampled to 16 kHz first."]},
    keys={"strip": ["model."]},
    licence="MIT",
    source={"name": "snakers4/silero-vad", "url": _URL},
    known=(
        {
            "sha256": "7ed98ddbad84ccac4cd0aeb3099049280713df825c610a8ed34543318f1b2c49",
            "name": "silero_vad_16k_op15.onnx",
            "url": _URL,
            "licence": "MIT",
        },
    ),
)
