"""Whether a finding is about what a text names: what is wrong with one thing says nothing of another."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from auditor.audit.explain.named_things import NamedThings
from auditor.audit.findings import Finding
from auditor.collect.request import BadRequest
from auditor.inventory.inventory import Inventory
from auditor.inventory.resources.offazure import Site
from auditor.inventory.resources.subscriptions import Tenant
from auditor.library.accounts import account_in

_GROUP = re.compile(r"/subscriptions/[^/]+/resourcegroups/[^/]+", re.IGNORECASE)
_SEPARATORS = re.compile(r"[/@#;,=]")
PEOPLE = frozenset({"account", "registration"})
_SELVES = frozenset({"appliance", "application"})
"""The kinds of subjects that sign in as themselves."""
_SITES = {"vmwaresites": "VMware", "hypervsites": "Hyper-V", "serversites": "physical"}


@dataclass(frozen=True, slots=True)
class NamedHere:
    """What a text names, as far as an environment knows it.

    `callers` are the object ids of who got the error, or names that nobody has here, `people` the accounts that it can
    be about: the same, or those that somebody asks for beside the text. `foreign_tenants` are other tenants than the
    one that was read. `place` is the id, in lower case, of what the error happened in, where that is known.
    """

    things: NamedThings
    callers: frozenset[str]
    people: frozenset[str]
    foreign_tenants: frozenset[str]
    place: str = ""

    @classmethod
    def of(
        cls,
        things: NamedThings,
        inventory: Inventory,
        asked_by: str = "",
        asked: Iterable[str] = (),
        place: str = "",
    ) -> "NamedHere":
        """Return what `things` are here; a text that names no account is about `asked_by`, where that is known."""
        callers = frozenset(_object_id(inventory, one) for one in things.accounts or {asked_by} - {""})
        people = callers or frozenset(one.lower() for one in asked)
        return cls(things, callers, people, things.tenants - _own_names(inventory), place)

    def includes(self, finding: Finding) -> bool:
        """Whether a finding is about everything that the text names, as far as its kind can be.

        What is wrong with an account is so wherever it is used; who asked is nothing to a vault or a project.
        """
        kind = finding.subject.kind
        speaks_of_them = self.foreign_tenants <= _tenants(finding, self.foreign_tenants)
        has_strangers = any("@" in one for one in self.callers)
        if has_strangers or not speaks_of_them or not self._is_in_place(finding):
            return False
        if kind in PEOPLE:
            who, _, project = finding.subject.id.lower().partition("@")
            if self.people and who not in self.people:
                return False
            return self._is_at(finding, project) if project else bool(self.people) or not self.things
        known = _names(finding)
        if kind in _SELVES and not self.callers <= known:
            return False
        return self.things.names <= known and all(_touches(one, finding.ids) for one in self.things.ids)

    def _is_in_place(self, finding: Finding) -> bool:
        """Whether a finding is about the place, or about what lies in none, such as an account."""
        inside = [one for one in finding.ids if "/subscriptions/" in one]
        return not self.place or not inside or any(f"{self.place}/" in f"{one}/" for one in inside)

    def _is_at(self, finding: Finding, project: str) -> bool:
        """Whether a registration with a project is about the places that the text names.

        They are the project's, above it, or in its resource group, where a registration makes things.
        """
        group = project.partition("/providers/")[0]
        return self.things.names <= _names(finding) and all(
            touches(project, one) or f"{one}/".startswith(f"{group}/") for one in self.things.ids
        )


@dataclass(frozen=True, slots=True)
class Products:
    """Which kinds of appliances an environment has, by resource group (lower case)."""

    by_group: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, inventory: Inventory) -> "Products":
        """Return the kinds of appliances of all sites."""
        found: dict[str, set[str]] = defaultdict(set)
        for site in inventory.all(Site):
            found[_group(site.id)].update(_kinds(site.id))
        return cls({group: frozenset(kinds) for group, kinds in found.items()})

    def include(self, finding: Finding, products: tuple[str, ...]) -> bool:
        """Whether a finding can be a cause of what only these kinds of appliances show.

        It is about one of them, or about something in a resource group that has one; what is in none is everybody's.
        """
        kinds = frozenset(kind for one in finding.ids for kind in _kinds(one))
        if not kinds:
            groups = {group for one in finding.ids if (group := _group(one))}
            kinds = frozenset(kind for group in groups for kind in self.by_group.get(group, ()))
            if not groups:
                return True
        return not products or bool(kinds & set(products))


def _kinds(identity: str) -> Iterator[str]:
    for part in identity.lower().split("/"):
        if part in _SITES:
            yield _SITES[part]


def _group(identity: str) -> str:
    found = _GROUP.search(identity)
    return found[0].lower() if found else ""


def touches(one: str, other: str) -> bool:
    """Whether one of two ids (lower case) is the other, or above it."""
    return f"{other}/".startswith(f"{one}/") or f"{one}/".startswith(f"{other}/")


def _touches(named: str, ids: tuple[str, ...]) -> bool:
    """Whether one of `ids` is or is in what is named, or is a resource that this is in."""
    return any(f"{one}/".startswith(f"{named}/") or ("/providers/" in one and touches(one, named)) for one in ids)


def _tenants(finding: Finding, tenants: frozenset[str]) -> frozenset[str]:
    """Return those of some tenants that a finding speaks of: an appliance or a vault can belong to another one."""
    said = "\n".join((finding.message, *(one.note for one in finding.evidence))).lower()
    return frozenset(one for one in tenants if one in said)


def _names(finding: Finding) -> frozenset[str]:
    parts = {part for one in finding.ids for part in _SEPARATORS.split(one)}
    return frozenset({*parts, finding.subject.name.lower()})


def _object_id(inventory: Inventory, account: str) -> str:
    try:
        return account_in(inventory, account).id.lower()
    except BadRequest:  # nobody here, or several
        return account


def _own_names(inventory: Inventory) -> frozenset[str]:
    """Return the id, the domains and the display name of the tenant that was read, as far as they were."""
    own = {inventory.tenant_id.lower()}
    for one in inventory.all(Tenant):
        if one.arm_id.name.lower() in own or (one.tenant_id or "").lower() in own:
            body = inventory.body(one.arm_id) or {}
            values = [body.get("defaultDomain"), body.get("displayName"), *_list(body.get("domains"))]
            own |= {value.lower() for value in values if isinstance(value, str)}
    return frozenset(own)


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
