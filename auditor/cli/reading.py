"""Where a command gets its environment from: a saved snapshot, or Azure itself."""

import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.cli.exit_codes import ExitCode
from auditor.cli.failures import CommandFailed
from auditor.cli.interruptible import run_interruptible, undisturbed
from auditor.cli.progress import watching
from auditor.cli.terminal import Terminal, to_stderr
from auditor.collect.recording import Recording
from auditor.collect.request import Request
from auditor.inventory.files import save
from auditor.inventory.reads import Read

if TYPE_CHECKING:
    from auditor.azure.connection import Azure
    from auditor.inventory.snapshot import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Which Azure is asked, as whom, and how hard."""

    cloud: str = "AzureCloud"
    auth: str = "default"
    tenant: str | None = None
    concurrency: int = 64


Entrance = Callable[[], AbstractAsyncContextManager[Door]]
"""Something that has to stand open while Azure is read through its door."""


def read_azure(request: Request, door: Door | Entrance, terminal: Terminal, keep: Path | None = None) -> "Snapshot":
    """Return what `request` asks for, read from Azure and kept in `keep`.

    On Ctrl-C what was read until then is kept, the rest of it as gaps, and `KeyboardInterrupt` is raised.
    """
    listen_to_libraries(terminal)
    recording = Recording()
    entrance = _standing(door) if isinstance(door, Door) else door

    async def work() -> "Snapshot":
        from auditor.collect.collect import collect

        with watching(terminal) as progress:
            async with entrance() as at, connected(at) as azure:
                return await collect(azure, request, progress, recording)

    def on_interrupt() -> None:
        if keep is not None and recording.begun:
            save(recording.snapshot(), keep)
            terminal.note(f"kept what was read in `{keep}`; the rest stands there as gaps")

    snapshot = run_interruptible(work, on_interrupt)
    if keep is not None:
        with undisturbed():
            save(snapshot, keep)
        terminal.note(f"saved the snapshot to `{keep}`")
    return snapshot


class _Details(logging.Handler):
    """Passes on what migaudit itself logs to whoever asked for details."""

    def __init__(self, terminal: Terminal) -> None:
        super().__init__(logging.WARNING)
        self._terminal = terminal

    def emit(self, record: logging.LogRecord) -> None:
        """Show the record's message."""
        self._terminal.detail(record.getMessage())


def listen_to_libraries(terminal: Terminal) -> None:
    """Keep what the SDKs log off the screen: it repeats our messages at length, and quotes requests."""
    for name in ("azure", "msal", "aiohttp", "asyncio"):
        logging.getLogger(name).addHandler(logging.NullHandler())
    logging.getLogger("auditor").handlers = [_Details(terminal)]


def _standing(door: Door) -> Entrance:
    return lambda: nullcontext(door)


def connected(door: Door) -> AbstractAsyncContextManager["Azure"]:
    """Hold a connection open through `door`."""
    from auditor.azure.connection import connect

    return connect(door.cloud, door.auth, door.tenant, concurrency=door.concurrency, tell=to_stderr)


def refuse_if_nothing_was_readable(snapshot: "Snapshot") -> None:
    """Raise `CommandFailed` (exit 3) when every list of every subscription in scope was refused, with the cure."""
    wanted = {f"/subscriptions/{one}".lower() for one in snapshot.header.scope.subscriptions}
    refused = [gap for gap in snapshot.gaps if gap.scope.lower() in wanted and gap.status]
    if snapshot.reads is None or not refused or any(_tells(read, wanted) for read in snapshot.reads):
        return
    answers = ", ".join(sorted({f"{gap.status} {gap.code}".strip() for gap in refused}))
    where = " and ".join(f"`{one}`" for one in sorted(wanted))
    needs = "\n".join(f"  {need}" for need in sorted({gap.needs for gap in refused if gap.needs}, key=str.lower))
    raise CommandFailed(
        ExitCode.UNREADABLE,
        f"nothing could be read in {where}: {len(refused):,} lists were refused ({answers})\n"
        f"give `{_reader(snapshot)}` the role `Reader` there, or the smaller one that "
        f"`migaudit permissions --format role` prints; the least it needs:\n{needs}",
    )


def refuse_if_nothing_is_visible(snapshot: "Snapshot") -> None:
    """Raise `CommandFailed` (exit 3) when the signed-in account sees no subscription at all."""
    if not snapshot.header.scope.subscriptions:
        raise CommandFailed(
            ExitCode.UNREADABLE,
            f"`{_reader(snapshot)}` sees no subscription in tenant {snapshot.header.tenant_id}\n"
            "give it the role `Reader` on a subscription, or sign in to another tenant with `--tenant`",
        )


def _reader(snapshot: "Snapshot") -> str:
    by = snapshot.header.by
    return by.name or by.object_id


def _tells(read: Read, wanted: set[str]) -> bool:
    """Say whether a list tells something of a subscription in scope; that a provider is registered is not enough."""
    return read.scope.lower() in wanted and read.what.lower() != "microsoft.resources/providers"
