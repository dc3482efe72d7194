"""Facts about the obstacles around a project: subscription, locks, providers, taken names, lost references."""

from collections.abc import Mapping
from datetime import datetime

from auditor.access.obstacles.policies import PolicyRefusal
from auditor.access.verdicts import Note, NoteKind
from auditor.facts.entities.being_deleted import around_project, deleting_in_words, group_being_deleted
from auditor.facts.entities.project_endpoints import endpoint_faults
from auditor.facts.entities.project_losses import missing_sites, missing_storage, missing_workspaces
from auditor.facts.estate.environment import Context
from auditor.facts.fact import (
    Evidence,
    Fact,
    Known,
    Unknown,
    all_of,
    any_of,
    hidden_by,
    map_fact,
    once,
    unless_gaps,
)
from auditor.facts.leftovers.soft_deleted import until
from auditor.facts.policies.project_policies import SPARED, in_words, references, refusing
from auditor.facts.presence import not_in_body
from auditor.facts.rights.existing_resources import REGISTERS_AT, master_sites
from auditor.facts.rights.providers import unregistered_in
from auditor.facts.subject import Value, listed
from auditor.inventory.arm_id import ArmId
from auditor.inventory.lists import (
    ASSESSMENT_PROJECTS,
    DELETED_KEY_VAULTS,
    DELETED_WORKSPACES,
    OLD_PROJECTS,
    PROJECTS,
    SUBSCRIPTIONS,
)
from auditor.inventory.resources.keyvault import DeletedVault
from auditor.inventory.resources.loganalytics import DeletedWorkspace
from auditor.inventory.resources.subscriptions import Subscription

WORKING = frozenset({"enabled", "warned", "pastdue"})
"""States of a subscription in which all operations work."""
NAMES = (
    "being_deleted",
    "group_being_deleted",
    "locked",
    "locked_above",
    "lock_ids",
    "policy_may_refuse",
    "policy_references",
    "subscription_state",
    "subscription_works",
    "unregistered_providers",
    "taken_vault_names",
    "taken_workspace_names",
    "missing_sites",
    "missing_storage",
    "has_workspace",
    "missing_workspaces",
    "both_experiences",
    "failing_endpoints",
    "pending_endpoints",
    "broken_endpoints",
)
_MAKES_SITE, _CHANGES = "Microsoft.OffAzure/VMwareSites/write", "Microsoft.Migrate/migrateProjects/write"


def obstacle_facts(context: Context, project: ArmId | None) -> tuple[dict[str, Fact[Value]], dict[str, str]]:
    """Return facts and texts on the obstacles around `project`; all unknown if its subscription is not known."""
    cloud: dict[str, Fact[Value]] = {"cloud": Known(context.inventory.header.cloud)}
    if project is None or project.subscription_id is None:
        nowhere = not_in_body(context.inventory, PROJECTS, "", "place of the project")
        return cloud | dict.fromkeys(NAMES, nowhere), {}
    subscription = project.subscription_id
    group = project.resource_group_id or project
    notes = (
        *context.access.obstacles("", _MAKES_SITE, group),
        *context.access.obstacles("", _CHANGES, project),
        *(note for one in master_sites(context, project) for note in context.access.obstacles("", REGISTERS_AT, one)),
    )
    locks = once(note for note in notes if note.kind is NoteKind.LOCK)
    may_refuse, policies = refusing(context, project)
    endpoints, faults = endpoint_faults(context, project)
    facts: dict[str, Fact[Value]] = {
        **cloud,
        **_subscription(context, subscription),
        "being_deleted": around_project(context, project),
        "group_being_deleted": group_being_deleted(context, group),
        "policy_may_refuse": may_refuse,
        "policy_references": _references(may_refuse, policies),
        "failing_endpoints": endpoints,
        "pending_endpoints": map_fact(lambda _: list(once(it.id for it in faults if it.is_pending)), endpoints),
        "broken_endpoints": map_fact(lambda _: list(once(it.id for it in faults if not it.is_pending)), endpoints),
        "locked": (is_locked := _locked(context, project, locks)),
        "locked_above": map_fact(lambda _: any(not _is_inside(note.id, group) for note in locks), is_locked),
        "lock_ids": map_fact(lambda _: [note.id for note in locks], is_locked),
        "unregistered_providers": unregistered_in(context.inventory, subscription),
        "taken_vault_names": _taken_vaults(context, group),
        "taken_workspace_names": _taken_workspaces(context, group),
        "missing_sites": missing_sites(context, project),
        "missing_storage": missing_storage(context, project),
        "has_workspace": _has_workspace(context, project),
        "missing_workspaces": missing_workspaces(context, project),
        "both_experiences": _both(context, subscription),
    }
    return facts, {
        "resource_group_id": str(group),
        "deleting": deleting_in_words(context, project),
        "exempt_until": f"{context.inventory.now + SPARED:%Y-%m-%dT00:00:00Z}",
        "policies": "; ".join(once(in_words(one) for one in policies)),
        **_first("policy", [one.assignment.id for one in policies]),
        "endpoint_faults": "; ".join(fault.words for fault in faults),
        "locks": listed(once(note.id for note in locks)),
        **_first("lock", [note.id for note in locks]),
        **_first("provider", facts["unregistered_providers"]),
        **_first("taken_vault", facts["taken_vault_names"]),
        **_first("taken_workspace", facts["taken_workspace_names"]),
        "taken_vaults": _with_dates({one.display_name: one.properties.purged_at for one in _vaults_of(context, group)}),
        "taken_workspaces": _with_dates({one.display_name: one.purged_at for one in _workspaces_of(context, group)}),
    }


