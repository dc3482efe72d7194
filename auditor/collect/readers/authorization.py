"""The lists of role assignments and definitions, deny assignments, PIM schedule instances and locks."""

from typing import Any

from auditor.collect.listing import Feature, Keep, Listing, Rest, Sdk, at_group
from auditor.inventory import lists as list_names
from auditor.inventory.lists import ROLE_DEFINITIONS


def _client() -> type[Any]:
    from azure.mgmt.authorization.v2022_04_01.aio import AuthorizationManagementClient

    return AuthorizationManagementClient


_AUTHORIZATION = "{scope}/providers/Microsoft.Authorization"

BUILT_IN_ROLES = Listing(
    what=ROLE_DEFINITIONS,
    feature=Feature.ACCESS,
    source=Rest(f"{_AUTHORIZATION}/roleDefinitions", ("2022-04-01",), {"$filter": "type eq 'BuiltInRole'"}),
)
"""Read once, at the tenant root, as they are the same everywhere."""

CUSTOM_ROLES = Listing(
    what=ROLE_DEFINITIONS,
    feature=Feature.ACCESS,
    source=Rest(f"{_AUTHORIZATION}/roleDefinitions", ("2022-04-01",), {"$filter": "type eq 'CustomRole'"}),
)

ROLE_ASSIGNMENTS = Listing(
    what=list_names.ROLE_ASSIGNMENTS,
    feature=Feature.ACCESS,
    source=Rest(f"{_AUTHORIZATION}/roleAssignments", ("2022-04-01",)),
    keep=Keep.INHERITED,
)
"""Without a filter, which returns those above, at and below the subscription, down to single resources."""

DENY_ASSIGNMENTS = Listing(
    what=list_names.DENY_ASSIGNMENTS,
    feature=Feature.ACCESS,
    source=Sdk(_client, "deny_assignments.list", ("2022-04-01",)),
    keep=Keep.INHERITED,
)

LOCKS = Listing(
    what=list_names.LOCKS,
    feature=Feature.ACCESS,
    source=Rest(f"{_AUTHORIZATION}/locks", ("2020-05-01",)),
    keep=Keep.INHERITED,
)

NO_PIM = {"aadpremiumlicenserequired": 400}
"""Without the licence nobody can be eligible, so a refusal for want of it proves the list empty."""


def _instances(kind: str) -> Listing:
    return Listing(
        what=f"Microsoft.Authorization/{kind}",
        feature=Feature.ACCESS,
        source=Rest(f"{_AUTHORIZATION}/{kind}", ("2020-10-01",)),
        keep=Keep.INHERITED,
        empty_on=NO_PIM,
    )


ELIGIBILITY = _instances("roleEligibilityScheduleInstances")
ACTIVATION = _instances("roleAssignmentScheduleInstances")

PER_MANAGEMENT_GROUP: tuple[Listing, ...] = (
    at_group(ROLE_ASSIGNMENTS),
    at_group(DENY_ASSIGNMENTS),
    at_group(ELIGIBILITY),
    at_group(ACTIVATION),
    CUSTOM_ROLES,
)
"""Read for a management group that a question is about."""
