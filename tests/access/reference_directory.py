"""A brute-force evaluator of directory rights, written from the specification; it shares no code with the engine."""

from datetime import datetime
from typing import Any

from tests.access.environments import Environment
from tests.access.reference_evaluator import Reference, low

GLOBAL = "62e90394-69f5-4237-9190-012177145e10"
APPLICATION_ADMIN = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"
CLOUD_APPLICATION_ADMIN = "158c047a-c907-4556-b7ef-446551a6b5f7"
HYBRID = "8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2"
DEVELOPER = "cf1c38e5-3621-4004-a7cb-879624dced7c"
TIER_1, TIER_2 = "4ba39ca4-527c-499a-b93d-d9b492c50246", "e00e864a-17c5-4a4b-9c06-f5b95a8d5bd8"
CREATE = {GLOBAL, APPLICATION_ADMIN, CLOUD_APPLICATION_ADMIN, HYBRID, DEVELOPER}
CONTROL = {GLOBAL, APPLICATION_ADMIN, CLOUD_APPLICATION_ADMIN, TIER_1, TIER_2}
SAME_AS_MEMBERS = "a0b1b346-4d3e-4e8b-98f8-753987be4970"
ELIGIBLE_ROLE = "#microsoft.graph.unifiedRoleEligibilityScheduleInstance"


class Directory:
    """The answers about applications in one environment."""

    def __init__(self, world: Environment) -> None:
        self.world = world
        self.who = Reference(world)

    # ----------------------------------------------------------------------------------------------------- questions

    def may_create(self, principal: str) -> str:
        if self.holds(principal, CREATE, {"", "/"}):
            return "allow"
        member = self.as_member(principal)
        if member == "allow":
            return "allow"
        if self.is_offered(principal, CREATE, {"", "/"}):
            return "eligible"
        return "unknown" if member == "unknown" or self.roles_unread(principal) else "deny"

    def administers(self, principal: str) -> str:
        if self.holds(principal, CONTROL, {"", "/"}):
            return "allow"
        if self.is_offered(principal, CONTROL, {"", "/"}):
            return "eligible"
        return "unknown" if self.roles_unread(principal) else "deny"

    def controls(self, principal: str, app_id: str) -> str:
        kinds = {"application": "graph/applications", "servicePrincipal": "graph/serviceprincipals"}
        things = {
            kind: row
            for row in self.world.graph
            for kind in kinds
            if is_a(row, kind) and low(row.get("appId")) == app_id
        }
        owners = {
            low(link.to)
            for link in self.world.links
            if link.rel == "owner" and low(link.from_) in {low(row["id"]) for row in things.values()}
        }
        scopes = {"", "/", *(f"/{low(row['id'])}" for row in things.values())}
        if things and (principal in owners or self.holds(principal, CONTROL, scopes)):
            return "allow"
        unread = any(kind not in things and self.who.unread(what, app_id) for kind, what in kinds.items())
        unread |= any(self.who.unread("graph/owners", low(row["id"])) for row in things.values())
        if not things:
            return "unknown" if unread else "deny"
        if self.is_offered(principal, CONTROL, scopes):
            return "eligible"
        return "unknown" if unread or self.roles_unread(principal) else "deny"

    # --------------------------------------------------------------------------------------------------------- roles

    def held_by(self, holder: str, roles: set[str], scopes: set[str]) -> bool:
        return any(
            link.rel == "directoryRole"
            and low(link.from_) == holder
            and low(link.to) in roles
            and low(link.scope) in scopes
            for link in self.world.links
        )

    def offered_to(self, holder: str, roles: set[str], scopes: set[str]) -> bool:
        return any(
            row["@odata.type"] == ELIGIBLE_ROLE
            and low(row["principalId"]) == holder
            and low(row["roleDefinitionId"]) in roles
            and low(row["directoryScopeId"]) in scopes
            and self.in_window(row)
            for row in self.world.graph
        )

    def in_window(self, row: dict[str, Any]) -> bool:
        start, end = row.get("startDateTime"), row.get("endDateTime")
        now = self.world.now
        return (not start or datetime.fromisoformat(start) <= now) and (not end or now < datetime.fromisoformat(end))

    def holds(self, principal: str, roles: set[str], scopes: set[str]) -> bool:
        return any(self.held_by(holder, roles, scopes) for holder in self.who.certain(principal))

    def is_offered(self, principal: str, roles: set[str], scopes: set[str]) -> bool:
        """Return whether a role can be activated, or a group joined that holds one or can activate one."""
        joinable = self.who.joinable(principal)
        own = any(self.offered_to(holder, roles, scopes) for holder in {*self.who.certain(principal), *joinable})
        return own or any(self.held_by(holder, roles, scopes) for holder in joinable)

    def roles_unread(self, principal: str) -> bool:
        own = {*self.who.certain(principal), *self.who.doubtful(principal)}
        carriers = {principal, *filter(self.may_carry, own)}
        joined = set(filter(self.may_carry, self.who.joinable(principal)))
        hidden = any(self.who.refused("graph/directoryroleeligibilities", one) for one in carriers | joined)
        hidden |= any(self.who.refused("graph/directoryroles", one) for one in joined)
        anywhere = {low(link.scope) for link in self.world.links} | {
            low(row.get("directoryScopeId")) for row in self.world.graph
        }
        doubtful = any(
            self.held_by(holder, ALL_THAT_MATTER, anywhere) or self.offered_to(holder, ALL_THAT_MATTER, anywhere)
            for holder in self.who.doubtful(principal)
        )
        return (
            hidden
            or doubtful
            or any(self.who.unread("graph/directoryroles", holder) for holder in carriers)
            or self.who.groups_unread(principal)
            or self.who.offers_refused(principal)
        )

    def may_carry(self, holder: str) -> bool:
        """Return whether `holder` is a group that can hold directory roles, or may be one."""
        row = self.who.directory.get(holder)
        return row is None or (is_a(row, "group") and bool(row.get("isAssignableToRole")))

    # ------------------------------------------------------------------------------------------------------- members

    def as_member(self, principal: str) -> str:
        row = self.who.directory.get(principal, {})
        if is_a(row, "servicePrincipal"):
            return "unknown" if self.who.unread("graph/approleassignments", principal) else "deny"
        if not is_a(row, "user") or row.get("userType") is None:
            return "unknown"
        policy = next((item for item in self.world.graph if is_a(item, "authorizationPolicy")), None)
        if policy is None:
            return "unknown"
        if row["userType"].lower() == "guest":
            return "unknown" if low(policy.get("guestUserRoleId")) == SAME_AS_MEMBERS else "deny"
        allowed = policy["defaultUserRolePermissions"].get("allowedToCreateApps")
        return "unknown" if allowed is None else "allow" if allowed else "deny"


ALL_THAT_MATTER = {
    *CREATE,
    *CONTROL,
    "e8611ab8-c189-46e8-94e1-60213ab1f814",
    "7be44c8a-adaf-4e2a-84d6-ab2649e08a13",
    "fdd7a751-b60b-444a-984c-02652fe8fa1c",
    "9360feb5-f418-4baa-8175-e2a00bac4301",
    "fe930be7-5e62-47db-91af-98c3a49a38b1",
}
"""All roles that matter for access."""


def is_a(row: dict[str, Any], kind: str) -> bool:
    return low(row.get("@odata.type")) == f"#microsoft.graph.{kind}".lower()
