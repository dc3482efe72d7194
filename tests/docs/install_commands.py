"""The commands in a text that take a package, an image or an extension from somewhere, and what they take."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_COMMANDS = (
    r"(?P<pip>\S*python[\d.]*\"?(?: -I)? -m pip|\S*pip3?) (?:install|download|wheel)",
    r"(?P<of_python>pipx|uv tool|uv pip) (?:install|run|inject|upgrade|reinstall)",
    r"(?P<uv>uv) (?:add|run)",
    r"(?P<runner>uvx|npx|pnpx|bunx)",
    r"(?P<others>npm|yarn|gem|cargo|brew|choco|winget|az extension|go) (?:install|add|i)",
    r"(?P<images>docker|podman|nerdctl) (?:run|pull)",
)
COMMAND = re.compile(rf"(?<![\w/.-])(?:{'|'.join(_COMMANDS)})(?![\w-])(?P<rest>[^`\n]*)")
_OWN_INDEX = frozenset({"--index", "--default-index", "--index-url"})
_OF_PYTHON = frozenset({"-r", "--only-binary", "--python", "--dest"})
_OF_IMAGES = frozenset(
    {"--cap-drop", "--env", "--mount", "--security-opt", "--tmpfs", "--user", "--volume", "-e", "-v"}
)
_TAKES_A_VALUE = _OWN_INDEX | _OF_PYTHON | _OF_IMAGES
_RUNS_ONE = ("uvx", "npx", "pnpx", "bunx", "pipx run", "uv tool run", "uv run", "docker run", "podman run")
_PLACES = (".", "./", "dist/", "git+$", '"git+$', "$WHEEL", "localhost/", "~/")


@dataclass(frozen=True)
class Taken:
    """What a command takes: the tool, the names, and those of them that a stranger could register."""

    tool: str
    names: tuple[str, ...]
    foreign: tuple[str, ...]


def taken(text: str) -> Iterator[Taken]:
    """Yield what each command in a text takes."""
    for found in COMMAND.finditer(text.replace("\\\n", " ")):
        (tool,) = (value for name, value in found.groupdict().items() if value and name != "rest")
        words = re.split(r"\s#\s|\s\||\s&&|;", found["rest"])[0].split()
        names = tuple(_names(words))
        if found[0].startswith(_RUNS_ONE):
            names = names[:1]
        own = _OWN_INDEX & {word.partition("=")[0] for word in words}
        yield Taken(
            re.sub("[`'\"]", "", tool), names, () if own else tuple(name for name in names if not _is_a_place(name))
        )


def _names(words: list[str]) -> Iterator[str]:
    if "--from" in words:
        yield from words[words.index("--from") + 1 :][:1]
        return
    for before, word in zip(["", *words], words, strict=False):
        if not word.startswith("-") and before not in _TAKES_A_VALUE:
            yield word


def _is_a_place(name: str) -> bool:
    """Return whether this is a file, this clone, the address in a variable, or an image that was made here."""
    bare = name.strip("'\".,:)")
    return not bare or name.strip("'").startswith(_PLACES) or bare.endswith(".whl")
