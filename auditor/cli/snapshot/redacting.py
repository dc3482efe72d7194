"""Redaction of a snapshot file: its key, its output file, and the notes for the user."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from auditor.access.directory.roles import DirectoryRole
from auditor.access.rbac.roles import shipped_ids
from auditor.cli.failures import UsageFailed
from auditor.cli.outputs import ensure_writable
from auditor.files import why
from auditor.inventory.redaction.pseudonyms import SHORTEST_KEY, Pseudonyms, WeakKey
from auditor.inventory.redaction.redact import STAYS, Redacted, redacted, well_known
from auditor.inventory.snapshot.files import load, save, suffix_of

VARIABLE = "MIGAUDIT_REDACTION_KEY"
LARGEST_KEY = 64 * 1024


def redacted_file(source: Path, target: Path, key: str | None) -> Redacted:
    """Write `source` redacted to `target` and return the result; raises `UsageFailed` and `BadSnapshot`."""
    suffix_of(target)
    ensure_writable(target, option="OUT")
    secret = _key(key)
    snapshot = load(source)
    ours = [*well_known(snapshot), *shipped_ids(), *(role.value for role in DirectoryRole)]
    try:
        result = redacted(snapshot, Pseudonyms(secret, ours))
    except WeakKey as weak:
        raise UsageFailed(f"`--key {key}`: {weak}") from weak
    save(result.snapshot, target)
    return result


def notes(result: Redacted, target: Path) -> Iterator[str]:
    """Yield notes on a redacted snapshot: its size, and what was not removed or possibly not removed."""
    held = result.snapshot
    yield f"wrote {len(held.arm) + len(held.graph):,} resources and objects to `{target}`; what is not removed:"
    for stays in STAYS:
        yield f"  {stays}"
    for remain in result.remains:
        count = "1 value" if remain.count == 1 else f"{remain.count:,} values"
        such_as = ", ".join(f"`{one}`" for one in remain.examples)
        yield f"  `{remain.property}`: {count} with a word that is replaced elsewhere, such as {such_as}"
    if result.remains:
        yield "look at these before you share it"


def _key(key: str | None) -> bytes:
    if key is None:
        return secrets.token_bytes(32)
    if key == "env":
        value = os.environ.get(VARIABLE, "")
        if not value:
            raise UsageFailed(f"`--key env`: `{VARIABLE}` is not set; it needs at least {SHORTEST_KEY} bytes")
        return value.encode()
    try:
        with Path(key).open("rb") as stream:
            held = stream.read(LARGEST_KEY + 1)
    except OSError as refused:
        reason = why(refused)
        raise UsageFailed(f"cannot read `--key {key}`: {reason}") from refused
    if len(held) > LARGEST_KEY:
        raise UsageFailed(f"`--key {key}`: larger than {LARGEST_KEY // 1024} KiB, so it is probably not a key")
    return held.strip(b"\r\n")
