"""Error rates with intervals. Scores: higher = more likely manipulated; labels: 1 = manipulated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np


def auc(scores: np.ndarray, labels: np.ndarray) -> float:
    """Area under the ROC curve (ties count one half); NaN where a class is missing."""
    order = np.argsort(scores, kind="stable")
    ranks = np.empty(len(scores))
    values = scores[order]
    edges = np.flatnonzero(np.r_[True, values[1:] != values[:-1], True])
    for low, high in pairwise(edges):
        ranks[order[low:high]] = (low + high + 1) / 2
    positive = labels == 1
    n1, n0 = int(positive.sum()), int((~positive).sum())
    if n1 == 0 or n0 == 0:
        return float("nan")
    return float((ranks[positive].sum() - n1 * (n1 + 1) / 2) / (n1 * n0))


def eer(scores: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Equal error rate and the threshold at which misses and false alarms meet."""
    real, fake = np.sort(scores[labels == 0]), np.sort(scores[labels == 1])
    if len(real) == 0 or len(fake) == 0:
        return float("nan"), float("nan")
    cuts = np.unique(scores)
    alarms = 1 - np.searchsorted(real, cuts, side="left") / len(real)
    misses = np.searchsorted(fake, cuts, side="left") / len(fake)
    at = int(np.argmin(np.abs(alarms - misses)))
    return float((alarms[at] + misses[at]) / 2), float(cuts[at])


def threshold_at(real: np.ndarray, alarms: float) -> float:
    """The lowest threshold at which at most the share `alarms` of these real scores is called manipulated (>=)."""
    allowed = int(alarms * len(real))
    return float(np.sort(real)[::-1][allowed]) + 1e-4


def bootstrap(
    measure: Callable[[np.ndarray], float], sources: Sequence[str], rounds: int = 500, seed: int = 1
) -> tuple[float, float]:
    """95 % interval of `measure(indices)` when whole sources (speakers, people, pictures) are drawn again."""
    rng = np.random.default_rng(seed)
    names, inverse = np.unique(np.asarray(sources), return_inverse=True)
    members = [np.flatnonzero(inverse == n) for n in range(len(names))]
    found = []
    for _ in range(rounds):
        drawn = np.concatenate([members[n] for n in rng.integers(0, len(names), len(names))])
        value = measure(drawn)
        if np.isfinite(value):
            found.append(value)
    if len(found) < rounds // 2:
        return float("nan"), float("nan")
    low, high = np.percentile(found, [2.5, 97.5])
    return float(low), float(high)
