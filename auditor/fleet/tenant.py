"""A tenant of a fleet: what to read there, and in which variables the way to sign in is found; no secret is in it."""

from dataclasses import dataclass
from typing import Literal

from auditor.azure.auth.sign_in import INTERACTIVE
from auditor.collect.request import Request

Source = Literal["auto", "arm", "graph"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetTenant:
    """One entry of a fleet file, which is all that another machine is told of the tenant.

    Attributes:
        name: what reports call it; unique in its file.
        cloud: the name of a cloud, or the URL of an ARM endpoint.
        auth: how to sign in, one of `AUTH_MODES`.
        env: the prefix of the variables to sign in with, of the process that does so; empty for those without prefix.
        subscriptions: ids or display names.
        management_groups: names or display names.
        all: whether to read every subscription that the account sees.
        accounts: the accounts that the scan is about; without any, the one that signs in.
        place: where it stands, as `file:line:column`, for messages.
    """

    name: str
    cloud: str = "AzureCloud"
    auth: str = "default"
    env: str = ""
    subscriptions: tuple[str, ...] = ()
    management_groups: tuple[str, ...] = ()
    all: bool = False
    accounts: tuple[str, ...] = ()
    place: str = ""

    @property
    def needs_person(self) -> bool:
        """Whether somebody must act before a token is issued."""
        return self.auth in INTERACTIVE

    @property
    def lane(self) -> object:
        """What entries with the same account have in common: they share its budgets, and one person signs in to one."""
        return "a person" if self.needs_person else (self.cloud.lower(), self.auth, self.env)

    def request(self, *, deep: bool = False, source: Source = "auto", without: frozenset[str] = frozenset()) -> Request:
        """Return what to read, about its accounts; nothing is read about those in `without`."""
        return Request(
            subscriptions=self.subscriptions,
            management_groups=self.management_groups,
            all=self.all,
            accounts=tuple(one for one in self.accounts if one not in without),
            strangers=tuple(one for one in self.accounts if one in without),
            deep=deep,
            machines=deep,
            source=source,
        )
