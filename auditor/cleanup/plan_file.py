"""Plans as JSON documents (`migaudit/cleanup-plan/1`), with a checksum that shows whether one is as it was made."""

import hashlib
import re
from typing import Any

import msgspec

from auditor.cleanup.plan import Action, CleanupPlan, Item
from auditor.cleanup.workspace_id import UnsafeId, WorkspaceId, is_guid

SCHEMA = "migaudit/cleanup-plan/1"

_VERSION = re.compile(r"migaudit/cleanup-plan/(\d{1,6})")


class BadPlan(Exception):
    """A plan that cannot be used, with the reason."""


class MalformedPlan(BadPlan):
    """A plan that is as it was made and holds what no plan can; `line` is where, from 1."""

    def __init__(self, reason: str, line: int) -> None:
        super().__init__(reason)
        self.line = line


def as_document(plan: CleanupPlan) -> dict[str, Any]:
    """Return the plan in its published shape."""
    document = {"schema": SCHEMA, **msgspec.to_builtins(plan)}
    return {**document, "checksum": checksum_of(document)}


def decode(text: bytes) -> tuple[CleanupPlan, str]:
    """Return the plan that a file holds, and its checksum; raises `BadPlan`."""
    try:
        document = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as damaged:
        raise BadPlan(f"it is not whole JSON ({damaged}): make the plan again") from damaged
    if not isinstance(document, dict):
        raise BadPlan("it is no cleanup plan")
    _check_version(document.get("schema"))
    told = document.get("checksum")
    if not isinstance(told, str) or told != _checksum(document):
        raise BadPlan("it was changed after it was made (its checksum does not fit): make the plan again")
    try:
        plan = msgspec.convert(document, CleanupPlan)
    except msgspec.ValidationError as malformed:
        raise BadPlan(f"it lacks what a plan must have ({malformed})") from malformed
    _check_times(plan, text)
    _check_items(plan.items)
    return plan, told


def checksum_of(document: dict[str, Any]) -> str:
    """Return the checksum over everything in a plan but the checksum itself; layout and order do not count."""
    content = {name: value for name, value in document.items() if name != "checksum"}
    return f"sha256:{hashlib.sha256(msgspec.json.encode(content, order='sorted')).hexdigest()}"


def _checksum(document: dict[str, Any]) -> str | None:
    """The checksum; None for what cannot be written again, such as a number of thousands of digits."""
    try:
        return checksum_of(document)
    except (ValueError, OverflowError, RecursionError):
        return None


def _check_times(plan: CleanupPlan, text: bytes) -> None:
    """A time without a zone is no moment: it cannot be told how old such a plan is."""
    for name in ("created_at", "read_at"):
        if getattr(plan, name).tzinfo is None:
            line = text[: max(0, text.find(f'"{name}"'.encode()))].count(b"\n") + 1
            raise MalformedPlan(f"`{name}` has no time zone: make the plan again", line)


def _check_version(schema: object) -> None:
    found = _VERSION.fullmatch(schema) if isinstance(schema, str) else None
    if found is None:
        raise BadPlan("it is no cleanup plan")
    if schema != SCHEMA:
        raise BadPlan(f"it is of another version (`{schema}`); this migaudit knows `{SCHEMA}`")


def _check_items(items: tuple[Item, ...]) -> None:
    """A plan is only what was made here: what is to be deleted is proven left behind, and has an id that is safe."""
    seen: set[str] = set()
    for item in items:
        if item.action is not Action.DELETE:
            continue
        try:
            key = WorkspaceId.parse(item.id).key
        except UnsafeId as unsafe:
            raise BadPlan(f"it wants to delete what it must not: {unsafe}") from unsafe
        if key in seen:
            raise BadPlan(f"it names `{item.id}` twice")
        seen.add(key)
        if item.kind != "workspace" or item.verdict != "orphaned" or item.evidence_against or item.unread:
            raise BadPlan(f"it wants to delete `{item.id}`, which it does not show to be left behind")
        if not is_guid(item.rests_on.get("customerId")):
            raise BadPlan(f"it does not tell which workspace `{item.id}` was")
