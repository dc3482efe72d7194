"""How much was read, for a person: what could not be, which rules that made unknown, what would cure it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from auditor.audit.findings import Coverage, Finding, Gap
from auditor.report.inert import prose
from auditor.report.terminal.page import Page

MOST = 3
"""Scopes that are named of lists that were refused in one way; `verbose` names all of them."""


@dataclass(frozen=True, slots=True)
class RefusedLists:
    """Lists that were refused in one way at the same scopes, and the permissions that would cure it."""

    answer: str
    scopes: tuple[str, ...]
    lists: tuple[str, ...]
    cures: tuple[str, ...]

    def cure(self, *, verbose: bool) -> str:
        """Return the permissions in words; of many that are named as their lists are, only that they are."""
        own = {f"{one}/read" for one in self.lists}
        if verbose or len(own.intersection(self.cures)) <= MOST:
            return ", ".join(self.cures)
        others = [one for one in self.cures if one not in own]
        return ", ".join(("`/read` on each of them", *others))


def refusals(gaps: Iterable[Gap]) -> tuple[RefusedLists, ...]:
    """Return the gaps by how and where they came about, so that one missing right is told once."""
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
    """Return in a few words how a list was refused: Azure's status and code, or what is wrong with an answer."""
    return prose(gap.answer)


def lists_by_answer(gaps: Iterable[Gap]) -> dict[str, set[str]]:
    """Return the names of the lists by how they were refused, wherever that was."""
    lists: dict[str, set[str]] = defaultdict(set)
    for gap in gaps:
        lists[answer_of(gap)].add(gap.what)
    return lists


def write_coverage(page: Page, coverage: Coverage, unknown: Iterable[Finding], *, verbose: bool) -> None:
    """Write how many lists were read, then those that were not: why, where, the rules that wait for them, the cure.

    `unknown` are the findings without a verdict; their gaps say which lists they wait for.
    """
    page.heading("COVERAGE")
    read = f"{len(coverage.reads):,} lists were read to their end"
    if not coverage.gaps:
        page.line(read, "; ", ("nothing that was asked for stayed unread", "green"), indent=2)
        return
    page.line(read, "; ", (f"{len(coverage.gaps):,} were not, or not wholly", "bold yellow"), indent=2)
    write_refusals(page, coverage.gaps, _rules_by_list(unknown), verbose=verbose)


def write_refusals(page: Page, gaps: Iterable[Gap], waiting: Mapping[str, set[str]], *, verbose: bool) -> None:
    """Write what was refused, once for each way and place; `waiting` are the rules that wait for a list."""
    told = refusals(gaps)
    for refusal in told:
        _write_refusal(page, refusal, waiting, verbose=verbose)
    if any(refusal.cures for refusal in told):
        page.gap()
        page.line("`migaudit permissions` prints a role that lets migaudit read all it can read", indent=2)


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
        page.labelled("  so     ", ("unknown: ", "yellow"), ", ".join(rules))
    if refusal.cures:
        page.labelled("  cure   ", "grant ", (refusal.cure(verbose=verbose), "bold"))


def _rules_by_list(unknown: Iterable[Finding]) -> Mapping[str, set[str]]:
    rules: dict[str, set[str]] = defaultdict(set)
    for finding in unknown:
        for gap in finding.gaps:
            rules[gap.what.lower()].add(finding.rule)
    return rules
