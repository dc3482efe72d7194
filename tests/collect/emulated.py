"""An emulated Azure and a connection to it, so that the readers are tested over real HTTP."""

import json
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType

import msgspec
import pytest

from auditor.azure.connection import Azure, connect
from auditor.azure.retry import Retry
from auditor.collect.collect import collect
from auditor.collect.request import Request
from auditor.data import fixtures_dir
from auditor.emulator.faults import faults_of
from auditor.emulator.options import Options
from auditor.emulator.running import running
from auditor.inventory.snapshot.files import load
from auditor.inventory.snapshot.snapshot import Snapshot

EVERYTHING = Request(all=True)
FOREIGN = (
    "AZURE_AUTHORITY_HOST",
    "AZURE_TOKEN_CREDENTIALS",
    "AZURE_FEDERATED_TOKEN_FILE",
    "HTTPS_PROXY",
    "https_proxy",
)
CONCURRENCY = 8
"""Enough for answers to overtake each other; each of the usual 64 connections would cost a TLS handshake."""


@cache
def embedded(name: str) -> Snapshot:
    """Return an embedded environment; each is loaded once, as snapshots are immutable."""
    return load(fixtures_dir() / f"{name}.yaml")


def dated(snapshot: Snapshot, like: Snapshot) -> Snapshot:
    """Return a snapshot as if it were as old as another one; the Activity Log of a fresh one holds no old events."""
    header = msgspec.structs.replace(snapshot.header, collected_at=like.header.collected_at)
    return replace(snapshot, header=header)


@dataclass(frozen=True, slots=True)
class Served:
    """An open connection to an emulated Azure, and the log of its requests."""

    azure: Azure
    log: Path

    def requests(self) -> list[str]:
        """Return the method and path (with query) of each request, in order, without those for signing in."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines()]
        asked = [f"{line['method']} {line['path']}" for line in lines]
        return [one for one in asked if "/oauth2/" not in one and "/metadata/endpoints" not in one]


@asynccontextmanager
async def serving(
    snapshot: Snapshot,
    *,
    page_size: int | None = None,
    faults: Sequence[Mapping[str, object]] = (),
    lag: Mapping[str, str] = MappingProxyType({}),
) -> AsyncIterator[Served]:
    """Serve `snapshot` and connect to it as its auditor; retries do not wait. For `lag` see the emulator's options."""

    async def no_wait(_seconds: float) -> None:
        return None

    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as environment:
        log = Path(folder) / "access.jsonl"
        options = Options(page_size=page_size, access_log=log, faults=faults_of(faults), lag=lag)
        async with running(snapshot, options) as endpoints:
            for name in FOREIGN:
                environment.delenv(name, raising=False)
            for name, value in endpoints.env.items():
                environment.setenv(name, value)
            retry = Retry(sleep=no_wait)
            async with connect(endpoints.arm, "environment", concurrency=CONCURRENCY, retry=retry) as azure:
                yield Served(azure, log)


async def collected(
    snapshot: Snapshot,
    request: Request = EVERYTHING,
    *,
    page_size: int | None = None,
    faults: Sequence[Mapping[str, object]] = (),
    lag: Mapping[str, str] = MappingProxyType({}),
) -> Snapshot:
    """Return the result of scanning an Azure that serves `snapshot`."""
    async with serving(snapshot, page_size=page_size, faults=faults, lag=lag) as served:
        return await collect(served.azure, request)
