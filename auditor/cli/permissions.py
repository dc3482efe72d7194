"""`migaudit permissions`: the least rights that the tool itself needs."""

from typing import TYPE_CHECKING

import click

from auditor.cli.exit_codes import ExitCode
from auditor.cli.failures import UsageFailed
from auditor.cli.terminal import to_stdout

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMA = "migaudit/permissions/1"


@click.command(epilog="Example: migaudit permissions --format role --scope /subscriptions/SUBSCRIPTION-ID > role.json")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "role"]),
    default="table",
    show_default=True,
    help="`role` prints nothing but the custom role, for `az role definition create --role-definition @role.json`.",
)
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    metavar="ID",
    help="Subscription or management group where the role can be assigned (repeatable).",
)
def permissions(form: str, scopes: tuple[str, ...]) -> ExitCode:
    """Print the least rights that migaudit itself needs, per feature: a custom role of Azure and Graph permissions.

    Whatever is not granted is not read; the verdicts that rest on it are then unknown, and the scan names the right.
    """
    from auditor.collect.permissions import role
    from auditor.report.json_text import json_text

    custom = role(*(_assignable(scope) for scope in scopes))
    if form == "role":
        to_stdout([json_text(custom)])
    elif form == "json":
        to_stdout([json_text(_document(custom))])
    else:
        to_stdout(f"{line}\n" for line in _lines(custom))
    return ExitCode.CLEAN


def _assignable(scope: str) -> str:
    """Return the id of a place where a role can be assigned that reads whole subscriptions; raises `UsageFailed`."""
    from auditor.inventory.arm_id import ArmId, MalformedArmId

    try:
        parsed = ArmId.parse(scope)
    except MalformedArmId as malformed:
        raise UsageFailed(f"`--scope {scope}`: {malformed.reason}") from malformed
    if parsed.type.lower() not in {"microsoft.resources/subscriptions", "microsoft.management/managementgroups"}:
        raise UsageFailed(f"`--scope {scope}`: name a subscription or a management group")
    return parsed.text


def _document(custom: dict[str, object]) -> dict[str, object]:
    from auditor.collect.permissions import graph_permissions, rights

    features = {one.feature.value: {"actions": list(one.actions), "graph": list(one.graph)} for one in rights()}
    return {"schema": SCHEMA, "role": custom, "graph": list(graph_permissions()), "features": features}


def _lines(custom: dict[str, object]) -> "Iterator[str]":
    from auditor.collect.permissions import MEANINGS, graph_permissions, rights
    from auditor.report.json_text import json_text

    for one in rights():
        yield f"{one.feature.value}: {MEANINGS[one.feature]}"
        yield from (f"  {action}" for action in one.actions)
        yield from (f"  {permission} (Microsoft Graph)" for permission in one.graph)
        yield ""
    yield "As a custom role (`--format role` prints it alone; the built-in role Reader covers it as well):"
    yield from json_text(custom).splitlines()
    yield ""
    yield "Microsoft Graph permissions, delegated or application:"
    yield from (f"  {permission}" for permission in graph_permissions())
