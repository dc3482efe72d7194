"""The options that `can` and `who-can` share, and the environment that they ask about."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from auditor.cli.exit_codes import ExitCode
from auditor.cli.failures import CommandFailed, UsageFailed
from auditor.cli.formats import SNAPSHOT_FILE
from auditor.cli.options import ConnectionOptions, azure_options, refuse_demo_elsewhere, with_options
from auditor.cli.terminal import Terminal

if TYPE_CHECKING:
    from auditor.access.verdicts import Plane
    from auditor.collect.request import Request
    from auditor.inventory.arm_id import ArmId
    from auditor.inventory.inventory import Inventory
    from auditor.inventory.snapshot.snapshot import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessQuestion:
    """The options that say what `can` and `who-can` are asked, one field per option."""

    action: str | None
    data_action: str | None
    scope: str
    demo: bool
    snapshot: Path | None
    at: str | None
    connection: ConnectionOptions


def question_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--action`, `--data-action`, `--scope`, `--demo`, `--snapshot`, `--at`, `--format` and the options for Azure.

    `command` gets `--format` as `form`, and the others as one argument, `question`.
    """

    @wraps(command)
    def asking(*args: Any, **options: Any) -> Any:
        asked = {field.name: options.pop(field.name) for field in fields(AccessQuestion)}
        return command(*args, question=AccessQuestion(**asked), **options)

    return with_options(_OPTIONS)(asking)


_OPTIONS = (
    click.option(
        "--action", metavar="ACTION", help="A control-plane action, such as Microsoft.Migrate/migrateProjects/write."
    ),
    click.option(
        "--data-action",
        metavar="ACTION",
        help="A data-plane action, such as Microsoft.KeyVault/vaults/keys/read.",
    ),
    click.option(
        "--scope",
        required=True,
        metavar="ARM_ID",
        help="The resource, resource group, subscription or management group in question.",
    ),
    click.option("--demo", is_flag=True, help="Ask about the embedded environment; needs no Azure."),
    click.option("--snapshot", type=SNAPSHOT_FILE, metavar="FILE", help="Ask a saved snapshot, offline."),
    click.option(
        "--at", metavar="TIME", help="Answer as of this time, such as 2026-11-23T10:00:00Z: roles can begin and end."
    ),
    click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True),
    azure_options,
)


def asked_action(question: AccessQuestion) -> "tuple[str, Plane]":
    """Return the action and its plane; raises `UsageFailed` unless exactly one of the two is given."""
    from auditor.access.verdicts import Plane

    if question.action and not question.data_action:
        return question.action, Plane.CONTROL
    if question.data_action and not question.action:
        return question.data_action, Plane.DATA
    raise UsageFailed("name one action: either `--action` or `--data-action`")


def environment(
    question: AccessQuestion,
    scope: "ArmId",
    terminal: Terminal,
    *,
    accounts: tuple[str, ...] = (),
    expand: bool = False,
) -> "Inventory":
    """Return the inventory of the saved snapshot, of the demo, or of what Azure shows now about `scope`.

    With `expand` Azure is also asked for the members of the groups that have a role at the scope.
    """
    from auditor.cli.environment.accounts import read_despite_strangers
    from auditor.cli.environment.demo import read_asked
    from auditor.cli.environment.unreadable import ensure_readable
    from auditor.cli.scan.options import moment
    from auditor.collect.request import UnknownScope
    from auditor.inventory.inventory import Inventory

    if question.demo:
        refuse_demo_elsewhere(question.connection.cloud, question.snapshot)
    when = moment(question.at) if question.at else None
    if question.snapshot is not None:
        from auditor.inventory.snapshot.files import load

        saved = load(question.snapshot)
        inside = scope.subscription in {one.lower() for one in saved.header.scope.subscriptions}
        ensure_readable(saved, terminal, (f"/subscriptions/{scope.subscription}",) if inside else None)
        return Inventory.of(saved, when)
    request = _request(scope, expand=expand)

    def read(named: tuple[str, ...], _strangers: tuple[str, ...]) -> "Snapshot":
        return read_asked(replace(request, accounts=named), question.connection, terminal, demo=question.demo)

    try:
        held = read_despite_strangers(read, accounts)
    except UnknownScope as unseen:
        # Azure lists only the groups that the caller may see, without an error, so a missing group need not be absent.
        if scope.management_group is None:
            raise
        raise CommandFailed(
            ExitCode.UNREADABLE,
            f"unknown: no management group `{scope.management_group}` was seen: it does not exist, or the signed-in "
            f"account may not see it\ngrant Microsoft.Management/managementGroups/read at `{scope.text}` to find out",
        ) from unseen
    ensure_readable(held, terminal, None if scope.management_group is None else (scope.text,))
    return Inventory.of(held, when)


def _request(scope: "ArmId", *, expand: bool) -> "Request":
    """Return the request for what a question about `scope` needs: its subscription, or its management group alone."""
    from auditor.collect.request import Request

    if scope.subscription is not None:
        where = Request(subscriptions=(scope.subscription,), scopes=(str(scope),))
    elif scope.management_group is not None:
        where = Request(scopes=(str(scope),))
    else:
        raise UsageFailed(
            f"`--scope {scope.text}` names neither a subscription nor a management group to read; ask a saved snapshot "
            "with `--snapshot`"
        )
    return replace(where, access=True, expand=expand)
