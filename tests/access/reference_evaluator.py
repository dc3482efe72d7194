"""A brute-force evaluator of effective access, written from the specification; it shares no code with the engine.

Slow and plain on purpose: every question walks every record. Works on the raw records of an environment.
"""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from importlib import resources
from typing import Any

from tests.access.environments import TENANT, Environment

Row = dict[str, Any]

MG = "/providers/microsoft.management/managementgroups/"
AUTH = "microsoft.authorization/"
PIM = (AUTH + "roleeligibilityscheduleinstances", AUTH + "roleassignmentscheduleinstances")
LIGHTHOUSE = "microsoft.managedservices/registrationassignments"
EVERYONE = "00000000-0000-0000-0000-000000000000"
MEMBER_OF = "transitiveMemberOf"
ELIGIBLE_MEMBER = "#microsoft.graph.privilegedaccessgroupeligibilityscheduleinstance"


def low(text: Any) -> str:
    return str(text or "").strip().lower()


def key(scope: Any) -> str:
    return low(scope).rstrip("/")


def role_of(it: Row) -> str:
    return low(it.get("roleDefinitionId")).rpartition("/")[2]


def within(place: str, at: str) -> bool:
    return place == at or place.startswith(at + "/") or not at


# ------------------------------------------------------------------------------------------------------------ actions


def matches(pattern: str, operation: str) -> bool:
    expression = "".join(".*" if letter == "*" else re.escape(letter) for letter in low(pattern))
    return re.fullmatch(expression.replace("/.*/", "/(?:.*/)?"), operation) is not None


def any_match(patterns: Any, operation: str) -> bool:
    return any(matches(pattern, operation) for pattern in patterns or ())


_GUARD = r"!\(ActionMatches\{'[^']*'\}(?: AND (?:NOT )?SubOperationMatches\{'[^']*'\})?\)"
_CLAUSE = rf"\(\(?{_GUARD}(?: (?:AND|&&) {_GUARD})*\)? (?:OR|\|\|) \([^()]*\)\)"
_GUARDED = re.compile(rf"{_CLAUSE}(?: (?:AND|&&) {_CLAUSE})*")


def bears_on(condition: Any, operation: str) -> bool:
    """Return whether a condition applies to an action: always, unless it is guarded and no guard names the action."""
    text = str(condition or "").strip()
    if not text:
        return False
    if not _GUARDED.fullmatch(text):
        return True
    return any_match(re.findall(r"ActionMatches\{'([^']*)'\}", text), operation)


def role_grants(permissions: list[Row], operation: str, plane: str) -> str | None:
    include, exclude = ("actions", "notActions") if plane == "control" else ("dataActions", "notDataActions")
    best = None
    for item in permissions:
        if any_match(item.get(include), operation) and not any_match(item.get(exclude), operation):
            if not bears_on(item.get("condition"), operation):
                return "plain"
            best = "conditional"
    return best


# -------------------------------------------------------------------------------------------------------- environment


