"""`migaudit har scrub`: a copy of a capture without secrets."""

from pathlib import Path

import click

from auditor.cli.exit_codes import ExitCode
from auditor.cli.failures import UsageFailed

_INPUT = click.Path(path_type=Path)


@click.command(
    short_help="Write a copy of a capture without secrets.",
    epilog="Example: migaudit har scrub portal.har --output portal-scrubbed.har",
)
@click.argument("file", type=_INPUT)
@click.option("--output", "-o", required=True, type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")
def scrub(file: Path, output: Path) -> ExitCode:
    """Write a copy of the capture FILE without secrets to the file that `--output` names."""
    raise UsageFailed(f"`{file}` was not scrubbed and `{output}` was not written: this version cannot do it yet")
