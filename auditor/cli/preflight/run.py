"""`preflight`, from its options to its result: read, resolve the project and accounts, check the steps."""

from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.cli.environment.accounts import read_despite_strangers
from auditor.cli.environment.demo import read_asked
from auditor.cli.environment.unreadable import ensure_readable, subscription_places
from auditor.cli.failures import UsageFailed
from auditor.cli.preflight.options import PreflightRequest, addresses, asked_again, subnet_id, target_id
from auditor.cli.preflight.project import project_in
from auditor.cli.scan.options import moment
from auditor.cli.terminal import Terminal
from auditor.collect.request import Request
from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory
from auditor.library.accounts import account_meant
from auditor.library.places import environment_fields, meant
from auditor.report.preflight_result import PreflightResult

if TYPE_CHECKING:
    from auditor.facts.preflight.plan import RegistrationPlan
    from auditor.inventory.snapshot.snapshot import Snapshot

DEMO_PROJECT, DEMO_ACCOUNT = "contoso-dc-exit", "pradeepg@contoso.com"
"""The default project and account of the demo; the account has many rights, but not all that are needed."""


def preflight_result(asked: PreflightRequest, terminal: Terminal) -> PreflightResult:
    """Return the result of the preflight that was asked for."""
    from auditor.access.access import Access
    from auditor.audit.preflight.report import preflight
    from auditor.facts.estate.environment import Context

    if asked.demo:
        account = asked.account or DEMO_ACCOUNT
        asked = replace(asked, project=asked.project or DEMO_PROJECT, account=account)
    inventory = _inventory(asked, terminal)
    plan = _plan(inventory, asked, terminal)
    found = preflight(Context(inventory, Access.of(inventory)), plan, who=asked.who)
    return PreflightResult(**environment_fields(inventory), preflight=found, again=asked_again(asked, found))


def _plan(inventory: Inventory, asked: PreflightRequest, terminal: Terminal) -> "RegistrationPlan":
    from auditor.facts.estate.registration_modes import Mode
    from auditor.facts.preflight.plan import RegistrationPlan
    from auditor.facts.rights.steps import ApplianceKind, steps

    project = project_in(inventory, asked.subscription, asked.project or "", asked.resource_group, create=asked.create)
    account = _account(inventory, asked.account or _saved_account(inventory, asked, terminal), terminal)
    other = _account(inventory, asked.discovery_account, terminal) if asked.discovery_account else account
    return RegistrationPlan(
        project=project,
        account=account,
        discovery_account=other,
        named=asked.account is not None or account != inventory.header.by.object_id,
        kind=ApplianceKind(asked.kind),
        mode=Mode(asked.mode) if asked.mode else None,
        target=_target(inventory, asked.target_resource_group, project),
        subnet=subnet_id(asked),
        steps=asked.steps or tuple(steps()),
        new=asked.create,
        placed=asked.subscription is not None or (asked.project or "").startswith("/"),
        addresses=addresses(asked),
    )


def _saved_account(inventory: Inventory, asked: PreflightRequest, terminal: Terminal) -> str | None:
    """Return the account that the saved snapshot's scan was about, if it is one."""
    saved = inventory.header.asked
    if asked.snapshot is None or saved is None or len(saved.accounts) != 1:
        return None
    held = inventory.object(saved.accounts[0])
    name = saved.accounts[0] if held is None else held.label
    terminal.note(f"about {name}, as the saved scan; for another account give `--account`")
    return saved.accounts[0]


def _target(inventory: Inventory, text: str | None, project: ArmId) -> ArmId | None:
    """Return the id of the target resource group, in Azure's own spelling if it exists; None if none was named."""
    if text is None:
        return None
    named = target_id(text, project.subscription_id)
    held = inventory.get(named)
    return named if held is None else held.arm_id


def _account(inventory: Inventory, text: str | None, terminal: Terminal) -> str:
    if text is None:
        if not inventory.header.by.object_id:
            raise UsageFailed("the snapshot does not say which account made it: name the account with `--account`")
        return inventory.header.by.object_id
    meant = account_meant(inventory, text)
    if meant.note:
        terminal.note(meant.note)
    return meant.id


def _inventory(asked: PreflightRequest, terminal: Terminal) -> Inventory:
    at = moment(asked.at) if asked.at else None
    if asked.snapshot is not None:
        from auditor.inventory.snapshot.files import load

        inventory = Inventory.of(load(asked.snapshot), at)
        part = meant(inventory, (asked.subscription,), ()) if asked.subscription else None
        ensure_readable(inventory.snapshot, terminal, None if part is None else subscription_places(part))
        return inventory
    snapshot = read_despite_strangers(lambda named, _strangers: _read(asked, named, terminal), asked.accounts)
    ensure_readable(snapshot, terminal)
    return Inventory.of(snapshot, at)


def _read(asked: PreflightRequest, accounts: tuple[str, ...], terminal: Terminal) -> "Snapshot":
    return read_asked(_request(asked, accounts), asked.connection, terminal, demo=asked.demo)


def _request(asked: PreflightRequest, accounts: tuple[str, ...]) -> Request:
    """Return what to read: the subscriptions of the project, of the target group and of the private endpoints.

    The signed-in account's own permissions are also read at both groups.
    """
    name = asked.project or ""
    project = ArmId.parse(name) if name.startswith("/") else None
    by_name = project is None and asked.resource_group is None
    subscription = asked.subscription or (project.subscription if project is not None else None)
    target = asked.target_resource_group
    group = target_id(target, None) if target is not None and target.startswith("/") else None
    subnet = subnet_id(asked)
    further = [one.subscription for one in (group, subnet) if one is not None and one.subscription is not None]
    groups = () if project is not None or not asked.resource_group else (asked.resource_group,)
    return Request(
        subscriptions=() if subscription is None else tuple(dict.fromkeys((subscription, *further))),
        all=subscription is None,
        accounts=accounts,
        access=True,
        scopes=tuple(str(one) for one in (project and project.resource_group_id, group) if one is not None),
        groups=groups if target is None or group is not None else (*groups, target),
        projects=(name,) if by_name else (),
        expand=asked.who,
    )