class Reference:
    """The answers about one environment."""

    def __init__(self, world: Environment) -> None:
        self.world = world
        self.roles = dict(_built_in())
        for row in self.rows(AUTH + "roledefinitions"):
            self.roles[low(row["id"]).rpartition("/")[2]] = row["properties"]["permissions"]
        self.directory = {low(row["id"]): row for row in world.graph}

    def rows(self, kind: str) -> Iterator[Row]:
        return (row for row in self.world.arm if low(row["type"]) == kind)

    # -------------------------------------------------------------------------------------------- what was not read

    def unread(self, what: str, scope: str) -> bool:
        """Return whether the list was refused at or above the scope, or never requested there."""
        place = key(scope)
        for gap in self.world.gaps:
            at = key(gap.scope)
            if low(gap.what) == what and within(place, at):
                return True
        if self.world.reads is None:
            return False
        covering = [key(read.scope) for read in self.world.reads if low(read.what) == what]
        return not any(within(place, at) for at in covering)

    def unread_list(self, what: str, scope: str) -> bool:
        """Return the same for a list at a scope, with refusals at management groups included."""
        no_pim = any(low(gap.code) == "aadpremiumlicenserequired" for gap in self.world.gaps if low(gap.what) in PIM)
        if what in PIM and no_pim:
            return False
        above = (gap for gap in self.world.gaps if low(gap.what) == what)
        return self.unread(what, scope) or any(self.covers(scope, gap.scope, None) is not False for gap in above)

    def asked_for_pim(self) -> bool:
        if self.world.reads is None or any(low(gap.what) in PIM for gap in self.world.gaps):
            return True
        return any(low(read.what) in PIM for read in self.world.reads) or any(
            low(row["type"]) in PIM for row in self.world.arm
        )

    def refused(self, what: str, scope: str) -> bool:
        """Return whether the list was refused; a missing licence is an answer, not a refusal."""
        return any(
            low(gap.what) == what
            and within(key(scope), key(gap.scope))
            and low(gap.code) != "aadpremiumlicenserequired"
            for gap in self.world.gaps
        )

    def groups_unread(self, principal: str) -> bool:
        unresolved = principal not in self.directory and self.refused("graph/serviceprincipals", principal)
        return unresolved or self.unread("graph/transitivememberof", principal)

    def offers_refused(self, principal: str) -> bool:
        own = (*self.certain(principal), *self.doubtful(principal))
        hidden = any(self.refused("graph/groupeligibilities", one) for one in own)
        return hidden or any(self.refused("graph/transitivememberof", group) for group in self.offered(principal))

    # -------------------------------------------------------------------------------------------------------- scopes

    def parents(self, node: str) -> set[str]:
        found: set[str] = {node} if node.startswith(MG) else set()
        more = {key(link.to) for link in self.world.links if link.rel == "parent" and key(link.from_) == node}
        for above in more:
            found |= {above} | self.parents(above)
        return found

    def covers(self, scope: str, made_at: Any, made_by: str | None) -> bool | None:  # noqa: PLR0911 - one return per case
        """Return whether a resource at `made_at` applies to `scope`; None if unknown."""
        place, at = key(scope), key(made_at)
        if within(place, at):
            return True
        if not at.startswith(MG):
            return False
        node = "/".join(place.split("/")[:3]) if place.startswith("/subscriptions/") else place
        if not node.startswith(("/subscriptions/", MG)):
            return False
        chain = self.parents(node)
        if at == MG + TENANT or at in chain:
            return True
        heirs = [
            key(link.to) for link in self.world.links if link.rel == "inheritedBy" and low(link.from_) == low(made_by)
        ]
        if node in heirs:
            return True
        if heirs and made_by and node.startswith("/subscriptions/"):
            what = low(made_by).rpartition("/")[0].rpartition("/providers/")[2]
            if not self.unread(what, node):
                return False
        if MG + TENANT in chain or self.parents(at) & chain:
            return False
        if chain and not self.unread("microsoft.management/managementgroups", "/"):
            return False
        return None

    # ---------------------------------------------------------------------------------------------------- principals

    def reach(self, starts: set[str], *, through_open: bool) -> set[str]:
        """Return everything at and above `starts`; `through_open` includes open groups."""
        found: set[str] = set()
        waiting = list(starts)
        while waiting:
            one = waiting.pop()
            found.add(one)
            above = {low(link.to) for link in self.world.links if link.rel == MEMBER_OF and low(link.from_) == one}
            waiting.extend(to for to in above - found if through_open or not self.open(to, group=True))
        return found

    def certain(self, principal: str) -> set[str]:
        """Return the principal and those of its groups that certainly count."""
        return set() if self.open(principal, group=False) else self.reach_from(principal, through_open=False)

    def reach_from(self, principal: str, *, through_open: bool) -> set[str]:
        above = {low(link.to) for link in self.world.links if link.rel == MEMBER_OF and low(link.from_) == principal}
        wanted = {one for one in above if through_open or not self.open(one, group=True)}
        return {principal} | self.reach(wanted, through_open=through_open)

    def offered(self, principal: str) -> set[str]:
        """Return the groups that the principal or its groups may join now."""
        own = self.reach_from(principal, through_open=True)
        return {
            low(row["groupId"])
            for row in self.world.graph
            if low(row["@odata.type"]) == ELIGIBLE_MEMBER
            and low(row["principalId"]) in own
            and low(row["accessId"]) == "member"
            and self.holds_now(row)
        }

    def joinable(self, principal: str) -> set[str]:
        """Return the groups that it may certainly join, with those above, without those it belongs to already."""
        starts = {one for one in self.offered(principal) if not self.open(one, group=True)}
        return self.reach(starts, through_open=False) - self.reach_from(principal, through_open=True)

    def doubtful(self, principal: str) -> set[str]:
        """Return the groups that it belongs to or may join and that possibly count."""
        every = self.reach_from(principal, through_open=True) | self.reach(self.offered(principal), through_open=True)
        return every - self.certain(principal) - self.joinable(principal)

    def open(self, identity: str, *, group: bool) -> bool:
        """Return whether Azure roles possibly do not apply to its members; an unread group is open too."""
        row = self.directory.get(identity)
        if row is not None:
            return row.get("@odata.type") == "#microsoft.graph.group" and row.get("securityEnabled") is False
        return self.refused("graph/groups", identity) or (group and self.refused("graph/directoryobjects", identity))

    def is_one_of(self, principal: str, named: Any, kind: Any) -> bool | None:
        name = low(named)
        if name in self.certain(principal):
            return True
        if name in self.doubtful(principal):
            return None
        if low(kind) == "foreigngroup":
            return False if principal in self.directory else None
        if low(kind) in {"user", "serviceprincipal", "systemdefined"}:
            return False
        if self.directory.get(name, {}).get("@odata.type") in {
            "#microsoft.graph.user",
            "#microsoft.graph.servicePrincipal",
        }:
            return False
        return None if self.groups_unread(principal) else False

    # ------------------------------------------------------------------------------------------------------- denials

    def denied(self, principal: str, operation: str, scope: str, plane: str) -> str | None:
        """Return the strongest denial: `certain`, `possible`, `conditional` or None."""
        found = {self.denies(row, principal, operation, scope, plane) for row in self.rows(AUTH + "denyassignments")}
        return next((word for word in ("certain", "possible", "conditional") if word in found), None)

    def denies(self, row: Row, principal: str, operation: str, scope: str, plane: str) -> str | None:
        it = row["properties"]
        include, exclude = ("actions", "notActions") if plane == "control" else ("dataActions", "notDataActions")
        hits = [
            item
            for item in it["permissions"]
            if any_match(item.get(include), operation) and not any_match(item.get(exclude), operation)
        ]
        covers = self.covers(scope, it["scope"], row["id"])
        if it.get("doNotApplyToChildScopes") and key(scope) != key(it["scope"]):
            covers = False
        if not hits or covers is False or low(it.get("denyAssignmentEffect")) == "audit":
            return None
        named = self.any_of(principal, it.get("principals"))
        excluded = self.any_of(principal, it.get("excludePrincipals"))
        if named is False or excluded is True:
            return None
        if covers is None or named is None or excluded is None:
            return "possible"
        plain = not it.get("condition") and any(not item.get("condition") for item in hits)
        return "certain" if plain else "conditional"

    def any_of(self, principal: str, listed: Any) -> bool | None:
        answers = []
        for item in listed or ():
            everyone = low(item.get("id")) == EVERYONE
            answers.append(True if everyone else self.is_one_of(principal, item.get("id"), item.get("type")))
        return True if True in answers else None if None in answers else False

    # -------------------------------------------------------------------------------------------------------- grants

    def holds_now(self, it: Row) -> bool:
        start, end = it.get("startDateTime"), it.get("endDateTime")
        begun = start is None or datetime.fromisoformat(start) <= self.world.now
        return begun and (end is None or self.world.now < datetime.fromisoformat(end))

    def grants(self) -> Iterator[tuple[str, Row, str, bool]]:
        """Yield every grant: id, properties, kind, and whether it may only be used to assign roles."""
        windows: dict[str, list[bool]] = {}
        for row in self.rows(PIM[1]):
            it = row["properties"]
            origin, now = low(it.get("originRoleAssignmentId")), self.holds_now(it)
            if origin:  # Azure removes ended time-bound assignments, so a listed one holds
                windows.setdefault(origin, []).append(now or low(it.get("assignmentType")) == "assigned")
            if now:
                yield row["id"], it, "active", False
        for row in self.rows(AUTH + "roleassignments"):
            if any(windows.get(low(row["id"]), [True])):
                yield row["id"], row["properties"], "assignment", False
        for row in self.rows(PIM[0]):
            if self.holds_now(row["properties"]):
                yield row["id"], row["properties"], "eligible", False
        yield from self.delegated()

    def may_be_over(self, principal: str, it: Row, scope: str) -> bool:
        """Return whether an assignment may be an ended activation, because the list with its end was not read."""
        if not self.asked_for_pim() or not self.unread_list(PIM[1], scope):
            return False
        return self.unread_list(PIM[0], scope) or any(
            role_of(row["properties"]) == role_of(it)
            and self.covers(scope, row["properties"]["scope"], row["id"]) is not False
            and (
                self.groups_unread(principal)
                or low(row["properties"]["principalId"])
                in self.certain(principal) | self.doubtful(principal) | self.joinable(principal)
            )
            for row in self.rows(PIM[0])
        )

    def delegated(self) -> Iterator[tuple[str, Row, str, bool]]:
        for row in self.rows(LIGHTHOUSE):
            offer = row["properties"]["registrationDefinition"]["properties"]
            at = low(row["id"]).rpartition("/providers/")[0]
            for active, listed in (("active", "authorizations"), ("eligible", "eligibleAuthorizations")):
                for item in offer.get(listed) or ():
                    limited = bool(item.get("delegatedRoleDefinitionIds"))
                    yield row["id"], {**item, "scope": at}, active, limited

    def granted(self, principal: str, operation: str, scope: str, plane: str) -> set[str]:
        """Return the kinds of grants found: plain, conditional, eligible, possible."""
        found = set()
        for identity, it, kind, limited in self.grants():
            covers = self.covers(scope, it["scope"], identity)
            joins = low(it.get("principalId")) in self.joinable(principal)
            acts = True if joins else self.is_granted(principal, it)
            if covers is False or acts is False:
                continue
            permissions = self.roles.get(role_of(it))
            says = "plain" if permissions is None else role_grants(permissions, operation, plane)
            if says is None:
                continue
            over = kind == "assignment" and self.may_be_over(principal, it, scope)
            if permissions is None or covers is None or acts is None or over:
                found.add("possible")
            elif kind == "eligible" or joins:
                found.add("eligible")
            elif says == "plain" and not limited and not bears_on(it.get("condition"), operation):
                found.add("plain")
            else:
                found.add("conditional")
        return found

    def is_granted(self, principal: str, it: Row) -> bool | None:
        """Return the same as `is_one_of`, except that unread groups count once as an unread list, not per grant."""
        name = low(it.get("principalId"))
        if name in self.certain(principal):
            return True
        if name in self.doubtful(principal):
            return None
        if low(it.get("principalType")) == "foreigngroup" and principal not in self.directory:
            return None
        return False

    # ------------------------------------------------------------------------------------------------------- answers

    def can(self, principal: str, operation: str, scope: str, plane: str) -> str:
        principal, operation = low(principal), low(operation)
        vault = re.match(r"(.*/providers/microsoft\.keyvault/vaults/[^/]+)", key(scope))
        if plane == "data" and operation.startswith("microsoft.keyvault/vaults/") and vault:
            held = [row for row in self.rows("microsoft.keyvault/vaults") if key(row["id"]) == vault[1]]
            if not held or not held[0]["properties"].keys() & {"enableRbacAuthorization", "tenantId", "accessPolicies"}:
                return "unknown"
            if low(held[0]["properties"].get("tenantId") or TENANT) != TENANT:
                return "deny"
            if not held[0]["properties"].get("enableRbacAuthorization"):
                return self.by_policies(principal, operation, held[0]["properties"])
        return self.by_roles(principal, operation, scope, plane)

    def by_roles(self, principal: str, operation: str, scope: str, plane: str) -> str:
        denied = self.denied(principal, operation, scope, plane)
        if denied == "certain":
            return "deny"
        found = self.granted(principal, operation, scope, plane)
        deny_unread = denied == "possible" or self.unread_list(AUTH + "denyassignments", scope)
        for kind, verdict in (("plain", "allow"), ("conditional", "conditional"), ("eligible", "eligible")):
            if kind in found:
                if deny_unread:
                    return "unknown"
                return "conditional" if verdict == "allow" and denied == "conditional" else verdict
        return "unknown" if "possible" in found or self.grants_unread(principal, scope) else "deny"

    def grants_unread(self, principal: str, scope: str) -> bool:
        lists = [AUTH + "roleassignments", *(PIM if self.asked_for_pim() else ())]
        lighthouse = any(
            low(gap.what) == LIGHTHOUSE and self.covers(scope, gap.scope, None) is not False for gap in self.world.gaps
        )
        groups = self.groups_unread(principal) or self.offers_refused(principal)
        return lighthouse or groups or any(self.unread_list(what, scope) for what in lists)

    def by_policies(self, principal: str, operation: str, it: Row) -> str:
        category, names = POLICY_NAMES[operation.removeprefix("microsoft.keyvault/vaults/")]
        found = set()
        for item in it.get("accessPolicies") or ():
            if low(item.get("tenantId") or TENANT) != TENANT:
                continue
            joins = low(item["objectId"]) in self.joinable(principal)
            acts = True if joins else self.is_one_of(principal, item["objectId"], None)
            held = {low(name) for name in item["permissions"].get(category) or ()}
            if acts is not False and held & {*names, "all"}:
                plain = "compound" if item.get("applicationId") else "plain"
                found.add("possible" if acts is None else "eligible" if joins else plain)
        for word, verdict in (("plain", "allow"), ("compound", "conditional"), ("eligible", "eligible")):
            if word in found:
                return verdict
        unread = "possible" in found or "accessPolicies" not in it
        return "unknown" if unread or self.groups_unread(principal) or self.offers_refused(principal) else "deny"


POLICY_NAMES: dict[str, tuple[str, set[str]]] = {
    "secrets/getsecret/action": ("secrets", {"get"}),
    "secrets/readmetadata/action": ("secrets", {"list"}),
    "keys/read": ("keys", {"get", "list"}),
    "keys/wrap/action": ("keys", {"wrapkey"}),
    "certificates/read": ("certificates", {"get", "list"}),
}


def _built_in() -> Iterator[tuple[str, list[Row]]]:
    """Yield the shipped built-in roles, which are data, not code."""
    text = resources.files("auditor.access").joinpath("data/builtin_roles.jsonl").read_text("utf-8")
    for line in text.splitlines():
        row = json.loads(line)
        yield row["name"].lower(), row["permissions"]
