"""How much a Markdown report shows, so that it fits into a ticket: with less and less detail until it does."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

FITS = 64_000
"""Maximum number of characters of a report; a GitHub issue takes 65,536."""
_LAST_LINE = 200
"""Room for the line that counts what was cut."""


@dataclass(frozen=True, slots=True)
class LevelOfDetail:
    """How much a report shows; None for all of it.

    Portal steps are left out only beside a command that does the same; links lead to the portal. A report lists the
    worst findings first.
    """

    evidence: int | None = None
    """Pieces of evidence of each finding."""
    steps: bool = True
    links: bool = True
    fixed: int | None = None
    """Findings whose fixes are written out, from the first one on."""
    subjects: int | None = None
    """Findings of each rule that are listed."""
    listed: int | None = None
    """Findings that are listed, from the first one on."""

    @property
    def left_out(self) -> str:
        """What it leaves out, in words."""
        cut = (
            ("evidence", self.evidence is not None),
            ("portal steps", not self.steps),
            ("links", not self.links),
            ("fixes", self.fixed is not None),
            ("subjects", self.subjects is not None or self.listed is not None),
        )
        *first, last = [what for what, is_cut in cut if is_cut] or ["nothing"]
        return f"{', '.join(first)} and {last}" if first else last


EVERYTHING = LevelOfDetail()
_LEAST = LevelOfDetail(evidence=0, steps=False, links=False)
"""The least detail of each finding with its fixes."""
_LEVELS = (
    EVERYTHING,
    LevelOfDetail(evidence=5),
    LevelOfDetail(evidence=0),
    LevelOfDetail(evidence=0, steps=False),
    _LEAST,
)
_WITHOUT_FIXES = replace(_LEAST, fixed=0)
HEADINGS = replace(_WITHOUT_FIXES, listed=0)
"""No finding at all: the headings with the number of findings below each."""

Lines = Callable[[LevelOfDetail], Iterator[str]]
"""Returns the lines of a report in one level of detail."""


def fullest(lines: Lines, most: int) -> str:
    """Return the text with the most detail that fits; `most` is the number of findings of the largest part.

    Evidence is left out first, then portal steps and links, then the fixes of the last findings, as few as need be, and
    only when there is no room for all findings without fixes, findings. The text is empty if not even the headings fit.
    """
    for detail in _LEVELS:
        if text := _fitting(lines(detail)):
            return text
    for least, more in (
        (_WITHOUT_FIXES, lambda number: replace(_LEAST, fixed=number)),
        (replace(_WITHOUT_FIXES, subjects=1), lambda number: replace(_WITHOUT_FIXES, subjects=number)),
        (HEADINGS, lambda number: replace(_WITHOUT_FIXES, listed=number)),
    ):
        if text := _fitting(lines(least)):
            return _largest(lines, more, most) or text
    return ""


def shortened(detail: LevelOfDetail) -> Iterator[str]:
    """Yield the sentence that something is left out; none where nothing is."""
    if detail != EVERYTHING:
        yield (
            f"Shortened, to fit into a ticket ({detail.left_out}): the number of what is left out stands in its place; "
            "`--format html` and `--format json` contain all of it."
        )


def cut(lines: Iterable[str], fits: int = FITS) -> str:
    """Return as many of the lines as fit, and the number of the others; none of the lines may be part of a block."""
    every = list(lines)
    if text := _fitting(every, fits):
        return text
    held, room = 0, fits - _LAST_LINE
    while held < len(every) and room >= 0:
        room -= len(every[held]) + 1
        held += 1
    held -= room < 0
    more = f"… and {len(every) - held:,} more lines; `--format json` contains all of them"
    return "\n".join((*every[:held], "", more)) + "\n"


def _largest(lines: Lines, detail: Callable[[int], LevelOfDetail], most: int) -> str:
    """Return the text in the largest of the levels `detail(1)` to `detail(most)` that fits; empty if none does."""
    text, fits, too_many = "", 0, most + 1
    while too_many - fits > 1:
        number = (fits + too_many) // 2
        if more := _fitting(lines(detail(number))):
            text, fits = more, number
        else:
            too_many = number
    return text


def _fitting(lines: Iterable[str], fits: int | None = None) -> str:
    """Return the lines as a text, or an empty one as soon as they do not fit."""
    most = FITS if fits is None else fits
    held, length = [], 0
    for line in lines:
        length += len(line) + 1
        if length > most:
            return ""
        held.append(line)
    return "\n".join(held) + "\n"
