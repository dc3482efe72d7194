"""The embedded environment of `--demo`, served over TLS on loopback and read like any other Azure.

`read_asked` reads either of them, as a command was asked to.
"""

import os
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.cli.environment.interruptible import removed_in_any_case
from auditor.cli.environment.reading import read_azure
from auditor.cli.options import ConnectionOptions
from auditor.cli.terminal import Terminal
from auditor.collect.request import Request
from auditor.data import demo_file

if TYPE_CHECKING:
    from auditor.cli.environment.keeping import Keeper
    from auditor.cli.environment.resumption import Resumption
    from auditor.emulator.options import Endpoints
    from auditor.inventory.snapshot.snapshot import Snapshot

CAST = ("meganb@contoso.com", "isaiahl@contoso.com", "pradeepg@contoso.com")
"""The default accounts of the demo: an owner, one who generates keys, one who signs in at appliances."""

WHAT_NEXT = (
    "This was an embedded environment. For yours: sign in with `az login`, then `migaudit scan --subscription NAME`."
)
"""The last line of a demo scan."""


def demo_snapshot(request: Request, terminal: Terminal, keeper: "Keeper | None" = None) -> "Snapshot":
    """Return the snapshot of the embedded environment, dated back to the time for which it was written."""
    from auditor.inventory.snapshot.files import load

    world = load(demo_file())

    @asynccontextmanager
    async def served() -> AsyncIterator[ConnectionOptions]:
        from auditor.emulator.running import running

        async with running(world) as endpoints:
            with signed_in_to(endpoints) as connection:
                yield connection

    return read_azure(request, served, terminal, keeper, dated=world.header.collected_at)


def read_asked(
    request: Request,
    connection: ConnectionOptions,
    terminal: Terminal,
    keeper: "Keeper | None" = None,
    *,
    demo: bool,
    resumption: "Resumption | None" = None,
) -> "Snapshot":
    """Return what `request` asks for: of the embedded environment for a `demo`, otherwise of Azure as `connection`."""
    if demo:
        return demo_snapshot(request, terminal, keeper)
    return read_azure(request, connection, terminal, keeper, resumption=resumption)


@contextmanager
def signed_in_to(endpoints: "Endpoints") -> Iterator[ConnectionOptions]:
    """Yield the options that lead to an emulator of this process; while the block runs, the SDKs sign in to it."""
    kept = Path(endpoints.ca_file).parent
    with _environment({**endpoints.env, "NO_PROXY": "127.0.0.1"}), removed_in_any_case(kept):
        yield ConnectionOptions(cloud=endpoints.arm, auth="environment", tenant=endpoints.tenant_id, own=True)


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables while the block runs: the SDKs read credentials and trusted certificates from them."""
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
