"""The answer to a text that somebody has in hand: what is in it, and the entries and rules that explain it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from auditor.audit.catalogue import TOPICS, Catalogue, CatalogueEntry
from auditor.audit.explain.azure_errors import AzureError, azure_errors
from auditor.audit.explain.error_details import Details
from auditor.audit.explain.lookup import Explained, about_entry, about_error, explained
from auditor.audit.explain.names_in_text import FoundBy, FoundEntry, contradicts, names_in
from auditor.audit.explain.other_products import OtherNumber
from auditor.audit.explain.pasted_text import pasted
from auditor.audit.explain.word_search import content_words, search
from auditor.audit.rules.book import Rule

MOST_IN_FULL = 3
"""Maximum number of entries that are explained in full; the others are named."""
_NUMBER = re.compile(r"(?<!\d)\d{5,6}(?!\d)")
"""A number that may be an error or a port: the words around it are no question about an entry."""
_NEARLY_ALL = 0.75
_AHEAD, _FAR_AHEAD = 1.5, 2.0
"""An entry with nearly all words that is ahead of the next, or one that is far ahead, is the answer to a question."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a text says, explained.

    `shown` are explained in full. `matches` are all entries that were found, also those in `shown`, the most specific
    first. `errors` are Azure's own errors in the text, `unknown` the ids that nobody here knows. `text` is what can be
    read of it. `others` are numbers of other products, which are unknown too.
    """

    shown: tuple[Explained, ...]
    matches: tuple[FoundEntry, ...] = ()
    errors: tuple[AzureError, ...] = ()
    unknown: tuple[str, ...] = ()
    text: str = ""
    others: tuple[OtherNumber, ...] = ()

    @property
    def is_one_name(self) -> bool:
        """Whether the text is nothing but a name, so that there is nothing to say about what was found in it."""
        return not self.unknown and not self.refusals and all(match.by is FoundBy.NAME for match in self.matches)

    @property
    def refusals(self) -> tuple[AzureError, ...]:
        """The errors of Azure that name something, without those around another that does."""
        naming = [error for error in self.errors if error.details != Details()]
        return tuple(error for error in naming if not error.is_wrapper) or tuple(naming[:1])

    @property
    def entries(self) -> tuple[CatalogueEntry, ...]:
        """All entries, those explained in full first."""
        full = [entry for one in self.shown for entry in one.entries]
        return tuple({entry.id: entry for entry in (*full, *(match.entry for match in self.matches))}.values())

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules of what is explained in full."""
        return tuple({rule.id: rule for one in self.shown for rule in one.rules}.values())


def explanation(raw: str, catalogue: Catalogue, rules: Sequence[Rule]) -> Explanation:
    """Return what is known about a text; empty `shown` where nothing fits."""
    named = explained(raw, catalogue, rules) if len(raw) < 200 else None
    if named is not None and (named.by_rule or not named.entries):
        return Explanation((named,))
    said = pasted(raw)
    errors = azure_errors(said)
    found = names_in(said.text, errors, catalogue)
    by_own_rules = tuple(one for code in found.unknown if (one := explained(code, catalogue, rules)) is not None)
    explained_here = {one.name for one in by_own_rules}
    unknown = (
        *(one.number for one in found.others),
        *(code for code in found.unknown if code not in explained_here),
    )
    if found.matches:
        full = tuple(about_entry(match.entry, rules) for match in _in_full(found.matches))
        return Explanation((*by_own_rules, *full), found.matches, errors, unknown, said.visible, found.others)
    if by_own_rules:
        return Explanation(by_own_rules, (), errors, unknown, said.visible, found.others)
    topic = _topic(said.text, catalogue)
    theirs = {entry for one in found.others for entry in one.entries}
    near = topic or tuple(one for one in _near(said.text, found.codes, catalogue) if one.entry.id not in theirs)
    asks = not unknown and not _NUMBER.search(said.text)
    answered = bool(near) and near[0].by is FoundBy.QUESTION and not topic and asks
    shown = (about_entry(near[0].entry, rules),) if answered else ()
    return Explanation(shown, near, errors, unknown, said.visible, found.others)


def named_error(text: str, catalogue: Catalogue, rules: Sequence[Rule]) -> Explained | None:
    """Return the one error that a text is, such as `60052` or `Error ID: 60052`; None for any other text."""
    found = about_error(text, catalogue, rules)
    if found is not None:
        return found
    answer = explanation(text, catalogue, rules)
    certain = [match for match in answer.matches if match.by <= FoundBy.ERROR]
    return answer.shown[0] if len(certain) == 1 and not answer.unknown else None


def _in_full(matches: tuple[FoundEntry, ...]) -> tuple[FoundEntry, ...]:
    """Return the entries that are certainly meant, or the likeliest one."""
    certain = tuple(match for match in matches if match.by <= FoundBy.ERROR)
    return certain[:MOST_IN_FULL] or matches[:1]


def _near(text: str, codes: Sequence[str], catalogue: Catalogue) -> tuple[FoundEntry, ...]:
    """Return the entries that are about the words of a text, none of which has a number that the text does not have."""
    hits = [hit for hit in search(text, catalogue.entries) if not contradicts(hit.entry, codes)]
    lead = hits[0].score / hits[1].score if len(hits) > 1 else _FAR_AHEAD
    is_answer = lead >= _FAR_AHEAD or (lead >= _AHEAD and hits[0].share >= _NEARLY_ALL)
    return tuple(
        FoundEntry(hit.entry, FoundBy.QUESTION if number == 0 and is_answer else FoundBy.WORDS, "")
        for number, hit in enumerate(hits)
    )


def _topic(text: str, catalogue: Catalogue) -> tuple[FoundEntry, ...]:
    """Return the entries of the topic that a text names, such as `Discovery issues`."""
    asked = content_words(text)
    topics = [
        topic for topic, title in TOPICS.items() if asked and asked in (content_words(title), content_words(topic))
    ]
    return tuple(FoundEntry(entry, FoundBy.WORDS, "") for entry in catalogue.entries if entry.topic in topics)
