"""`fleet diff`: what changed between two runs, tenant by tenant."""

from pathlib import Path

import click

from auditor.cli.exit_codes import ExitCode
from auditor.cli.failures import UsageFailed
from auditor.cli.fleet.options import RUN_FILE
from auditor.cli.formats import TABLE
from auditor.cli.options import output_option
from auditor.cli.shown_part import refuse_unknown, refuse_unseen, severity_option, show_option
from auditor.cli.snapshot.diff import ensure_output, fail_on_new_option, shown
from auditor.cli.terminal import Terminal, to_stderr

_RUN = click.Path(exists=True, readable=True, path_type=Path)


@click.command(short_help="Compare two runs.", epilog="Example: migaudit fleet diff runs/2026-11-23 runs/2026-11-30")
@click.argument("old", metavar="OLD", type=_RUN)
@click.argument("new", metavar="NEW", type=_RUN)
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
    form: str,
    output: Path | None,
    fail_on: str,
    severity: str | None,
    show: tuple[str, ...],
) -> ExitCode:
    """Compare two runs, each a folder of `fleet run --save` or its JSON result.

    A tenant that one of them could not read, or does not have, is unknown: its findings are never taken for fixed.
    Exits with 4 when nothing is new or worse, but the new run did not read a tenant.
    """
    from auditor.audit.compare.fleet import compare_runs, saved_run
    from auditor.audit.compare.verdict_set import BadResult
    from auditor.audit.findings import Severity
    from auditor.cli.table_style import table_style
    from auditor.report.fleet.comparison import as_json, render
    from auditor.report.fleet.failures import unread_tenants
    from auditor.report.shown_changes import ShownChanges

    refuse_unseen(show, (form,), TABLE)
    old, new = _result_in(old), _result_in(new)
    ensure_output(old, new, output)
    try:
        before, after = saved_run(old), saved_run(new)
    except BadResult as bad:
        raise UsageFailed(str(bad)) from bad
    comparison = compare_runs(before, after)
    failing = fail_on != "never" and comparison.fails_at(Severity(fail_on))
    if severity is not None:
        comparison = comparison.at_least(Severity(severity))
    part: ShownChanges | None = None
    if form == "json":
        text = as_json(comparison)
    else:
        if show:
            changes = (change for one in comparison.tenants for change in one.changes)
            part = ShownChanges(changes, (one.verdicts for one in (*before, *after)), show)
        style = table_style(Terminal.of(context), output, all_verdicts=False)
        text = "" if part is not None and not part.has_answer else render(comparison, style, part)
    code = shown(text, output, failing=failing)
    refuse_unknown(part.unknown if part else ())
    if not comparison.unread:
        return code
    unread = unread_tenants([one.name for one in comparison.unread], len(comparison.tenants))
    to_stderr(f"error: by the new run {unread}; what was found there before is no longer known")
    return ExitCode.UNDECIDED if code is ExitCode.CLEAN else code


def _result_in(path: Path) -> Path:
    """Return the result of a run: the file itself, or the one in a folder; raises `UsageFailed` if it is not there."""
    if not path.is_dir():
        return path
    file = path / RUN_FILE
    if not file.is_file():
        raise UsageFailed(
            f"`{path}` holds no `{RUN_FILE}`: it is no folder of `fleet run --save`, or that run was killed"
        )
    return file
