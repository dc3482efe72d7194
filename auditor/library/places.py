"""Projects, resource groups, subscriptions and management groups: what a text means by them.

Also the names that reports show for the tenant and the subscriptions.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TypedDict

from auditor import __version__
from auditor.collect.request import BadRequest
from auditor.facts.presence import beyond
from auditor.facts.subject import Subject
from auditor.inventory.arm_id import ArmId, arm_id
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import OLD_PROJECTS, PROJECTS, RESOURCE_GROUPS
from auditor.inventory.resources.migrate import MigrateProject, OldProject
from auditor.inventory.resources.offazure import Site
from auditor.inventory.resources.subscriptions import ManagementGroup, ResourceGroup, Subscription, Tenant
from auditor.nearest import no_such

_PROJECTS = (PROJECTS, OLD_PROJECTS)
_SUBSCRIPTION = "/subscriptions/"


def refuse_unknown_places(inventory: Inventory, project: str | None, resource_group: str | None) -> None:
    """Raise `BadRequest` for a name that no resource has or refers to, if every list that could contain it was read.

    A project that is asked for with its resource group, or by its id, is never refused: that it does not exist is the
    finding itself (60039).
    """
    if project is None:
        if resource_group is not None and not hides_names(inventory, RESOURCE_GROUPS):
            refuse_unless_held(
                "resource group", resource_group, [one.arm_id.name for one in inventory.all(ResourceGroup)]
            )
        return
    if project.startswith("/"):
        ArmId.parse(project)
    elif resource_group is None and not any(hides_names(inventory, what) for what in _PROJECTS):
        refuse_unless_held("project", project, [one.name for one in project_ids(inventory)])


def refuse_unless_held(kind: str, name: str, held: list[str]) -> None:
    """Raise `BadRequest`, with the nearest names, for a name that none of `held` is, without case."""
    if name.casefold() not in {one.casefold() for one in held}:
        raise BadRequest(no_such(kind, name, held))


def project_ids(inventory: Inventory) -> list[ArmId]:
    """Return the ids of all projects, including those that only an appliance's site still refers to."""
    held = [one.arm_id for kind in (MigrateProject, OldProject) for one in inventory.all(kind)]
    solutions = [site.properties.discovery_solution_id for site in inventory.all(Site) if site.properties]
    pointed = [one.parent for one in map(arm_id, solutions) if one is not None]
    return [*held, *pointed]


def hides_names(inventory: Inventory, what: str) -> bool:
    """Return whether a part of the list, or a visible subscription, was not read: an unknown name may still exist."""
    return bool(beyond(inventory, what)) or any(
        inventory.gaps(what, f"/subscriptions/{one}", below=False) for one in inventory.header.scope.subscriptions
    )


def meant(inventory: Inventory, names: tuple[str, ...], groups: tuple[str, ...]) -> frozenset[str]:
    """Return the subscriptions (ids, lower case) that are named, or are below a named management group.

    Raises `BadRequest` for a subscription or management group that is not in the snapshot, and for a name that several
    subscriptions share.
    """
    named = {_subscription(inventory, name) for name in names}
    return frozenset(named.union(*(_below(inventory, _group(inventory, group)) for group in groups)))


def narrowed(every: Iterable[Subject], subscriptions: frozenset[str]) -> Iterator[Subject]:
    """Yield the subjects in the subscriptions, and those that are in no subscription (accounts, applications)."""
    return (subject for subject in every if _subscription_of(subject) in {"", *subscriptions})


def _subscription_of(subject: Subject) -> str:
    """Return the subscription in a subject's id, which is an ARM id with or without an account's id before it."""
    return subject.id.lower().partition(_SUBSCRIPTION)[2].partition("/")[0]


def _subscription(inventory: Inventory, text: str) -> str:
    held = inventory.all(Subscription)
    wanted = text.strip().lower().removeprefix(_SUBSCRIPTION)
    found = {one.arm_id.name.lower() for one in held if wanted in {one.arm_id.name.lower(), one.display_name.lower()}}
    found |= {wanted} & inventory.scanned
    if len(found) > 1:
        raise BadRequest(f"more than one subscription is called `{text}`; name one of {', '.join(sorted(found))}")
    if not found:
        raise BadRequest(no_such("subscription", text, [*(one.display_name for one in held), *inventory.scanned]))
    return found.pop()


def _group(inventory: Inventory, text: str) -> str:
    held = {one.arm_id.name.lower(): one for one in inventory.all(ManagementGroup)}
    found = held.get(text.strip().lower().rpartition("/")[2])
    if found is None:
        raise BadRequest(no_such("management group", text, held))
    return found.id


def _below(inventory: Inventory, top: str) -> Iterator[str]:
    """Yield the subscriptions below a management group, also where links of a snapshot lead in a circle."""
    seen, waiting = {top.lower()}, [top]
    while waiting:
        for link in inventory.links_to("parent", waiting.pop()):
            child = link.from_.lower()
            if child.startswith(_SUBSCRIPTION):
                yield child.removeprefix(_SUBSCRIPTION)
            elif child not in seen:
                seen.add(child)
                waiting.append(link.from_)


def tenant_name(inventory: Inventory) -> str:
    """Return the default domain of the tenant, or its id."""
    own = [one for one in inventory.all(Tenant) if one.arm_id.name.lower() == inventory.tenant_id.lower()]
    return next((one.default_domain for one in own if one.default_domain), inventory.tenant_id)


def subscription_titles(inventory: Inventory) -> Mapping[str, str]:
    """Return the display names of the subscriptions, by id in lower case."""
    return {one.arm_id.name.lower(): one.display_name for one in inventory.all(Subscription)}


class EnvironmentFields(TypedDict):
    """The fields that every report has, by name."""

    tool: str
    tenant_id: str
    tenant_name: str
    cloud: str
    evaluated_at: datetime
    read_by: str
    titles: Mapping[str, str]


def environment_fields(inventory: Inventory) -> EnvironmentFields:
    """Return what every report says of the environment that it is about."""
    header = inventory.header
    return EnvironmentFields(
        tool=f"migaudit {__version__}",
        tenant_id=header.tenant_id,
        tenant_name=tenant_name(inventory),
        cloud=header.cloud,
        evaluated_at=inventory.now,
        read_by=header.by.name or header.by.object_id,
        titles=subscription_titles(inventory),
    )
