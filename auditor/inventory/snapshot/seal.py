"""The seal at the end of a snapshot: how many records stand before it, and a digest of them."""

import hashlib

import msgspec


class SnapshotEnd(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the end of a file says: the count of the records, and `sha256:` with the digest in hex."""

    records: int
    digest: str | None = None


class Seal:
    """Header and records as they pass by, line by line; its end can be told at any time."""

    def __init__(self, header: bytes) -> None:
        """Begin with the line of the header, line feed included."""
        self._digest = hashlib.sha256(header)
        self._records = 0

    def take(self, line: bytes) -> None:
        """Take in the line of a record, line feed included."""
        self._digest.update(line)
        self._records += 1

    def leave_out_reads(self) -> None:
        """Take in that nothing is said of what was read, which is not the same as that nothing was."""
        self._digest.update(b'{"reads":null}\n')

    @property
    def end(self) -> SnapshotEnd:
        """What has to stand behind everything that was taken in."""
        return SnapshotEnd(self._records, f"sha256:{self._digest.hexdigest()}")


def objection(said: object, true: SnapshotEnd) -> str | None:
    """Return what is wrong with the end that a file states, None where it is `true`."""
    try:
        end = msgspec.convert(said, SnapshotEnd)
    except msgspec.ValidationError as invalid:
        return f"the end is malformed: {invalid}"
    if end.records != true.records:
        return f"the end tells of {end.records} records, but {true.records} stand in the file: it is not whole"
    if end.digest is None:
        return "the end has no digest: an older migaudit wrote the file, or it was changed; make the snapshot anew"
    if end.digest != true.digest:
        return "the digest does not fit the records: the file was changed or damaged after it was written"
    return None
