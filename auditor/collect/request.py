"""What a scan is asked to read, and how that can be wrong."""

from collections.abc import Iterable
from dataclasses import dataclass

from auditor.inventory.arm_id import ArmId
from auditor.nearest import nearest, no_such


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """The scope of a scan and the accounts it is about.

    `subscriptions` are ids or display names, `management_groups` names or display names, without case; `all` means
    every subscription that the signed-in account sees. `accounts` are texts as people write them: object id, UPN, mail,
    guest form `user_domain#EXT#` or app id; without any, the scan is about the signed-in account.
    `deep` also asks what takes one request a resource or a right of its own: the diagnostic settings of everything, and
    what came into the workspaces of Azure Migrate. Nothing of it is asked where there is no such workspace.
    `access` also asks, of the chosen subscriptions, what else bears on access: policies, delegations, what whoever
    signed in may do there, what the accounts may activate in the directory. `scopes` are ARM ids that the question is
    about: inside those subscriptions, or management groups, of which only what stands at and above them is asked. It is
    also about the resource groups called one of `groups`, and those in which a project is called one of `projects`.
    `expand` also asks for the members of the groups that hold a role there.
    """

    subscriptions: tuple[str, ...] = ()
    management_groups: tuple[str, ...] = ()
    all: bool = False
    accounts: tuple[str, ...] = ()
    deep: bool = False
    access: bool = False
    scopes: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    expand: bool = False

    @property
    def names_a_scope(self) -> bool:
        """Whether it says at all what to read."""
        return bool(self.all or self.subscriptions or self.management_groups or self.groups_asked_about)

    @property
    def groups_asked_about(self) -> tuple[str, ...]:
        """The management groups among `scopes`."""
        return tuple(text for text in self.scopes if ArmId.parse(text).management_group is not None)


class BadRequest(Exception):
    """The request cannot be met as it stands: the user has to change it."""


class NoScope(BadRequest):
    """Nothing names what to read."""

    def __init__(self) -> None:
        super().__init__("nothing says what to read: name a subscription or a management group, or ask for all")


class UnknownScope(BadRequest):
    """No subscription or management group, or more than one, answers to the name."""

    def __init__(self, kind: str, asked: str, *, near: Iterable[str] = (), several: Iterable[str] = ()) -> None:
        self.asked = asked
        self.several = tuple(several)
        super().__init__(_sentence(kind, asked, near, self.several))


class UnknownAccount(BadRequest):
    """The directory was read and holds no such account, or more than one."""

    def __init__(self, asked: str, *, near: Iterable[str] = (), several: Iterable[str] = ()) -> None:
        self.asked = asked
        self.several = tuple(several)
        super().__init__(_sentence("account", asked, nearest(asked, near), self.several))


def _sentence(kind: str, asked: str, near: Iterable[str], several: tuple[str, ...]) -> str:
    if several:
        return f"more than one {kind} is called `{asked}`; name one of {' or '.join(f'`{name}`' for name in several)}"
    return no_such(kind, asked, near)
