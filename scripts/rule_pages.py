"""Documentation pages generated from the rule book and the fact schema."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from auditor.audit.rules.book import FixTemplate, Rule, load_rules
from auditor.audit.rules.templates import Template
from auditor.data import rules_dir
from auditor.facts.schema import SubjectKind, facts, facts_of


def pages() -> dict[Path, str]:
    """Return the text of every generated page by its path below docs/."""
    rules = load_rules(rules_dir())
    written = {Path("rules") / f"{rule.id}.md": _rule(rule) for rule in rules}
    return {**written, Path("errors.md"): _errors(rules), Path("facts.md"): _facts()}


def _page(source: str, *parts: str) -> str:
    note = f"<!-- generated from {source} by `make generate`: change it there -->"
    return "\n\n".join([*(part for part in parts if part), note]) + "\n"


def _rule(rule: Rule) -> str:
    errors = ", ".join(rule.errors) or "none"
    summary = f"| `{rule.id}` | {errors} | {rule.subject.value} | {rule.severity.value} | {rule.since} |"
    conditions = [("It fails when", rule.fail_when.text)]
    if rule.applies_when:
        conditions.insert(0, ("It applies when", rule.applies_when.text))
    logic = [f"{title}\n\n```text\n{text}\n```" for title, text in conditions]
    known = facts()
    meanings = [f"| `{name}` | {known[name].meaning} |" for name in rule.mentions]
    return _page(
        f"rules/{rule.id}.yaml",
        f"# {rule.title}",
        f"| rule | errors | about | severity | since |\n|---|---|---|---|---|\n{summary}",
        f"> {_shown(rule.message)}",
        "## Why",
        rule.why,
        "## How to fix it" if rule.fixes else "",
        *(part for fix in rule.fixes for part in _fix(fix)),
        "## The condition",
        *logic,
        "\n".join(["| fact | meaning |", "|---|---|", *meanings]),
        "If a fact that decides could not be read, the verdict is [unknown](../verdicts.md).",
        "## Further reading" if rule.references else "",
        "\n".join(f"- <{reference}>" for reference in rule.references),
    )


def _fix(fix: FixTemplate) -> Iterator[str]:
    yield f"### {_shown(fix.title)}"
    yield "\n".join(f"{number}. {_shown(step)}" for number, step in enumerate(fix.portal, start=1))
    if fix.az:
        yield f"```console\n{_shown(fix.az)}\n```"
    yield f"What it changes: {_shown(fix.changes)}"


def _shown(template: Template) -> str:
    """Return the template with the short name of the fact, in capitals, for each placeholder."""
    return "".join(
        part if number % 2 == 0 else part.partition(".")[2].replace("_", "-").upper()
        for number, part in enumerate(template.parts)
    ).strip()


def _errors(rules: tuple[Rule, ...]) -> str:
    by_error: dict[str, list[Rule]] = defaultdict(list)
    for rule in rules:
        for error in rule.errors or ("",):
            by_error[error].append(rule)
    rows = [
        f"| {error or '–'} | [{rule.title}](rules/{rule.id}.md) | {rule.severity.value} | `{rule.id}` |"
        for error in sorted(by_error, key=lambda error: (not error, error))
        for rule in by_error[error]
    ]
    return _page(
        "rules/",
        "# Errors and rules",
        "A rule describes a condition. Error ids are its aliases: the appliance shows one id for several causes.\n"
        "`migaudit explain 60052` shows the same offline, `migaudit scan --error 60052` evaluates just these.\n"
        "The [catalogue](catalogue.md) lists further causes, including those that Azure does not show.",
        "\n".join(["| error | condition | severity | rule |", "|---|---|---|---|", *rows]),
        "The [facts](facts.md) that rules can use have their own page.",
    )


def _facts() -> str:
    tables = [
        part
        for kind in SubjectKind
        if facts_of(kind)
        for part in (
            f"## {kind.value}",
            "\n".join(
                [
                    "| fact | type | meaning |",
                    "|---|---|---|",
                    *(
                        f"| `{fact.name}` | {'text' if fact.in_messages_only else fact.type.value} | {fact.meaning} |"
                        for fact in facts_of(kind).values()
                    ),
                ]
            ),
        )
    ]
    return _page(
        "auditor/facts/schema.yaml",
        "# Facts",
        "Rules use these facts in conditions and messages. There is one table per kind of subject.\n"
        "A fact is known, with its evidence, or unknown, with its gaps.\n"
        "A fact of type `text` is for messages and commands only; a condition may not use it.",
        *tables,
    )
