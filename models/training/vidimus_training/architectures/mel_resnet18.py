"""ResNet-18 over mel spectrograms."""

from ..networks.heads import mel_resnet18
from ..spec import TORCH_KEYS, Architecture, Graph, Input

ARCHITECTURE = Architecture(
    name="mel-resnet18",
    title="ResNet-18 speech spoofing detector over mel spectrograms",
    task="speech-spoof",
    family="acoustic-neural",
    reference=(
        "He, Zhang, Ren, Sun: Deep Residual Learning for Image Recognition, CVPR 2016, arXiv:1512.03385. torchvision's "
        "resnet18 with one input channel and two classes (index 1 spoof) over librosa's mel spectrogram: 4 s at "
        "16 kHz, 80 bands, 251 frames, decibels below the maximum, (x + 40) / 40."
    ),
    graphs=(Graph("classifier", mel_resnet18, (Input("input", ("batch", 1, 80, 251)),), ("logits",)),),
    input={
        "tensor": "input",
        "kind": "mel",
        "width": 251,
        "height": 80,
        "sampleRate": 16000,
        "samples": 64000,
        "layout": "NCHL",
        "scale": 1.0,
        "mean": [-40.0],
        "std": [40.0],
        "mel": {
            "nFft": 1024,
            "hop": 256,
            "nMels": 80,
            "fMin": 0,
            "fMax": None,
            "power": 2,
            "norm": "slaney",
            "scale": "slaney",
            "db": {"ref": "max", "topDb": 80},
        },
        "trimSilence": False,
        "normalizeLevel": "none",
        "pad": "zero",
    },
    output={"tensor": "logits", "kind": "logits", "fakeIndex": 1, "realIndex": 0},
    envelope={"minSeconds": 1.0, "minSampleRate": 8000},
    keys=TORCH_KEYS,
    licence="BSD-3-Clause",
    source={"name": "torchvision resnet18", "url": "https://github.com/pytorch/vision"},
)
