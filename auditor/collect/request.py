"""The request of a scan: its scope and accounts, and the errors in it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from auditor.inventory.arm_id import ArmId
from auditor.inventory.readiness_scope import EVERYTHING, ReadinessScope
from auditor.nearest import nearest, no_such


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """The scope of a scan, the accounts it is about, and the optional parts to read.

    Attributes:
        subscriptions: ids or display names, without case.
        management_groups: names or display names, without case.
        all: whether to read every subscription that the signed-in account sees.
        accounts: object id, UPN, mail, guest form `user_domain#EXT#` or app id each; without any, the signed-in one.
        strangers: addresses of other tenants that it is about too; nothing is read of them, the snapshot names them.
        deep: whether to read the diagnostic settings of every resource (one request per resource) and the ingestion of
            the workspaces of Azure Migrate (an extra permission), where there is such a workspace.
        machines: whether to read the assessments, their machines and the machines that were discovered.
        machines_of: the projects, groups and assessments whose machines these are; without names, all of them.
        access: whether to read policies, delegations, the signed-in account's own permissions and the eligibilities of
            the accounts in the directory.
        scopes: ARM ids that a question about access is about, inside the subscriptions, or management groups, for
            which only assignments at and above them are read.
        groups: names of resource groups that the question is about.
        projects: names of projects whose resource groups the question is about.
        registration_mode: how appliances will register; reads nothing, but the snapshot remembers it.
        expand: whether to read the members of the groups that hold a role there.
        source: what tells what is in subscriptions that are not named one by one: `arm`, every list of each; `graph`,
            Azure Resource Graph, and these lists only where anything of Azure Migrate is; `auto`, the latter for many.
            Where the question is about access, every list is read.
    """

    subscriptions: tuple[str, ...] = ()
    management_groups: tuple[str, ...] = ()
    all: bool = False
    accounts: tuple[str, ...] = ()
    strangers: tuple[str, ...] = ()
    deep: bool = False
    machines: bool = False
    machines_of: ReadinessScope = EVERYTHING
    access: bool = False
    scopes: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    registration_mode: Literal["user", "app", "arc"] | None = None
    expand: bool = False
    source: Literal["auto", "arm", "graph"] = "arm"

    @property
    def names_a_scope(self) -> bool:
        """Whether the request names anything to read."""
        return bool(self.all or self.subscriptions or self.management_groups or self.groups_asked_about)

    @property
    def is_about_leftovers(self) -> bool:
        """Whether the answer says what else uses the workspaces of deleted projects: no question but a scan does."""
        return self.deep or not (self.access or self.machines)

    @property
    def groups_asked_about(self) -> tuple[str, ...]:
        """The management groups among `scopes`."""
        return tuple(text for text in self.scopes if ArmId.parse(text).management_group is not None)


class BadRequest(Exception):
    """The request cannot be met; the user must change it."""


class NoScope(BadRequest):
    """The request names nothing to read."""

    def __init__(self) -> None:
        super().__init__("nothing says what to read: name a subscription or a management group, or ask for all")


class UnknownScope(BadRequest):
    """No subscription or management group has the name, or more than one has it."""

    def __init__(self, kind: str, asked: str, *, near: Iterable[str] = (), several: Iterable[str] = ()) -> None:
        self.asked = asked
        self.several = tuple(several)
        super().__init__(_sentence(kind, asked, near, self.several))


class UnknownAccount(BadRequest):
    """The directory was read and has no such account, or more than one."""

    def __init__(self, asked: str, *, near: Iterable[str] = (), several: Iterable[str] = ()) -> None:
        self.asked = asked
        self.several = tuple(several)
        super().__init__(_sentence("account", asked, nearest(asked, near), self.several))


def _sentence(kind: str, asked: str, near: Iterable[str], several: tuple[str, ...]) -> str:
    if several:
        return f"more than one {kind} is called `{asked}`; name one of {' or '.join(f'`{name}`' for name in several)}"
    return no_such(kind, asked, near)
