"""The options of the commands that read Azure: which cloud is asked, and as whom."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import click

from auditor.azure.auth.sign_in import AUTH_MODES

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
