"""The configuration file `migaudit.toml`: found, checked, and turned into defaults of the options."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from auditor.cli.config.option_names import presettable
from auditor.cli.failures import UsageFailed
from auditor.files import content, why
from auditor.nearest import no_such

FILE = "migaudit.toml"
LARGEST_FILE = 256 * 1024

Commands = Mapping[tuple[str, ...], click.Command]
"""All commands without subcommands, by their words on the command line."""

_WRITES = frozenset({"output", "save-snapshot", "access-log", "save", "resume"})

META = "migaudit.configuration"
"""Key under which the root context stores the path of the file."""


def found_upwards(start: Path) -> Path | None:
    """Return the nearest `migaudit.toml` in `start` or above it, or None."""
    for folder in (start, *start.parents):
        path = folder / FILE
        if path.is_file():
            return path
    return None


def configured(path: Path, commands: Commands, *, trusted: bool) -> dict[str, Any]:
    """Return the defaults that the file at `path` sets, in click's form; raises `UsageFailed` for unknown keys.

    Keys at the top set an option of every command that has it; keys in a table `[scan]` or `[cleanup.plan]` set it for
    that command alone. A file that was found and not named on the command line (not `trusted`) may neither send tokens
    to the address of a cloud nor write files outside its folder.
    """
    return _FileReading(path, _parsed(path), commands, trusted).result()


def _parsed(path: Path) -> tuple[str, dict[str, Any]]:
    import tomllib

    try:
        held = content(path, LARGEST_FILE)
    except OSError as refused:
        raise UsageFailed(f"cannot read `{path}`: {why(refused)}") from refused
    try:
        text = held.decode("utf-8")
    except UnicodeDecodeError as broken:
        line = held.count(b"\n", 0, broken.start) + 1
        raise UsageFailed(f"{path}:{line}: the file is not UTF-8") from broken
    try:
        return text, tomllib.loads(text)
    except tomllib.TOMLDecodeError as broken:
        raise UsageFailed(f"{path}: not TOML: {broken}") from broken
    except RecursionError as broken:
        raise UsageFailed(f"{path}: not TOML: nested too deeply") from broken
    except ValueError as broken:  # an integer with more digits than Python converts
        found = _ENDLESS.search(text)
        line = text.count("\n", 0, found.start()) + 1 if found else 1
        raise UsageFailed(f"{path}:{line}: a number with too many digits") from broken


_ENDLESS = re.compile(r"[0-9][0-9_]{1000,}")
"""A number longer than any setting needs."""


class _FileReading:
    """The conversion of one file into defaults."""

    def __init__(self, path: Path, parsed: tuple[str, dict[str, Any]], commands: Commands, trusted: bool) -> None:
        self.path = path
        self.lines = parsed[0].splitlines()
        self.held = parsed[1]
        self.commands = commands
        self.trusted = trusted
        self.defaults: dict[str, Any] = {}

    def result(self) -> dict[str, Any]:
        sections = {words[0] for words in self.commands}
        for key, value in self.held.items():
            if key not in sections or not isinstance(value, dict):
                self._everywhere(key, value)
        for key, value in self.held.items():
            if key in sections and isinstance(value, dict):
                self._section((key,), value)
        return self.defaults

    def _everywhere(self, key: str, value: Any) -> None:
        having = [(words, dict(presettable(command))) for words, command in self.commands.items()]
        if not any(key in options for _, options in having):
            if any(words[0] == key for words in self.commands):
                raise self._bad(key, f"`{key}` is a command: write its options below `[{key}]`")
            known = {*(name for _, options in having for name in options), *(words[0] for words in self.commands)}
            raise self._bad(key, no_such("option or command", key, known))
        accepted = [words for words, options in having if key in options and self._takes(options[key], key, value)]
        if not accepted:
            options = next(options for _, options in having if key in options)
            self._value(options[key], key, value)
        for words in accepted:
            self._set(words, dict(presettable(self.commands[words]))[key], key, value)

    def _takes(self, option: click.Option, key: str, value: Any) -> bool:
        """Return whether an option accepts the value: `format = "html"` at the top is for the commands that have it."""
        try:
            self._value(option, key, value)
        except UsageFailed:
            return False
        return True

    def _section(self, words: tuple[str, ...], table: dict[str, Any]) -> None:
        command = self.commands.get(words)
        below = {name[len(words)] for name in self.commands if name[: len(words)] == words and len(name) > len(words)}
        options = dict(presettable(command)) if command else {}
        for key, value in table.items():
            if key in below and isinstance(value, dict):
                self._section((*words, key), value)
            elif key in options:
                self._set(words, options[key], key, value)
            else:
                raise self._bad(key, no_such(f"option of `{' '.join(words)}`", key, {*options, *below}), words)

    def _set(self, words: tuple[str, ...], option: click.Option, key: str, value: Any) -> None:
        at = self.defaults
        for word in words:
            at = at.setdefault(word, {})
        at[option.name or key] = self._value(option, key, value, words)

    def _value(self, option: click.Option, key: str, value: Any, words: tuple[str, ...] = ()) -> Any:
        """Return the value in the option's form; paths are relative to the file."""
        several = isinstance(value, list)
        if isinstance(value, dict) or (several and not option.multiple):
            raise self._bad(key, f"`{key}` takes one value", words)
        if option.is_flag and not isinstance(value, bool):
            raise self._bad(key, f"`{key}` is true or false", words)
        if isinstance(value, bool) and not option.is_flag:
            raise self._bad(key, f"`{key}` is not true or false", words)
        items = [self._item(option, key, item, words) for item in (value if several else [value])]
        return items if option.multiple else items[0]

    def _item(self, option: click.Option, key: str, item: Any, words: tuple[str, ...]) -> Any:
        if option.is_flag:
            return item
        if isinstance(item, dict | list | bool):
            raise self._bad(key, f"`{key}` must be text", words)
        if isinstance(item, int | float) and not -(2**63) <= item < 2**63:  # this excludes infinity and NaN too
            raise self._bad(key, f"`{key}` cannot be a number of this size", words)
        if "\0" in str(item):
            raise self._bad(key, f"`{key}` contains a character that no value can have (NUL)", words)
        text = str(self.path.parent / item) if isinstance(option.type, click.Path) else str(item)
        if not self.trusted:
            self._refuse_danger(key, text, words)
        try:
            option.type.convert(text, option, None)
        except click.BadParameter as bad:
            raise self._bad(key, f"`{key}`: {bad.message}", words) from bad
        return text

    def _refuse_danger(self, key: str, text: str, words: tuple[str, ...]) -> None:
        if key == "cloud" and "://" in text:
            raise self._bad(key, "the address of a cloud is accepted only in a file named with `--config`", words)
        if key == "scheduler":  # whoever answers there runs code here, and is told what is read
            raise self._bad(key, "a scheduler is accepted only in a file named with `--config`", words)
        written = text if key in _WRITES else text.partition("=")[2] if key == "format" else ""
        if written and not (self.path.parent / written).resolve().is_relative_to(self.path.parent.resolve()):
            raise self._bad(
                key, f"`{written}` is outside this folder: name the configuration file with `--config`", words
            )

    def _bad(self, key: str, reason: str, words: tuple[str, ...] = ()) -> UsageFailed:
        return UsageFailed(f"{self.path}:{self._line(key, words)}: {reason}")

    def _line(self, key: str, words: tuple[str, ...]) -> int:
        """Return the line of a key: below the header of its table, or the header itself."""
        lines = list(enumerate(self.lines, start=1))
        table = r"\s*\.\s*".join(map(re.escape, words))
        header = re.compile(rf"\s*\[\s*{table}\s*\]") if words else None
        start = next((number for number, line in lines if header and header.match(line)), 0)
        wanted = re.compile(rf"\s*(\[\s*)?(\S+\.)?[\"']?{re.escape(key)}[\"']?\s*[=.\]]")
        return next((number for number, line in lines[start:] if wanted.match(line)), start or 1)


def configurable(context: click.Context) -> Commands:
    """Return every command whose options a file can set, by its words."""
    root = context.find_root()
    assert isinstance(root.command, click.Group)  # noqa: S101 - the root of the command line
    every = dict(_walk(root.command, root, ()))
    return {words: command for words, command in every.items() if words[0] not in {"config", "completion"}}


def _walk(
    group: click.Group, context: click.Context, words: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from _walk(command, context, (*words, name))
        elif command is not None:
            yield (*words, name), command
