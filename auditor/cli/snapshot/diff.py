"""`migaudit diff`: what changed between two snapshots or results."""

from pathlib import Path
from typing import Any

import click

from auditor.cli.exit_codes import ExitCode
from auditor.cli.formats import TABLE
from auditor.cli.options import output_option
from auditor.cli.outputs import ensure_different, ensure_writable, write_text
from auditor.cli.repeating import OF_ONE_RUN, repeated
from auditor.cli.shown_part import refuse_unknown, refuse_unseen, severity_option, show_option
from auditor.cli.terminal import Terminal, to_stdout

SEVERITIES = ("info", "low", "medium", "high", "critical")
fail_on_new_option = click.option(
    "--fail-on",
    type=click.Choice([*SEVERITIES, "never"]),
    default="high",
    show_default=True,
    help="Exit with 1 when a new or worse finding is at least this severe.",
)
_FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


@click.command(
    short_help="Show what changed between two snapshots or results.",
    epilog="Example: migaudit diff monday.jsonl.zst friday.jsonl.zst",
)
@click.argument("old", metavar="OLD", type=_FILE)
@click.argument("new", metavar="NEW", type=_FILE)
@click.option("--account", "-a", multiple=True, metavar="WHO", help="Audit this account in the snapshots (repeatable).")
@click.option(
    "--rules",
    multiple=True,
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Also evaluate the rule files in DIR over the snapshots (repeatable).",
)
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@output_option
@fail_on_new_option
@severity_option
@show_option
@click.pass_context
def diff(
    context: click.Context,
    /,
    old: Path,
    new: Path,
    severity: str | None,
    show: tuple[str, ...],
    **options: Any,
) -> ExitCode:
    """Compare two snapshots or JSON results: findings that are new, changed, no longer known, still there, or fixed.

    A finding counts as fixed only if the newer scan looked there; otherwise it is no longer known.
    """
    from auditor.audit.compare.comparison import OtherTenant, compare
    from auditor.audit.findings import Severity
    from auditor.cli.environment.saved_verdicts import saved_verdict_set
    from auditor.cli.failures import UsageFailed
    from auditor.cli.rules.choice import chosen_rules

    output, fail_on, account = options["output"], options["fail_on"], options["account"]
    refuse_unseen(show, (options["form"],), TABLE)
    ensure_output(old, new, output)
    book = chosen_rules(options["rules"])
    try:
        comparison = compare(saved_verdict_set(old, book, account), saved_verdict_set(new, book, account))
    except OtherTenant as other:
        raise UsageFailed(str(other)) from other
    failing = fail_on != "never" and comparison.fails_at(Severity(fail_on))
    if severity is not None:
        comparison = comparison.at_least(Severity(severity))
    if options["form"] == "json":
        from auditor.report.formats.comparison_json import render

        return shown(render(comparison), output, failing=failing)
    from auditor.cli.table_style import table_style
    from auditor.report.shown_changes import ShownChanges
    from auditor.report.terminal.comparison import render as render_table

    part = ShownChanges(comparison.changes, (comparison.old, comparison.new), show) if show else None
    command = repeated(context, OF_ONE_RUN)
    style = table_style(Terminal.of(context), output, all_verdicts=False, command=command)
    text = "" if part is not None and not part.has_answer else render_table(comparison, style, part)
    code = shown(text, output, failing=failing)
    refuse_unknown(part.unknown if part else ())
    return code


def ensure_output(old: Path, new: Path, output: Path | None) -> None:
    """Raise `UsageFailed` unless the comparison of two files can be written to a third one."""
    ensure_different({"OLD": old, "--output": output})
    ensure_different({"NEW": new, "--output": output})
    if output:
        ensure_writable(output, option="--output")


def shown(text: str, output: Path | None, *, failing: bool) -> ExitCode:
    """Write a comparison to its file or to stdout, and return the exit code."""
    if output:
        write_text([text], output)
    else:
        to_stdout([text])
    return ExitCode.FINDINGS if failing else ExitCode.CLEAN
