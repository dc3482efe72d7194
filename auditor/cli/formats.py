"""The formats of a result: the option `--format FORMAT[=FILE]`, and the renderer of each format."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from auditor.cli.failures import Aside, CommandFailed, UsageFailed, describe
from auditor.cli.outputs import ensure_writable, show_binary, show_result
from auditor.cli.terminal import Terminal
from auditor.extras import Extra, ensure_extra
from auditor.nearest import no_such

if TYPE_CHECKING:
    from auditor.report.result import ScanResult

SNAPSHOT_FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)

TABLE = "table"
RENDERERS = {
    "json": "auditor.report.formats.json_report",
    "jsonl": "auditor.report.formats.jsonl_report",
    "csv": "auditor.report.formats.csv_report",
    "markdown": "auditor.report.formats.markdown",
    "html": "auditor.report.html.page",
    "sarif": "auditor.report.formats.sarif",
    "junit": "auditor.report.formats.junit",
    "ocsf": "auditor.report.formats.ocsf",
}
"""Module of each renderer, imported only when needed; the table is rendered separately, with a style."""
WORKBOOK = "xlsx"
"""The format that is no text, and goes to a file alone."""
FORMATS = (TABLE, *RENDERERS, WORKBOOK)
_EXTRAS: dict[str, Extra] = {"ocsf": "ocsf", WORKBOOK: "xlsx"}


@dataclass(frozen=True, slots=True)
class Output:
    """One result to write: its format and its file; None is stdout."""

    form: str
    path: Path | None = None


class OutputParameter(click.ParamType[Output]):
    """Option type for `FORMAT` or `FORMAT=FILE`, of the formats of a command."""

    name = "format"

    def __init__(self, formats: Sequence[str] = FORMATS) -> None:
        self._formats = tuple(formats)

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002 - click's signature
        """Return the placeholder that the help shows for the value."""
        return "FORMAT[=FILE]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Output:
        """Return the output that `value` names; the error for an unknown format suggests the nearest one."""
        if isinstance(value, Output):
            return value
        form, separator, file = str(value).partition("=")
        if form not in self._formats:
            listed = ", ".join(self._formats)
            self.fail(f"{no_such('format', form, self._formats)} (the formats are {listed})", param, ctx)
        if separator and not file:
            self.fail(f"`{value}` names no file: write `{form}=FILE`, or `{form}` for stdout", param, ctx)
        return Output(form, Path(file) if file else None)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:  # noqa: ARG002 - click's signature
        """Return the formats that begin with what was typed."""
        from click.shell_completion import CompletionItem

        return [CompletionItem(form) for form in self._formats if form.startswith(incomplete)]


def output_formats(formats: Sequence[str]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the option `--format` of a command with these formats, the first of which is the default."""
    listed = ", ".join(formats)
    return click.option(
        "--format",
        "form",
        multiple=True,
        type=OutputParameter(formats),
        help=f"The result as {listed} (default: {formats[0]}); repeatable, each with its own file.",
    )


format_option = output_formats(FORMATS)


def outputs(forms: Sequence[Output], output: Path | None, others: Mapping[str, Path | None]) -> tuple[Output, ...]:
    """Return the outputs to write, after checking that they can be written; raises `UsageFailed`.

    `output` is the file of the one format that names none; `others` are the files of other options, by option.
    """
    asked = tuple(forms) or (Output(TABLE),)
    pathless = [one for one in asked if one.path is None]
    if len(pathless) > 1:
        raise UsageFailed(
            f"`--format {pathless[0].form}` and `--format {pathless[1].form}` both go to stdout: "
            f"name a file, as in `--format {pathless[1].form}=FILE`"
        )
    if output is not None:
        if not pathless:
            raise UsageFailed("every `--format` names its own file: leave out `--output`")
        asked = tuple(replace(one, path=output) if one.path is None else one for one in asked)
    written = [(_option(one, output), one.path) for one in asked if one.path is not None]
    _ensure_distinct([*written, *((option, path) for option, path in others.items() if path is not None)])
    if any(one.form == WORKBOOK and one.path is None for one in asked):
        raise UsageFailed(f"a workbook goes to a file: write `--format {WORKBOOK}=FILE.xlsx`")
    for option, path in written:
        ensure_writable(path, option=option if option.startswith("--output") else f"{option}=")
    _ensure_extras(asked)
    return asked


def _option(one: Output, output: Path | None) -> str:
    return "--output" if one.path is output else f"--format {one.form}"


def _ensure_distinct(files: Iterable[tuple[str, Path]]) -> None:
    """Raise `UsageFailed` if two options name one file, also if one option is given twice."""
    seen: dict[Path, str] = {}
    for option, path in files:
        real = path.resolve()
        if real in seen:
            raise UsageFailed(f"`{seen[real]}` and `{option}` name the same file `{path}`")
        seen[real] = option


def _ensure_extras(asked: Sequence[Output]) -> None:
    """Raise `ExtraMissing` if a format needs an extra that is not installed."""
    for one in asked:
        if one.form in _EXTRAS:
            ensure_extra(_EXTRAS[one.form], f"`--format {one.form}`")


def show_each(wanted: Iterable[Output], show: Callable[[Output], None]) -> None:
    """Call `show` for every output, whatever becomes of the others; then raise what failed.

    Several failures are raised as one `CommandFailed`. A closed pipe is not worth a message beside them.
    """
    failed: list[Exception] = []
    for one in wanted:
        try:
            show(one)
        except Exception as failure:  # noqa: BLE001 - raised at the end
            if not isinstance(failure, OSError | UsageFailed):
                failure.add_note(Aside(f"the result is missing as `--format {one.form}`"))
            failed.append(failure)
    if not failed:
        return
    told = [failure for failure in failed if not isinstance(failure, BrokenPipeError)]
    if len(failed) == 1 and not isinstance(failed[0], UsageFailed):
        raise failed[0]
    codes, texts = zip(*map(describe, told), strict=True)
    on_stdout = next((failure for failure in failed if isinstance(failure, OSError)), failed[0])
    raise CommandFailed(max(codes), "\n".join(texts)) from on_stdout


def show_rendered(result: "ScanResult", output: Output, terminal: Terminal, *, all_verdicts: bool) -> None:
    """Write the result in a format other than the table to its file or to stdout."""
    if output.form == WORKBOOK and output.path is not None:
        from auditor.report.formats.xlsx_report import write

        show_binary(lambda stream: write(result, stream, all_verdicts=all_verdicts), output.path, terminal)
    else:
        result = replace(result, shells=terminal.document_shells)
        show_result(rendered(result, output.form, all_verdicts=all_verdicts), output.path, terminal)


def rendered(result: "ScanResult", form: str, *, all_verdicts: bool) -> Iterable[str]:
    """Return the result in a format other than the table, in pieces."""
    module = import_module(RENDERERS[form])
    if hasattr(module, "pieces"):
        pieces: Iterable[str] = module.pieces(result, all_verdicts=all_verdicts)
        return pieces
    return (module.render(result, all_verdicts=all_verdicts),)
