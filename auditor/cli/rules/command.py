"""`migaudit rules`: list the rule book, check rule files, and test them."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from auditor.cli.exit_codes import ExitCode
from auditor.cli.terminal import Terminal, to_stdout

if TYPE_CHECKING:
    from auditor.audit.rules.book import Rule

SCHEMA = "migaudit/rules/1"

RULES_DIR = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group(epilog="Example: migaudit rules check my-rules/owner-left.yaml")
def rules() -> None:
    """List the rule book, check rule files, or test them on whole environments."""


@rules.command("list", short_help="List the rules.", epilog="Example: migaudit rules list --format json")
@click.option("--rules", "folders", multiple=True, metavar="DIR", type=RULES_DIR, help="Also list the rules in DIR.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.pass_context
def list_rules(context: click.Context, folders: tuple[Path, ...], form: str) -> ExitCode:
    """List the rules with their severity, title, and the errors that they explain."""
    from auditor.cli.rules.choice import chosen_rules
    from auditor.report.json_text import json_text

    every = chosen_rules(folders)
    if form == "json":
        to_stdout([json_text({"schema": SCHEMA, "rules": [_rule_json(rule) for rule in every]})])
        return ExitCode.CLEAN
    from auditor.cli.rules.screen import rule_table
    from auditor.cli.table_style import page_style

    to_stdout([rule_table(every, page_style(Terminal.of(context)))])
    return ExitCode.CLEAN


def _rule_json(rule: "Rule") -> dict[str, Any]:
    return {
        "id": rule.id,
        "title": rule.title,
        "errors": list(rule.errors),
        "subject": rule.subject.value,
        "severity": rule.severity.value,
        "confidence": rule.confidence.value,
        "applies_when": rule.applies_when.text if rule.applies_when else None,
        "fail_when": rule.fail_when.text,
        "why": rule.why,
        "references": list(rule.references),
        "since": rule.since,
    }


@rules.command(
    short_help="Check rule files for mistakes.", epilog="Example: migaudit rules check my-rules/owner-left.yaml"
)
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(exists=True, path_type=Path))
@click.pass_context
def check(context: click.Context, files: tuple[Path, ...]) -> ExitCode:
    """Check the fields, facts, types and placeholders of rule files or folders; print each mistake with its place."""
    from auditor.audit.rules.book import load_rules

    rules = load_rules(*files)
    Terminal.of(context).note(f"{len(rules):,} rule file{'' if len(rules) == 1 else 's'}: no mistake found")
    return ExitCode.CLEAN


@rules.command(
    short_help="Test rules on the embedded environments.",
    epilog="Example: migaudit rules test my-rules --snapshot contoso.jsonl.zst",
)
@click.argument("files", nargs=-1, metavar="[FILE...]", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--snapshot",
    "snapshots",
    multiple=True,
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Test on this snapshot as well, besides the embedded environments.",
)
@click.pass_context
def test(context: click.Context, files: tuple[Path, ...], snapshots: tuple[Path, ...]) -> ExitCode:
    """Test rule files or folders (the rule book if none is named) on the embedded environments.

    Each rule must fail at least once, pass at least once, and be unknown at least once; otherwise the exit code is 1.
    """
    from auditor.audit.rules.book import load_rules
    from auditor.cli.rules.screen import tried_table
    from auditor.cli.rules.testing import tried
    from auditor.cli.table_style import page_style
    from auditor.data import fixtures_dir, rules_dir

    found = tried(load_rules(*(files or (rules_dir(),))), (*sorted(fixtures_dir().glob("*.yaml")), *snapshots))
    to_stdout([tried_table(found, page_style(Terminal.of(context)))])
    faulty = sum(bool(one.lacking) for one in found)
    rules_ = f"{len(found):,} rule{'' if len(found) == 1 else 's'}"
    outcome = f"{faulty} never reached every verdict" if faulty else "each failed, passed and was unknown at least once"
    Terminal.of(context).note(f"{rules_}: {outcome}")
    return ExitCode.FINDINGS if faulty else ExitCode.CLEAN
