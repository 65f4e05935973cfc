"""`pack.json` (schema `vidimus/pack/1`, see `src/contract/pack.ts`) and the folder around it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import onnx

Json = Any


def write_pack(folder: Path, manifest: dict[str, Json], graphs: dict[str, onnx.ModelProto], card: str) -> None:
    """Writes graphs, `pack.json` with their sizes and SHA-256, and `CARD.md`."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for name, graph in graphs.items():
        data = graph.SerializeToString(deterministic=True)
        (folder / name).write_bytes(data)
        files.append({"path": name, "sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)})
    full = {"schema": "vidimus/pack/1", **manifest, "files": files}
    first = ("schema", "id", "version", "name", "task", "family", "architecture", "licence", "source", "files")
    last = ("input", "output", "thresholds", "calibration", "envelope", "validation", "published")
    order = first + last
    missing = [key for key in order if key not in full]
    if missing or len(full) != len(order):
        raise ValueError(f"manifest of {full.get('id')}: missing {missing}, has {sorted(full)}")
    text = json.dumps({key: full[key] for key in order}, indent=2, ensure_ascii=False)
    (folder / "pack.json").write_text(text + "\n", encoding="utf-8")
    (folder / "CARD.md").write_text(card.rstrip() + "\n", encoding="utf-8")


def percent(value: float) -> str:
    """0.0123 -> `1.2 %`."""
    return f"{100 * value:.1f} %"


def markdown(rows: list[dict[str, str]]) -> str:
    """A table; the keys of the first row are its head."""
    if not rows:
        return "(none)"
    head = list(rows[0])
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(row[key] for key in head) + " |" for row in rows]
    return "\n".join(lines)


def cost(figures: Json, sample: str) -> str:
    """The last section of a card: what the graph costs, by the figures of `graph.finished`."""
    speed = figures["milliseconds"]
    return (
        f"\n## Cost\nCPU, one thread, onnxruntime, batches of 8: {speed:.1f} ms for one {sample} ({1000 / speed:.0f} a "
        f"second). PyTorch and ONNX agree within {figures['parity']:.0e} on logits; storing weights in 16 bit changes a "
        f"score by at most {figures['half']:.0e}.\n"
    )


def thresholds(found: Json) -> Json:
    """`thresholds` from an evaluation's working points."""
    return {"decision": found["threshold"], "uncertainBand": found["band"]}


def validation(name: str, row: Json, found: Json) -> Json:
    """One entry of `validation`: a set under the name the card gives it."""
    return {
        "set": name,
        "n": row["n"],
        "auc": round(row["auc"], 4),
        "eer": round(row["eer"], 4),
        "ci95": [round(v, 4) for v in row["eer ci95"]],
        "date": found["date"],
        "commit": found["commit"],
    }


def groups_table(rows: list[Json], what: str) -> str:
    """Errors per group for a card; `what` heads the counts (files, pictures, clips)."""
    return markdown(
        [
            {
                "group": r["group"],
                what: str(r["n"]),
                "error at the threshold": percent(r["error"]),
                "95 % interval": f"{percent(r['low'])} to {percent(r['high'])}",
                "AUC": f"{r['auc']:.3f}" if r["auc"] == r["auc"] else "-",
            }
            for r in rows
        ]
    )


def changes_table(rows: list[Json]) -> str:
    """Robustness for a card."""
    return markdown(
        [
            {
                "change": r["change"],
                "files": str(r["n"]),
                "AUC": f"{r['auc']:.3f}",
                "EER": percent(r["eer"]),
                "false alarms at the threshold": percent(r["alarms"]),
                "decisions that flip": percent(r["flips"]),
            }
            for r in rows
        ]
    )
