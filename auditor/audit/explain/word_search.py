"""Search over the catalogue by words: SQLite's full-text index, built in memory from the entries.

The index is built at each search, so that it cannot be older than the catalogue.
"""

import math
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

from auditor.audit.catalogue import CatalogueEntry
from auditor.audit.words import words

MOST = 5
"""Maximum number of results."""
_MOST_WORDS = 60
"""Maximum number of different words that are looked for; the first ones say what a text is about."""
_MOST_TEXT = 20_000
"""Maximum number of characters that are looked at."""
_ENOUGH = 0.55
"""Least share of the weight of the asked words that a result must contain."""
_ID = re.compile(r"\d{3,}")
_WEIGHTS = (10.0, 4.0, 1.0)
"""Weights of the names, of the meaning and causes, and of the steps."""
_NO_CONTENT = frozenset(
    words(
        """a about after all also am an and any are as at azure be because been but by can can't cannot
        code codes could did do does doesn't doing don't error errors failed fails failing failure for
        from get gets getting had has have help how http i id if in into is issue issues it its just me
        migrate microsoft my no not of on or our out please problem problems see should show shown shows
        so some status such that the their them then there these they this to try trying up us use using
        was we what when where which while who why will with won't would you your"""
    )
)


@dataclass(frozen=True, slots=True)
class SearchResult:
    """One entry that contains words of the question; `share` is the weight of its words among all asked ones."""

    entry: CatalogueEntry
    score: float
    share: float


def search(text: str, entries: Sequence[CatalogueEntry]) -> tuple[SearchResult, ...]:
    """Return up to five entries about the words of `text`, the best first; none where most of the words are missing."""
    asked = content_words(text[:_MOST_TEXT])[:_MOST_WORDS]
    if not asked:
        return ()
    with closing(sqlite3.connect(":memory:")) as index:
        index.execute("CREATE VIRTUAL TABLE entry USING fts5(names, about, steps, tokenize = 'porter ascii')")
        index.executemany("INSERT INTO entry(rowid, names, about, steps) VALUES (?, ?, ?, ?)", _rows(entries))
        containing = {word: set(_matching(index, word)) for word in asked}
        weights = {word: math.log(1 + len(entries) / (1 + len(rows))) for word, rows in containing.items()}
        everything = sum(weights.values())
        hits = []
        for row, rank in _ranked(index, asked):
            share = sum(weights[word] for word, rows in containing.items() if row in rows) / everything
            if share >= _ENOUGH:
                hits.append(SearchResult(entries[row], rank * share, share))
    return tuple(sorted(hits, key=lambda hit: -hit.score)[:MOST])


def content_words(text: str) -> list[str]:
    """Return the different words of `text` that say what it is about; ids are no words."""
    return [word for word in dict.fromkeys(words(text)) if word not in _NO_CONTENT and not _ID.fullmatch(word)]


def _rows(entries: Sequence[CatalogueEntry]) -> Iterator[tuple[int, str, str, str]]:
    for number, entry in enumerate(entries):
        about = [entry.meaning, *(cause.text for cause in entry.causes)]
        yield number, _plain(entry.id, *entry.names), _plain(*about), _plain(*entry.steps, entry.changed)


def _plain(*texts: str) -> str:
    return " ".join(word for text in texts for word in words(text))


def _matching(index: sqlite3.Connection, word: str) -> Iterator[int]:
    for (row,) in index.execute("SELECT rowid FROM entry WHERE entry MATCH ?", (f'"{word}"',)):
        yield row


def _ranked(index: sqlite3.Connection, asked: Sequence[str]) -> list[tuple[int, float]]:
    """Return every row with one of the words, with its weight; a word in quotes is never an operator."""
    some = " OR ".join(f'"{word}"' for word in asked)
    query = "SELECT rowid, -bm25(entry, ?, ?, ?) FROM entry WHERE entry MATCH ?"
    return index.execute(query, (*_WEIGHTS, some)).fetchall()
