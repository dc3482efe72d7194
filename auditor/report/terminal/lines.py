"""A long shell command broken where a shell allows it, so that what is copied from a terminal still runs."""

from collections.abc import Iterator

CONTINUED = " \\"
INDENT = "  "


def shell_lines(command: str, width: int) -> list[str]:
    r"""Return `command` as lines of at most `width` columns, broken before options, each but the last ending in ` \`.

    Quoted text is never broken, so a line with one long argument can be longer than `width`.
    """
    if len(command) <= width:
        return [command]
    lines: list[str] = []
    current = ""
    for part in _parts(command):
        grown = f"{current} {part}" if current else part
        room = width - len(CONTINUED) - (len(INDENT) if lines else 0)
        if current and len(grown) > room:
            lines.append(current)
            current = part
        else:
            current = grown
    lines.append(current)
    last = len(lines) - 1
    return [
        (INDENT if number else "") + line + (CONTINUED if number < last else "") for number, line in enumerate(lines)
    ]


def _parts(command: str) -> Iterator[str]:
    """Yield `command` cut before each ` --option` and ` | ` that stands outside quotes."""
    start = 0
    quote = ""
    escaped = False
    for place, character in enumerate(command):
        if escaped:
            escaped = False
        elif character == "\\" and quote != "'":
            escaped = True
        elif quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character == " " and command.startswith((" --", " | ", " && "), place) and place > start:
            yield command[start:place]
            start = place + 1
    yield command[start:]
