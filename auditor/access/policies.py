"""Policy assignments that may refuse a request: effects resolved through parameters and initiatives, exemptions heeded.

A policy judges the body of a request, which is not known here. So policies are named where they may refuse, and never
decide anything.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from auditor.access.scopes import Place, made_at, scope_key
from auditor.inventory.instants import instant
from auditor.inventory.inventory import Inventory
from auditor.inventory.resources.authorization import PolicyAssignment

DEFINITIONS = "Microsoft.Authorization/policyDefinitions"
INITIATIVES = "Microsoft.Authorization/policySetDefinitions"
EXEMPTIONS = "Microsoft.Authorization/policyExemptions"
_PARAMETER = re.compile(r"\[\s*parameters\(\s*'([^']+)'\s*\)\s*\]", re.IGNORECASE)
_REFUSES = {"deny": "write", "denyaction": "delete"}
_VAULTS = frozenset({"microsoft.keyvault/vaults"})
_ACCOUNTS = frozenset({"microsoft.storage/storageaccounts"})

_BUILT_IN: dict[str, tuple[frozenset[str], str | None]] = {
    "405c5871-3e91-4644-8a63-58e19d68ff5b": (_VAULTS, "audit"),
    "55615ac9-af46-4a59-874e-391cc3dfb490": (_VAULTS, "audit"),
    "12d4fa5e-1f9f-4c21-97a9-b99b3c6611b5": (_VAULTS, "audit"),
    "a06d0189-92e8-4dba-b0c4-08d7669fce7d": (_ACCOUNTS, None),
    "e56962a6-4747-49cd-b67b-bf8b01975c4c": (frozenset(), "deny"),
    "871b6d14-10aa-478d-b590-94f262ecfa99": (frozenset(), "deny"),
}
"""Built-in policies met around Azure Migrate: the types each judges (none: any), and its default effect."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A policy assignment that may refuse a request; without `certain` its effect was not read."""

    assignment: PolicyAssignment
    certain: bool


@dataclass(frozen=True, slots=True)
class _Effect:
    """What one policy does: its effect (None: not read), the types it judges (none: any), its initiative member."""

    effect: str | None
    types: frozenset[str]
    reference: str = ""


class Policies:
    """The policy assignments of an inventory with what they amount to."""

    def __init__(self, inventory: Inventory) -> None:
        """Keep the inventory; what is asked is resolved at the first question."""
        self._inventory = inventory

    def refusals(self, operation: str, place: Place) -> Iterator[Refusal]:
        """Return the enforced assignments at or above `place` that may refuse `operation` (normalized) there."""
        kind, _, verb = operation.rpartition("/")
        if verb not in _REFUSES.values():
            return
        above = {*place.paths, *place.groups}
        for assignment, effects in self._effects:
            if self._applies(assignment, above):
                spared = self._exempted(assignment, above)
                hits = [item for item in effects if _touches(item, kind, verb) and not _is_spared(item, spared)]
                if hits:
                    yield Refusal(assignment, any(item.effect is not None for item in hits))

    def _applies(self, assignment: PolicyAssignment, above: set[str]) -> bool:
        properties = assignment.properties
        scope = scope_key(properties.scope) if properties.scope else made_at(assignment.id)
        left_out = {scope_key(text) for text in properties.not_scopes or ()}
        enforced = (properties.enforcement_mode or "Default").lower() == "default"
        return enforced and scope in above and left_out.isdisjoint(above)

    def _exempted(self, assignment: PolicyAssignment, above: set[str]) -> list[frozenset[str]]:
        """The exemptions that hold here now: each the policies of an initiative it spares, empty for all of them."""
        found = []
        for identity, properties in self._bodies(EXEMPTIONS):
            ends = instant(properties.get("expiresOn"))
            for_this = scope_key(str(properties.get("policyAssignmentId") or "")) == scope_key(assignment.id)
            if for_this and made_at(identity) in above and (ends is None or self._inventory.now < ends):
                references = properties.get("policyDefinitionReferenceIds")
                names = references if isinstance(references, list) else []
                found.append(frozenset(str(name).lower() for name in names))
        return found

    @cached_property
    def _effects(self) -> list[tuple[PolicyAssignment, list[_Effect]]]:
        return [(assignment, list(self._resolved(assignment))) for assignment in self._inventory.all(PolicyAssignment)]

    def _resolved(self, assignment: PolicyAssignment) -> Iterator[_Effect]:
        definition = assignment.properties.policy_definition_id or ""
        given = _values(assignment.properties.parameters)
        if f"/{INITIATIVES.lower()}/" not in definition.lower():
            yield self._effect(definition, given)
            return
        initiative = self._initiatives.get(scope_key(definition))
        if initiative is None:
            yield _Effect(None, frozenset())
            return
        known = _defaults(initiative) | given
        for member in _mappings(initiative.get("policyDefinitions")):
            passed = {name: _looked_up(value, known) for name, value in _values(member.get("parameters")).items()}
            effect = self._effect(str(member.get("policyDefinitionId") or ""), passed)
            yield _Effect(effect.effect, effect.types, str(member.get("policyDefinitionReferenceId") or "").lower())

    def _effect(self, definition: str, given: Mapping[str, Any]) -> _Effect:
        held = self._definitions.get(scope_key(definition))
        if held is None:
            types, default = _BUILT_IN.get(scope_key(definition).rpartition("/")[2], (frozenset(), None))
            stated = given.get("effect")
            return _Effect(str(stated).lower() if stated is not None else default, types)
        rule = held.get("policyRule")
        rule = rule if isinstance(rule, dict) else {}
        then = rule.get("then")
        effect = _looked_up(then.get("effect") if isinstance(then, dict) else None, _defaults(held) | dict(given))
        return _Effect(None if effect is None else str(effect).lower(), _types(rule.get("if")))

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


def _touches(item: _Effect, kind: str, verb: str) -> bool:
    refuses = item.effect is None or _REFUSES.get(item.effect) == verb
    return refuses and (not item.types or kind in item.types)


def _is_spared(item: _Effect, exemptions: Iterable[frozenset[str]]) -> bool:
    return any(not names or item.reference in names for names in exemptions)


def _types(condition: object) -> frozenset[str]:
    """The resource types a rule demands, alone or among conditions that must all hold; empty for any type."""
    if not isinstance(condition, dict):
        return frozenset()
    if str(condition.get("field")).lower() == "type":
        stated = condition.get("in", condition.get("equals"))
        names = stated if isinstance(stated, list) else [stated]
        return frozenset(str(name).lower() for name in names if name)
    found = [_types(part) for part in _mappings(condition.get("allOf"))]
    return next((types for types in found if types), frozenset())


def _values(parameters: object) -> dict[str, Any]:
    pairs = parameters.items() if isinstance(parameters, dict) else ()
    return {str(name).lower(): item.get("value") for name, item in pairs if isinstance(item, dict)}


def _defaults(definition: Mapping[str, Any]) -> dict[str, Any]:
    parameters = definition.get("parameters")
    pairs = parameters.items() if isinstance(parameters, dict) else ()
    return {str(name).lower(): item.get("defaultValue") for name, item in pairs if isinstance(item, dict)}


def _looked_up(value: object, known: Mapping[str, Any]) -> Any:
    """The value of a parameter reference such as `[parameters('effect')]`; anything else is itself."""
    reference = _PARAMETER.fullmatch(value.strip()) if isinstance(value, str) else None
    return value if reference is None else known.get(reference[1].lower())


def _mappings(items: object) -> list[dict[str, Any]]:
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
