"""The project of a preflight: one that exists, or one that is to be created."""

from auditor.cli.failures import UsageFailed
from auditor.inventory.arm_id import ArmId
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import PROJECTS, RESOURCE_GROUPS
from auditor.inventory.resources.migrate import MigrateProject
from auditor.inventory.resources.subscriptions import ResourceGroup, Subscription
from auditor.nearest import no_such


def project_in(
    inventory: Inventory, subscription: str | None, project: str, resource_group: str | None, *, create: bool
) -> ArmId:
    """Return the id of the project that is meant by a name in a subscription (id or name), or by an ARM id.

    Without a resource group, a project that was not found gets an id without one. Raises `UsageFailed` for a
    subscription that is unknown or ambiguous, for a project that is in several resource groups, and for one that is to
    be created if no resource group is given.
    """
    if project.startswith("/"):
        return _by_id(project, resource_group)
    subscriptions = _subscriptions(inventory, subscription)
    held = [
        one.arm_id
        for one in inventory.all(MigrateProject)
        if one.arm_id.name.casefold() == project.casefold() and one.arm_id.subscription in subscriptions
    ]
    if resource_group is None:
        if held or create or not subscriptions:
            return _only(project, held)
        return _unread(inventory, project, subscription, subscriptions) or _at(subscriptions[0], project)
    there = [one for one in held if (one.resource_group or "").casefold() == resource_group.casefold()]
    if len(there) == 1:
        return there[0]
    group = _group(inventory, subscriptions, resource_group, create=create)
    return ArmId.parse(f"{group}/providers/{PROJECTS}/{project}")


def _unread(
    inventory: Inventory, project: str, subscription: str | None, subscriptions: tuple[str, ...]
) -> ArmId | None:
    """Return an id for a project in a subscription that may hold it and was not read; None if all were read."""
    seen = [] if subscription else [one.arm_id.subscription or "" for one in inventory.all(Subscription)]
    for one in (*subscriptions, *seen):
        at = f"/subscriptions/{one}"
        gaps = inventory.gaps(PROJECTS, at, below=False) or inventory.gaps(RESOURCE_GROUPS, at, below=False)
        if one not in inventory.scanned or gaps:
            return _at(one, project)
    return None


def _at(subscription: str, project: str) -> ArmId:
    """Return an id for a project whose resource group is not known."""
    return ArmId.parse(f"/subscriptions/{subscription}/providers/{PROJECTS}/{project}")


def _by_id(project: str, resource_group: str | None) -> ArmId:
    identity = ArmId.parse(project)
    if identity.type.lower() != PROJECTS.lower():
        raise UsageFailed(
            f"`--project {project}` is not an Azure Migrate project: its id should contain `/{PROJECTS}/`"
        )
    if resource_group and (identity.resource_group or "").casefold() != resource_group.casefold():
        raise UsageFailed(f"`--project` is in the resource group `{identity.resource_group}`, not `{resource_group}`")
    return identity


def _subscriptions(inventory: Inventory, text: str | None) -> tuple[str, ...]:
    """Return the ids (lower case) of the subscriptions that are meant: the named one, or all that were read."""
    if text is None:
        return tuple(one.lower() for one in inventory.header.scope.subscriptions)
    known = inventory.all(Subscription)
    wanted = text.casefold().removeprefix("/subscriptions/").rstrip("/")
    scope = {one.lower() for one in inventory.header.scope.subscriptions}
    by_id = [wanted] if wanted in scope or any(one.arm_id.subscription == wanted for one in known) else []
    found = by_id or [one.arm_id.subscription or "" for one in known if one.display_name.casefold() == wanted]
    if len(found) > 1:
        names = " or ".join(f"`{one}`" for one in sorted(found))
        raise UsageFailed(f"more than one subscription is called `{text}`; name one of {names}")
    if not found:
        names_known = [*(one.display_name for one in known), *(one.arm_id.name for one in known)]
        raise UsageFailed(no_such("subscription", text, names_known))
    return tuple(found)


def _only(project: str, held: list[ArmId]) -> ArmId:
    if len(held) == 1:
        return held[0]
    if held:
        groups = {one.resource_group for one in held}
        where = " and ".join(f"`{one.resource_group_id}`" for one in sorted(held))
        option = "`--resource-group`" if len(groups) == len(held) else "`--subscription` and `--resource-group`"
        raise UsageFailed(f"more than one project is called `{project}`: in {where}; name one with {option}")
    raise UsageFailed(f"`{project}` does not exist: name the resource group to create it in with `--resource-group`")


def _group(inventory: Inventory, subscriptions: tuple[str, ...], name: str, *, create: bool) -> ArmId:
    """Return the id of the resource group, in Azure's own spelling if it exists.

    One that exists nowhere is taken to be in the first subscription, unless the project is to be created in it.
    """
    held = [
        one.arm_id
        for one in inventory.all(ResourceGroup)
        if one.arm_id.name.casefold() == name.casefold() and one.arm_id.subscription in subscriptions
    ]
    if len(held) == 1:
        return held[0]
    if len(subscriptions) == 1 or (subscriptions and not held and not create):
        return ArmId.parse(f"/subscriptions/{subscriptions[0]}/resourceGroups/{name}")
    what = "more than one subscription has" if held else "no subscription that was read has"
    raise UsageFailed(f"{what} a resource group `{name}`: name one with `--subscription`")
