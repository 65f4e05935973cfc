"""Command line: `python -m vidimus_training collect | prepare PACK | train PACK | evaluate PACK | export PACK`, and

`architectures [NAME…] --out DIR`, `parity [NAME…]`, `golden`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from . import golden, manifest, parity, steps
from .registry import NAMES, architecture


def main() -> int:
    """Exit status 1 when a comparison fails."""
    parser = argparse.ArgumentParser(prog="vidimus_training", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    write = commands.add_parser("architectures", help="write graphs without weights and their manifests")
    write.add_argument("names", nargs="*", metavar="NAME")
    write.add_argument("--out", type=Path, required=True)
    check = commands.add_parser("parity", help="compare PyTorch with onnxruntime on rule-filled weights")
    check.add_argument("names", nargs="*", metavar="NAME")
    record = commands.add_parser("golden", help="record PyTorch's outputs on rule-filled weights")
    record.add_argument("names", nargs="*", metavar="NAME")
    record.add_argument("--file", type=Path, required=True)
    steps.register(commands)
    options = parser.parse_args()
    if "run" in options:
        return options.run(options)
    names = options.names or NAMES
    failed = False
    for name in names:
        item = architecture(name)
        if options.command == "architectures":
            for graph in manifest.write(item, options.out)["graphs"]:
                print(f"{name} {graph['file']} {graph['bytes']} bytes", flush=True)
        elif options.command == "parity":
            for graph in item.graphs:
                for row in parity.compare(graph):
                    good = row.difference <= 1e-4 * row.scale
                    failed |= not good
                    print(
                        f"{name} {graph.role} {row.output} difference {row.difference:.3g} scale {row.scale:.3g}"
                        f" {'ok' if good else 'FAILED'}",
                        flush=True,
                    )
        else:
            golden.record(item, options.file)
            print(f"{name} recorded", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
