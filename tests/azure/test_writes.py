"""Write permits: a write is sent only with the permitted method and complete id, and without further parameters."""

import pytest
from azure.core.pipeline import PipelineContext, PipelineRequest
from azure.core.rest import HttpRequest
from hypothesis import given
from hypothesis import strategies as st

from auditor.azure.errors import ReadFailed, WriteFailed, WriteRefused
from auditor.azure.pipeline import Guard
from auditor.azure.writes import WritePermit, WriteRequest

ORIGIN = "https://management.azure.com"
GROUP = "/subscriptions/5ab50001-0000-4000-8000-000000000001/resourceGroups/rg"
WORKSPACE = f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/ws"
SOLUTION = f"{GROUP}/providers/Microsoft.OperationsManagement/solutions/ServiceMap(ws)"
VERSION = "?api-version=2023-09-01"
PERMIT = WritePermit([(WriteRequest.DELETE_WORKSPACE, WORKSPACE), (WriteRequest.PUT_SOLUTION, SOLUTION)])


def passes(method: str, url: str, permit: WritePermit | None = PERMIT) -> bool:
    request = PipelineRequest(HttpRequest(method, url), PipelineContext(None))
    try:
        Guard(f"{ORIGIN}:443", permit).on_request(request)
    except (WriteRefused, ReadFailed):
        return False
    return True


@pytest.mark.parametrize(
    ("method", "path", "may"),
    [
        ("DELETE", WORKSPACE + VERSION, True),
        ("delete", WORKSPACE.upper().replace("/PROVIDERS", "/providers") + VERSION, True),
        ("DELETE", WORKSPACE.replace("/ws", "/%77s") + VERSION, True),
        ("PUT", SOLUTION.replace("(", "%28").replace(")", "%29") + VERSION, True),
        ("DELETE", f"{WORKSPACE}{VERSION}&force=true", False),
        ("DELETE", f"{WORKSPACE}{VERSION}&FORCE=", False),
        ("DELETE", f"{WORKSPACE}?force=true", False),
        ("DELETE", WORKSPACE, False),
        ("DELETE", f"{WORKSPACE}2{VERSION}", False),
        ("DELETE", f"{WORKSPACE}/tables/x{VERSION}", False),
        ("DELETE", f"{WORKSPACE}/../ws2{VERSION}", False),
        ("DELETE", f"{GROUP}{VERSION}", False),
        ("DELETE", SOLUTION + VERSION, False),
        ("PUT", WORKSPACE + VERSION, False),
        ("PATCH", WORKSPACE + VERSION, False),
        ("POST", f"{WORKSPACE}/purge{VERSION}", False),
    ],
)
def test_what_may_leave(method: str, path: str, may: bool) -> None:
    assert passes(method, ORIGIN + path) is may


def test_without_a_permit_nothing_is_written() -> None:
    assert not passes("DELETE", ORIGIN + WORKSPACE + VERSION, None)
    assert passes("GET", ORIGIN + WORKSPACE + VERSION, None)


def test_a_permit_is_for_one_origin() -> None:
    assert not passes("DELETE", f"https://management.azure.com.evil.example{WORKSPACE}{VERSION}")


@pytest.mark.parametrize(
    ("change", "identity"),
    [
        (WriteRequest.DELETE_WORKSPACE, GROUP),
        (WriteRequest.DELETE_WORKSPACE, SOLUTION),
        (WriteRequest.DELETE_WORKSPACE, f"{WORKSPACE}/../x"),
        (WriteRequest.DELETE_WORKSPACE, f"{WORKSPACE}/"),
        (WriteRequest.PUT_SOLUTION, WORKSPACE),
        (WriteRequest.RECOVER_WORKSPACE, f"{WORKSPACE}/linkedServices/x"),
        (WriteRequest.PUT_LINKED_SERVICE, WORKSPACE),
    ],
)
def test_what_cannot_be_permitted(change: WriteRequest, identity: str) -> None:
    if identity.endswith("/"):
        assert WritePermit([(change, identity)]).allows("DELETE", ORIGIN + WORKSPACE + VERSION)
        return
    with pytest.raises(ValueError, match="is not what"):
        WritePermit([(change, identity)])


@given(st.text(max_size=40), st.sampled_from(["DELETE", "PUT", "PATCH", "POST"]))
def test_no_other_path_is_permitted(tail: str, method: str) -> None:
    url = f"{ORIGIN}{GROUP}/{tail}{VERSION}"
    assert not PERMIT.allows(method, url) or url.lower().startswith(
        (f"{ORIGIN}{WORKSPACE}".lower(), f"{ORIGIN}{SOLUTION}".lower())
    )


@pytest.mark.parametrize(
    ("status", "own", "page_of_a_proxy"),
    [
        (0, True, True),
        (200, True, True),
        (302, False, True),
        (403, False, True),
        (409, False, True),
        (429, False, True),
        (500, True, True),
        (503, True, True),
    ],
)
def test_whether_it_may_have_happened(status: int, own: bool, page_of_a_proxy: bool) -> None:
    assert WriteFailed(status, "X", "x", ORIGIN, documented=True).may_have_happened is own
    assert WriteFailed(status, "X", "x", ORIGIN).may_have_happened is page_of_a_proxy
