"""Snapshot files, whose format depends on the ending of the name."""

from pathlib import Path
from types import ModuleType

from auditor.files import replacing, why
from auditor.inventory.snapshot import jsonl
from auditor.inventory.snapshot.assembly import BadSnapshot
from auditor.inventory.snapshot.implied_reads import with_reads
from auditor.inventory.snapshot.snapshot import Snapshot

__all__ = ["SUFFIXES", "BadSnapshot", "load", "save", "suffix_of"]

_YAML = (".yaml", ".yml")
SUFFIXES = (".jsonl", ".jsonl.zst", *_YAML)
"""The endings of snapshot files."""


def suffix_of(path: Path) -> str:
    """Return the one of `SUFFIXES` that the name ends with; raises `BadSnapshot` for any other ending."""
    for suffix in SUFFIXES:
        if path.name.lower().endswith(suffix):
            return suffix
    raise BadSnapshot(path, 0, f"a snapshot's name ends with {', '.join(SUFFIXES[:-1])}")


def load(path: Path) -> Snapshot:
    """Return the complete snapshot in `path`; raises `BadSnapshot` with line and reason."""
    try:
        return _yaml().read(path) if suffix_of(path) in _YAML else jsonl.read(path)
    except OSError as failed:
        raise BadSnapshot(path, 0, f"the snapshot cannot be read: {why(failed)}") from failed


def save(snapshot: Snapshot, path: Path) -> None:
    """Write `snapshot` to `path` atomically, readable only by its owner; raises `OSError`.

    JSON Lines always contain `reads`, so a snapshot without them gets the implied ones.
    """
    suffix = suffix_of(path)
    with replacing(path) as stream:
        if suffix in _YAML:
            _yaml().write(snapshot.in_order(), stream)
        else:
            jsonl.write(with_reads(snapshot), stream, compressed=suffix.endswith(".zst"))


def _yaml() -> ModuleType:
    """Return the module for YAML, imported on demand, since its library is slow to load."""
    from auditor.inventory.snapshot import yaml

    return yaml
