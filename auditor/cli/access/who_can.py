"""`migaudit who-can`: everyone who can do an action at a scope."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from auditor.cli.access.question import AccessQuestion, asked_action, environment, question_options
from auditor.cli.exit_codes import ExitCode
from auditor.cli.terminal import Terminal, to_stdout

if TYPE_CHECKING:
    from auditor.access.who_can import Holder, WhoCan
    from auditor.facts.entities.named_ids import NamedIds

SCHEMA = "migaudit/who-can/1"
_HELD = {
    "standing": "standing: by their own role or access policy",
    "group": "through a group: all its members",
    "member": "as members of such a group",
    "root": "at the root: over the whole tenant",
    "delegated": "delegated: principals of another tenant",
    "conditional": "under a condition that the request must meet",
    "eligible": "eligible: after activating a role",
    "orphaned": "deleted from the directory: nobody can use it",
    "undecided": "could not be decided",
}


@click.command(
    "who-can",
    epilog="Example: migaudit who-can --action Microsoft.Migrate/migrateProjects/write "
    "--scope /subscriptions/SUBSCRIPTION_ID/resourceGroups/rg-migrate",
)
@question_options
@click.option(
    "--expand",
    "--members",
    "members",
    is_flag=True,
    help="List the members of groups too: read from Azure, or as far as the snapshot contains them.",
)
@click.pass_context
def who_can(
    context: click.Context,
    /,
    form: str,
    members: bool,
    question: AccessQuestion,
) -> ExitCode:
    """Name everyone who can do an action at a scope.

    Standing, conditional and eligible access are listed separately. If a list was not read completely, there may be
    more.
    """
    from auditor.access.access import Access
    from auditor.cli.access.action_warning import warn_about_action
    from auditor.facts.entities.named_ids import NamedIds
    from auditor.inventory.arm_id import ArmId
    from auditor.library.caveats import holders_of
    from auditor.report.json_text import json_text

    wanted, plane = asked_action(question)
    where = ArmId.parse(question.scope)
    inventory = environment(question, where, Terminal.of(context), expand=members)
    access = Access.of(inventory)
    warn_about_action(wanted, plane, access, Terminal.of(context))
    found = holders_of(access, wanted, where, plane)
    if members:
        found = found.expanded()
    if form == "json":
        to_stdout([json_text(_document(found, wanted))])
    else:
        to_stdout(f"{line}\n" for line in _lines(found, wanted, NamedIds(inventory)))
    return ExitCode.CLEAN


def _document(found: "WhoCan", action: str) -> dict[str, Any]:

    return {
        "schema": SCHEMA,
        "action": action,
        "plane": found.plane.value,
        "scope": found.scope.text,
        "complete": not found.at_least,
        "holders": [_holder(holder) for holder in found.holders],
        "gaps": [gap.as_dict() for gap in found.gaps],
    }


def _holder(holder: "Holder") -> dict[str, Any]:
    return {
        "id": holder.principal,
        "name": holder.name,
        "type": holder.kind,
        "holding": holder.holding.value,
        "verdict": holder.answer.verdict.value,
        "because": [{"kind": one.kind.value, "id": one.id, "text": one.text} for one in holder.answer.because],
        "notes": [{"kind": one.kind.value, "id": one.id, "text": one.text} for one in holder.answer.notes],
    }


def _lines(found: "WhoCan", action: str, names: "NamedIds") -> Iterator[str]:
    """Yield the holders by kind of access, those who have it now first; nobody is listed twice."""
    from auditor.access.who_can import Holding
    from auditor.inventory.reads import NOT_PUBLISHED
    from auditor.report.inert import inert

    exists = not any(gap.code == NOT_PUBLISHED for gap in found.gaps)
    count = f"{'at least ' if found.at_least else ''}{len(found.holders):,}" if exists else "unknown"
    yield f"{inert(action)} at {inert(names.scope(found.scope.text))}: {count}"
    width = max((len(inert(holder.name)) for holder in found.holders), default=0)
    for holding in Holding:
        holders = found.of(holding)
        if holders:
            yield f"{_HELD[holding.value]} ({len(holders):,})"
        for holder in holders:
            yield f"  {inert(holder.name):<{width}}  {holder.kind}"
            yield from (f"    note  {inert(names.text(note.text))}" for note in holder.answer.notes)
    for words, undecidable in {gap.words: gap.is_undecidable for gap in found.gaps}.items():
        yield f"  {'because' if not exists else 'open   ' if undecidable else 'unread '} {inert(words)}"
