"""Foreign text in Markdown: escaped so that it stays text, mentions nobody and links nowhere."""

import re
from collections.abc import Iterable, Iterator, Sequence

from auditor.report.inert import inert, prose
from auditor.shells import CommandShell, written_commands

_QUOTED = re.compile(r"`([^`]+)`")
_REFERS = re.compile(r"[@#]|://|www\.|\bGH-\d", re.IGNORECASE)
"""Text that GitHub and similar sites turn into mentions, references and links outside code."""
_PUNCTUATION = re.compile(r"([\\*_{}\[\]()#+!|~$^=])")
_LONGEST = 8_000
"""Maximum number of characters of a sentence or a command."""


def plain(text: str) -> str:
    """Return a sentence as Markdown: text in backquotes becomes code, everything else plain text."""
    line = inert(prose(text), _LONGEST) or "–"
    parts: list[str] = []
    end = 0
    for quoted in _QUOTED.finditer(line):
        parts += [*_words(line[end : quoted.start()]), code(quoted[1])]
        end = quoted.end()
    return _joined([*parts, *_words(line[end:])])


def code(text: str) -> str:
    """Return `text`, such as a name or an id, as a code span that its content cannot close."""
    line = inert(text)
    fence = "`" * (_longest_run(line) + 1)
    pad = " " if not line.strip() or line[0] in "` " or line[-1] in "` " else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def cell(markdown: str) -> str:
    """Return a line of Markdown for a cell of a table, which a bar would end."""
    return markdown.replace("\\|", "|").replace("|", "\\|")


def block(text: str, language: str = "") -> list[str]:
    """Return `text` as the lines of a code block that its content cannot close."""
    line = inert(text, _LONGEST)
    fence = "`" * max(3, _longest_run(line) + 1)
    return [f"{fence}{language}", line, fence]


def commands(command: str | None, shells: Sequence[CommandShell]) -> Iterator[str]:
    """Yield the lines of a command as code blocks: one for each form, below the name of its shell."""
    for number, one in enumerate(written_commands(command, shells)):
        if number:
            yield ""
        if one.shell:
            yield from (f"In {one.shell}:", "")
        yield from block(one.text, one.language)


def undone(words: str, command: str | None, shells: Sequence[CommandShell]) -> str:
    """Return how something is undone on one line: in words, and each form of the command."""
    forms = (f"{f'in {one.shell}: ' if one.shell else ''}{code(one.text)}" for one in written_commands(command, shells))
    return f"{plain(words)} {'; '.join(forms)}".rstrip()


def _joined(parts: Iterable[str]) -> str:
    """Join parts, with a blank between two adjacent code spans, whose fences would otherwise merge."""
    out = ""
    for part in parts:
        out += f" {part}" if out.endswith("`") and part.startswith("`") else part
    return out


def _words(text: str) -> Iterator[str]:
    return (_word(part) for part in re.split(r"(\s+)", text) if part)


def _word(word: str) -> str:
    if _REFERS.search(word):
        return code(word)
    safe = _PUNCTUATION.sub(r"\\\1", word.replace("&", "&amp;")).replace("<", "&lt;").replace(">", "&gt;")
    safe = safe.replace("`", "&#96;")
    # At the beginning of a line these would start a list.
    return re.sub(r"^(\d*)([-.])", r"\1\\\2", safe)


def _longest_run(line: str) -> int:
    return max((len(run) for run in re.findall(r"`+", line)), default=0)
