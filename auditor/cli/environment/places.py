"""Which project, resource group, subscription or management group a text on the command line means."""

from collections.abc import Iterable, Iterator

from auditor.cli.failures import UsageFailed
from auditor.facts.presence import arm_id
from auditor.facts.subject import Subject
from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import OLD_PROJECTS, PROJECTS, RESOURCE_GROUPS
from auditor.inventory.resources.migrate import MigrateProject, OldProject
from auditor.inventory.resources.offazure import Site
from auditor.inventory.resources.subscriptions import ManagementGroup, ResourceGroup, Subscription
from auditor.nearest import no_such

_PROJECTS = (PROJECTS, OLD_PROJECTS)


def refuse_unknown_places(inventory: Inventory, project: str | None, resource_group: str | None) -> None:
    """Raise `UsageFailed` for a name that nothing bears or points at, where everything that could was read.

    A project that was asked for with its resource group, or by its id, is never refused: that it is not there is the
    very finding (60039).
    """
    if project is None:
        if resource_group is not None and not _hidden(inventory, RESOURCE_GROUPS):
            _refuse_unless_held(
                "resource group", resource_group, [one.arm_id.name for one in inventory.all(ResourceGroup)]
            )
        return
    if project.startswith("/"):
        ArmId.parse(project)
    elif resource_group is None and not any(_hidden(inventory, what) for what in _PROJECTS):
        _refuse_unless_held("project", project, _project_names(inventory))


def _refuse_unless_held(kind: str, name: str, held: list[str]) -> None:
    if name.casefold() not in {one.casefold() for one in held}:
        raise UsageFailed(no_such(kind, name, held))


def _project_names(inventory: Inventory) -> list[str]:
    """Return the names of all projects, those included that only an appliance's site still points at."""
    held = [one.arm_id.name for kind in (MigrateProject, OldProject) for one in inventory.all(kind)]
    solutions = [site.properties.discovery_solution_id for site in inventory.all(Site) if site.properties]
    pointed = [one.parent.name for one in map(arm_id, solutions) if one is not None]
    return [*held, *pointed]


def _hidden(inventory: Inventory, what: str) -> bool:
    """Say whether something in scope may bear a name that was not read."""
    return any(
        inventory.gaps(what, f"/subscriptions/{one}", below=False) for one in inventory.header.scope.subscriptions
    )


_SUBSCRIPTION = "/subscriptions/"


def meant(inventory: Inventory, names: tuple[str, ...], groups: tuple[str, ...]) -> frozenset[str]:
    """Return the subscriptions (ids, lower case) that are named or below a named group.

    Raises `UsageFailed` for a subscription or management group that the snapshot does not hold, or for a name that
    several subscriptions bear.
    """
    named = {_subscription(inventory, name) for name in names}
    return frozenset(named.union(*(_below(inventory, _group(inventory, group)) for group in groups)))


def narrowed(every: Iterable[Subject], subscriptions: frozenset[str]) -> Iterator[Subject]:
    """Yield the subjects in the subscriptions, and those that lie in none (accounts, applications)."""
    return (subject for subject in every if _subscription_of(subject) in {"", *subscriptions})


def _subscription_of(subject: Subject) -> str:
    """The subscription in a subject's id, which is an ARM id, or an account's id before one."""
    return subject.id.lower().partition(_SUBSCRIPTION)[2].partition("/")[0]


def _subscription(inventory: Inventory, text: str) -> str:
    held = inventory.all(Subscription)
    wanted = text.strip().lower().removeprefix(_SUBSCRIPTION)
    found = {one.arm_id.name.lower() for one in held if wanted in {one.arm_id.name.lower(), one.display_name.lower()}}
    found |= {wanted} & inventory.scanned
    if len(found) > 1:
        raise UsageFailed(f"more than one subscription is called `{text}`; name one of {', '.join(sorted(found))}")
    if not found:
        raise UsageFailed(no_such("subscription", text, [*(one.display_name for one in held), *inventory.scanned]))
    return found.pop()


def _group(inventory: Inventory, text: str) -> str:
    held = {one.arm_id.name.lower(): one for one in inventory.all(ManagementGroup)}
    found = held.get(text.strip().lower().rpartition("/")[2])
    if found is None:
        raise UsageFailed(no_such("management group", text, held))
    return found.id


def _below(inventory: Inventory, parent: str) -> Iterator[str]:
    children: Iterable[str] = (link.from_ for link in inventory.links_to("parent", parent))
    for child in children:
        if child.lower().startswith(_SUBSCRIPTION):
            yield child.lower().removeprefix(_SUBSCRIPTION)
        else:
            yield from _below(inventory, child)
