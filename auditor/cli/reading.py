"""Where a command gets its environment from: a saved snapshot, or Azure itself."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.cli.exit_codes import ExitCode
from auditor.cli.failures import CommandFailed
from auditor.cli.interruptible import run_interruptible
from auditor.cli.progress import watching
from auditor.cli.terminal import Terminal, to_stderr
from auditor.collect.recording import Recording
from auditor.collect.request import Request
from auditor.inventory.files import save

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
    recording = Recording()
    entrance = _standing(door) if isinstance(door, Door) else door

    async def work() -> "Snapshot":
        from auditor.collect.collect import collect

        with watching(terminal) as progress:
            async with entrance() as at, _connected(at) as azure:
                return await collect(azure, request, progress, recording)

    def on_interrupt() -> None:
        if keep is not None and recording.begun:
            save(recording.snapshot(), keep)
            terminal.note(f"kept what was read in `{keep}`; the rest stands there as gaps")

    snapshot = run_interruptible(work, on_interrupt)
    if keep is not None:
        save(snapshot, keep)
        terminal.note(f"saved the snapshot to `{keep}`")
    return snapshot


def _standing(door: Door) -> Entrance:
    return lambda: nullcontext(door)


def _connected(door: Door) -> AbstractAsyncContextManager["Azure"]:
    from auditor.azure.connection import connect

    return connect(door.cloud, door.auth, door.tenant, concurrency=door.concurrency, tell=to_stderr)


def refuse_if_nothing_was_readable(snapshot: "Snapshot") -> None:
    """Raise `CommandFailed` (exit 3) when every subscription in scope refused every list, with the least cure."""
    wanted = tuple(f"/subscriptions/{one}".lower() for one in snapshot.header.scope.subscriptions)
    if not wanted or snapshot.reads is None:
        return
    if any(_concerns(read.scope, wanted) for read in snapshot.reads):
        return
    refused = [gap for gap in snapshot.gaps if _concerns(gap.scope, wanted)]
    if not refused:
        return
    needs = sorted({gap.needs for gap in refused if gap.needs}, key=str.lower)
    codes = sorted({f"{gap.status or 'no answer'} {gap.code}".strip() for gap in refused})
    cure = "assign the role `Reader` on the subscription, or the custom role that `migaudit permissions` prints"
    raise CommandFailed(
        ExitCode.UNREADABLE,
        f"nothing could be read in {', '.join(f'`{one}`' for one in wanted)}: {len(refused):,} lists were refused ({', '.join(codes)})\n"
        f"the account is `{snapshot.header.by.name or snapshot.header.by.object_id}`; {cure}; it needs\n"
        + "\n".join(f"  {need}" for need in needs),
    )


def _concerns(scope: str, wanted: tuple[str, ...]) -> bool:
    key = scope.lower()
    return any(key == one or key.startswith(f"{one}/") for one in wanted)
