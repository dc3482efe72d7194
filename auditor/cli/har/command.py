"""`migaudit har`: what failed in a capture of the portal's traffic; `har scrub` makes a copy without secrets."""

from pathlib import Path
from typing import Any

import click

from auditor.cli.exit_codes import ExitCode
from auditor.cli.har.scrub import scrub
from auditor.cli.terminal import to_stdout

_FLAGS = frozenset({"-q", "--quiet", "-v", "--verbose", "--no-color"})
"""Options that every command has, which may stand before a subcommand."""


class _CallsContext(click.Context):
    """A context that is named after the group alone: the command has no name of its own on the command line."""

    @property
    def command_path(self) -> str:
        """The words with which the command is called."""
        assert self.parent is not None  # noqa: S101 - it is a command of `har`
        return self.parent.command_path


class _CallsCommand(click.Command):
    context_class = _CallsContext


@click.command(cls=_CallsCommand, hidden=True, epilog="Example: migaudit har portal.har")
@click.argument("file", type=click.Path(path_type=Path))
def calls(file: Path) -> ExitCode:
    """Show what failed in FILE, a capture of the portal's traffic that a browser saved (HAR).

    `migaudit har scrub` writes a copy of a capture without secrets, which can be sent to others.
    """
    from auditor.har.capture import Capture

    with Capture(file) as capture:
        count = sum(1 for _ in capture.entries())
        to_stdout([f"{count:,} entries\n"])
    return ExitCode.CLEAN


class _CaptureGroup(click.Group):
    """A group whose first argument is a file, unless it is `scrub`; a file of that name is `./scrub`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the name of the command that a file stands for in front of it."""
        first = next((one for one in args if one not in _FLAGS), "")
        if first != scrub.name and not (ctx.resilient_parsing and not first):
            args = [str(calls.name), *args]
        return super().parse_args(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        """Return `scrub` and the files."""
        from click.shell_completion import CompletionItem

        return [*super().shell_complete(ctx, incomplete), CompletionItem(incomplete, type="file")]


@click.group(cls=_CaptureGroup)
def har() -> None:
    """Show the failing calls in a capture of the portal's traffic (HAR), as findings."""


har.add_command(calls)
har.add_command(scrub)
