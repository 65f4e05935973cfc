"""The training commands: `collect`, `prepare PACK`, `train PACK`, `evaluate PACK`, `export PACK`."""

from __future__ import annotations

import argparse
import importlib
import subprocess
from collections.abc import Callable
from pathlib import Path

from .data.lists import collect

CONFIGS = Path(__file__).parent / "configs"
FAMILIES = {
    "speech": "speech",
    "face-gan": "face_gan",
    "face-swap": "face_swap",
    "face-mtcnn": "face_mtcnn",
    "forensic-mlp": "forensic_mlp",
    "temporal-3dcnn": "temporal",
}


def module_of(pack: str):
    """The module that knows a pack, by the longest prefix of its id."""
    for prefix in sorted(FAMILIES, key=len, reverse=True):
        if pack.startswith(prefix):
            return importlib.import_module(f".packs.{FAMILIES[prefix]}", __package__)
    raise SystemExit(f"no pack {pack}; configurations: {', '.join(p.stem for p in sorted(CONFIGS.glob('*.toml')))}")


def commit_here() -> str:
    """The commit of the working tree, or `unknown` outside a checkout."""
    git = subprocess.run(
        ["git", "rev-parse", "--short=12", "HEAD"], cwd=CONFIGS, capture_output=True, text=True, check=False
    )
    return git.stdout.strip() or "unknown"


def register(commands: argparse._SubParsersAction) -> None:
    """Adds the training commands to a parser."""
    step = commands.add_parser("collect", help="copy the listed files out of git snapshots and check every byte")
    step.add_argument("--list", type=Path, required=True)
    step.add_argument("--snapshots", type=Path, required=True)
    step.add_argument("--out", type=Path, required=True)
    step.set_defaults(run=_collect)
    runs: list[tuple[str, str, Callable[[argparse.Namespace], int]]] = [
        ("prepare", "decode, synthesise and encode once", _prepare),
        ("train", "train; goes on where it stopped", _train),
        ("evaluate", "measure on files that were never trained on", _evaluate),
        ("export", "write ONNX, pack.json and CARD.md", _export),
    ]
    for name, text, run in runs:
        step = commands.add_parser(name, help=text)
        step.add_argument("pack", metavar="PACK")
        step.add_argument("--config", type=Path, help="default: the configuration of that name")
        step.add_argument("--data", type=Path, default=Path("data"), help="folder of the collected files")
        step.add_argument("--runs", type=Path, default=Path("runs"))
        step.add_argument("--name", help="name of the run, default the pack's")
        step.add_argument("--out", type=Path, default=Path(".."), help="folder of the packs (export)")
        step.add_argument("--workers", type=int, default=2)
        step.set_defaults(run=run)


def _config(options: argparse.Namespace):
    module = module_of(options.pack)
    return module, module.configuration(options.config or CONFIGS / f"{options.pack}.toml")


def _run(options: argparse.Namespace) -> Path:
    return options.runs / (options.name or options.pack)


def _collect(options: argparse.Namespace) -> int:
    kept, lost = collect(options.list, options.snapshots, options.out)
    print(f"{kept} files kept, {lost} left out")
    return 1 if lost else 0


def _prepare(options: argparse.Namespace) -> int:
    module, _ = _config(options)
    module.prepare(options.data, options.workers)
    return 0


def _train(options: argparse.Namespace) -> int:
    module, config = _config(options)
    module.fit(config, options.data, _run(options))
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    module, config = _config(options)
    found = module.measure(config, options.data, _run(options), commit_here())
    for name, values in found["sets"].items():
        print(name, values)
    return 0


def _export(options: argparse.Namespace) -> int:
    module, config = _config(options)
    print(module.export(config, _run(options), options.out))
    return 0
