"""`migaudit explain`: the meaning of an error, a question or a rule, from the catalogue and the rule book alone."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from auditor.cli.exit_codes import ExitCode
from auditor.cli.failures import UsageFailed
from auditor.cli.rules.pasted import asked_text
from auditor.cli.terminal import Terminal, to_stdout

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from auditor.audit.catalogue import Catalogue
    from auditor.audit.explain.explanation import Explanation
    from auditor.audit.rules.book import Rule

_NAMED = 5
"""How many of the things that are not known a message names; the others are counted."""
_REPEATED = re.compile(r"[\w./-]{1,80}|[^\W\d_][^\W\d_]*(?:[ '-]{1,3}[^\W\d_]+){0,30}[.?!]?")
"""One word, or a question of words alone: any other text can hold a password."""


@click.command(epilog="Example: migaudit explain 60052")
@click.argument("what", metavar="[TEXT|FILE|-]", nargs=-1)
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
    """Explain an error, a question or a rule and how to fix it; works offline. Without a text, list everything.

    TEXT is what you have: an id, a rule, a sentence of the portal, JSON, HTML, a log; `-` reads it from stdin. The
    fixes of an error that has many are shown with `--verbose`.
    """
    from auditor.audit.catalogue import catalogue
    from auditor.audit.explain.explanation import explanation
    from auditor.audit.explain.lookup import known_names
    from auditor.cli.rules.choice import chosen_rules

    rules, book = chosen_rules(folders), catalogue()
    text = asked_text(what)
    if text is None:
        to_stdout([_list(book, rules, Terminal.of(context), form)])
        return ExitCode.CLEAN
    found = explanation(text, book, rules)
    if not found.shown and not found.matches and not found.errors:
        raise UsageFailed(_nothing(text, found, known_names(book, rules)))
    to_stdout([_shown(found, Terminal.of(context), form)])
    return ExitCode.CLEAN


def _list(book: "Catalogue", rules: "tuple[Rule, ...]", terminal: Terminal, form: str) -> str:
    """Return everything that can be explained."""
    if form == "json":
        from auditor.report.formats.explanation_json import list_json
        from auditor.report.json_text import json_text

        return json_text(list_json(book, rules))
    from auditor.cli.table_style import page_style
    from auditor.report.terminal.explanation import list_text

    return list_text(book, rules, page_style(terminal))


def _shown(found: "Explanation", terminal: Terminal, form: str) -> str:
    """Return an explanation in the form that was asked for."""
    if form == "json":
        from auditor.report.formats.explanation_json import explanation_json
        from auditor.report.json_text import json_text

        return json_text(explanation_json(found))
    from auditor.cli.table_style import page_style
    from auditor.report.terminal.explanation import explanation_text

    return explanation_text(found, page_style(terminal), verbose=terminal.verbose, commands=not terminal.quiet)


def _more(every: "Sequence[object]") -> "Iterator[str]":
    """Yield the number of those that are not named; nothing where all are."""
    if len(every) > _NAMED:
        yield f"and {len(every) - _NAMED:,} more"


def _nothing(text: str, found: "Explanation", known: tuple[str, ...]) -> str:
    """Return the sentence that nothing is known about a text; only what can be a name or a question is repeated."""
    from auditor.nearest import no_such

    see = "see `migaudit explain` for everything that can be explained"
    if found.others:
        others = [f"`{one.number}` {one.in_words}" for one in found.others]
        return "\n".join((*others[:_NAMED], *_more(others), see))
    if found.unknown:
        listed = ", ".join(f"`{one}`" for one in found.unknown[:_NAMED])
        named = " ".join((listed, *_more(found.unknown)))
        return f"no such error: {named}; nothing else in the text is an error that is known\n{see}"
    if not _REPEATED.fullmatch(text.strip()):
        return f"nothing in the text is an error, a question or a rule that is known\n{see}"
    return f"{no_such('error or rule', text.strip(), known)}\n{see}"
