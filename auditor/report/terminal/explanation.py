"""Explanations for a terminal: of an error or question, of a rule, and the list of everything that can be explained."""

from shlex import quote

from auditor.audit.catalogue import TOPICS, Catalogue, CatalogueEntry
from auditor.audit.explain.azure_errors import AzureError
from auditor.audit.explain.explanation import Explanation
from auditor.audit.explain.lookup import Explained, for_everyone
from auditor.audit.explain.names_in_text import FoundBy, FoundEntry
from auditor.audit.explain.next_commands import next_commands
from auditor.audit.rules.book import FixTemplate, Rule
from auditor.report.counted import counted
from auditor.report.inert import prose
from auditor.report.terminal.page import Page
from auditor.report.terminal.style import PageStyle

_FOUND_BY = {
    FoundBy.NAME: "the whole text",
    FoundBy.NUMBER: "this number, if it is an error",
    FoundBy.QUESTION: "by its words",
    FoundBy.WORDS: "by its words",
}
_MOST_NAMED = 10
"""Maximum number of further entries, errors and ids that are named; a log can hold hundreds."""
_MOST_FIXES = 3
"""Maximum number of fixes that are written in full unless all are asked for; an error can have more than fifty."""


def explanation_text(found: Explanation, style: PageStyle, *, verbose: bool = False, commands: bool = True) -> str:
    """Return the explanation of a text: what was found in it, then what is certain.

    Where an error has many fixes, their number stands in their place, unless `verbose` asks for all, and the commands
    that show them, unless `commands` is false.
    """
    page = Page(style)
    if not found.is_one_name:
        _write_found(page, found)
    for number, one in enumerate(found.shown):
        if number or not found.is_one_name:
            page.gap()
        _write_explained(page, one, verbose=verbose, commands=commands)
    return page.text()


def _write_found(page: Page, found: Explanation) -> None:
    if found.matches and not found.shown:
        page.line("No error that is known is named in the text. Nearest to its words:")
    elif found.matches or found.unknown:
        page.heading("Found in the text")
    for match in found.matches[:_MOST_NAMED]:
        _write_match(page, match)
    more = len(found.matches) - _MOST_NAMED
    if more > 0:
        page.line(f"and {more} more; `--format json` has all", indent=2)
    for error in found.refusals[:_MOST_NAMED]:
        _write_error(page, error)
    _write_more(page, len(found.refusals), "errors of Azure")
    for other in found.others[:_MOST_NAMED]:
        page.labelled("  ? ", (other.number, "bold"), f" {other.in_words}")
    _write_more(page, len(found.others), "numbers of other products")
    unknown_here = [one for one in found.unknown if one not in {other.number for other in found.others}]
    if unknown_here:
        unknown = ", ".join(unknown_here[:_MOST_NAMED])
        more = len(unknown_here) - _MOST_NAMED
        page.labelled("  ? ", (unknown, "bold"), f"{f' and {more} more' if more > 0 else ''}: not in the catalogue")


def _write_more(page: Page, count: int, what: str) -> None:
    if count > _MOST_NAMED:
        page.line(f"and {count - _MOST_NAMED:,} more {what}; `--format json` has all", indent=2)


def _write_match(page: Page, match: FoundEntry) -> None:
    how = _FOUND_BY.get(match.by, f"by `{match.matched}`")
    page.labelled("  - ", (match.entry.id, "bold"), f"  {match.entry.heading}", (f"  {how}", "dim"))


def _write_error(page: Page, error: AzureError) -> None:
    """Write what an error names, and where to go from there."""
    said = error.details
    rows = [
        ("account", " ".join(filter(None, (said.account_name, f"({said.account})" if said.account else "")))),
        ("action", said.action),
        ("scope", said.scope),
        ("also needs", said.linked_action),
        ("at", said.linked_scope),
        ("deny assignment", said.deny_assignment),
        ("provider", said.provider),
        ("vault", said.vault),
        ("address", said.address),
        ("application", said.application),
        *(("tenant", one) for one in said.tenants),
        *(("locked", one) for one in said.locked),
    ]
    for policy in said.policies:
        rows += [
            ("policy", " ".join(filter(None, (policy.name, f"({policy.effect})" if policy.effect else "")))),
            ("assignment", policy.assignment),
            ("definition", policy.definition),
            ("initiative", policy.initiative),
            ("reference", policy.reference),
        ]
    page.gap()
    page.line((f"What Azure says: {error.code}", "bold"))
    page.fields([(label, value) for label, value in rows if value], indent=2)
    for one in next_commands(error):
        page.labelled("  ", (one.purpose, "dim"))
        page.command("  $ ", one.command)


