"""`scan --demo`: the embedded environment, served over TLS on loopback and scanned as any other Azure."""

import os
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from auditor.cli.environment.reading import Door, read_azure
from auditor.cli.terminal import Terminal
from auditor.collect.request import Request
from auditor.data import fixtures_dir

if TYPE_CHECKING:
    from auditor.cli.environment.keeping import Keeper
    from auditor.inventory.snapshot.snapshot import Snapshot

CAST = ("meganb@contoso.com", "isaiahl@contoso.com", "pradeepg@contoso.com")
"""Whom the demo is about unless others are named: an owner, the maker of the keys, one who signs in at appliances."""

WHAT_NEXT = (
    "This was an embedded environment. Yours: sign in with `az login`, then `migaudit scan --subscription NAME`."
)
"""What the demo ends with."""


def demo_snapshot(request: Request, terminal: Terminal, keeper: "Keeper | None" = None) -> "Snapshot":
    """Return what a scan of the embedded environment reads, dated back to the moment that the environment is of."""
    from auditor.inventory.snapshot.files import load

    world = load(fixtures_dir() / "contoso.yaml")

    @asynccontextmanager
    async def entrance() -> AsyncIterator[Door]:
        from auditor.emulator.running import running

        async with running(world) as endpoints:
            with _environment({**endpoints.env, "NO_PROXY": "127.0.0.1"}):
                yield Door(cloud=endpoints.arm, auth="environment", tenant=endpoints.tenant_id, own=True)

    snapshot = read_azure(request, entrance, terminal, keeper)
    dated = msgspec.structs.replace(snapshot.header, collected_at=world.header.collected_at)
    return replace(snapshot, header=dated)


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables while the block runs: the only way to tell the SDKs whom to trust and who signs in."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
