"""`migaudit emulate`: serve a snapshot as Azure on loopback until SIGTERM or SIGINT."""

import asyncio
import math
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from auditor.cli.exit_codes import ExitCode
from auditor.cli.failures import UsageFailed, is_unwritable, lacks_temporary_folder
from auditor.cli.formats import SNAPSHOT_FILE
from auditor.cli.interrupts import INTERRUPTS
from auditor.cli.outputs import ensure_writable, write_text
from auditor.cli.terminal import Terminal, to_stdout
from auditor.data import demo_file
from auditor.files import why
from auditor.shells import CommandShell, setting

if TYPE_CHECKING:
    from auditor.emulator.options import Endpoints, Options
    from auditor.inventory.snapshot.snapshot import Snapshot


_HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*", re.IGNORECASE)
_VERSION = re.compile(r"\d{4}-\d\d-\d\d(-[a-z]+)?", re.IGNORECASE)


def _finite(_context: click.Context, _option: click.Parameter, milliseconds: float) -> float:
    if not math.isfinite(milliseconds):
        raise click.BadParameter(f"{milliseconds} is not a finite time")
    return milliseconds


def _lag(_context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    """Return the newest api-version by resource type; the empty text for a type that is missing."""
    lag: dict[str, str] = {}
    for text in given:
        type_, _, version = text.partition("@")
        if "/" not in type_ or ("@" in text and not _VERSION.fullmatch(version)):
            raise click.BadParameter(f"`{text}` is not a resource type, or one with the api-version after an @")
        lag[type_] = version.lower()
    return lag


def _hosts(_context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    for name in given:
        if not _HOST.fullmatch(name):
            raise click.BadParameter(f"`{name}` is not the name of a host")
    return given


@click.command(epilog="Example: migaudit emulate fixtures/contoso.yaml --port 8443 --page-size 5")
@click.argument("snapshot", type=SNAPSHOT_FILE, metavar="[SNAPSHOT]", required=False)
@click.option("--demo", is_flag=True, help="Serve the embedded environment, in place of SNAPSHOT.")
@click.option("--today", is_flag=True, help="Serve it as if it had been read today: every date in it is moved.")
@click.option(
    "--port", type=click.IntRange(0, 65535), metavar="N", default=0, help="Port to listen on; 0 picks a free one."
)
@click.option(
    "--latency-ms",
    type=click.FloatRange(0),
    metavar="N",
    default=0,
    callback=_finite,
    help="Delay of every answer, in milliseconds.",
)
@click.option(
    "--host",
    "hosts",
    multiple=True,
    metavar="NAME",
    callback=_hosts,
    help="Also answer under this name, for clients that cannot be told an address. Repeatable.",
)
@click.option(
    "--page-size", type=click.IntRange(1), metavar="N", help="Maximum number of items in a page of a paged list."
)
@click.option(
    "--faults", type=click.Path(path_type=Path), metavar="FILE", help="YAML or JSON file with the faults to simulate."
)
@click.option(
    "--throttle",
    is_flag=True,
    help="Answer 429 beyond the limits that Azure publishes; `limits` in the fault file sets others.",
)
@click.option(
    "--access-log",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write one JSON line per request to this file, readable by you alone; an existing file is emptied first.",
)
@click.option(
    "--variables",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write FILE for a shell: `. FILE` there sets what migaudit and other clients need to use this Azure. It is "
    "removed at the end.",
)
@click.option(
    "--without",
    "lag",
    multiple=True,
    metavar="TYPE[@VERSION]",
    callback=_lag,
    help="Do without this resource type; with @VERSION, without its api-versions after that one. Repeatable.",
)
@click.pass_context
def emulate(
    context: click.Context,
    /,
    snapshot: Path | None,
    demo: bool,
    today: bool,
    port: int,
    faults: Path | None,
    throttle: bool,
    variables: Path | None,
    **given: Any,
) -> int:
    """Serve SNAPSHOT as Azure Resource Manager, Microsoft Graph and Entra on one loopback HTTPS port.

    Prints one JSON line with endpoints, credentials and environment variables as soon as it listens, and serves until
    SIGTERM or SIGINT.
    """
    from auditor.emulator.faults import NO_FAULTS, BadFaults, load_faults
    from auditor.emulator.moved_dates import days_to, moved
    from auditor.emulator.options import Options
    from auditor.emulator.throttling.quota_sizes import QuotaSizes
    from auditor.inventory.snapshot.files import load

    if variables is not None:
        ensure_writable(variables, option="--variables")
    try:
        served = load(_file(snapshot, demo=demo))
        if today:
            served = moved(served, days_to(served, datetime.now(UTC)))
        rules = load_faults(faults) if faults is not None else NO_FAULTS
        quotas = rules.limits or (QuotaSizes() if throttle else None)
        options = Options(port=port, faults=rules, quotas=quotas, **given)
        asyncio.run(_serve(served, options, variables, Terminal.of(context).command_shell))
    except BadFaults as bad:
        raise UsageFailed(str(bad)) from bad
    except OSError as failed:
        if failed.filename is None and is_unwritable(failed):
            raise  # writing the line to stdout failed, not the server
        if isinstance(failed, FileNotFoundError) and lacks_temporary_folder():
            raise
        place = f"`{failed.filename}`" if failed.filename else f"port {port}"
        raise UsageFailed(f"cannot use {place}: {why(failed)}") from failed
    return ExitCode.CLEAN


def _file(snapshot: Path | None, *, demo: bool) -> Path:
    if (snapshot is None) is not demo:
        raise UsageFailed("name either a SNAPSHOT or `--demo`")
    return snapshot or demo_file()


async def _serve(snapshot: "Snapshot", options: "Options", variables: Path | None, shell: CommandShell) -> None:
    from auditor.emulator.running import running

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in INTERRUPTS:  # not by the loop's own handlers, which Windows lacks
        signal.signal(number, lambda _number, _frame: loop.call_soon_threadsafe(stop.set))
    async with running(snapshot, options) as endpoints:
        with _written(variables, endpoints, shell):
            to_stdout([endpoints.to_json() + "\n"])
            await stop.wait()


@contextmanager
def _written(path: Path | None, endpoints: "Endpoints", shell: CommandShell) -> Iterator[None]:
    """Keep the variables of clients in a file for a shell, if one is named, until the block has ended."""
    if path is None:
        yield
        return
    own = {"MIGAUDIT_CLOUD": endpoints.arm, "MIGAUDIT_AUTH": "environment"}
    write_text((f"{setting(name, value, shell)}\n" for name, value in ({**endpoints.env, **own}).items()), path)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
