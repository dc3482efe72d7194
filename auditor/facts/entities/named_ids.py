"""Names beside ids in prose: where a text has the id of an account, an application or a subscription, its name too.

Nobody knows whom or what a GUID means. Facts, rules and evidence may have bare ones; commands keep them, since `az`
takes ids.
"""

import re
from functools import cached_property

from auditor.inventory.inventory import Inventory
from auditor.inventory.resources.authorization import RoleDefinition
from auditor.inventory.resources.directory import Application, DeletedApplication, ServicePrincipal
from auditor.inventory.resources.subscriptions import Subscription

_GUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_IN_PROSE = re.compile(
    rf"`(?P<quoted>{_GUID})`"
    rf"|`(?=/)[^`]*subscriptions/(?P<subscription>{_GUID})[^`]*`"
    rf"|(?<![`\w/])/(?:[^\s`]*/)?subscriptions/(?P<place>{_GUID})(?:[^\s`]*\w)?"
    rf"|(?<![/\w`@'-])(?P<bare>{_GUID})(?![\w`'-])",
    re.IGNORECASE,
)


class NamedIds:
    """The names of one environment, by id."""

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory

    def name(self, identity: str) -> str:
        """Return the name of a directory object, an application, a subscription or a role; empty if it is not known."""
        key = identity.lower()
        held = self._inventory.object(key)
        name = held.label if held is not None else self._others.get(key, "")
        return "" if name.lower() == key else name

    def text(self, text: str) -> str:
        """Return prose with the name of each id in it beside the id, once."""
        if "-" not in text:
            return text
        told: set[str] = set()

        def beside(found: re.Match[str]) -> str:
            identity = found["quoted"] or found["subscription"] or found["place"] or found["bare"]
            name = self.name(identity)
            if not name or name in text or identity.lower() in told:
                return found[0]
            told.add(identity.lower())
            if found["subscription"]:
                return f"{found[0]} (`{name}`)"
            if found["place"]:
                return f"{found[0]} ({name})"
            return f"`{name}` ({found[0]})" if found["quoted"] else f"{name} ({found[0]})"

        return _IN_PROSE.sub(beside, text)

    def scope(self, scope: str) -> str:
        """Return a scope with the name of its subscription, or of the thing of the directory that it is, if known."""
        parts = scope.strip("/").split("/")
        inside = len(parts) > 1 and parts[0].lower() == "subscriptions"
        name = self.name(parts[1]) if inside else self.name(scope) if len(parts) == 1 else ""
        if not name:
            return scope
        return f"{scope} ({name})" if len(parts) > 2 else f"{name} ({scope})"

    @cached_property
    def _others(self) -> dict[str, str]:
        """The names of what is no live object of the directory: applications by their application ids, and the rest."""
        inventory = self._inventory
        names = {one.id.rpartition("/")[2]: one.properties.role_name for one in inventory.all(RoleDefinition)}
        names |= {one.arm_id.name: one.title for one in inventory.all(Subscription)}
        registered: tuple[Application | ServicePrincipal, ...] = (
            *inventory.objects(DeletedApplication),
            *inventory.objects(ServicePrincipal),
            *inventory.objects(Application),
        )
        names |= {one.app_id: one.label for one in registered if one.app_id and one.label != one.id}
        return {identity.lower(): name for identity, name in names.items() if name and not name.isspace()}
