"""What the rules say of one error of a text: their findings about what it names, and what they leave open."""

from collections.abc import Iterable
from dataclasses import dataclass

from auditor.audit.catalogue import CatalogueEntry
from auditor.audit.findings import Finding, Verdict
from auditor.cli.why.about import PEOPLE, NamedHere, Products

_ABOUT_THINGS = frozenset({"key-vault", "sign-in"})
"""The topics of refusals that are each about something; the numbers of an appliance are about all that it does."""
_OF_REQUESTS = "azure"
"""The topic of refusals of single requests: rules judge what a registration needs, not what was refused."""
_NOTHING = "no rule judges a cause of `{}`"
_OPEN = frozenset({Verdict.FAIL, Verdict.UNKNOWN})


@dataclass(frozen=True, slots=True)
class JudgedError:
    """The findings about one error, and in `open_words` why they do not refute it; empty where they decide it."""

    codes: frozenset[str]
    findings: tuple[Finding, ...]
    open_words: str = ""

    @classmethod
    def of(
        cls,
        entry: CatalogueEntry,
        named: NamedHere,
        rules: set[str],
        every: Iterable[Finding],
        products: Products,
    ) -> "JudgedError":
        """Return what the findings of `rules` say, of those that are about what the error names.

        An error is decided where each rule decided about what it names, or found its condition nowhere at all.
        """
        findings = [one for one in every if one.rule in rules]
        about = tuple(one for one in findings if products.include(one, entry.products) and named.includes(one))
        codes = frozenset(name.lower() for name in entry.names)
        return cls(codes, about, _open_words(entry, named, findings, about) if rules else _NOTHING.format(entry.id))


def _open_words(
    entry: CatalogueEntry,
    named: NamedHere,
    findings: list[Finding],
    about: tuple[Finding, ...],
) -> str:
    if any(one.verdict in _OPEN for one in about):
        return ""  # it speaks for itself
    passed = {one.rule for one in about if one.verdict is Verdict.PASS}
    elsewhere = {one.rule for one in findings if one.verdict in _OPEN} - {one.rule for one in about}
    error = entry.asked_as
    if named.things and (not passed or elsewhere):
        return f"nothing that was judged for {error} is about {named.things.shown}, which the text names"
    if not passed or elsewhere:
        of_kind = f" of the kind that shows it ({', '.join(entry.products)})" if entry.products else ""
        return f"nothing{of_kind} was judged for {error}"
    if entry.topic == _OF_REQUESTS:
        return f"the rules judge what a registration needs, and not the very request that {error} refused"
    people = any(one.subject.kind in PEOPLE for one in about)
    if entry.topic in _ABOUT_THINGS and not named.things and not (people and named.people):
        return f"the text does not say what {error} is about: paste the whole message"
    return ""
