"""Coverage for a terminal: which lists could not be read, which rules that made unknown, and what would cure it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from auditor.audit.findings import Coverage, Finding, Gap
from auditor.report.counted import counted, were
from auditor.report.inert import prose
from auditor.report.terminal.page import Page

MOST = 3
"""Maximum number of scopes named per refusal; `verbose` names all of them."""
MOST_RULES = 24
"""Maximum number of rules named per refusal; `verbose` names all of them."""


@dataclass(frozen=True, slots=True)
class RefusedLists:
    """Lists that were refused with the same answer at the same scopes, and the permissions that would cure it."""

    answer: str
    scopes: tuple[str, ...]
    lists: tuple[str, ...]
    cures: tuple[str, ...]

    def cure(self, *, verbose: bool) -> str:
        """Return the permissions in words; many that are just `/read` on their list are summarised."""
        own = {f"{one}/read" for one in self.lists}
        if verbose or len(own.intersection(self.cures)) <= MOST:
            return ", ".join(self.cures)
        others = [one for one in self.cures if one not in own]
        return ", ".join(("`/read` on each of them", *others))


def refusals(gaps: Iterable[Gap]) -> tuple[RefusedLists, ...]:
    """Return the gaps grouped by answer and scopes, so that one missing right is reported once."""
    scopes: dict[tuple[str, str], set[str]] = defaultdict(set)
    cures: dict[tuple[str, str], set[str]] = defaultdict(set)
    for gap in gaps:
        key = (answer_of(gap), gap.what)
        scopes[key].add(gap.scope)
        if gap.cure:
            cures[key].add(gap.cure)
    together: dict[tuple[str, tuple[str, ...]], list[str]] = defaultdict(list)
    for (answer, what), places in scopes.items():
        together[(answer, _in_order(places))].append(what)
    return tuple(
        RefusedLists(
            answer,
            places,
            _in_order(lists),
            _in_order(cure for one in lists for cure in cures[(answer, one)]),
        )
        for (answer, places), lists in sorted(together.items())
    )


def _in_order(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(names), key=lambda name: (name.lower(), name)))


def answer_of(gap: Gap) -> str:
    """Return in a few words why a list was not read: Azure's status and code, or what is wrong with its answer."""
    return prose(gap.answer)


def lists_by_answer(gaps: Iterable[Gap]) -> dict[str, set[str]]:
    """Return the names of the lists by the answer that refused them, at any scope."""
    lists: dict[str, set[str]] = defaultdict(set)
    for gap in gaps:
        lists[answer_of(gap)].add(gap.what)
    return lists


def write_coverage(page: Page, coverage: Coverage, unknown: Iterable[Finding], *, verbose: bool) -> None:
    """Write how many lists were read, then those that were not: why, where, the rules that need them, the cure.

    `unknown` are the unknown findings; their gaps show which lists they need.
    """
    page.heading("COVERAGE")
    read = f"{counted(len(coverage.reads), 'list')} {were(len(coverage.reads))} read completely"
    if not coverage.gaps:
        page.line(read, "; ", ("nothing that was asked for was left unread", "green"), indent=2)
        write_absent_types(page, coverage)
        return
    page.line(read, "; ", (f"{len(coverage.gaps):,} {were(len(coverage.gaps))} not", "bold yellow"), indent=2)
    write_absent_types(page, coverage)
    write_refusals(page, coverage.gaps, _rules_by_list(unknown), verbose=verbose)


def write_absent_types(page: Page, coverage: Coverage) -> None:
    """Write the resource types that the cloud does not have, which cannot be there and so count as read."""
    if coverage.absent_types:
        page.line("this cloud has no such type: ", ", ".join(one.what for one in coverage.absent_types))


def write_refusals(page: Page, gaps: Iterable[Gap], waiting: Mapping[str, set[str]], *, verbose: bool) -> None:
    """Write each refusal once; `waiting` are the rules that need a list, by its name in lower case."""
    listed = refusals(gaps)
    for refusal in listed:
        _write_refusal(page, refusal, waiting, verbose=verbose)
    if any(refusal.cures for refusal in listed):
        page.gap()
        page.line(
            "`migaudit permissions` prints a role with all the rights that migaudit can use for reading", indent=2
        )


def _write_refusal(page: Page, refusal: RefusedLists, waiting: Mapping[str, set[str]], *, verbose: bool) -> None:
    page.gap()
    page.labelled("? ", (refusal.answer, "bold"), style="bold yellow")
    page.labelled("  unread ", ", ".join(refusal.lists))
    shown = refusal.scopes if verbose else refusal.scopes[:MOST]
    for number, scope in enumerate(shown):
        page.labelled("         " if number else "  at     ", scope)
    if len(shown) < len(refusal.scopes):
        page.labelled("         ", f"and {len(refusal.scopes) - len(shown):,} more")
    rules = sorted({rule for what in refusal.lists for rule in waiting.get(what.lower(), ())})
    if rules:
        few = verbose or len(rules) <= MOST_RULES
        page.labelled("  so     ", ("unknown: ", "yellow"), ", ".join(rules) if few else f"{len(rules)} rules")
    if refusal.cures:
        page.labelled("  cure   ", "grant ", (refusal.cure(verbose=verbose), "bold"))


def _rules_by_list(unknown: Iterable[Finding]) -> Mapping[str, set[str]]:
    rules: dict[str, set[str]] = defaultdict(set)
    for finding in unknown:
        for gap in finding.gaps:
            rules[gap.what.lower()].add(finding.rule)
    return rules
