"""`migaudit diff`: what changed between two snapshots or results."""

from pathlib import Path

import click

from auditor.cli.exit_codes import ExitCode
from auditor.cli.options import output_option
from auditor.cli.outputs import ensure_different, ensure_writable, write_text
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
@click.pass_context
def diff(
    context: click.Context,
    /,
    old: Path,
    new: Path,
    account: tuple[str, ...],
    rules: tuple[Path, ...],
    form: str,
    output: Path | None,
    fail_on: str,
) -> ExitCode:
    """Compare two snapshots or JSON results: findings that are new, changed, no longer known, still there, or fixed.

    A finding counts as fixed only if the newer scan looked there; otherwise it is no longer known.
    """
    from auditor.audit.compare.comparison import OtherTenant, compare
    from auditor.audit.findings import Severity
    from auditor.cli.failures import UsageFailed
    from auditor.cli.rules.choice import chosen_rules
    from auditor.cli.saved_verdicts import saved_verdict_set

    ensure_output(old, new, output)
    book = chosen_rules(rules)
    try:
        comparison = compare(saved_verdict_set(old, book, account), saved_verdict_set(new, book, account))
    except OtherTenant as other:
        raise UsageFailed(str(other)) from other
    terminal = Terminal.of(context)
    if form == "json":
        from auditor.report.formats.comparison_json import render

        text = render(comparison)
    else:
        from auditor.cli.table_style import page_style
        from auditor.report.terminal.comparison import render as render_table

        text = render_table(comparison, page_style(terminal, output), verbose=terminal.verbose)
    return shown(text, output, failing=fail_on != "never" and comparison.fails_at(Severity(fail_on)))


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
