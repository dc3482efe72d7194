"""The words of a text as they are compared: lower case, without punctuation, in one spelling of English."""

import re
from functools import lru_cache

_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?", re.IGNORECASE)
_SPELLINGS = (
    (re.compile(r"(?<=[a-z]{3})is(?=(?:e|es|ed|ing|er|ers|ation|ations|able)$)"), "iz"),
    (re.compile(r"(?<=[a-z]{2})our(?=(?:s|ed|ing|ite|ites)?$)"), "or"),
    (re.compile(r"(?<=[a-z]{2})ence(?=s?$)"), "ense"),
    (re.compile(r"(?<=[a-z]{2})tre(?=s?$)"), "ter"),
    (re.compile(r"(?<=[a-z]{2})ogue(?=s?$)"), "og"),
    (re.compile(r"(?<=[a-z]{2})ll(?=(?:ed|ing|er|ation)$)"), "l"),
    (re.compile(r"(?<=[a-z]{2})yse(?=[sdr]?$)"), "yze"),
)
"""British endings and their American forms. A few other words are changed too, on both sides of every comparison."""


def words(text: str) -> list[str]:
    """Return the words of `text` in their order; `can't` is one word, `cant`."""
    return [_american(word.replace("'", "")) for word in _WORD.findall(text.casefold())]


@lru_cache(maxsize=50_000)
def _american(word: str) -> str:
    if len(word) < 5 or not word.isalpha():
        return word
    for ending, american in _SPELLINGS:
        word = ending.sub(american, word)
    return word
