"""The training lists (`audio.csv`, `visual.csv`) and the copies of the files they name.

A row names a file by repository, commit, path and git blob. The blob is the identity everywhere in this package:
two rows with one blob are one recording.
"""

from __future__ import annotations

import csv
import hashlib
import subprocess
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

Row = dict[str, str]


class CollectError(RuntimeError):
    """A file of the list is missing or is not the one the list means."""


def read_rows(path: Path) -> list[Row]:
    """All rows of a CSV file with a header."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    """Writes rows that share their columns; the file appears whole or not at all."""
    rows = list(rows)
    if not rows:
        raise ValueError(f"no rows for {path}")
    part = path.with_suffix(path.suffix + ".part")
    with part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    part.replace(path)


def git_blobs(bare: Path, blobs: Iterable[str]) -> Iterator[tuple[str, bytes | None]]:
    """Contents of git blobs from a bare repository, None where it has no such blob. Every byte is hashed again."""
    git = subprocess.Popen(
        ["git", "-C", str(bare), "cat-file", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    if git.stdin is None or git.stdout is None:
        raise CollectError("git gave no pipes")
    with git.stdin, git.stdout:
        for blob in blobs:
            git.stdin.write(blob.encode() + b"\n")
            git.stdin.flush()
            head = git.stdout.readline().split()
            if len(head) != 3:
                yield blob, None
                continue
            content = git.stdout.read(int(head[2]))
            git.stdout.read(1)
            if hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest() != blob:
                raise CollectError(f"{blob} in {bare} is damaged")
            yield blob, content
    git.wait()


def collect(listing: Path, snapshots: Path, out: Path) -> tuple[int, int]:
    """Copies the listed files to `out/<split>/<label>/<blob><suffix>` and writes `out/index.csv`.

    `snapshots` holds one bare repository per source at `owner+name/repo`. Files that are already there are kept.
    Returns how many files are there and how many are missing.
    """
    rows = read_rows(listing)
    by_repo: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_repo[row["repo"]].append(row)
    kept: list[Row] = []
    for repo, wanted in by_repo.items():
        bare = snapshots / repo.replace("/", "+", 1) / "repo"
        here: dict[str, Path] = {}
        for row in wanted:
            name = row["blob"] + Path(row["path"]).suffix.lower()
            here[row["blob"]] = out / row["split"] / row["label"] / name
        absent = [blob for blob, path in here.items() if not path.exists()]
        if absent and bare.is_dir():
            for blob, content in git_blobs(bare, absent):
                if content is None:
                    continue
                here[blob].parent.mkdir(parents=True, exist_ok=True)
                part = here[blob].with_suffix(".part")
                part.write_bytes(content)
                part.replace(here[blob])
        kept += [
            {**row, "file": str(here[row["blob"]].relative_to(out))} for row in wanted if here[row["blob"]].exists()
        ]
        print(f"{repo}: {len(kept)} of {len(rows)} files so far", flush=True)
    write_rows(out / "index.csv", kept)
    return len(kept), len(rows) - len(kept)
