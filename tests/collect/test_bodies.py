"""The contents that readers find in bodies: app ids, principals, kept properties."""

import pytest

from auditor.collect.directory.applications import app_ids
from auditor.collect.directory.principals import principal_ids
from auditor.collect.directory.questions import FIELDS, reduced, without_keys
from auditor.collect.listing import Body
from auditor.inventory.lists import APPLICATION, USER
from auditor.inventory.snapshot.secrets import REMOVED

APP = "ab1d0001-7c3f-4e58-b6a2-c0a050000001"
OTHER = "ab1d0002-7c3f-4e58-b6a2-c0a050000002"
EVERYONE = "00000000-0000-0000-0000-000000000000"


@pytest.mark.parametrize(
    ("properties", "found"),
    [
        ({}, []),
        ({"servicePrincipalIdentityDetails": None}, []),
        ({"servicePrincipalIdentityDetails": {"applicationId": APP.upper()}}, [APP]),
        ({"servicePrincipalIdentityDetails": {"machineResourceId": "/subscriptions/x"}}, []),
        ({"servicePrincipalIdentityDetails": {"applicationId": "no guid'"}}, []),
        (
            {
                "servicePrincipalIdentityDetails": {"applicationId": APP},
                "siteAppliancePropertiesCollection": [
                    {"applianceName": "two", "servicePrincipalIdentityDetails": {"applicationId": OTHER}}
                ],
            },
            [APP, OTHER],
        ),
    ],
)
def test_app_ids_of_a_site(properties: object, found: list[str]) -> None:
    assert list(app_ids({"properties": properties})) == found


@pytest.mark.parametrize(
    ("properties", "found"),
    [
        (None, []),
        ({"principalId": APP.upper(), "principalType": "User"}, [APP]),
        ({"principalId": None}, []),
        ({"principalId": "not a guid"}, []),
        ({"principals": [{"id": EVERYONE, "type": "SystemDefined"}], "excludePrincipals": [{"id": OTHER}]}, [OTHER]),
        ({"accessPolicies": [{"objectId": APP, "permissions": {}}, {"objectId": OTHER}, "odd"]}, [APP, OTHER]),
    ],
)
def test_principals_of_a_body(properties: object, found: list[str]) -> None:
    assert list(principal_ids({"properties": properties})) == found


def test_an_object_is_kept_with_the_properties_of_its_kind() -> None:
    body: Body = {"@odata.type": USER, "id": "u", "userType": "Guest", "mobilePhone": "+49", "businessPhones": []}
    assert reduced(body) == {"@odata.type": USER, "id": "u", "userType": "Guest"}


def test_an_object_of_a_kind_nobody_asked_for_keeps_its_name() -> None:
    body: Body = {"@odata.type": "#microsoft.graph.device", "id": "d", "displayName": "LAPTOP", "deviceId": "x"}
    assert reduced(body) == {"@odata.type": "#microsoft.graph.device", "id": "d", "displayName": "LAPTOP"}


def test_key_material_goes_and_dates_and_hints_stay() -> None:
    body: Body = {
        "@odata.type": APPLICATION,
        "keyCredentials": [{"keyId": "1", "endDateTime": "2027-01-01T00:00:00Z", "key": "MIID"}],
        "passwordCredentials": [{"keyId": "2", "hint": "abc", "secretText": None}],
    }
    kept = without_keys(body)
    assert kept["keyCredentials"] == [{"keyId": "1", "endDateTime": "2027-01-01T00:00:00Z", "key": REMOVED}]
    assert kept["passwordCredentials"] == [{"keyId": "2", "hint": "abc", "secretText": None}]


def test_the_properties_that_graph_only_tells_when_asked_are_asked_for() -> None:
    assert {"userType", "accountEnabled", "externalUserState", "creationType"} <= set(FIELDS[USER])


def test_the_kind_of_an_object_is_compared_without_case() -> None:
    body: dict[str, object] = {"@odata.type": USER.upper(), "id": "u", "userType": "Guest", "city": "Bergen"}
    assert reduced(body) == {"@odata.type": USER.upper(), "id": "u", "userType": "Guest"}
