"""Names of the catalogue that stand in a text: ids and codes, and whole sentences.

A number counts where the text calls it an error or consists of little else; a port or a process id is no error.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from itertools import chain

from auditor.audit.catalogue import Catalogue, CatalogueEntry
from auditor.audit.explain.azure_errors import AzureError, is_wrapper
from auditor.audit.explain.other_products import UNCLEAR, OtherNumber, is_unclear, names_us, product_beside
from auditor.audit.words import words

_BEFORE = r"(?:error|err|code|id|ids|codes|errors|errorcode|errorid|hresult|exception|event|fault|alert)"
_CALLED = re.compile(
    rf"(?<![\w-]){_BEFORE}(?:[ _-]?(?:id|code|number|no|nr|message))?s?[\"'»\])]?[\s:=#.(\[\"'«]{{0,6}}"
    r"((?:0x[0-9a-f]{8}|-?\d{3,10})(?:\s{0,2}(?:,|;|/|&|-|and|or|to|und|et)?\s{0,2}(?:0x[0-9a-f]{8}|\d{3,10})){0,20})(?![\w-])",
    re.IGNORECASE,
)
"""A word such as `error` or `code`, and the ids that follow it."""
_STATUS = re.compile(r"(?:status|http|statuscode)[ _-]?$", re.IGNORECASE)
_ID = re.compile(r"0x[0-9a-f]{8}|-?\d+", re.IGNORECASE)
_ONLY_IDS = re.compile(
    r"(?:[\s,;/&#()]|\b(?:and|or|errors?|ids?|codes?)\b|0x[0-9a-f]{8}|\d{3,6})+[.?!]?", re.IGNORECASE
)
_BARE = re.compile(r"(?<![\w.:/\\-])(\d{5,6})(?![\w/\\-]|[.:]\d)")
_COUNTED = re.compile(
    r"\s?(?:bytes?|[kmg]i?b|m?s|sec\w*|min\w*|hours?|days?|rows?|lines?|items?|files?|records?|users?|times|machines?"
    r"|requests?|eur|usd|[€$%])\b",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    r"\b(?:port|pid|tid|process|thread|line|ticket|case|order|row|page|price|build|version|size|count|total|offset|took"
    r"|in|after|for)[ :=#]{1,3}$",
    re.IGNORECASE,
)
"""What is counted or numbered otherwise: no error, where nothing calls it one."""
_COMPOUND = re.compile(r"(?<![\w-])(?:[A-Za-z]\w{3,100}|0x[0-9a-f]{8})(?![\w])", re.IGNORECASE)
_FAMILY = re.compile(r"(?:AADSTS|AKV)\d+", re.IGNORECASE)
_SHORT = 2_000
"""Characters; in a longer text a number of five digits that nothing calls an error is not looked at."""
_TIMES, _DIFFERENT = 10, 2_000
"""How often one number, and how many different ones, are compared with the products beside them."""
_FEWEST_WORDS = 3
"""Least number of words of a name that is looked for within a sentence.

One with no more words, such as `Access is denied`, says nothing new beside an error that Azure names by its code.
"""


class FoundBy(IntEnum):
    """How an entry was found, the most specific first."""

    NAME = 1
    ID = 2
    ERROR = 3
    SENTENCE = 4
    NUMBER = 5
    WRAPPER = 6
    QUESTION = 7
    """Nearly all words of the text are in it."""
    WORDS = 8


@dataclass(frozen=True, slots=True)
class FoundEntry:
    """One entry that a text speaks of, and the part of the text that names it."""

    entry: CatalogueEntry
    by: FoundBy
    matched: str


@dataclass(frozen=True, slots=True)
class NamesFound:
    """The entries that a text names, the most specific first, and the ids in it that the catalogue does not have."""

    matches: tuple[FoundEntry, ...]
    unknown: tuple[str, ...]
    codes: tuple[str, ...] = ()
    """Everything in the text that is called an error, known or not."""
    others: tuple[OtherNumber, ...] = ()
    """The numbers in the text that are another product's."""


def names_in(text: str, errors: tuple[AzureError, ...], catalogue: Catalogue) -> NamesFound:
    """Return the entries that are named in `text` or by one of its errors.

    An entry with ids of its own is no answer to a text that names other ids, however alike the sentences are.
    """
    whole = [FoundEntry(entry, FoundBy.NAME, text.strip()) for entry in catalogue.about(text)]
    if whole:
        return NamesFound(tuple(whole), ())
    in_words = tuple(_called(text))
    others = _others(text, in_words, catalogue)
    called = [one for one in dict.fromkeys(number for number, _, _ in in_words) if one not in others]
    codes = [*called, *(error.code for error in errors)]
    matches = [FoundEntry(entry, FoundBy.ID, one) for one in called for entry in catalogue.about(one)]
    matches += _by_errors(errors, catalogue)
    matches += [
        FoundEntry(entry, FoundBy.WRAPPER if is_wrapper(one) else FoundBy.ID, one)
        for one in dict.fromkeys(_COMPOUND.findall(text))
        if _is_distinctive(one) and one not in others
        for entry in catalogue.about(one)
    ]
    explained = any(match.by is FoundBy.ERROR for match in matches)
    weaker = [
        FoundEntry(entry, FoundBy.SENTENCE, name)
        for entry, name in _sentences(catalogue).within(text)
        if not explained or len(words(name)) > _FEWEST_WORDS
    ]
    if len(text) <= _SHORT:
        bare = (number for number, _, _ in _bare(text) if number not in others)
        weaker += [FoundEntry(entry, FoundBy.NUMBER, one) for one in bare for entry in catalogue.about(one)]
    matches += [one for one in weaker if not contradicts(one.entry, codes)]
    first: dict[str, FoundEntry] = {}
    for match in sorted(matches, key=lambda match: match.by):
        first.setdefault(match.entry.id, match)
    unknown = (one for one in codes if _is_unknown(one, catalogue) and f"aadsts{one}" not in text.lower())
    return NamesFound(tuple(first.values()), tuple(unknown), tuple(codes), tuple(others.values()))


