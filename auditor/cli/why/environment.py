"""An environment that errors are put to: read about the accounts that they name, and asked for their causes."""

from collections.abc import Iterator
from dataclasses import replace

from auditor.audit.explain.explanation import Explanation
from auditor.audit.explain.named_things import things_in, things_of
from auditor.audit.findings import Finding
from auditor.cli.scan.options import ScanOptions
from auditor.cli.scan.run import ReadEnvironment, judged, read_environment
from auditor.cli.terminal import Terminal
from auditor.cli.why.about import NamedHere, Products
from auditor.cli.why.causes import Causes, asked_access
from auditor.cli.why.judged_error import JudgedError
from auditor.cli.why.named_obstacles import named_obstacles
from auditor.collect.request import BadRequest
from auditor.report.place import Places
from auditor.report.result import ScanResult

Judged = dict[tuple[str, ...], ScanResult]
"""Results of the rules in one environment, by the errors that they were asked for."""


def read_about(asked: ScanOptions, accounts: tuple[str, ...], terminal: Terminal) -> ReadEnvironment:
    """Return what was read about the accounts asked for and those in a text, without those that are no longer."""
    try:
        return read_environment(replace(asked, account=(*asked.account, *accounts)), terminal)
    except BadRequest as failed:
        unknown = next((one for one in accounts if f"`{one}`" in str(failed)), None)
        if unknown is None:
            raise
        terminal.note(f"the directory holds no object `{unknown}`, which the text names")
        return read_about(asked, tuple(one for one in accounts if one != unknown), terminal)


def causes_of(
    found: Explanation,
    read: ReadEnvironment,
    asked_by: str = "",
    judged_before: Judged | None = None,
    place: str = "",
) -> Causes:
    """Return whether the causes of what a text says hold in an environment.

    `asked_by` is the object id of the account that got the errors, where it is known and they do not name it.
    `judged_before` keeps the results of the rules, for texts that name the same errors. `place` is the id, in lower
    case, of what the errors happened in.
    """
    questions = tuple(asked_access(found, read.inventory, (asked_by,) if asked_by else read.accounts))
    named = tuple(named_obstacles(found.refusals, read.inventory))
    errors = tuple(entry.asked_as for one in found.shown for entry in one.entries if entry.rules)
    if not errors:
        return Causes(questions, (), named=named)
    known = {} if judged_before is None else judged_before
    if errors not in known:
        known[errors] = judged(found.rules, read.inventory, replace(read.asked, error=errors), read.accounts)
    result = known[errors]
    decided = {one.code.lower() for one in questions} | {one.code.lower() for one in named}
    each = tuple(_judged(found, result.findings, read, asked_by, place))
    findings = {id(finding): finding for one in each for finding in one.findings}
    by_rules = [one for one in each if not one.codes & decided]
    open_words = (*result.unjudged, *(one.open_words for one in by_rules)) if by_rules else ()
    return Causes(
        questions,
        tuple(one for one in result.findings if id(one) in findings),
        tuple(dict.fromkeys(filter(None, open_words))),
        named,
        Places(result),
    )


def _judged(
    found: Explanation, findings: tuple[Finding, ...], read: ReadEnvironment, asked_by: str, place: str
) -> Iterator[JudgedError]:
    """Yield the findings about each error of a text, once for each thing that an error with this code names."""
    asked = read.accounts if read.asked.account else ()
    products, whole = Products.of(read.inventory), things_in(found.text)
    for one in found.shown:
        for entry in one.entries:
            names = frozenset(name.lower() for name in entry.names)
            things = [things_of(error) for error in found.errors if error.code.lower() in names]
            for named in [it.joined(whole) if it.are_people else it for it in things] or [whole]:
                here = NamedHere.of(named, read.inventory, asked_by, asked, place)
                yield JudgedError.of(entry, here, {rule.id for rule in one.rules}, findings, products)
