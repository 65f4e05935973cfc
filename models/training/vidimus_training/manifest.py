"""Writes `<out>/<name>/architecture.json` with its graphs."""

from __future__ import annotations

import json
from pathlib import Path

from .export import OPSET, sha256, structure
from .spec import Architecture, Json


def write(architecture: Architecture, out: Path) -> dict[str, Json]:
    """Exports all graphs of `architecture` below `out` and returns the manifest."""
    folder = out / architecture.name
    folder.mkdir(parents=True, exist_ok=True)
    graphs = []
    for graph in architecture.graphs:
        data, _names = structure(graph)
        (folder / graph.file).write_bytes(data)
        graphs.append({"file": graph.file, "sha256": sha256(data), "bytes": len(data), "role": graph.role})
    manifest = {
        "schema": "vidimus/architecture/1",
        "name": architecture.name,
        "title": architecture.title,
        "task": architecture.task,
        "family": architecture.family,
        "reference": architecture.reference,
        "graphs": graphs,
        "opset": OPSET,
        "input": architecture.input,
        "output": architecture.output,
        "thresholds": {"decision": 0.5, "uncertainBand": list(architecture.uncertain)},
        "envelope": architecture.envelope,
        "keys": {"strip": [], "rename": [], "nested": [], "ignore": [], "transpose": []} | architecture.keys,
        "licence": architecture.licence,
        "source": architecture.source,
        "known": [{"published": []} | k for k in architecture.known],
    }
    (folder / "architecture.json").write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
    return manifest
