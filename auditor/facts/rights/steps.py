"""The steps of setting up an appliance and the needs of each, read from `steps.yaml`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from itertools import takewhile
from pathlib import Path

import msgspec

from auditor.access.key_vault.permissions import vault_operations
from auditor.access.rbac.patterns import Fit, Patterns, normalized
from auditor.prepared import yaml_value

CREATE, REGISTER, DISCOVER, REPLICATE = "create-project", "register", "start-discovery", "replicate"
"""The ids of steps that the code treats in a way of their own."""


class At(Enum):
    """The scope at which an action is needed."""

    PROJECT = "project"
    RESOURCE_GROUP = "resource_group"
    SUBSCRIPTION = "subscription"
    TARGET_GROUP = "target_group"
    TARGET_SUBSCRIPTION = "target_subscription"
    SUBNET = "subnet"
    VIRTUAL_NETWORK = "virtual_network"


class ApplianceKind(Enum):
    """The kinds of appliances, by what each discovers."""

    VMWARE = "vmware"
    HYPERV = "hyperv"
    PHYSICAL = "physical"


class When(Enum):
    """The cases to which a need is limited."""

    NEW_RESOURCE_GROUP = "new_resource_group"
    FIRST_REPLICATION = "first_replication"
    PRIVATE_CONNECTIVITY = "private_connectivity"
    PRIVATE_NAMES = "private_names"


PRIVATE = frozenset({When.PRIVATE_CONNECTIVITY, When.PRIVATE_NAMES})
"""The cases that only a project with private connectivity has."""


class EntraNeed(Enum):
    """The kinds of rights that a signed-in user needs in Microsoft Entra."""

    CREATE_APPLICATION = "create-application"
    CONTROL_APPLICATION = "control-application"
    READ_SERVICE_PRINCIPALS = "read-service-principals"


class Part(Enum):
    """The parts of a step that can fail independently; each value is the name in `steps.yaml`."""

    PROJECT = "project"
    ACCOUNT = "account"
    RIGHTS = "rights"
    PROVIDERS = "providers"
    VAULT = "vault"
    NETWORK = "network"
    ENDPOINTS = "endpoints"
    SIGN_IN = "sign_in"
    APPLIANCE = "appliance"
    ENTRA = "entra"
    OBSTACLES = "surroundings"
    MODE = "mode"
    TARGET = "target"


@dataclass(frozen=True, slots=True)
class Need:
    """Control-plane actions of which any one is enough; usually there is just one.

    `by_kind` narrows them to one kind of appliance; it is empty for a kind without this need. `when` is the case that
    the need is limited to. `assigns` are the GUIDs of the roles that an action which assigns roles has to give.
    """

    at: At
    one_of: tuple[str, ...]
    by_kind: Mapping[ApplianceKind, tuple[str, ...]] = field(default_factory=dict)
    when: When | None = None
    assigns: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The action, or the alternative actions joined with `or`."""
        return " or ".join(self.one_of)

    def of(self, kind: ApplianceKind | None) -> tuple[str, ...]:
        """Return the alternative actions for this kind of appliance; for None, all actions if every kind needs one."""
        if not self.by_kind:
            return self.one_of
        if kind is None:
            return self.one_of if len(self.by_kind) == len(ApplianceKind) else ()
        return self.by_kind.get(kind, ())


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its id, its title and its needs; `errors` are the error ids of an appliance by missing part.

    `vault` are the data actions that are certainly needed, `vault_documented` those that Microsoft's documentation asks
    for.
    `roles` are the GUIDs of the roles that Microsoft documents for the step. `endpoints` are the types (lower case) of
    the resources whose private endpoints have to work.
    """

    id: str
    title: str
    needs: tuple[Need, ...]
    providers: tuple[str, ...]
    vault: tuple[str, ...]
    entra: EntraNeed | None
    errors: Mapping[Part, tuple[str, ...]]
    vault_documented: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    entra_kinds: frozenset[ApplianceKind] = frozenset(ApplianceKind)
    endpoints: frozenset[str] = frozenset()

    def entra_of(self, kind: ApplianceKind | None) -> EntraNeed | None:
        """Return the right in Microsoft Entra for this kind of appliance; for None, that of any kind."""
        return self.entra if kind is None or kind in self.entra_kinds else None

    @property
    def has_target(self) -> bool:
        """Whether the step needs rights on the group that machines are migrated to."""
        return any(need.at in {At.TARGET_GROUP, At.TARGET_SUBSCRIPTION} for need in self.needs)

    @property
    def has_private_needs(self) -> bool:
        """Whether private connectivity of the project makes the step need further rights."""
        return any(need.when in PRIVATE for need in self.needs)


@cache
def steps() -> dict[str, Step]:
    """Return the steps by id, in the order of the work."""
    rows = yaml_value(Path(__file__).with_name("steps.yaml"), dict[str, _StepRow])
    return {id_: row.step(id_) for id_, row in rows.items()}


@cache
def created_before(step_id: str) -> frozenset[str]:
    """Return the providers (lower case) in which the steps before this one create something in the project's group.

    Each step is judged as if those before it were done: then these providers are registered.
    """
    before = takewhile(lambda id_: id_ != step_id, steps())
    needs = (need for id_ in before for need in steps()[id_].needs if need.when is None)
    actions = (action.lower() for need in needs if need.at is At.RESOURCE_GROUP for action in need.one_of)
    return frozenset(action.partition("/")[0] for action in actions if action.endswith("/write"))


class _NeedRow(msgspec.Struct, forbid_unknown_fields=True):
    """One item of `needs` in `steps.yaml`."""

    at: At
    actions: tuple[str, ...] = ()
    by_kind: dict[ApplianceKind, str | tuple[str, ...]] = {}
    when: When | None = None
    assigns: tuple[str, ...] = ()

    def needs(self) -> Iterator[Need]:
        """Yield one need per action, and one for the actions that differ by kind of appliance."""
        for action in self.actions:
            yield Need(self.at, (action,), when=self.when, assigns=self.assigns)
        if self.by_kind:
            by_kind = {kind: (one,) if isinstance(one, str) else one for kind, one in self.by_kind.items()}
            every = tuple(dict.fromkeys(action for actions in by_kind.values() for action in actions))
            yield Need(self.at, every, by_kind, self.when, self.assigns)


class _StepRow(msgspec.Struct, forbid_unknown_fields=True):
    """One step in `steps.yaml`."""

    title: str
    needs: tuple[_NeedRow, ...]
    providers: tuple[str, ...] = ()
    vault: tuple[str, ...] = ()
    vault_documented: tuple[str, ...] = ()
    entra: EntraNeed | None = None
    entra_kinds: frozenset[ApplianceKind] = frozenset(ApplianceKind)
    errors: dict[Part, tuple[str, ...]] = {}
    roles: tuple[str, ...] = ()
    endpoints: tuple[str, ...] = ()

    def step(self, id_: str) -> Step:
        """Return the step with all its needs."""
        needs = tuple(need for row in self.needs for need in row.needs())
        vault, documented = (
            tuple(action for pattern in patterns for action in _data_actions(pattern))
            for patterns in (self.vault, self.vault_documented)
        )
        return Step(
            id_,
            self.title,
            needs,
            self.providers,
            vault,
            self.entra,
            self.errors,
            documented,
            self.roles,
            self.entra_kinds,
            frozenset(one.lower() for one in self.endpoints),
        )


def _data_actions(pattern: str) -> Iterator[str]:
    """Yield the known data actions of key vaults that match a pattern."""
    wanted = Patterns((pattern,))
    yield from (action for action in vault_operations() if wanted.fit(normalized(action)) is not Fit.NO)
