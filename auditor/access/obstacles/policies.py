"""The policy assignments that may refuse a request, with parameters, initiatives, overrides and exemptions applied.

A policy evaluates the body of a request. Where the body is known as far as the rule asks, the rule is decided; other
policies that may refuse are named with what they ask for. They never change a verdict of the access engine.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from auditor.access.obstacles.policy_changes import APPEND, CHANGING, changes_in_words, conflicting
from auditor.access.obstacles.policy_expressions import Scope
from auditor.access.obstacles.policy_rules import holds, overridden, selected
from auditor.access.obstacles.policy_words import in_words
from auditor.access.obstacles.requested import Requested
from auditor.access.rbac.scopes import ScopePlace, ScopeTree
from auditor.inventory.arm_id import ArmId, arm_id, made_at, scope_key, scope_of
from auditor.inventory.instants import instant
from auditor.inventory.inventory import Inventory
from auditor.inventory.lists import KEY_VAULTS, POLICY_EXEMPTIONS, STORAGE_ACCOUNTS
from auditor.inventory.policy_values import Parameters, defaults, mappings, resolved
from auditor.inventory.policy_values import given as given_values
from auditor.inventory.resources.authorization import PolicyAssignment

DEFINITIONS = "Microsoft.Authorization/policyDefinitions"
INITIATIVES = "Microsoft.Authorization/policySetDefinitions"
REFUSES = {"deny": "write", "denyaction": "delete"}
"""The effects that refuse requests, with the verb of those requests.

Beside them `append` refuses where it would replace a value; no other effect refuses.
"""
_EFFECTS = frozenset(
    {
        *REFUSES,
        "addtonetworkgroup",
        "append",
        "audit",
        "auditifnotexists",
        "deployifnotexists",
        "disabled",
        "manual",
        "modify",
        "mutate",
    }
)
"""The effects that Azure documents, for definitions of any mode."""
_INDEXED_ONLY = "indexed"
"""The mode that passes over what has no tags and no location; `All` and modes that are not known pass over nothing."""
_OF_DATA_PLANE = re.compile(r"microsoft\.[a-z0-9.]+\.data(\..*)?")
"""The modes that concern a provider's data plane, and no request to Azure Resource Manager."""
_VAULTS = {"field": "type", "equals": KEY_VAULTS}
_ACCOUNTS = {"field": "type", "equals": STORAGE_ACCOUNTS}
_SOME_VAULTS, _SOME_ACCOUNTS = {"allOf": [_VAULTS, {}]}, {"allOf": [_ACCOUNTS, {}]}
"""Conditions that depend on more than the type."""
_ROLES = "Microsoft.KeyVault/vaults/enableRbacAuthorization"


@dataclass(frozen=True, slots=True)
class _BuiltIn:
    """A built-in policy: its display name, its `if`, and its default effect."""

    name: str
    condition: object
    effect: str | None


