"""An answer of the access engine, as JSON and as text."""

from collections.abc import Iterable, Iterator
from typing import Any

from auditor.access.verdicts import AccessAnswer, AccessVerdict, Plane
from auditor.facts.entities.named_ids import NamedIds
from auditor.inventory.arm_id import ArmId
from auditor.inventory.reads import NOT_PUBLISHED
from auditor.library.accounts import MeantAccount
from auditor.report.terminal.page import Page

SCHEMA = "migaudit/can/1"

_MEANINGS = {
    AccessVerdict.ALLOW: "yes",
    AccessVerdict.DENY: "no",
    AccessVerdict.CONDITIONAL: "perhaps: it is granted under a condition",
    AccessVerdict.ELIGIBLE: "not yet: a role has to be activated first",
    AccessVerdict.UNKNOWN: "unknown: something that decides it could not be read",
}


def answer_json(answer: AccessAnswer, who: MeantAccount, action: str, plane: Plane, scope: ArmId) -> dict[str, Any]:
    """Return the JSON document of `can`."""
    return {
        "schema": SCHEMA,
        "account": {"id": who.id, "name": who.name},
        "action": action,
        "plane": plane.value,
        "scope": scope.text,
        "verdict": answer.verdict.value,
        "because": [{"kind": one.kind.value, "id": one.id, "text": one.text} for one in answer.because],
        "gaps": [gap.as_dict() for gap in answer.gaps],
        "notes": [{"kind": one.kind.value, "id": one.id, "text": one.text} for one in answer.notes],
    }


def answer_parts(
    answer: AccessAnswer, who: MeantAccount, action: str, scope: ArmId, names: NamedIds
) -> Iterator[tuple[str, str]]:
    """Yield the answer as labels with their words, with names beside ids; the first two have no label."""
    yield "", f"{answer.verdict.value}: {who.name}, {action} at {names.scope(scope.text)}"
    exists = not any(gap.code == NOT_PUBLISHED for gap in answer.gaps)
    yield "", _MEANINGS[answer.verdict] if exists else "unknown: no resource provider is known to have this action"
    for reason in answer.because:
        yield "because", names.text(reason.text)
        if reason.id:
            yield "       ", names.scope(reason.id)
    for note in answer.notes:
        yield "note   ", names.text(note.text)
    for words, undecidable in {gap.words: gap.is_undecidable for gap in answer.gaps}.items():
        yield "because" if not exists else "open   " if undecidable else "unread ", words


def write_answer(page: Page, parts: Iterable[tuple[str, str]], indent: str = "") -> None:
    """Write an answer on a page: what was asked and the verdict, and below it the reasons."""
    for number, (label, words) in enumerate(parts):
        if not number:
            page.labelled(indent, (words, "bold"))
        else:
            page.labelled(f"{indent}  {label}{' ' if label else ''}", words)
