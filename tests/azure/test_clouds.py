"""Clouds by name and by discovery, with both forms of its answer."""

from typing import Any

import pytest

from auditor.azure.clouds import CLOUDS, Cloud, parse_endpoints, resolve_cloud
from auditor.azure.connection import connect
from auditor.azure.errors import ReadFailed, UnknownCloud
from tests.azure.hostile_azure import HostileAzure, quick

ARM = "https://management.local.azurestack.contoso.com"
LOGIN = "https://login.contoso.com"


async def nothing_to_ask(url: str) -> object:
    raise AssertionError(url)


def entry(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Contoso",
        "authentication": {"loginEndpoint": f"{LOGIN}/", "audiences": ["https://arm.contoso.com/"]},
        "resourceManager": f"{ARM}/",
        "microsoftGraphResourceId": "https://graph.contoso.com/",
        "logAnalyticsResourceId": "https://logs.contoso.com/",
        **changes,
    }


@pytest.mark.parametrize("spelling", [str, str.lower, str.upper])
@pytest.mark.parametrize("name", CLOUDS)
async def test_named_clouds_are_known_without_asking(name: str, spelling: Any) -> None:
    cloud = await resolve_cloud(spelling(name), nothing_to_ask)
    assert cloud is CLOUDS[name]
    assert cloud is await resolve_cloud(cloud.arm, nothing_to_ask)
    assert cloud.is_well_known
    assert cloud.arm_scope == f"{cloud.arm}/.default"


@pytest.mark.parametrize("text", ["", "Azure", "http://management.contoso.com", "https://", "https://u@contoso.com"])
async def test_what_is_no_cloud_is_said(text: str) -> None:
    with pytest.raises(UnknownCloud):
        await resolve_cloud(text, nothing_to_ask)


EXPECTED = Cloud(
    "Contoso", ARM, "https://arm.contoso.com", LOGIN, "https://graph.contoso.com", "https://logs.contoso.com"
)
SHAPES: list[tuple[str, Any, Cloud]] = [
    ("one object", entry(), EXPECTED),
    ("a list", [entry(name="Other", resourceManager="https://other.contoso.com"), entry()], EXPECTED),
    ("a list of one elsewhere", [entry(resourceManager="https://x.contoso.com")], EXPECTED),
]


@pytest.mark.parametrize(("document", "cloud"), [row[1:] for row in SHAPES], ids=[row[0] for row in SHAPES])
def test_both_shapes_of_the_metadata(document: Any, cloud: Cloud) -> None:
    parsed = parse_endpoints(document, ARM)
    assert parsed == cloud
    assert not parsed.is_well_known


@pytest.mark.parametrize(
    ("audiences", "audience"),
    [
        (["https://management.core.windows.net/", f"{ARM}/"], ARM),
        (["https://arm.contoso.com/guid"], "https://arm.contoso.com/guid"),
        ([], ARM),
        (None, ARM),
        ([7, ""], ARM),
    ],
)
def test_the_audience_of_arm(audiences: Any, audience: str) -> None:
    parsed = parse_endpoints(entry(authentication={"loginEndpoint": LOGIN, "audiences": audiences}), ARM)
    assert parsed.arm_audience == audience


def test_the_graph_of_a_known_login_is_known() -> None:
    known = CLOUDS["AzureChinaCloud"]
    document = entry(authentication={"loginEndpoint": known.login}, microsoftGraphResourceId=None)
    assert parse_endpoints(document, ARM).graph == known.graph
    assert parse_endpoints(entry(microsoftGraphResourceId=None), ARM).graph == ""


@pytest.mark.parametrize(
    "document",
    [
        {},
        [],
        "text",
        [entry(resourceManager="https://a.contoso.com"), entry(resourceManager="https://b.contoso.com")],
        entry(authentication=None),
        entry(authentication={"loginEndpoint": "http://login.contoso.com"}),
    ],
)
def test_metadata_that_names_no_login_is_no_cloud(document: Any) -> None:
    with pytest.raises(UnknownCloud):
        parse_endpoints(document, ARM)


async def test_the_older_version_is_asked_where_the_newer_is_unknown() -> None:
    asked: list[str] = []

    async def fetch(url: str) -> object:
        asked.append(url)
        if "2022" in url:
            raise ReadFailed(400, "BadRequest", "unknown api-version", url)
        return [entry()]

    assert (await resolve_cloud(f"{ARM}/", fetch)).login == LOGIN
    assert asked == [f"{ARM}/metadata/endpoints?api-version={version}" for version in ("2022-09-01", "2019-05-01")]


async def test_a_loopback_cloud_on_one_port(hostile: HostileAzure) -> None:
    async with connect(f"{hostile.url}/", "environment", retry=quick()) as azure:
        cloud = azure.cloud
    assert {cloud.arm, cloud.arm_audience, cloud.login, cloud.graph} == {hostile.url}


async def test_the_list_shape_over_the_wire(hostile: HostileAzure) -> None:
    hostile.metadata = lambda version: [hostile.modern_metadata(version)] if version == "2019-05-01" else None
    async with connect(hostile.url, "environment", retry=quick()) as azure:
        assert azure.cloud.login == hostile.url