_BUILT_IN = {
    "405c5871-3e91-4644-8a63-58e19d68ff5b": _BuiltIn(
        "Azure Key Vault should disable public network access", _SOME_VAULTS, "audit"
    ),
    "55615ac9-af46-4a59-874e-391cc3dfb490": _BuiltIn(
        "Azure Key Vault should have firewall enabled", _SOME_VAULTS, "audit"
    ),
    "12d4fa5e-1f9f-4c21-97a9-b99b3c6611b5": _BuiltIn(
        "Azure Key Vault should use RBAC permission model",
        {"allOf": [_VAULTS, {"anyOf": [{"field": _ROLES, "exists": "false"}, {"field": _ROLES, "equals": "false"}]}]},
        "audit",
    ),
    "a06d0189-92e8-4dba-b0c4-08d7669fce7d": _BuiltIn("Public access of storage accounts", _SOME_ACCOUNTS, None),
    "e56962a6-4747-49cd-b67b-bf8b01975c4c": _BuiltIn(
        "Allowed locations",
        {
            "allOf": [
                {"field": "location", "notIn": "[parameters('listOfAllowedLocations')]"},
                {"field": "location", "notEquals": "global"},
            ]
        },
        "deny",
    ),
    "871b6d14-10aa-478d-b590-94f262ecfa99": _BuiltIn(
        "Require a tag on resources",
        {"field": "[concat('tags[', parameters('tagName'), ']')]", "exists": "false"},
        "deny",
    ),
}
"""Built-in policies common around Azure Migrate, for snapshots that lack their definitions."""
_INDEXED = frozenset({"e56962a6-4747-49cd-b67b-bf8b01975c4c", "871b6d14-10aa-478d-b590-94f262ecfa99"})
"""Those of them whose mode is `Indexed`."""
_NOT_ENFORCED = "donotenforce"
_EXEMPT = "microsoft.resources/"
_GROUPS = "microsoft.resources/subscriptions/resourcegroups"
"""Policies evaluate no type of Microsoft.Resources but subscriptions and resource groups."""


@dataclass(frozen=True, slots=True)
class RefusingPolicy:
    """One policy of an assignment that refuses a request, or may.

    `certain` says that its rule is true for the requested resource, as far as that is known beforehand. `reference` is
    its name in an initiative, otherwise empty; `asks` says in words what a resource that it refuses is like. `changes`
    says in words what a policy changes that lets the request pass; empty for one that refuses it.
    """

    id: str
    name: str
    reference: str
    certain: bool
    asks: str
    changes: str = ""


@dataclass(frozen=True, slots=True)
class PolicyRefusal:
    """A policy assignment that may refuse a request, and its policies that do.

    `doubt` says which part of it was not read, if any; `initiative` that the policies are members of an initiative.
    """

    assignment: PolicyAssignment
    doubt: str = ""
    policies: tuple[RefusingPolicy, ...] = ()
    initiative: bool = False


@dataclass(frozen=True, slots=True)
class _AssignedPolicy:
    """A policy as assigned; `effect` is lower case, None if unknown, and `reference` its name in an initiative."""

    effect: str | None
    condition: object
    parameters: Parameters
    mode: str = "all"
    reference: str = ""
    id: str = ""
    name: str = ""
    details: object = None


