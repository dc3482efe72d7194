"""Seals for snapshot files that tests write by hand."""

import msgspec

from auditor.inventory.snapshot.seal import Seal


def sealed(text: bytes) -> bytes:
    """Return the file with the header and records in `text`, each with its line feed, and their seal."""
    header, *records = text.splitlines(keepends=True)
    seal = Seal(header)
    for record in records:
        seal.take(record)
    return b'%b{"end":%b}\n' % (text, msgspec.json.encode(seal.end))
