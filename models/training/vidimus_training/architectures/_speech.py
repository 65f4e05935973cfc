"""What the spoofing detectors on raw speech share."""

WAVEFORM = {
    "tensor": "input",
    "kind": "waveform",
    "sampleRate": 16000,
    "samples": 64600,
    "layout": "NL",
    "scale": 1.0,
    "mean": [0.0],
    "std": [1.0],
    "trimSilence": False,
    "normalizeLevel": "none",
    "pad": "repeat",
}
LOGITS = {"tensor": "logits", "kind": "logits", "fakeIndex": 0, "realIndex": 1}
ENVELOPE = {
    "minSeconds": 1.0,
    "minSampleRate": 16000,
    "notes": [
        "Trained on clean read English speech (ASVspoof 2019 LA); codecs, noise and other languages are outside.",
    ],
}
