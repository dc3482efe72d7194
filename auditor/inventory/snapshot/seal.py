"""The seal of a snapshot: the number of its records and their digest, written in the end record."""

import hashlib

import msgspec


class SnapshotEnd(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The end record of a file: the number of records, and `sha256:` followed by the digest in hex."""

    records: int
    digest: str | None = None


class Seal:
    """The running count and digest of the lines of a file."""

    def __init__(self, header: bytes) -> None:
        """Begin with the line of the header, including its line feed."""
        self._digest = hashlib.sha256(header)
        self._records = 0

    def take(self, line: bytes) -> None:
        """Add the line of a record, including its line feed."""
        self._digest.update(line)
        self._records += 1

    def leave_out_reads(self) -> None:
        """Add that the snapshot has no `reads`, which differs from having an empty list of them."""
        self._digest.update(b'{"reads":null}\n')

    @property
    def end(self) -> SnapshotEnd:
        """The end record for the lines added so far."""
        return SnapshotEnd(self._records, f"sha256:{self._digest.hexdigest()}")


def objection(said: object, true: SnapshotEnd) -> str | None:
    """Return what is wrong with the end record of a file, or None where it equals `true`."""
    try:
        end = msgspec.convert(said, SnapshotEnd)
    except msgspec.ValidationError as invalid:
        return f"the end is malformed: {invalid}"
    if end.records != true.records:
        return f"the end says {end.records} records, but the file has {true.records}: it is not complete"
    if end.digest is None:
        return "the end has no digest: an older migaudit wrote the file, or it was changed; make the snapshot anew"
    if end.digest != true.digest:
        return "the digest does not fit the records: the file was changed or damaged after it was written"
    return None
