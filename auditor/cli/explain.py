"""`migaudit explain`: what an error id or a rule means, from the rule book alone."""

from typing import TYPE_CHECKING

import click

from auditor.cli.exit_codes import ExitCode
from auditor.cli.failures import UsageFailed
from auditor.cli.terminal import Terminal, to_stdout

if TYPE_CHECKING:
    from auditor.audit.rules import FixTemplate, Rule
    from auditor.audit.templates import Template
    from auditor.report.page import Page


@click.command(epilog="Example: migaudit explain 60052")
@click.argument("what", metavar="ERROR|RULE")
@click.pass_context
def explain(context: click.Context, what: str) -> ExitCode:
    """Say what an error id or a rule means and how to fix it; works offline."""
    from auditor.cli.nearest import unknown
    from auditor.cli.rule_choice import chosen_rules
    from auditor.cli.table_style import page_style
    from auditor.report.page import Page

    every = chosen_rules()
    meant = [rule for rule in every if rule.id == what.lower() or what in rule.errors]
    if not meant:
        known = {*(rule.id for rule in every), *(error for rule in every for error in rule.errors)}
        raise UsageFailed(f"{unknown('error or rule', what, known)}\nsee `migaudit rules list`")
    page = Page(page_style(Terminal.of(context)))
    if what in meant[0].errors:
        causes = "1 condition" if len(meant) == 1 else f"{len(meant)} conditions"
        page.line(
            f"Error {what}: {causes} that can be seen in Azure can cause it. "
            f"`migaudit scan --error {what}` tells whether one of them holds."
        )
    for rule in meant:
        _write_rule(page, rule)
    to_stdout([page.text()])
    return ExitCode.CLEAN


def _write_rule(page: "Page", rule: "Rule") -> None:
    from auditor.report.inert import prose

    page.gap()
    errors = f"  error {', '.join(rule.errors)}" if rule.errors else ""
    page.line((rule.title, "bold"), (errors, "bold"), (f"  {rule.id}, {rule.severity.value}", "dim"))
    page.labelled("  ", prose(rule.why))
    for number, fix in enumerate(rule.fixes, start=1):
        page.gap()
        _write_fix(page, fix, f"  {number}. ")
    if rule.references:
        page.gap()
    for reference in rule.references:
        page.labelled("  see ", reference)


def _write_fix(page: "Page", fix: "FixTemplate", label: str) -> None:
    below = " " * len(label)
    page.labelled(label, (_shown(fix.title), "bold"), "" if fix.safe else ("  (can lose something)", "bold yellow"))
    for step in fix.portal:
        page.labelled(f"{below}- ", _shown(step))
    if fix.az:
        page.command(f"{below}$ ", _shown(fix.az))
    page.labelled(below, (_shown(fix.changes), "dim"))


def _shown(template: "Template") -> str:
    """Return a template as a text for everyone: its facts as names to fill in, such as `<account>`."""
    return "".join(
        part if number % 2 == 0 else f"<{part.rpartition('.')[2].replace('_', '-')}>"
        for number, part in enumerate(template.parts)
    )
