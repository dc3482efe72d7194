"""Properties of the emulator as a function from request to response, without a socket."""

import json
from functools import lru_cache
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.emulator.azure_cloud import AzureCloud
from auditor.emulator.exchange import HttpRequest, HttpResponse, split_target
from tests.emulator.contoso_corner import (
    APP,
    GROUPS,
    MEGAN,
    OUTER,
    PROJECT,
    RG,
    TENANT,
    VAULT,
    WORKSPACE,
    S,
    corner,
)

ORIGIN = "https://127.0.0.1:1"


@lru_cache(maxsize=16)
def cloud(page_size: int | None = None) -> AzureCloud:
    return AzureCloud(corner(), (ORIGIN,), page_size, 3600)


@lru_cache(maxsize=16)
def token(page_size: int | None = None) -> str:
    service = cloud(page_size).identities
    form = {
        "grant_type": "client_credentials",
        "client_id": service.service.app_id,
        "client_secret": service.client_secret,
        "scope": f"{ORIGIN}/.default",
    }
    request = HttpRequest("POST", f"/{TENANT}/oauth2/v2.0/token", {}, {}, ORIGIN, urlencode(form).encode())
    return str(json.loads(cloud(page_size).answer(request, lambda *_: None).body)["access_token"])


def ask(method: str, target: str, page_size: int | None = None, body: bytes = b"") -> HttpResponse:
    path, query = split_target(target)
    headers = {"Authorization": f"Bearer {token(page_size)}", "ConsistencyLevel": "eventual"}
    return cloud(page_size).answer(HttpRequest(method, path, query, headers, ORIGIN, body), lambda *_: None)


def every(target: str, page_size: int | None) -> list[str]:
    """Return all ids of a list, page by page."""
    found: list[str] = []
    while target:
        page = json.loads(ask("GET", target, page_size).body)
        found.extend(item["id"] for item in page["value"])
        target = page.get("nextLink") or page.get("@odata.nextLink") or ""
        target = target.removeprefix(ORIGIN)
    return found


@pytest.mark.parametrize(
    "target",
    [
        f"{S}/resources?api-version=2021-04-01",
        f"{S}/providers/Microsoft.KeyVault/vaults?api-version=2023-07-01",
        f"{S}/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01&$filter=assignedTo('{MEGAN}')",
        f"{S}/providers/Microsoft.Authorization/roleDefinitions?api-version=2022-04-01",
        f"{GROUPS}/contoso/descendants?api-version=2020-05-01",
        "/v1.0/users?$select=id",
        f"/v1.0/groups/{OUTER}/transitiveMembers?$select=id",
    ],
)
@given(page_size=st.integers(1, 12))
def test_pages_put_together_are_the_list(target: str, page_size: int) -> None:
    whole = every(target, None)
    assert every(target, page_size) == whole
    assert len(set(whole)) == len(whole) > 0


WORDS = """
    subscriptions resourceGroups providers tenants resources locations rg-migrate contoso
    Microsoft.KeyVault Microsoft.Authorization Microsoft.Migrate Microsoft.Management vaults roleAssignments
    roleDefinitions migrateProjects solutions managementGroups descendants permissions register deletedVaults
    v1.0 users groups applications me owners transitiveMemberOf $batch getByIds directory deletedItems
    roleManagement roleAssignments policies authorizationPolicy checkMemberGroups graph.group
"""
SEGMENTS = [
    *WORDS.split(),
    S.rpartition("/")[2],
    MEGAN,
    APP,
    TENANT,
    "oauth2",
    "token",
    "users('x')",
    "applications(appId='x')",
    "",
    "%00",
    "ü",
]
PREFIXES = ["", S, RG, VAULT, PROJECT, WORKSPACE, f"{GROUPS}/contoso", "/v1.0", f"/v1.0/users/{MEGAN}", f"/{TENANT}"]
FILTERS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["atScope()", f"assignedTo('{MEGAN}')", "type eq 'CustomRole'", "startswith(displayName,'m')", "a eq 1"]
    ),
)
QUERIES = st.fixed_dictionaries(
    {},
    optional={
        "api-version": st.sampled_from(["2021-04-01", "2018-09-01-preview", "1999-01-01", "x", ""]),
        "$filter": FILTERS,
        "$top": st.sampled_from(["1", "0", "x", "5"]),
        "$select": st.text(max_size=10),
        "$expand": st.sampled_from(["owners", "children", "x"]),
        "$skiptoken": st.text(max_size=10),
        "$count": st.sampled_from(["true", "false"]),
    },
)


@given(
    method=st.sampled_from(["GET", "GET", "GET", "HEAD", "POST", "PATCH", "OPTIONS"]),
    prefix=st.sampled_from(PREFIXES),
    segments=st.lists(st.sampled_from(SEGMENTS), max_size=6),
    query=QUERIES,
    body=st.sampled_from([b"", b"{}", b"[]", b"\xff", b'{"ids": [1]}', b'{"requests": [{}]}', b"grant_type=x"]),
)
def test_every_request_has_an_answer(
    method: str, prefix: str, segments: list[str], query: dict[str, str], body: bytes
) -> None:
    target = f"{prefix}/{'/'.join(segments)}?{urlencode(query)}"
    answer = ask(method, target, None, body)
    assert 200 <= answer.status < 500
    if answer.body:
        json.loads(answer.body)
