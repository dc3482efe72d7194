"""The options that several commands share: which Azure is asked, and how much is printed.

`azure_options` is a decorator for commands that read Azure; `add_output_options` is applied to every command.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import click

from auditor.azure.auth.sign_in import AUTH_MODES
from auditor.cli.terminal import Terminal

_AZURE = (
    click.option(
        "--cloud",
        default="AzureCloud",
        show_default=True,
        metavar="NAME|URL",
        help="AzureCloud, AzureUSGovernment, AzureChinaCloud, or the URL of an ARM endpoint.",
    ),
    click.option("--auth", type=click.Choice(AUTH_MODES), default="default", show_default=True, help="How to sign in."),
    click.option("--tenant", metavar="ID", help="The tenant to sign in to (id or domain)."),
    click.option(
        "--concurrency",
        type=click.IntRange(1, 512),
        default=64,
        show_default=True,
        metavar="N",
        help="Maximum number of simultaneous requests.",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionOptions:
    """Which Azure is asked, as whom, and with how many requests at once; `own` if this very process serves it."""

    cloud: str = "AzureCloud"
    auth: str = "default"
    tenant: str | None = None
    concurrency: int = 64
    own: bool = False


def azure_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--cloud`, `--auth`, `--tenant` and `--concurrency`; `command` gets them as one argument, `connection`."""

    @wraps(command)
    def connecting(*args: Any, cloud: str, auth: str, tenant: str | None, concurrency: int, **options: Any) -> Any:
        connection = ConnectionOptions(cloud=cloud, auth=auth, tenant=tenant, concurrency=concurrency)
        return command(*args, connection=connection, **options)

    for option in reversed(_AZURE):
        connecting = option(connecting)
    return connecting


def _quiet(context: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if wanted:
        Terminal.of(context).quiet = True


def _verbose(context: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if wanted:
        Terminal.of(context).verbose = True


def _no_color(context: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if wanted:
        Terminal.of(context).no_color = True


_OUTPUT = (
    (("-q", "--quiet"), _quiet, "No progress, no notes: only the result."),
    (("-v", "--verbose"), _verbose, "Show the evidence, and what is being done."),
    (("--no-color",), _no_color, "No colour (NO_COLOR in the environment does the same)."),
)


def add_output_options(command: click.Command) -> None:
    """Add `--quiet`, `--verbose` and `--no-color` to `command` and its subcommands, except where they exist already."""
    taken = {name for parameter in command.params for name in parameter.opts}
    for names, callback, meaning in _OUTPUT:
        free = tuple(name for name in names if name not in taken)
        if names[-1] in free:
            command.params.append(
                click.Option(free, is_flag=True, expose_value=False, is_eager=True, callback=callback, help=meaning)
            )
    if isinstance(command, click.Group):
        for below in command.commands.values():
            add_output_options(below)
