"""Plans as JSON documents (`migaudit/cleanup-plan/1`), with a checksum that shows later changes."""

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
    """An unchanged plan with an invalid value; `line` is its line number, from 1."""

    def __init__(self, reason: str, line: int) -> None:
        super().__init__(reason)
        self.line = line


def as_document(plan: CleanupPlan) -> dict[str, Any]:
    """Return the plan as a document with its checksum, as the published schema describes it."""
    document = {"schema": SCHEMA, **msgspec.to_builtins(plan)}
    return {**document, "checksum": checksum_of(document)}


def decode(text: bytes) -> tuple[CleanupPlan, str]:
    """Return the plan in a file and its checksum; raises `BadPlan`."""
    try:
        document = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as damaged:
        raise BadPlan(f"it is not valid JSON ({damaged}): make the plan again") from damaged
    if not isinstance(document, dict):
        raise BadPlan("it is not a cleanup plan")
    _check_version(document.get("schema"))
    checksum = document.get("checksum")
    if not isinstance(checksum, str) or checksum != _checksum(document):
        raise BadPlan("it was changed after it was made (its checksum does not match): make the plan again")
    try:
        plan = msgspec.convert(document, CleanupPlan)
    except msgspec.ValidationError as malformed:
        raise BadPlan(f"it lacks what a plan must have ({malformed})") from malformed
    _check_times(plan, text)
    _check_items(plan.items)
    return plan, checksum


def checksum_of(document: dict[str, Any]) -> str:
    """Return the checksum of a document without its checksum field, independent of layout and order."""
    content = {name: value for name, value in document.items() if name != "checksum"}
    return f"sha256:{hashlib.sha256(msgspec.json.encode(content, order='sorted')).hexdigest()}"


def _checksum(document: dict[str, Any]) -> str | None:
    """Return the checksum; None for a document that cannot be encoded, such as one with an enormous number."""
    try:
        return checksum_of(document)
    except (ValueError, OverflowError, RecursionError):
        return None


def _check_times(plan: CleanupPlan, text: bytes) -> None:
    """Raise `MalformedPlan` for a time without a zone, from which the age of the plan cannot be computed."""
    for name in ("created_at", "read_at"):
        if getattr(plan, name).tzinfo is None:
            line = text[: max(0, text.find(f'"{name}"'.encode()))].count(b"\n") + 1
            raise MalformedPlan(f"`{name}` has no time zone: make the plan again", line)


def _check_version(schema: object) -> None:
    found = _VERSION.fullmatch(schema) if isinstance(schema, str) else None
    if found is None:
        raise BadPlan("it is not a cleanup plan")
    if schema != SCHEMA:
        raise BadPlan(f"it has another version (`{schema}`); this migaudit knows `{SCHEMA}`")


def _check_items(items: tuple[Item, ...]) -> None:
    """Raise `BadPlan` unless every item to delete is proven to be left behind and has a safe, unique id."""
    seen: set[str] = set()
    for item in items:
        if item.action is not Action.DELETE:
            continue
        try:
            key = WorkspaceId.parse(item.id).key
        except UnsafeId as unsafe:
            raise BadPlan(f"it asks to delete what must not be deleted: {unsafe}") from unsafe
        if key in seen:
            raise BadPlan(f"it names `{item.id}` twice")
        seen.add(key)
        if item.kind != "workspace" or item.verdict != "orphaned" or item.evidence_against or item.unread:
            raise BadPlan(f"it asks to delete `{item.id}`, which it does not show to be left behind")
        if not is_guid(item.rests_on.get("customerId")):
            raise BadPlan(f"it does not show which workspace `{item.id}` was")
