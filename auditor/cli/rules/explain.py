"""`migaudit explain`: the meaning of an error, a question or a rule, from the catalogue and the rule book alone."""

from pathlib import Path

import click

from auditor.cli.exit_codes import ExitCode
from auditor.cli.failures import UsageFailed
from auditor.cli.terminal import Terminal, to_stdout


@click.command(epilog="Example: migaudit explain 60052")
@click.argument("what", metavar="[ERROR|RULE]", nargs=-1)
@click.option(
    "--rules",
    "folders",
    multiple=True,
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Also explain the rules in DIR.",
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_context
def explain(context: click.Context, what: tuple[str, ...], folders: tuple[Path, ...], form: str) -> ExitCode:
    """Explain an error, a question or a rule and how to fix it; works offline. Without a name, list them all."""
    from auditor.audit.catalogue import catalogue
    from auditor.audit.explain import explained, known_names
    from auditor.cli.rules.choice import chosen_rules
    from auditor.cli.table_style import page_style
    from auditor.nearest import no_such
    from auditor.report.formats.explanation_json import explanation_json, list_json
    from auditor.report.json_text import json_text
    from auditor.report.terminal.explanation import explanation_text, list_text

    rules, book = chosen_rules(folders), catalogue()
    style = page_style(Terminal.of(context))
    name = " ".join(what).strip()
    if not name:
        to_stdout([json_text(list_json(book, rules)) if form == "json" else list_text(book, rules, style)])
        return ExitCode.CLEAN
    found = explained(name, book, rules)
    if found is None:
        unknown = no_such("error or rule", name, known_names(book, rules))
        raise UsageFailed(f"{unknown}\nsee `migaudit explain` for everything that can be explained")
    to_stdout([json_text(explanation_json(found)) if form == "json" else explanation_text(found, style)])
    return ExitCode.CLEAN
