"""Working points of a score, and tables of the errors at them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .metrics import auc, bootstrap, eer, threshold_at

Json = Any


def working_points(scores: np.ndarray, labels: np.ndarray, groups: Sequence[str], least: int = 20) -> dict[str, Json]:
    """`threshold`: the lowest, from the EER threshold upwards, at which no group of real files with at least `least`

    members has more than 5 % false alarms. `band`: from the score below which 5 % of the fakes lie to the one above
    which 1 % of all real files lie, the threshold within; inside it a score says nothing.
    """
    names, real = np.asarray(groups), labels == 0
    counted = [scores[real & (names == n)] for n in sorted(set(names[real]))]
    cuts = [threshold_at(found, 0.05) for found in counted if len(found) >= least]
    threshold = float(np.clip(max([*cuts, eer(scores, labels)[1]]), 0.02, 0.98))
    low = min(threshold - 0.01, float(np.quantile(scores[~real], 0.05)))
    high = max(threshold + 0.01, threshold_at(scores[real], 0.01))
    return {"threshold": round(threshold, 4), "band": [round(max(0.0, low), 4), round(min(1.0, high), 4)]}


def overall(scores: np.ndarray, labels: np.ndarray, sources: Sequence[str]) -> dict[str, Json]:
    """Count, AUC, EER and the EER's 95 % interval by bootstrap over `sources`."""
    interval = bootstrap(lambda i: eer(scores[i], labels[i])[0], sources)
    return {"n": len(scores), "auc": auc(scores, labels), "eer": eer(scores, labels)[0], "eer ci95": interval}


def table(
    scores: np.ndarray,
    labels: np.ndarray,
    groups: Sequence[str],
    threshold: float,
    sources: Sequence[str] | None = None,
    against: np.ndarray | None = None,
) -> list[dict[str, Json]]:
    """Per group: count, share on the wrong side of the threshold with its 95 % interval, AUC against the other class.

    Intervals are drawn over `sources` where a group has more than four of them, else over files. `against` marks the
    files of the other class that count for the AUC.
    """
    names = np.asarray(groups)
    owners = None if sources is None else np.asarray(sources)
    counts = np.ones(len(scores), bool) if against is None else against
    rows = []
    for name in sorted(set(names)):
        mine = np.flatnonzero(names == name)
        fake = bool(labels[mine[0]])
        wrong = (scores[mine] < threshold) if fake else (scores[mine] >= threshold)
        many = owners is not None and len(set(owners[mine])) > 4
        own = owners[mine] if owners is not None and many else np.arange(len(mine)).astype(str)
        low, high = bootstrap(lambda i, w=wrong: float(w[i].mean()), own)
        both = np.concatenate([mine, np.flatnonzero((labels != int(fake)) & counts)])
        error = {"error": float(wrong.mean()), "low": low, "high": high}
        rows.append({"group": name, "n": len(mine), **error, "auc": auc(scores[both], labels[both])})
    return rows


def under_changes(
    score: Callable[[str], np.ndarray], changes: Sequence[str], labels: np.ndarray, threshold: float
) -> list[dict[str, Json]]:
    """AUC, EER, false alarms and decisions that flip under each change; the first one changes nothing."""
    rows = []
    plain: np.ndarray | None = None
    for change in changes:
        found = score(change)
        plain = found if plain is None else plain
        rows.append(
            {
                "change": change,
                "n": len(found),
                "auc": auc(found, labels),
                "eer": eer(found, labels)[0],
                "alarms": float((found[labels == 0] >= threshold).mean()),
                "flips": float(((found >= threshold) != (plain >= threshold)).mean()),
            }
        )
    return rows