def _with_dates(names: Mapping[str, datetime | None]) -> str:
    """Return names, each with the day until which it is taken."""
    return ", ".join(f"`{name}` {until(freed)}" for name, freed in sorted(names.items()))


def _first(name: str, known: Fact[Value] | list[str]) -> dict[str, str]:
    """Return the first item of a list, for a command that takes one; empty if there is none or it is unknown."""
    values = known.value if isinstance(known, Known) else known
    return {name: values[0]} if isinstance(values, list) and values else {}


def _references(may_refuse: Fact[bool], policies: tuple[PolicyRefusal, ...]) -> Fact[list[str]]:
    """Return the names, in the initiative that is assigned first, of its policies that refuse."""
    if isinstance(may_refuse, Unknown) and not policies:
        return Unknown(may_refuse.why)
    return Known(list(references(policies[0])) if policies else [])


def _is_inside(identity: str, group: ArmId) -> bool:
    """Return whether a lock stands on the resource group or on something in it, rather than above."""
    return identity.lower().startswith(f"{group.key}/")


def _locked(context: Context, project: ArmId, locks: tuple[Note, ...]) -> Fact[bool]:
    if locks:
        return Known(True, tuple(Evidence(note.id, note.text) for note in locks))
    return unless_gaps(False, context.references.hidden_locks(project))


def _subscription(context: Context, subscription: ArmId) -> dict[str, Fact[Value]]:
    held = context.inventory.get(subscription)
    state = held.state if isinstance(held, Subscription) else None
    if state is None:
        unread = not_in_body(context.inventory, SUBSCRIPTIONS, str(subscription), "state")
        return {"subscription_state": unread, "subscription_works": unread}
    because = (Evidence(str(subscription), f"state: {state}"),)
    return {"subscription_state": Known(state, because), "subscription_works": Known(state.lower() in WORKING, because)}


def _taken_vaults(context: Context, group: ArmId) -> Fact[list[str]]:
    found = _vaults_of(context, group)
    gaps = context.inventory.gaps(DELETED_KEY_VAULTS, group.subscription_id or group)
    return unless_gaps(
        sorted({held.display_name for held in found}), gaps, *(Evidence(held.id, "soft-deleted") for held in found)
    )


def _taken_workspaces(context: Context, group: ArmId) -> Fact[list[str]]:
    found = _workspaces_of(context, group)
    gaps = context.inventory.gaps(DELETED_WORKSPACES, group.subscription_id or group)
    return unless_gaps(
        sorted({held.display_name for held in found}), gaps, *(Evidence(held.id, "soft-deleted") for held in found)
    )


def _vaults_of(context: Context, group: ArmId) -> tuple[DeletedVault, ...]:
    return context.estate.deleted_vaults_within.get(group.key, ())


def _workspaces_of(context: Context, group: ArmId) -> tuple[DeletedWorkspace, ...]:
    return context.estate.deleted_workspaces_within.get(group.key, ())


def _has_workspace(context: Context, project: ArmId) -> Fact[bool]:
    found = context.estate.attached_by_project.get(project.key, ())
    if found:
        return Known(True, tuple(Evidence(item.id, "names a workspace") for item in found))
    return unless_gaps(False, context.inventory.gaps(ASSESSMENT_PROJECTS, project.subscription_id or project))


def _both(context: Context, subscription: ArmId) -> Fact[bool]:
    """Return whether the subscription contains projects of both experiences."""
    each = []
    for old, what in ((False, PROJECTS), (True, OLD_PROJECTS)):
        inside = context.estate.projects_by_subscription.get((subscription.key, old), ())
        gaps = context.inventory.gaps(what, subscription, below=False)
        each.append(any_of([Known(bool(inside), tuple(Evidence(str(one)) for one in inside)), *hidden_by(gaps)]))
    return all_of(each)