class Policies:
    """The policy assignments of an inventory, resolved to their policies and effects."""

    def __init__(self, inventory: Inventory, tree: ScopeTree) -> None:
        """Keep the collaborators; assignments are resolved at the first question."""
        self._inventory = inventory
        self._tree = tree

    def refusals(
        self, operation: str, place: ScopePlace, requested: Sequence[Requested] = (), *, changing: bool = False
    ) -> Iterator[PolicyRefusal]:
        """Yield the enforced assignments at or above `place` that may refuse `operation` (normalized) there.

        `changing` adds those that let it pass with another body, where that may matter for an appliance.

        `requested` are the resources that the operation writes; by default only their type is known. One that exists is
        judged where it stands, so that an exclusion, an exemption or an assignment of its own counts.
        """
        kind, _, verb = operation.rpartition("/")
        if verb not in REFUSES.values():
            return
        for assignment, policies in self._assigned:
            found: dict[str, RefusingPolicy] = {}
            reached: list[bool | None] = []
            unread = False
            for resource in requested or (Requested(kind),):
                where = self._place_of(resource, place)
                reaches = self._reached(assignment, where)
                if reaches is False or not _is_enforced(assignment, resource):
                    continue
                exempted = list(self._exempted(assignment, where, resource))
                for policy in policies:
                    held = None if _is_exempt(policy, exempted) else self._refuses(policy, resource, verb, where)
                    if held is not None and held.changes and not changing:
                        continue
                    if held is not None:
                        found[policy.reference or policy.id] = held
                        unread = unread or policy.effect is None
                        reached.append(reaches)
            if found:
                doubt = _doubt(unread=unread, reached=True if True in reached else None)
                yield PolicyRefusal(assignment, doubt, tuple(found.values()), _is_initiative(assignment))

    def may_refuse(self, assignment: PolicyAssignment, reference: str = "") -> bool:
        """Whether an assignment is enforced and has an effect that refuses, or one that is not known.

        `reference` limits the question to one policy of an initiative.
        """
        named = {reference.lower(), ""} if reference else None
        effects = {one.effect for one in self._policies(assignment) if not named or one.reference.lower() in named}
        return _mode(assignment) != _NOT_ENFORCED and not effects.isdisjoint({*REFUSES, APPEND, None})

    def _place_of(self, resource: Requested, place: ScopePlace) -> ScopePlace:
        """Return where a resource stands that exists already; `place` for one that is still to be made."""
        identity = resource.body.get("id") if resource.complete else None
        own = arm_id(identity) if isinstance(identity, str) else None
        return place if own is None else self._tree.place(own)

    def _refuses(
        self, policy: _AssignedPolicy, resource: Requested, verb: str, place: ScopePlace
    ) -> RefusingPolicy | None:
        """Return the policy if it may refuse the request; None if it certainly does not."""
        kind = resource.type
        if _OF_DATA_PLANE.fullmatch(policy.mode) or (policy.mode == _INDEXED_ONLY and not resource.has_own_place):
            return None
        if kind.startswith(_EXEMPT) and kind != _GROUPS:
            return None
        changes = policy.effect in CHANGING and verb == "write"
        if policy.effect is not None and REFUSES.get(policy.effect) != verb and not changes:
            return None
        group, subscription = place.scope.resource_group_id, place.scope.subscription_id
        scope = Scope(
            resource,
            policy.parameters,
            self._body(group, {"name": group.name} if group else {}),
            {"subscriptionId": subscription.name, "id": str(subscription)} if subscription else {},
        )
        held = holds(policy.condition, scope)
        if held is False:
            return None
        if changes:
            return _of_changes(policy, scope, certain=held is True)
        asks = in_words(policy.condition, scope)
        return RefusingPolicy(policy.id, policy.name, policy.reference, held is True, asks)

    def _body(self, identity: ArmId | None, known: Mapping[str, Any]) -> Mapping[str, Any]:
        return (self._inventory.body(identity.key) if identity else None) or known

    def _reached(self, assignment: PolicyAssignment, place: ScopePlace) -> bool | None:
        """Return whether the assignment's scope covers `place` and no excluded scope does; None if unknown."""
        properties = assignment.properties
        above = {*place.paths, *place.groups}
        if any(text and scope_key(text) in above for text in properties.not_scopes or ()):
            return False
        return self._tree.covers(place, scope_of(assignment.id, properties.scope), assignment.id)

    def _exempted(
        self, assignment: PolicyAssignment, place: ScopePlace, resource: Requested
    ) -> Iterator[frozenset[str]]:
        """Yield the exemptions certainly in effect here: the policy references each one exempts, empty for all."""
        above = {*place.paths, *place.groups}
        for identity, properties in self._exemptions.get(scope_key(assignment.id), ()):
            stated, names = properties.get("expiresOn"), properties.get("policyDefinitionReferenceIds")
            ends = instant(stated)
            holds = stated is None or (ends is not None and self._inventory.now < ends)
            if holds and made_at(identity) in above and selected(properties.get("resourceSelectors"), resource) is True:
                if names is None:
                    yield frozenset()
                elif isinstance(names, list) and all(isinstance(name, str) and name for name in names):
                    yield frozenset(name.lower() for name in names)

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
            effect = overridden(assignment.properties.overrides, policy.reference.lower(), policy.effect)
            yield replace(policy, effect=_effect(effect))

    def _members(self, assignment: PolicyAssignment) -> Iterator[_AssignedPolicy]:
        definition = assignment.properties.policy_definition_id or ""
        given = given_values(assignment.properties.parameters)
        if not _is_initiative(assignment):
            yield self._policy(definition, given)
            return
        initiative = self._initiatives.get(_definition_key(definition))
        if initiative is None:
            yield _AssignedPolicy(None, None, {}, id=definition, name=definition.rpartition("/")[2])
            return
        known = defaults(initiative) | given
        listed = initiative.get("policyDefinitions")
        if not isinstance(listed, list) or len(mappings(listed)) != len(listed):
            yield _AssignedPolicy(None, None, {}, id=definition, name=definition.rpartition("/")[2])
        for member in mappings(initiative.get("policyDefinitions")):
            passed = {name: resolved(value, known) for name, value in given_values(member.get("parameters")).items()}
            policy = self._policy(str(member.get("policyDefinitionId") or ""), passed)
            yield replace(policy, reference=str(member.get("policyDefinitionReferenceId") or ""))

    def _policy(self, definition: str, given: Parameters) -> _AssignedPolicy:
        key = _definition_key(definition)
        held, guid = self._definitions.get(key), key.rpartition("/")[2]
        if held is None:
            built_in = _BUILT_IN.get(guid, _BuiltIn("", {}, None))
            effect = _effect(given.get("effect", built_in.effect))
            mode = "indexed" if guid in _INDEXED else "all"
            return _AssignedPolicy(
                effect, built_in.condition, given, mode, id=definition, name=built_in.name or definition
            )
        rule = held.get("policyRule")
        rule = rule if isinstance(rule, dict) else {}
        then = rule.get("then")
        known = defaults(held) | dict(given)
        effect = _effect(resolved(then.get("effect") if isinstance(then, dict) else None, known))
        name = str(held.get("displayName") or definition.rpartition("/")[2])
        mode = str(held.get("mode") or "all").strip().lower()
        details = then.get("details") if isinstance(then, dict) else None
        return _AssignedPolicy(effect, rule.get("if"), known, mode, id=definition, name=name, details=details)

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


