"""Removal of silence, the same rule in training and in the application.

Recordings and synthesis differ in their pauses (digital zero, fade-outs, room tone), which says nothing about new
systems; so pauses are cut out before the network sees a clip (Müller et al.: Speech is silver, silence is golden,
ASVspoof workshop 2021).

The rule, exactly: blocks of 320 samples (20 ms at 16 kHz; the last, incomplete block counts with its own length).
Level of a block = its root mean square. Reference = the 95th percentile of the levels by nearest rank
(index ceil(0.95 n) - 1 of the ascending order). A block is speech where its level >= reference / 100 (-40 dB) and
> 1e-4. Blocks within 5 blocks (100 ms) of a speech block are kept too. The kept blocks are joined.
"""

from __future__ import annotations

import numpy as np

BLOCK = 320
PERCENTILE = 0.95
RELATIVE = 0.01
ABSOLUTE = 1e-4
MARGIN = 5


def speech_blocks(samples: np.ndarray) -> np.ndarray:
    """One boolean per block: kept or cut. `samples` are -1..1."""
    count = -(-len(samples) // BLOCK)
    if count == 0:
        return np.zeros(0, bool)
    padded = np.zeros(count * BLOCK, np.float64)
    padded[: len(samples)] = samples
    sizes = np.full(count, BLOCK)
    sizes[-1] = len(samples) - (count - 1) * BLOCK
    level = np.sqrt((padded.reshape(count, BLOCK) ** 2).sum(1) / sizes)
    reference = np.sort(level)[int(np.ceil(PERCENTILE * count)) - 1]
    speech = (level >= reference * RELATIVE) & (level > ABSOLUTE)
    reach = np.convolve(speech.astype(np.int32), np.ones(2 * MARGIN + 1, np.int32), mode="same")
    return reach[:count] > 0 if count >= 2 * MARGIN + 1 else _spread(speech)


def _spread(speech: np.ndarray) -> np.ndarray:
    """The margin for clips shorter than the kernel."""
    kept = np.zeros_like(speech)
    for index in np.flatnonzero(speech):
        kept[max(0, index - MARGIN) : index + MARGIN + 1] = True
    return kept


def remove_silence(samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(speech joined, pauses joined); both may be empty."""
    kept = np.repeat(speech_blocks(samples), BLOCK)[: len(samples)]
    return samples[kept], samples[~kept]
