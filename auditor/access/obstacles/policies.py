"""The policy assignments that may refuse a request, with parameters, initiatives, overrides and exemptions applied.

A policy evaluates the body of a request, which is not known here. So a policy that may refuse is named, and never
changes a verdict.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from auditor.access.obstacles.policy_rules import may_hold, overridden, selected
from auditor.access.rbac.scopes import ScopePlace, ScopeTree, made_at, scope_key
from auditor.inventory.instants import instant
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import KEY_VAULTS, POLICY_EXEMPTIONS, STORAGE_ACCOUNTS
from auditor.inventory.policy_values import Parameters, defaults, mappings, resolved
from auditor.inventory.policy_values import given as given_values
from auditor.inventory.resources.authorization import PolicyAssignment

DEFINITIONS = "Microsoft.Authorization/policyDefinitions"
INITIATIVES = "Microsoft.Authorization/policySetDefinitions"
REFUSES = {"deny": "write", "denyaction": "delete"}
"""The effects that refuse requests, with the verb of those requests; no other effect refuses."""
_REQUEST_MODES = frozenset({"all", "indexed"})
"""The modes that evaluate requests to Azure Resource Manager; other modes concern a provider's data plane."""
_UNTAGGED = ("microsoft.authorization/", "microsoft.resources/subscriptions/resourcegroups")
"""Prefixes of types without tags and location, which the mode `Indexed` skips."""

_VAULTS = {"field": "type", "equals": KEY_VAULTS}
_ACCOUNTS = {"field": "type", "equals": STORAGE_ACCOUNTS}
_BUILT_IN: dict[str, tuple[dict[str, str], str | None]] = {
    "405c5871-3e91-4644-8a63-58e19d68ff5b": (_VAULTS, "audit"),
    "55615ac9-af46-4a59-874e-391cc3dfb490": (_VAULTS, "audit"),
    "12d4fa5e-1f9f-4c21-97a9-b99b3c6611b5": (_VAULTS, "audit"),
    "a06d0189-92e8-4dba-b0c4-08d7669fce7d": (_ACCOUNTS, None),
    "e56962a6-4747-49cd-b67b-bf8b01975c4c": ({}, "deny"),
    "871b6d14-10aa-478d-b590-94f262ecfa99": ({}, "deny"),
}
"""Built-in policies common around Azure Migrate, for snapshots that lack them: their `if` and default effect."""


@dataclass(frozen=True, slots=True)
class PolicyRefusal:
    """A policy assignment that may refuse a request; `doubt` says which part of it was not read, if any."""

    assignment: PolicyAssignment
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class _AssignedPolicy:
    """A policy as assigned; `effect` is lower case, None if unknown, and `reference` its name in an initiative."""

    effect: str | None
    condition: object
    parameters: Parameters
    mode: str = "all"
    reference: str = ""


