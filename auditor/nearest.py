"""Suggestions of known names for a misspelt one."""

from collections.abc import Iterable

_LONGEST = 120
"""The number of characters that are compared and shown; the time of a comparison grows with the square of it."""
_FEW = 4
"""Up to this number of known names, all of them are listed where none is similar."""
_AS_NEAR = 0.15
"""How much less similar than the likeliest a name may be, of 1, to be suggested beside it."""


def nearest(asked: str, known: Iterable[str], most: int = 3) -> tuple[str, ...]:
    """Return up to `most` of the `known` names that are similar to `asked`, the likeliest first; case is ignored.

    Names that begin with it come first. Those that are much less similar than the likeliest are left out. Where none is
    similar, dotted names with the same last part are returned, since the part before it may be wrong or missing. A
    number is never similar to another: 60053 is not nearly 60052.
    """
    from difflib import SequenceMatcher, get_close_matches

    wanted = asked[:_LONGEST].casefold()
    by_key = {name[:_LONGEST].casefold(): name for name in known if not (wanted.isdecimal() and name.isdecimal())}
    begun = sorted(key for key in by_key if wanted and key.startswith(wanted))
    similar = {key: SequenceMatcher(None, key, wanted).ratio() for key in get_close_matches(wanted, by_key, most, 0.65)}
    close = [*begun, *(key for key, ratio in similar.items() if ratio >= max(similar.values()) - _AS_NEAR)]
    if not close:
        last = wanted.rpartition(".")[2]
        close = [key for key in by_key if last and key.rpartition(".")[2] == last]
    return tuple(by_key[key] for key in list(dict.fromkeys(close))[:most])


def no_such(kind: str, asked: str, known: Iterable[str]) -> str:
    """Return the sentence that there is no `kind` of this name, with the names that were probably meant."""
    shown = asked if len(asked) <= _LONGEST else asked[:_LONGEST] + "…"
    names = sorted(set(known))
    meant = did_you_mean(asked, names)
    if not meant and 0 < len(names) <= _FEW:
        meant = f"; known {'is' if len(names) == 1 else 'are'} {', '.join(f'`{name}`' for name in names)}"
    return f"no such {kind}: `{shown}`{meant}"


def did_you_mean(asked: str, known: Iterable[str], most: int = 3) -> str:
    """Return the end of a sentence that suggests known names, such as "; did you mean `a` or `b`?".

    It is empty where no name is similar to `asked`.
    """
    close = nearest(asked, known, most)
    return f"; did you mean {' or '.join(f'`{name}`' for name in close)}?" if close else ""
