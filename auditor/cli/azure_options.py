"""The options that say which Azure is asked, and as whom."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from auditor.azure.auth.sign_in import AUTH_MODES

F = TypeVar("F", bound=Callable[..., Any])


def azure_options(command: F) -> F:
    """Add `--cloud`, `--auth`, `--tenant` and `--concurrency`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


_OPTIONS = (
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
        help="Requests under way at once, at most.",
    ),
)
