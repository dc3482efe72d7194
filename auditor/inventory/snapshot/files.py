"""Snapshot files, whose format depends on the ending of the name."""

from pathlib import Path

from auditor.files import replacing, why
from auditor.inventory.snapshot import jsonl
from auditor.inventory.snapshot import yaml as yaml_snapshot
from auditor.inventory.snapshot.assembly import BadSnapshot
from auditor.inventory.snapshot.implied_reads import with_reads
from auditor.inventory.snapshot.snapshot import Snapshot

__all__ = ["SUFFIXES", "BadSnapshot", "load", "save", "suffix_of"]

SUFFIXES = (".jsonl", ".jsonl.zst", ".yaml", ".yml")
"""The endings of snapshot files."""


def suffix_of(path: Path) -> str:
    """Return the one of `SUFFIXES` that the name ends with; raises `BadSnapshot` for any other ending."""
    for suffix in SUFFIXES:
        if path.name.lower().endswith(suffix):
            return suffix
    raise BadSnapshot(path, 0, f"a snapshot's name ends with {', '.join(SUFFIXES[:-1])}")


def load(path: Path) -> Snapshot:
    """Return the complete snapshot in `path`; raises `BadSnapshot` with line and reason."""
    read = yaml_snapshot.read if suffix_of(path) in {".yaml", ".yml"} else jsonl.read
    try:
        return read(path)
    except OSError as failed:
        raise BadSnapshot(path, 0, f"the snapshot cannot be read: {why(failed)}") from failed


def save(snapshot: Snapshot, path: Path) -> None:
    """Write `snapshot` to `path` atomically, readable only by its owner; raises `OSError`.

    JSON Lines always contain `reads`, so a snapshot without them gets the implied ones.
    """
    suffix = suffix_of(path)
    with replacing(path) as stream:
        if suffix in {".yaml", ".yml"}:
            yaml_snapshot.write(snapshot.in_order(), stream)
        else:
            jsonl.write(with_reads(snapshot), stream, compressed=suffix.endswith(".zst"))
