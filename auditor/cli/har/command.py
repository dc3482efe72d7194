"""`migaudit har`: what failed in a capture of the portal's traffic; `har scrub` makes a copy without secrets."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from auditor.cli.every_command import HelpContext
from auditor.cli.exit_codes import ExitCode
from auditor.cli.failures import UsageFailed
from auditor.cli.formats import SNAPSHOT_FILE, TABLE, Output, format_option, show_each, show_rendered
from auditor.cli.har.scrub import scrub
from auditor.cli.options import azure_options, fail_on_option, output_option
from auditor.cli.outputs import show_result
from auditor.cli.repeating import OF_ONE_RUN, repeated
from auditor.cli.scan.options import ScanOptions
from auditor.cli.shown_part import chosen, refuse_unknown, refuse_unseen, severity_option, show_option
from auditor.cli.terminal import Terminal

if TYPE_CHECKING:
    from auditor.cli.har.result import CaptureResult
    from auditor.report.shown import ShownFindings

_FLAGS = frozenset({"-q", "--quiet", "-v", "--verbose", "--no-color"})
"""Options that every command has, which may stand before a subcommand."""


class _CallsContext(HelpContext):
    """A context that is named after the group alone: the command has no name of its own on the command line."""

    @property
    def command_path(self) -> str:
        """The words with which the command is called."""
        assert self.parent is not None  # noqa: S101 - it is a command of `har`
        return self.parent.command_path


class _CallsCommand(click.Command):
    context_class = _CallsContext


@click.command(cls=_CallsCommand, hidden=True, epilog="Example: migaudit har portal.har --snapshot contoso.jsonl.zst")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--subscription",
    "-s",
    multiple=True,
    metavar="ID|NAME",
    help="Ask this subscription whether the cause of each failure holds now (repeatable).",
)
@click.option("--snapshot", type=SNAPSHOT_FILE, metavar="FILE", help="Ask a saved snapshot instead, offline.")
@click.option(
    "--account",
    "-a",
    multiple=True,
    metavar="WHO",
    help="The account that used the portal, where Azure's messages do not name it (repeatable).",
)
@click.option("--project", "-p", metavar="NAME", help="Ask about this Azure Migrate project only.")
@click.option("--resource-group", "-g", metavar="NAME", help="Ask about the projects of this resource group only.")
@click.option("--at", metavar="TIME", help="Answer as of this time, such as 2026-11-23T10:00:00Z.")
@format_option
@output_option
@fail_on_option
@click.option("--strict", is_flag=True, help="Exit with 4 when nothing fails but some calls are unknown.")
@click.option("--all-verdicts", is_flag=True, help="Also show the services whose calls were all answered.")
@severity_option
@show_option
@azure_options
@click.pass_context
def calls(context: click.Context, /, file: Path, **options: Any) -> ExitCode:
    """Show what failed in FILE: a capture of the portal's traffic (HAR), or a log of the browser's console.

    With `--subscription` or `--snapshot` each failure is also put to your environment, as `why` does. `migaudit har
    scrub` writes a copy of a capture without secrets. Exits with 4 if no call to Azure is in the file.
    """
    from auditor.cli.har.result import capture_result
    from auditor.har.reading import read_file

    asked = ScanOptions(**options)
    asks = asked.snapshot is not None or bool(asked.subscription)
    if not asks and (asked.account or asked.project or asked.resource_group or asked.at):
        raise UsageFailed(
            "`--account`, `--project`, `--resource-group` and `--at` are about an environment: "
            "name it with `--subscription` or `--snapshot`"
        )
    refuse_unseen(asked.show, (one.form for one in asked.form or (Output(TABLE),)), TABLE)
    wanted = asked.outputs()
    terminal = Terminal.of(context)
    read = read_file(file)
    if read.broken:
        terminal.note(read.broken)
    found = capture_result(read)
    if asks:
        from auditor.cli.har.environment import with_causes

        found = with_causes(found, asked, terminal)
    shown = found.at_least(asked.severity)
    part = chosen(shown.result, asked.show)
    show_each(wanted, lambda one: _show(shown, one, part, asked, context))
    refuse_unknown(part.unknown if part else ())
    return _exit_code(found, asked)


def _show(
    found: "CaptureResult", output: Output, part: "ShownFindings | None", asked: ScanOptions, context: click.Context
) -> None:
    """Write the result in one format to its file or to stdout."""
    terminal = Terminal.of(context)
    if output.form == TABLE:
        from auditor.cli.har.page import capture_text
        from auditor.cli.table_style import table_style

        if part is not None and not part.has_answer:
            return  # it is said at the end that nothing has these names
        command = repeated(context, OF_ONE_RUN)
        style = table_style(terminal, output.path, all_verdicts=asked.all_verdicts, command=command)
        show_result((capture_text(found, style, part),), output.path, terminal)
    elif output.form == "json":
        from auditor.cli.har.result import capture_json
        from auditor.report.json_text import json_pieces

        show_result(json_pieces(capture_json(found, all_verdicts=asked.all_verdicts)), output.path, terminal)
    else:
        show_rendered(found.result, output, terminal, all_verdicts=asked.all_verdicts)


def _exit_code(found: "CaptureResult", asked: ScanOptions) -> ExitCode:
    """Return 1 for findings at or above `--fail-on`, 4 without any call or, with `--strict`, for unknown ones."""
    from auditor.audit.findings import Severity, Verdict

    result = found.result
    if asked.fail_on != "never" and result.fails_at(Severity(asked.fail_on)):
        return ExitCode.FINDINGS
    if not found.read.looked_at:
        return ExitCode.UNDECIDED
    if asked.strict and (result.unjudged or result.with_verdict(Verdict.UNKNOWN)):
        return ExitCode.UNDECIDED
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