def _write_explained(page: Page, found: Explained, *, verbose: bool, commands: bool) -> None:
    if found.by_rule:
        for rule in found.rules:
            _write_rule(page, rule)
        for entry in found.entries:
            page.labelled("  causes ", f"{entry.heading}; ", (entry.id, "bold"))
        return
    for entry in found.entries:
        _write_entry(page, entry, found)
    if not found.entries:  # an error that only a user's own rule knows
        for rule in found.rules:
            _write_rule(page, rule)
    elif found.fixes and not verbose and len(found.fixes) > _MOST_FIXES:
        _write_more_fixes(page, found, commands=commands)
    elif found.fixes:
        page.gap()
        page.heading("All fixes in full, the least harmful first")
        for number, (rule, fix) in enumerate(found.fixes, start=1):
            page.gap()
            _write_fix(page, fix, f"  {number}. ", rule.id)


def _write_more_fixes(page: Page, found: Explained, *, commands: bool) -> None:
    """Write how many fixes there are, and the commands that show them or say which of them are needed."""
    fixing = dict.fromkeys(rule.id for rule, _ in found.fixes)
    rule = next((one for entry in found.entries for one in entry.rules if one in fixing), next(iter(fixing)))
    name = quote(found.entries[0].asked_as if len(found.entries) == 1 else found.name)
    page.gap()
    rules = counted(len(fixing), "rule")
    page.line(f"{len(found.fixes):,} fixes, by {rules}, are described in full with `--verbose`")
    if not commands:
        return
    page.commands(
        (
            (f"migaudit explain {name} --verbose", "all of them"),
            (f"migaudit explain {rule}", "those of one rule"),
            (f"migaudit why {name} --subscription NAME", "what holds in your environment"),
        )
    )


def list_text(catalogue: Catalogue, rules: tuple[Rule, ...], style: PageStyle) -> str:
    """Return the list of everything that can be explained: by topic, then the rules."""
    page = Page(style)
    for topic, title in TOPICS.items():
        page.heading(title)
        for entry in catalogue.entries:
            if entry.topic == topic:
                page.labelled("  ", (entry.id, "bold"), f"  {entry.heading}")
        page.gap()
    page.heading("Rules")
    for rule in rules:
        page.labelled("  ", (rule.id, "bold"), f"  {rule.title}")
    page.gap()
    page.line("`migaudit explain NAME` explains one of these, by the words at the beginning of its line")
    return page.text()


def _write_entry(page: Page, entry: CatalogueEntry, found: Explained) -> None:
    page.line((entry.heading, "bold"))
    page.labelled("  ", prose(entry.meaning))
    _write_causes(page, entry, {rule.id: rule for rule in found.rules})
    _write_list(page, "What to do, the least harmful first", entry.steps)
    if entry.changed:
        page.gap()
        page.labelled("  since 2019: ", prose(entry.changed))
    for reference in entry.references:
        page.labelled("  see ", reference)
    if entry.dated:
        page.labelled("  as of ", entry.dated)


def _write_causes(page: Page, entry: CatalogueEntry, rules: dict[str, Rule]) -> None:
    seen = [cause for cause in entry.causes if cause.rules]
    if seen:
        page.gap()
        asking = f"`migaudit scan --error {entry.asked_as}`"
        conditions, holds = ("1 condition", "it") if len(seen) == 1 else (f"{len(seen)} conditions", "one of them")
        name = f"Error {', '.join(entry.errors)}: " if entry.errors else ""
        page.line(f"{name}{conditions} that can be seen in Azure can cause it. {asking} checks whether {holds} holds.")
        for cause in seen:
            ids = ", ".join(f"{one} ({rules[one].severity.value})" if one in rules else one for one in cause.rules)
            page.labelled("  - ", prose(cause.text), (f"  {ids}", "dim"))
    for title, said in (
        ("What Azure shows with each machine", [(one.text, one.counted) for one in entry.causes if one.counted]),
        ("What Azure does not show", [(one.text, one.unseen) for one in entry.causes if one.unseen]),
    ):
        if said:
            page.gap()
            page.line(f"{title}:")
        for text, words in said:
            page.labelled("  - ", prose(text), (f"  {prose(words)}", "dim"))


def _write_list(page: Page, title: str, steps: tuple[str, ...]) -> None:
    page.gap()
    page.line((f"{title}:", ""))
    for number, step in enumerate(steps, start=1):
        page.labelled(f"  {number}. ", prose(step))


def _write_rule(page: Page, rule: Rule) -> None:
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


def _write_fix(page: Page, fix: FixTemplate, label: str, rule: str = "") -> None:
    below = " " * len(label)
    risk: tuple[tuple[str, str], ...] = () if fix.safe else (("  (can lose something)", "bold yellow"),)
    page.labelled(label, (for_everyone(fix.title), "bold"), *risk, (f"  {rule}" if rule else "", "dim"))
    for step in fix.portal:
        page.labelled(f"{below}- ", for_everyone(step))
    if fix.az:
        page.command(f"{below}$ ", for_everyone(fix.az))
    page.labelled(below, (for_everyone(fix.changes), "dim"))
