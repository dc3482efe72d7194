"""`migaudit permissions`: the minimum rights that the tool itself needs."""

from typing import TYPE_CHECKING

import click

from auditor.cli.exit_codes import ExitCode
from auditor.cli.failures import UsageFailed
from auditor.cli.terminal import to_stdout

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMA = "migaudit/permissions/1"
_CLEANER = "migaudit cleaner"
_CLEANS = "What `migaudit cleanup` needs besides reading: soft-delete workspaces, restore them with what they had."


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
    "--for",
    "purpose",
    type=click.Choice(["reading", "cleanup"]),
    default="reading",
    show_default=True,
    help="Which role `--format role` prints: the one for reading, or the one that `cleanup` needs in addition.",
)
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    metavar="ID",
    help="Subscription or management group where the role can be assigned (repeatable).",
)
def permissions(form: str, purpose: str, scopes: tuple[str, ...]) -> ExitCode:
    """Print the minimum rights that migaudit itself needs, per feature: custom Azure roles and Graph permissions.

    Without a right, what it covers is not read: the verdicts that depend on it are unknown, and the scan names the
    right. Only `cleanup apply` and `cleanup restore` change anything; they need a second role.
    """
    from auditor.report.json_text import json_text

    roles = _roles(tuple(_assignable(scope) for scope in scopes))
    if form == "role":
        to_stdout([json_text(roles[purpose])])
    elif form == "json":
        to_stdout([json_text(_document(roles))])
    else:
        to_stdout(f"{line}\n" for line in _lines(roles))
    return ExitCode.CLEAN


def _roles(scopes: tuple[str, ...]) -> dict[str, dict[str, object]]:
    """Return the two custom roles by their purpose."""
    from auditor.cleanup.admission import TO_APPLY
    from auditor.collect.permissions import custom_role, role

    return {"reading": role(*scopes), "cleanup": custom_role(_CLEANER, _CLEANS, TO_APPLY, scopes)}


def _changing() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return the features that change something: their meaning, and the actions that they need besides reading."""
    from auditor.cleanup.admission import TO_APPLY, TO_RESTORE

    return {
        "cleanup-apply": (
            "only for `cleanup apply`, besides everything for reading: deletes nothing that it could not restore",
            TO_APPLY,
        ),
        "cleanup-restore": ("only for `cleanup restore`: restores workspaces with what was saved of them", TO_RESTORE),
    }


def _assignable(scope: str) -> str:
    """Return the id of a subscription or management group, where such a role is assigned; raises `UsageFailed`."""
    from auditor.inventory.arm_id import ArmId, MalformedArmId

    try:
        parsed = ArmId.parse(scope)
    except MalformedArmId as malformed:
        raise UsageFailed(f"`--scope {scope}`: {malformed.reason}") from malformed
    if parsed.type.lower() not in {"microsoft.resources/subscriptions", "microsoft.management/managementgroups"}:
        raise UsageFailed(f"`--scope {scope}`: name a subscription or a management group")
    return parsed.text


def _document(roles: dict[str, dict[str, object]]) -> dict[str, object]:
    from auditor.collect.permissions import graph_permissions, rights, uncovered
    from auditor.inventory.reads import BY_READER

    features = {one.feature.value: {"actions": list(one.actions), "graph": list(one.graph)} for one in rights()}
    features |= {name: {"actions": list(actions), "graph": []} for name, (_, actions) in _changing().items()}
    return {
        "schema": SCHEMA,
        "role": roles["reading"],
        "cleanup_role": roles["cleanup"],
        "uncovered": [{"list": what, "needs": BY_READER} for what in uncovered()],
        "graph": list(graph_permissions()),
        "features": features,
    }


def _lines(roles: dict[str, dict[str, object]]) -> "Iterator[str]":
    from auditor.collect.permissions import MEANINGS, graph_permissions, rights, uncovered
    from auditor.report.json_text import json_text

    for one in rights():
        yield f"{one.feature.value}: {MEANINGS[one.feature]}"
        yield from (f"  {action}" for action in one.actions)
        yield from (f"  {permission} (Microsoft Graph)" for permission in one.graph)
        yield ""
    for name, (meaning, actions) in _changing().items():
        yield f"{name}: {meaning}"
        yield from (f"  {action}" for action in actions)
        yield ""
    yield "As a custom role for reading (`--format role` prints it alone; the built-in role Reader covers it as well):"
    yield from json_text(roles["reading"]).splitlines()
    yield ""
    yield "No custom role can name what these lists need; only the built-in role Reader (`*/read`) covers them."
    yield "Without it they stay unread, and verdicts that depend on them are unknown:"
    yield from (f"  {what}" for what in uncovered())
    yield ""
    yield "In addition for `cleanup` (`--format role --for cleanup`; Log Analytics Contributor covers it as well):"
    yield from json_text(roles["cleanup"]).splitlines()
    yield ""
    yield "Microsoft Graph permissions, delegated or application:"
    yield from (f"  {permission}" for permission in graph_permissions())