class Policies:
    """The policy assignments of an inventory, resolved to their policies and effects."""

    def __init__(self, inventory: Inventory, tree: ScopeTree) -> None:
        """Keep the collaborators; assignments are resolved at the first question."""
        self._inventory = inventory
        self._tree = tree

    def refusals(self, operation: str, place: ScopePlace) -> Iterator[PolicyRefusal]:
        """Yield the enforced assignments at or above `place` that may refuse `operation` (normalized) there."""
        kind, _, verb = operation.rpartition("/")
        if verb not in REFUSES.values():
            return
        for assignment, policies in self._assigned:
            reached = self._reached(assignment, place)
            if reached is False or not _is_enforced(assignment, kind):
                continue
            exempted = list(self._exempted(assignment, place, kind))
            hits = [policy for policy in policies if _touches(policy, kind, verb) and not _is_exempt(policy, exempted)]
            if hits:
                yield PolicyRefusal(assignment, _doubt(hits, reached=reached))

    def _reached(self, assignment: PolicyAssignment, place: ScopePlace) -> bool | None:
        """Return whether the assignment's scope covers `place` and no excluded scope does; None if unknown."""
        properties = assignment.properties
        above = {*place.paths, *place.groups}
        if any(scope_key(text) in above for text in properties.not_scopes or ()):
            return False
        return self._tree.covers(
            place, scope_key(properties.scope) if properties.scope else made_at(assignment.id), assignment.id
        )

    def _exempted(self, assignment: PolicyAssignment, place: ScopePlace, kind: str) -> Iterator[frozenset[str]]:
        """Yield the exemptions certainly in effect here: the policy references each one exempts, empty for all."""
        above = {*place.paths, *place.groups}
        for identity, properties in self._exemptions.get(scope_key(assignment.id), ()):
            stated = properties.get("expiresOn")
            ends = instant(str(stated)) if stated else None
            holds = not stated or (ends is not None and self._inventory.now < ends)
            if holds and made_at(identity) in above and selected(properties.get("resourceSelectors"), kind) is True:
                names = properties.get("policyDefinitionReferenceIds")
                yield frozenset(str(name).lower() for name in (names if isinstance(names, list) else ()))

    @cached_property
    def _exemptions(self) -> Mapping[str, list[tuple[str, dict[str, Any]]]]:
        found: dict[str, list[tuple[str, dict[str, Any]]]] = defaultdict(list)
        for identity, properties in self._bodies(POLICY_EXEMPTIONS):
            found[scope_key(str(properties.get("policyAssignmentId") or ""))].append((identity, properties))
        return found

    @cached_property
    def _assigned(self) -> list[tuple[PolicyAssignment, list[_AssignedPolicy]]]:
        return [(assignment, list(self._policies(assignment))) for assignment in self._inventory.all(PolicyAssignment)]

    def _policies(self, assignment: PolicyAssignment) -> Iterator[_AssignedPolicy]:
        for policy in self._members(assignment):
            effect = overridden(assignment.properties.overrides, policy.reference, policy.effect)
            yield replace(policy, effect=effect)

    def _members(self, assignment: PolicyAssignment) -> Iterator[_AssignedPolicy]:
        definition = assignment.properties.policy_definition_id or ""
        given = given_values(assignment.properties.parameters)
        if f"/{INITIATIVES.lower()}/" not in definition.lower():
            yield self._policy(definition, given)
            return
        initiative = self._initiatives.get(_definition_key(definition))
        if initiative is None:
            yield _AssignedPolicy(None, None, {})
            return
        known = defaults(initiative) | given
        for member in mappings(initiative.get("policyDefinitions")):
            passed = {name: resolved(value, known) for name, value in given_values(member.get("parameters")).items()}
            policy = self._policy(str(member.get("policyDefinitionId") or ""), passed)
            yield replace(policy, reference=str(member.get("policyDefinitionReferenceId") or "").lower())

    def _policy(self, definition: str, given: Parameters) -> _AssignedPolicy:
        key = _definition_key(definition)
        held = self._definitions.get(key)
        if held is None:
            condition, default = _BUILT_IN.get(key.rpartition("/")[2], ({}, None))
            return _AssignedPolicy(_effect(given.get("effect", default)), condition, given)
        rule = held.get("policyRule")
        rule = rule if isinstance(rule, dict) else {}
        then = rule.get("then")
        known = defaults(held) | dict(given)
        effect = resolved(then.get("effect") if isinstance(then, dict) else None, known)
        return _AssignedPolicy(_effect(effect), rule.get("if"), known, str(held.get("mode") or "all").lower())

    @cached_property
    def _definitions(self) -> dict[str, dict[str, Any]]:
        return {scope_key(identity): properties for identity, properties in self._bodies(DEFINITIONS)}

    @cached_property
    def _initiatives(self) -> dict[str, dict[str, Any]]:
        return {scope_key(identity): properties for identity, properties in self._bodies(INITIATIVES)}

    def _bodies(self, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
        for record in self._inventory.of_type(kind):
            properties = (self._inventory.body(record.id) or {}).get("properties")
            if isinstance(properties, dict):
                yield record.id, properties


def _is_enforced(assignment: PolicyAssignment, kind: str) -> bool:
    """Return whether the assignment is enforced and may apply to resources of this type."""
    properties = assignment.properties
    enforced = (properties.enforcement_mode or "Default").lower() != "donotenforce"
    return enforced and selected(properties.resource_selectors, kind) is not False


def _touches(policy: _AssignedPolicy, kind: str, verb: str) -> bool:
    if policy.mode not in _REQUEST_MODES or (policy.mode == "indexed" and kind.startswith(_UNTAGGED)):
        return False
    refuses = policy.effect is None or REFUSES.get(policy.effect) == verb
    return refuses and may_hold(policy.condition, kind, policy.parameters) is not False


def _is_exempt(policy: _AssignedPolicy, exemptions: Iterable[frozenset[str]]) -> bool:
    return any(not names or policy.reference in names for names in exemptions)


def _doubt(hits: list[_AssignedPolicy], *, reached: bool | None) -> str:
    if reached is None:
        return "whether its scope covers this one was not read"
    return "" if any(policy.effect is not None for policy in hits) else "its effect was not read"


def _definition_key(identity: str) -> str:
    """Return the key of a definition without its version."""
    return scope_key(identity).partition("/versions/")[0]


def _effect(value: object) -> str | None:
    return None if value is None else str(value).lower()