def _of_changes(policy: _AssignedPolicy, scope: Scope, *, certain: bool) -> RefusingPolicy | None:
    """Return a policy that appends or modifies, if it may refuse the request or change it in a way that may matter."""
    if policy.effect == APPEND:
        refuses, asks = conflicting(policy.details, scope)
        if refuses is not False:
            certainly = certain and refuses is True
            return RefusingPolicy(policy.id, policy.name, policy.reference, certainly, asks)
    changes = changes_in_words(policy.effect or "", policy.details, scope)
    return RefusingPolicy(policy.id, policy.name, policy.reference, False, "", changes) if changes else None


def _is_initiative(assignment: PolicyAssignment) -> bool:
    return f"/{INITIATIVES.lower()}/" in (assignment.properties.policy_definition_id or "").lower()


def _is_enforced(assignment: PolicyAssignment, resource: Requested) -> bool:
    """Return whether the assignment is enforced and may apply to the resource."""
    selects = selected(assignment.properties.resource_selectors, resource)
    return _mode(assignment) != _NOT_ENFORCED and selects is not False


def _mode(assignment: PolicyAssignment) -> str:
    return (assignment.properties.enforcement_mode or "Default").lower()


def _is_exempt(policy: _AssignedPolicy, exemptions: Iterable[frozenset[str]]) -> bool:
    return any(not names or policy.reference.lower() in names for names in exemptions)


def _doubt(*, unread: bool, reached: bool | None) -> str:
    if reached is None:
        return "whether its scope covers this one was not read"
    return "its effect was not read" if unread else ""


def _definition_key(identity: str) -> str:
    """Return the key of a definition without its version."""
    return scope_key(identity).partition("/versions/")[0]


def _effect(value: object) -> str | None:
    """Return an effect in lower case, or None for one that Azure does not document."""
    effect = str(value).lower()
    return effect if effect in _EFFECTS else None
