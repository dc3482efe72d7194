"""Workspaces in Azure: their current state in ARM, and the few changes that migaudit makes to them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

from auditor.azure.arm import ArmClient
from auditor.azure.errors import ReadFailed
from auditor.azure.writes import Started, WritePermit, WriteRequest
from auditor.cleanup.saved import Saved
from auditor.cleanup.workspace_id import WorkspaceId, is_guid
from auditor.inventory.lists import DELETED_WORKSPACES, WORKSPACES, shape_of

T = TypeVar("T")

_VERSIONS: Mapping[str, Sequence[str]] = dict.fromkeys(
    (WORKSPACES, DELETED_WORKSPACES), ("2025-02-01", "2023-09-01", "2022-10-01")
)
"""The api-versions to ask for, newest first, as in a scan; the newest is the first with `replication`."""
_GROUPS = "2021-04-01"
_SOLUTIONS = "2015-11-01-preview"
_LINKED = "2020-08-01"

_ABSENT = frozenset({"resourcenotfound", "resourcegroupnotfound"})
"""The error codes of a resource that does not exist; any other 404 may come from a proxy."""

_OTHER_VERSION = frozenset({"noregisteredproviderfound", "invalidapiversionparameter", "invalidresourcetype"})
"""The error codes for an api-version that a cloud does not have."""

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Patience:
    """The polling interval and the maximum waiting time for the end of an operation, in seconds."""

    poll_every: float = 5.0
    bound: float = 900.0

    @classmethod
    def within(cls, bound: float) -> "Patience":
        """Return a patience of at most `bound` seconds, with a polling interval to match."""
        return cls(min(5.0, bound / 60), bound)


class WorkspaceState(Enum):
    """The states of a workspace."""

    LIVE = "live"
    ENDING = "being deleted"
    """Live, and Azure is deleting it."""
    DELETED = "deleted"
    """Soft-deleted: it can be recovered."""
    REPLACED = "replaced"
    """Another workspace has its id."""
    NOWHERE = "neither live nor deleted"
    """Neither live nor among the deleted ones."""


def customer_id(body: Mapping[str, Any]) -> str:
    """Return the GUID that identifies a workspace, in lower case; empty if the body contains none."""
    properties = body.get("properties")
    held = properties.get("customerId") if isinstance(properties, dict) else None
    return held.lower() if isinstance(held, str) else ""


class AzureWorkspaces:
    """The workspaces of a plan in Azure: reads of any of them, and the writes that the permit allows."""

    def __init__(self, arm: ArmClient, patience: Patience, permit: WritePermit) -> None:
        self.patience = patience
        self._arm = arm
        self._writer = arm.writer(permit)
        self._clients: dict[tuple[str, str], Any] = {}
        self._versions = dict(_VERSIONS)

    async def live(self, workspace: WorkspaceId) -> Body | None:
        """Return the body of the live workspace with this id, or None if there is none.

        Raises `ReadFailed` if that is unknown, also for a body without a `customerId`.
        """
        body = await self._newest(WORKSPACES, lambda version: self._one(workspace.text, version))
        if body is not None and not is_guid(customer_id(body)):
            raise _odd(workspace, "the answer does not show which workspace it is: it has no `customerId`")
        return body

    async def group_exists(self, workspace: WorkspaceId) -> bool:
        """Return whether the workspace's resource group exists; raises `ReadFailed`."""
        return await self._one(workspace.group_id, _GROUPS) is not None

    async def deleted(self, workspace: WorkspaceId, customer: str) -> Body | None:
        """Return the body of the soft-deleted workspace with this `customerId`, or None.

        Raises `ReadFailed`.
        """
        for body in await self._newest(DELETED_WORKSPACES, lambda version: self._deleted_in(workspace, version)):
            if not customer_id(body):
                raise _odd(workspace, "an item of the list of deleted workspaces has no `customerId`")
            if customer_id(body) != customer:
                continue
            if body["id"].lower().rstrip("/") != workspace.key:
                raise _odd(workspace, "it is listed among the deleted workspaces under another id")
            return body
        return None

    async def _deleted_in(self, workspace: WorkspaceId, version: str) -> list[Body]:
        path = f"{workspace.subscription_id}/providers/{DELETED_WORKSPACES}"
        shape = shape_of(DELETED_WORKSPACES).at(workspace.subscription_id)
        return [body async for page in self._arm.pages(path, version, shape=shape) for body in page]

    async def _newest(self, what: str, ask: Callable[[str], Awaitable[T]]) -> T:
        """Return the answer in the newest api-version of a type that the cloud has; raises `ReadFailed`.

        Versions that the cloud once denied are not asked for again.
        """
        while True:
            version, *older = self._versions[what]
            try:
                return await ask(version)
            except ReadFailed as failure:
                denied = failure.documented and 400 <= failure.status < 500 and failure.code.lower() in _OTHER_VERSION
                if not denied or not older:
                    raise
                self._versions[what] = older

    async def state(self, workspace: WorkspaceId, customer: str) -> WorkspaceState:
        """Return the state of the workspace with this `customerId`; raises `ReadFailed` if it is unknown."""
        body = await self.live(workspace)
        if body is not None and customer_id(body) != customer:
            return WorkspaceState.REPLACED
        if body is not None:
            provisioning = str(body["properties"].get("provisioningState"))
            return WorkspaceState.ENDING if provisioning.lower() == "deleting" else WorkspaceState.LIVE
        return WorkspaceState.NOWHERE if await self.deleted(workspace, customer) is None else WorkspaceState.DELETED

    async def state_when(
        self, workspace: WorkspaceId, customer: str, settled: Iterable[WorkspaceState], bound: float | None = None
    ) -> WorkspaceState:
        """Poll until the state is one of `settled` or time is up; return the last state; raises `ReadFailed`."""
        wanted = frozenset(settled)
        clock = asyncio.get_running_loop().time
        until = clock() + (self.patience.bound if bound is None else bound)
        while True:
            state = await self.state(workspace, customer)
            if state in wanted or clock() >= until:
                return state
            await asyncio.sleep(self.patience.poll_every)

    async def begin_delete(self, workspace: WorkspaceId) -> Started:
        """Request the soft deletion; raises `WriteFailed`."""
        operations = self._client(workspace).workspaces
        return await self._begin(operations.begin_delete, workspace)

    async def begin_recover(self, workspace: WorkspaceId, location: str, tags: Mapping[str, str]) -> Started:
        """Request the recovery with the same name, region and tags; raises `WriteFailed`."""
        operations = self._client(workspace).workspaces
        return await self._begin(operations.begin_create_or_update, workspace, {"location": location, "tags": tags})

    async def has(self, saved: Saved) -> bool:
        """Return whether a solution or a linked service exists; raises `ReadFailed`."""
        return await self._one(saved.id, _version_of(saved)) is not None

    async def recreate(self, saved: Saved, body: Mapping[str, object]) -> None:
        """Recreate a solution or a linked service; raises `WriteFailed`."""
        await self._writer.put(self._arm.url(saved.id, _version_of(saved)), body)

    def make_ready(self, workspace: WorkspaceId) -> None:
        """Load the client, which can take seconds, so that no time passes between the last check and the write."""
        self._client(workspace)

    def _client(self, workspace: WorkspaceId) -> Any:
        """Return the client of a subscription, in the api-version in which workspaces were read last."""
        from azure.mgmt.loganalytics.aio import LogAnalyticsManagementClient

        version = self._versions[WORKSPACES][0]
        key = workspace.subscription, version
        if key not in self._clients:
            client = self._writer.client(LogAnalyticsManagementClient, workspace.subscription, version)
            self._clients[key] = client
        return self._clients[key]

    async def _begin(self, operation: Callable[..., Awaitable[Any]], workspace: WorkspaceId, *more: object) -> Started:
        arguments = (workspace.group, workspace.name, *more)
        return await self._writer.begin(operation, *arguments, poll_every=self.patience.poll_every)

    async def _one(self, path: str, version: str) -> Body | None:
        try:
            return await self._arm.get(path, version)
        except ReadFailed as failure:
            if failure.status == 404 and failure.documented and failure.code.lower() in _ABSENT:
                return None
            raise


def _odd(workspace: WorkspaceId, what: str) -> ReadFailed:
    return ReadFailed(200, "UnexpectedShape", what, workspace.text)


def deletions(workspaces: Iterable[WorkspaceId]) -> WritePermit:
    """Return the permit to delete these workspaces softly."""
    return WritePermit((WriteRequest.DELETE_WORKSPACE, one.text) for one in workspaces)


def recoveries(workspaces: Iterable[WorkspaceId], saved: Iterable[Saved]) -> WritePermit:
    """Return the permit to recover these workspaces and to recreate what was saved with them, if its id is valid."""
    kinds = {"solution": WriteRequest.PUT_SOLUTION, "linked service": WriteRequest.PUT_LINKED_SERVICE}
    return WritePermit(
        [
            *((WriteRequest.RECOVER_WORKSPACE, one.text) for one in workspaces),
            *((kinds[one.kind], one.id) for one in saved if kinds[one.kind].fits(one.id)),
        ]
    )


def _version_of(saved: Saved) -> str:
    return _SOLUTIONS if saved.kind == "solution" else _LINKED