def _others(text: str, called: Sequence[tuple[str, int, int]], catalogue: Catalogue) -> dict[str, OtherNumber]:
    """Return the numbers that the text calls another product's, or does not say of what.

    Those beside which it names Azure Migrate are none of them.
    """
    bare = _bare(text) if len(text) <= _SHORT else ()
    hexadecimal = ((match[0], *match.span()) for match in _COMPOUND.finditer(text) if _ID.fullmatch(match[0]))
    found: dict[str, OtherNumber] = {}
    unclear: dict[str, bool] = {}
    ours: set[str] = set()
    times: Counter[str] = Counter()
    for number, start, end in chain(called, bare, hexadecimal):
        times[number] += 1
        if times[number] > _TIMES or len(times) > _DIFFERENT:
            continue
        product, entries = product_beside(text, start, end), catalogue.about(number)
        if product is None:
            ours.update({number} if names_us(text, start) else ())
            unclear[number] = unclear.get(number, True) and is_unclear(text, number, start, end, entries)
        elif not any(product.has(entry) for entry in entries):
            found.setdefault(number, _of(number, product.name, entries))
    for number in (one for one, is_so in unclear.items() if is_so):
        found.setdefault(number, _of(number, UNCLEAR, catalogue.about(number)))
    return {number: one for number, one in found.items() if number not in ours}


def _of(number: str, product: str, same: Sequence[CatalogueEntry]) -> OtherNumber:
    return OtherNumber(number, product, tuple(entry.id for entry in same))


def _by_errors(errors: tuple[AzureError, ...], catalogue: Catalogue) -> Iterator[FoundEntry]:
    for error in errors:
        for entry in catalogue.about(error.code):
            yield FoundEntry(entry, FoundBy.WRAPPER if error.is_wrapper else FoundBy.ERROR, error.code)


def _bare(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield the numbers of five or six digits that are neither a quantity nor the number of something else."""
    for match in _BARE.finditer(text):
        before = text[max(0, match.start() - 20) : match.start()]
        if not _COUNTED.match(text, match.end()) and not _NUMBERED.search(before):
            yield match[1], *match.span(1)


def _called(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield the ids that `text` calls errors, or consists of, each with where its list begins and ends."""
    if len(text) <= _SHORT and _ONLY_IDS.fullmatch(text.strip()):
        yield from ((one, 0, len(text)) for one in _ID.findall(text))
        return
    for called in _CALLED.finditer(text):
        if not _STATUS.search(text, max(0, called.start() - 12), called.start()):
            yield from ((one, *called.span(1)) for one in _ID.findall(called[1]))


def _is_distinctive(word: str) -> bool:
    """Whether a word is an id by its form, such as `ScopeLocked`, `AADSTS53003` or `0x803381B9`."""
    return "_" in word or word[:2].lower() == "0x" or bool(_FAMILY.fullmatch(word)) or any(map(str.isupper, word[1:]))


def _is_unknown(code: str, catalogue: Catalogue) -> bool:
    """Whether a code is one of the kinds that the catalogue explains, but unknown to it."""
    is_id = (code.isdecimal() and len(code) >= 4) or bool(_FAMILY.fullmatch(code)) or code[:2].lower() == "0x"
    return is_id and not catalogue.about(code)


def contradicts(entry: CatalogueEntry, codes: Sequence[str]) -> bool:
    """Whether a text that names `codes` speaks of another error than the entry's."""
    named = {code.lower() for code in codes}
    for is_kind in (str.isdecimal, _FAMILY.fullmatch):
        mine = {name.lower() for name in entry.names if is_kind(name)}
        theirs = {code for code in named if is_kind(code) and (not code.isdecimal() or len(code) >= 4)}
        if mine and theirs and not mine & theirs:
            return True
    return False


class _Sentences:
    """The names of several words of a catalogue, by their first words."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._begun: dict[tuple[str, ...], list[tuple[list[str], str, CatalogueEntry]]] = defaultdict(list)
        for entry in catalogue.entries:
            for name in entry.names:
                named = words(name)
                if len(named) >= _FEWEST_WORDS:
                    self._begun[tuple(named[:_FEWEST_WORDS])].append((named, name, entry))

    def within(self, text: str) -> Iterator[tuple[CatalogueEntry, str]]:
        """Yield the entries of which a name of several words stands in `text`, the longest names first."""
        said = words(text)
        found: dict[str, tuple[CatalogueEntry, int]] = {}
        for index in range(len(said) - _FEWEST_WORDS + 1):
            for named, name, entry in self._begun.get(tuple(said[index : index + _FEWEST_WORDS]), ()):
                if said[index : index + len(named)] == named:
                    found[name] = (entry, len(named))
        for name, (entry, _) in sorted(found.items(), key=lambda item: -item[1][1]):
            yield entry, name


@lru_cache(maxsize=4)
def _sentences(catalogue: Catalogue) -> _Sentences:
    return _Sentences(catalogue)
