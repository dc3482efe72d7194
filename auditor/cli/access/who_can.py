"""`migaudit who-can`: everyone who can do an action at a scope."""

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
        to_stdout([_text(found, wanted, NamedIds(inventory), Terminal.of(context))])
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


MOST = 100
"""Maximum number of holders of one kind that a terminal shows; `--verbose` and a pipe show all of them."""


def _text(found: "WhoCan", action: str, names: "NamedIds", terminal: Terminal) -> str:
    """Return the holders by kind of access, those who have it now first; nobody is listed twice."""
    from auditor.access.who_can import Holding
    from auditor.cli.table_style import page_style
    from auditor.inventory.reads import NOT_PUBLISHED
    from auditor.report.terminal.page import Column, Page

    style = page_style(terminal)
    page = Page(style)
    exists = not any(gap.code == NOT_PUBLISHED for gap in found.gaps)
    page.line((f"{action} at {names.scope(found.scope.text)}: {_count(found) if exists else 'unknown'}", "bold"))
    for holding in Holding:
        holders = found.of(holding)
        shown = holders if terminal.verbose or style.whole else holders[:MOST]
        if holders:
            page.line(f"{_HELD[holding.value]} ({len(holders):,})")
            columns = (Column(whole=True), Column(whole=True))
            page.table(columns, [((one.name, "bold"), one.kind) for one in shown], indent=2)
        for one in shown:
            for note in one.answer.notes:
                page.labelled("  note  ", (one.name, "bold"), f": {names.text(note.text)}")
        if len(shown) < len(holders):
            page.line(f"and {len(holders) - len(shown):,} more (`--verbose`)", indent=2)
    page.fields(
        [
            ("because" if not exists else "open" if undecidable else "unread", words)
            for words, undecidable in {gap.words: gap.is_undecidable for gap in found.gaps}.items()
        ],
        indent=2,
    )
    return page.text()


def _count(found: "WhoCan") -> str:
    """Return how many can do it, without those that nobody can sign in as, and of how many that is not known."""
    from auditor.access.who_can import Holding

    undecided = len(found.of(Holding.UNDECIDED))
    able = len(found.holders) - undecided - len(found.of(Holding.ORPHANED))
    some = f"at least {able:,}" if able else "nobody for certain"
    count = some if found.at_least else f"{able:,}"
    return f"{count}, and {undecided:,} could not be decided" if undecided else count
