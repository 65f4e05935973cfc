"""The fill rule: the same pseudo-random weights and inputs in every language, from names and shapes alone.

For element i of the tensor called `name`, with 32-bit unsigned arithmetic:

1. seed = FNV-1a (32 bit) of the UTF-8 bytes of the name (inputs of the graph use "input:" + name);
2. x = seed + i * 0x9E3779B9; x ^= x >> 16; x *= 0x85EBCA6B; x ^= x >> 13; x *= 0xC2B2AE35; x ^= x >> 16
   (the finaliser of MurmurHash3);
3. u = x / 2^32, in [0, 1), and v = 2u - 1, in [-1, 1);
4. the value, computed in double precision and rounded to float32, is
   - inputs of the graph: v;
   - names that end in `running_var` or `scale`, and every tensor of rank 0: 0.5 + u (positive);
   - rank 1 and a name that ends in `weight` (scales of normalisation, slopes of PReLU): 0.5 + u;
   - other tensors of rank 1 (biases, running means): 0.1 v;
   - rank 2 and more: v * sqrt(gain / fan_in), fan_in = product of all dims but the first; a gain of 6 is
     He's uniform rule. Every graph states its gain.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np


def seed_of(name: str) -> int:
    """FNV-1a, 32 bit."""
    h = 0x811C9DC5
    for byte in name.encode():
        h = ((h ^ byte) * 0x01000193) & 0xFFFFFFFF
    return h


def uniform(name: str, count: int) -> np.ndarray:
    """`count` values in [0, 1), double precision."""
    x = np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B9) + np.uint32(seed_of(name))
    x ^= x >> np.uint32(16)
    x *= np.uint32(0x85EBCA6B)
    x ^= x >> np.uint32(13)
    x *= np.uint32(0xC2B2AE35)
    x ^= x >> np.uint32(16)
    return x.astype(np.float64) / 2.0**32


def fill_weight(name: str, dims: Sequence[int], gain: float) -> np.ndarray:
    """The value of an initialiser, float32 with shape `dims`."""
    u = uniform(name, math.prod(dims))
    v = 2.0 * u - 1.0
    if name.endswith(("running_var", "scale")) or len(dims) == 0:
        value = 0.5 + u
    elif len(dims) == 1:
        value = 0.5 + u if name.endswith("weight") else 0.1 * v
    else:
        value = v * math.sqrt(gain / math.prod(dims[1:]))
    return value.astype(np.float32).reshape(dims)


def fill_input(name: str, dims: Sequence[int]) -> np.ndarray:
    """The value of an input of the graph, float32 in [-1, 1)."""
    return (2.0 * uniform(f"input:{name}", math.prod(dims)) - 1.0).astype(np.float32).reshape(dims)
