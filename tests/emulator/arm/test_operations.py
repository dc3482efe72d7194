"""Long-running writes, and requests that are carried out although their answer is replaced by a fault."""

import pytest

from auditor.emulator.faults import faults_of
from auditor.emulator.options import Options
from tests.emulator.contoso_corner import WORKSPACE, S, corner, path_of, signed_in

VERSION = "api-version=2023-09-01"
LIVE = f"{S}/providers/Microsoft.OperationalInsights/workspaces?{VERSION}"
DELETED = f"{S}/providers/Microsoft.OperationalInsights/deletedWorkspaces?{VERSION}"


def hurt(**rule: object) -> Options:
    return Options(faults=faults_of([rule]))


async def test_a_long_running_deletion_ends_after_some_status_requests() -> None:
    async with signed_in(corner(), hurt(method="DELETE", questions=2)) as client:
        begun = await client.ask("DELETE", f"{WORKSPACE}?{VERSION}")
        assert begun.status == 202
        link = path_of(begun.headers["Azure-AsyncOperation"])
        states = [(await client.get(link)).json["status"] for _ in range(2)]
        assert states == ["InProgress", "InProgress"]
        assert (await client.get(LIVE)).names == ["contoso-ws"]
        assert (await client.get(link)).json["status"] == "Succeeded"
        assert (await client.get(LIVE)).names == []
        assert "contoso-ws" in (await client.get(DELETED)).names
        assert (await client.get(link)).json["status"] == "Succeeded"


async def test_a_request_for_the_workspace_counts_as_a_status_request() -> None:
    async with signed_in(corner(), hurt(method="DELETE", questions=1)) as client:
        await client.ask("DELETE", f"{WORKSPACE}?{VERSION}")
        looked = await client.get(f"{WORKSPACE}?{VERSION}")
        assert looked.json["properties"]["provisioningState"] == "Deleting"  # type: ignore[index]
        assert (await client.get(f"{WORKSPACE}?{VERSION}")).status == 404


async def test_an_operation_that_never_ends_blocks_others() -> None:
    async with signed_in(corner(), hurt(method="DELETE", questions=-1)) as client:
        begun = await client.ask("DELETE", f"{WORKSPACE}?{VERSION}")
        link = path_of(begun.headers["Location"])
        assert {str((await client.get(link)).json["status"]) for _ in range(5)} == {"InProgress"}
        assert (await client.ask("DELETE", f"{WORKSPACE}?{VERSION}")).status == 409
        assert (await client.get(LIVE)).names == ["contoso-ws"]


async def test_a_recovery_can_be_long_running() -> None:
    async with signed_in(corner(), hurt(method="PUT", questions=0)) as client:
        await client.ask("DELETE", f"{WORKSPACE}?{VERSION}")
        begun = await client.ask("PUT", f"{WORKSPACE}?{VERSION}", {"location": "westeurope"})
        assert begun.status == 202
        assert (await client.get(path_of(begun.headers["Location"]))).json["status"] == "Succeeded"
        assert (await client.get(LIVE)).names == ["contoso-ws"]


async def test_an_unknown_operation_is_not_found() -> None:
    async with signed_in(corner()) as client:
        path = f"{S}/providers/Microsoft.OperationalInsights/locations/global/operationStatuses/x?{VERSION}"
        assert (await client.get(path)).status == 404


@pytest.mark.parametrize("carried_out", [True, False])
async def test_a_request_may_be_carried_out_although_its_answer_is_replaced(carried_out: bool) -> None:
    async with signed_in(corner(), hurt(method="DELETE", status=500, carried_out=carried_out)) as client:
        assert (await client.ask("DELETE", f"{WORKSPACE}?{VERSION}")).status == 500
        assert (await client.get(LIVE)).names == ([] if carried_out else ["contoso-ws"])


async def test_a_linked_service_can_be_put() -> None:
    async with signed_in(corner()) as client:
        path = f"{WORKSPACE}/linkedServices/automation?{VERSION}"
        put = await client.ask("PUT", path, {"properties": {"resourceId": f"{S}/x"}})
        assert put.json["name"] == "contoso-ws/automation"
        assert (await client.get(f"{WORKSPACE}/linkedServices?{VERSION}")).names[-1] == "contoso-ws/automation"
