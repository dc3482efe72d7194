"""`migaudit why`: whether the cause of an error that somebody pasted holds in an environment, and what cures it."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from auditor.cli.exit_codes import ExitCode
from auditor.cli.failures import UsageFailed
from auditor.cli.formats import SNAPSHOT_FILE
from auditor.cli.options import azure_options, refuse_demo_elsewhere
from auditor.cli.rules.pasted import asked_text
from auditor.cli.scan.options import ScanOptions
from auditor.cli.terminal import Terminal, to_stdout

if TYPE_CHECKING:
    from auditor.audit.explain.explanation import Explanation


_MOST_ACCOUNTS = 5
"""Maximum number of accounts that are read because a text names them."""


@click.command(epilog="Example: migaudit why - --subscription contoso-prod < error.json")
@click.argument("what", metavar="TEXT|FILE|-", nargs=-1, required=True)
@click.option(
    "--subscription",
    "-s",
    multiple=True,
    metavar="ID|NAME",
    help="Look in this subscription (repeatable; default: those that the text names).",
)
@click.option(
    "--account",
    "-a",
    multiple=True,
    metavar="WHO",
    help="The account that got the error, if the text does not name it (repeatable).",
)
@click.option("--project", "-p", metavar="NAME", help="Only this Azure Migrate project.")
@click.option("--resource-group", "-g", metavar="NAME", help="Only the projects of this resource group.")
@click.option("--demo", is_flag=True, help="Look in the embedded environment; needs no Azure.")
@click.option("--snapshot", type=SNAPSHOT_FILE, metavar="FILE", help="Look in a saved snapshot, offline.")
@click.option("--at", metavar="TIME", help="Answer as of this time, such as 2026-11-23T10:00:00Z.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@azure_options
@click.pass_context
def why(context: click.Context, /, what: tuple[str, ...], form: str, **options: Any) -> ExitCode:
    """Say whether the cause of an error holds in your environment, and what cures it.

    TEXT is what `explain` takes. Exits with 1 if the cause is confirmed, 0 if it is refuted, 4 if that is not known.
    """
    from auditor.audit.catalogue import catalogue
    from auditor.audit.explain.explanation import explanation
    from auditor.cli.rules.choice import chosen_rules, no_rule_because
    from auditor.cli.table_style import page_style
    from auditor.cli.why.answer import answer_json, answer_text
    from auditor.cli.why.environment import causes_of, read_about
    from auditor.report.json_text import json_text

    text = asked_text(what)
    found = explanation(text or "", catalogue(), chosen_rules())
    explained = [entry for one in found.shown for entry in one.entries]
    if not found.errors and not any(entry.rules for entry in explained):
        theirs = [f"`{one.number}` is a number of another product ({one.product})" for one in found.others]
        reason = "; ".join(theirs) or (no_rule_because(explained) if explained else "it names none that is known")
        raise UsageFailed(
            f"nothing in the text is an error whose cause can be looked for: {reason}\n"
            "`migaudit explain` says what is known about it"
        )
    named = ScanOptions(**options)
    if named.demo:
        refuse_demo_elsewhere(named.connection.cloud, named.snapshot)
    is_whole = named.demo or named.snapshot is not None
    asked = replace(named, subscription=named.subscription or (() if is_whole else _subscriptions(found)))
    terminal = Terminal.of(context)
    read = read_about(asked, _accounts(found, terminal), terminal)
    causes = causes_of(found, read) if read.asked.account else causes_of(found, read).without_people()
    if form == "json":
        to_stdout([json_text(answer_json(found, causes))])
    else:
        to_stdout([answer_text(found, causes, page_style(terminal))])
    return {
        "confirmed": ExitCode.FINDINGS,
        "refuted": ExitCode.CLEAN,
        "unknown": ExitCode.UNDECIDED,
    }[causes.verdict.value]


def _subscriptions(found: "Explanation") -> tuple[str, ...]:
    """Return the subscriptions that the text names; raises `UsageFailed` if nothing says where to look."""
    named = tuple(dict.fromkeys(one.details.subscription for one in found.refusals if one.details.subscription))
    if not named:
        raise UsageFailed("the text names no subscription: name it with `--subscription`, or a file with `--snapshot`")
    return named


def _accounts(found: "Explanation", terminal: Terminal) -> tuple[str, ...]:
    """Return the accounts that the text names: their object ids, or else the first of their sign-in names."""
    from auditor.audit.explain.named_things import things_in

    ids = tuple(dict.fromkeys(one.details.account for one in found.refusals if one.details.account))
    if ids:
        return ids
    names = sorted(things_in(found.text).accounts)
    if left_out := len(names[_MOST_ACCOUNTS:]):
        terminal.note(f"the text names {len(names):,} accounts, of which {left_out:,} are not read: name one with `-a`")
    return tuple(names[:_MOST_ACCOUNTS])
