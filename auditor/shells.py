"""Commands for the shell in use: a line for a POSIX shell, written for PowerShell or cmd, and cut into lines.

Commands are kept for a POSIX shell. A line of plain words, quoted or not, joined by `&&` or `|`, can be written for
another shell; anything else, such as a variable, a redirection or a substitution, is left as it is.

On Windows `az` is a batch file, whose arguments cmd reads once more after the shell: what cmd would act on stands in
double quotes for it (https://learn.microsoft.com/cli/azure/use-azure-cli-successfully-quoting). A word that no quoting
makes safe there has no form.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from shlex import quote


class CommandShell(Enum):
    """The shells that commands are written for; PowerShell on Windows passes arguments on in another way."""

    BASH = "bash"
    PWSH = "pwsh"
    WINDOWS_PWSH = "pwsh on Windows"
    CMD = "cmd"

    @property
    def prompt(self) -> str:
        """What stands before a command, so that it is seen as one."""
        return "$ " if self is CommandShell.BASH else "> "

    @property
    def continued(self) -> str:
        """The end of a line that goes on in the next one."""
        return {CommandShell.BASH: " \\", CommandShell.CMD: " ^"}.get(self, " `")


SHELLS = ("bash", "pwsh", "cmd")
"""The shells that can be named."""
READERS = (CommandShell.BASH, CommandShell.WINDOWS_PWSH)
"""The shells that a document is written for, which is sent to somebody whose shell is not known."""
SHELL_NAMES = {
    CommandShell.BASH: "Bash",
    CommandShell.PWSH: "PowerShell",
    CommandShell.WINDOWS_PWSH: "PowerShell on Windows",
    CommandShell.CMD: "cmd",
}
"""What a document calls the shells."""
_LANGUAGES = {CommandShell.BASH: "sh", CommandShell.CMD: "bat"}
_ELSEWHERE = "Bash, such as that of Azure Cloud Shell"
_SAME = re.compile(r"""(['"])[A-Za-z0-9 _./:@+*=,-]+\1|[0-9]{1,9}""")
"""A quoted word, or a number, that is the same word in Bash and in PowerShell."""

_TOKEN = re.compile(
    r"""(?P<blank>(?:\s|\\\n)+)|(?P<operator>&&|\|)(?=\s)"""
    r"""|(?P<word>(?:'[^']*'|"(?:[^"\\$`!]|\\["\\$`])*"|\\[^\n]|[\w@%+=:,./-]|<[a-z-]+>)+)"""
)
_PART = re.compile(r"""'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|([^'"\\]+)""", re.DOTALL)
_ESCAPED = re.compile(r'\\(["\\$`])')
_BARE = re.compile(
    r"--?[a-z][a-z0-9-]*|[A-Za-z][A-Za-z0-9_.-]*|/[A-Za-z0-9_./-]*|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
)
"""Words that no shell interprets."""
_PLACEHOLDER = re.compile(r"[^'\"\\<>]*<[a-z-]+>[^'\"\\]*")
"""An unquoted word with a placeholder of a text for everyone, which nobody runs as it is; a value is quoted."""
_SINGLE_QUOTES = "'\u2018\u2019\u201a\u201b"
"""PowerShell treats typographic single quotes as quotes too."""
_ACTIVE_IN_CMD = frozenset("&|<>^()")
_AND = "&&"
_INDENT = "  "


def shell_in_use(env: Mapping[str, str], system: str) -> str:
    """Return the shell that most likely runs this command: `bash`, `pwsh` or `cmd`; `system` is `os.name`.

    PowerShell sets PSModulePath for what it starts. On Windows the machine sets it for every program, with two folders;
    PowerShell adds those of the user. MSYSTEM and SHELL are of Git Bash and its like there.
    """
    modules = env.get("PSModulePath", "")
    if system != "nt":
        return "pwsh" if modules else "bash"
    if env.get("MSYSTEM") or env.get("SHELL"):
        return "bash"
    return "pwsh" if len([folder for folder in modules.split(";") if folder]) > 2 else "cmd"


def command_shell(name: str, system: str) -> CommandShell:
    """Return the shell that commands are written for, by its name and `os.name`."""
    if name == "pwsh":
        return CommandShell.WINDOWS_PWSH if system == "nt" else CommandShell.PWSH
    return CommandShell(name)


def command_for(command: str, shell: CommandShell) -> str | None:
    """Return a command that stands for a POSIX shell, for `shell`; None where it has no form there."""
    return command if shell is CommandShell.BASH else _joined(_tokens_for(command, shell), shell)


@dataclass(frozen=True, slots=True)
class WrittenCommand:
    """A command as a document has it: the text, the language of a code block, and which shell reads it.

    `shell` is empty where nothing has to be said: the command is the same for all, or is for the shell that was named.
    """

    text: str
    shell: str = ""
    language: str = "sh"


def written_commands(command: str | None, shells: Sequence[CommandShell]) -> tuple[WrittenCommand, ...]:
    """Return a command that stands for a POSIX shell as a document for readers with `shells` has it: each form once.

    Where it has no form for one of them, the form for Bash says where it runs. None has no form at all.
    """
    if not command:
        return ()
    forms = {shell: command_for(command, shell) for shell in shells}
    if CommandShell.CMD not in shells and CommandShell.BASH in shells and _reads_alike(command):
        return (WrittenCommand(command),)
    written = {shell: form for shell, form in forms.items() if form is not None}
    lacking = len(written) < len(forms)
    if lacking and CommandShell.BASH not in written:
        return (*_labelled(written), WrittenCommand(command, _ELSEWHERE))
    return tuple(_labelled(written)) if len(shells) > 1 else tuple(replace(it, shell="") for it in _labelled(written))


def _labelled(written: Mapping[CommandShell, str]) -> Iterator[WrittenCommand]:
    for shell, text in written.items():
        yield WrittenCommand(text, SHELL_NAMES[shell], _LANGUAGES.get(shell, "powershell"))


def _reads_alike(command: str) -> bool:
    """Return whether Bash and PowerShell read the same words in a command, so that it is written once."""
    if _tokens_for(command, CommandShell.WINDOWS_PWSH) is None:
        return False
    tokens = [found for found in _TOKEN.finditer(command) if not found["blank"]]
    return all(found["word"] and (_BARE.fullmatch(found["word"]) or _SAME.fullmatch(found["word"])) for found in tokens)


def command_lines(command: str, shell: CommandShell, width: int) -> list[str]:
    """Return a command for `shell` as lines of at most `width` columns, cut before options and operators.

    Words are never cut, so that a line with a long one is longer. Where the command has no form for the shell, it is
    returned for a POSIX shell, and the first line says so.
    """
    if shell is CommandShell.BASH:
        return _lines(list(_parts(command)), shell, width)
    tokens = _tokens_for(command, shell)
    if tokens is None:
        return ["# in bash, such as that of Azure Cloud Shell:", *command_lines(command, CommandShell.BASH, width)]
    return _lines(list(_chunks(tokens, shell)), shell, width)


def setting(name: str, value: str, shell: CommandShell) -> str:
    """Return the line of a script that sets a variable of the environment."""
    if shell is CommandShell.BASH:
        return f"export {name}={quote(value)}"
    if shell is CommandShell.CMD:
        return f'set "{name}={value.replace("%", "%%")}"'
    return f"$env:{name} = {powershell_word(value)}"


def powershell_word(text: str) -> str:
    """Return `text` as one literal word for PowerShell."""
    return "'" + "".join(letter * 2 if letter in _SINGLE_QUOTES else letter for letter in text) + "'"


def _tokens_for(command: str, shell: CommandShell) -> list[str] | None:
    """Return the words and operators of a command, each written for `shell`; None where one has no form."""
    written: list[str] = []
    position = 0
    while position < len(command):
        found = _TOKEN.match(command, position)
        if found is None:
            return None
        position = found.end()
        if found["operator"]:
            written.append(found["operator"])
        elif found["word"]:
            is_open = _PLACEHOLDER.fullmatch(found["word"])
            word = found["word"] if is_open else _word_for(_unquoted(found["word"]), shell)
            if word is None or (position < len(command) and _TOKEN.match(command, position) is None):
                return None
            written.append(word)
    return written


def _unquoted(word: str) -> str:
    return "".join(
        single or _ESCAPED.sub(r"\1", double) or escaped or bare
        for single, double, escaped, bare in _PART.findall(word)
    )


def _word_for(word: str, shell: CommandShell) -> str | None:
    """Return a word as `shell` reads it; None where no quoting makes it safe."""
    if _BARE.fullmatch(word):
        return word
    if not (word.isprintable() or shell is CommandShell.PWSH):
        return None
    if shell is CommandShell.PWSH:
        return powershell_word(word)
    inner = _for_batch_file(word)
    if inner is None:
        return None
    if shell is CommandShell.CMD:
        return inner if inner.startswith('"') else f'"{inner}"'
    return powershell_word(inner)


def _for_batch_file(word: str) -> str | None:
    """Return the text that becomes the argument `word` behind a batch file; None where cmd would act on a part of it.

    A text with blanks gets double quotes from whoever starts the batch file. After an odd number of double quotes cmd
    would take the words that follow for the other of quoted and not.
    """
    if "%" in word or word.endswith("\\"):
        return None
    if '"' in word:
        if _ACTIVE_IN_CMD & set(word) or word.count('"') % 2:
            return None
        return re.sub(r'(\\*)"', r'\1\1\\"', word)
    blank = " " in word
    return f'"{word}"' if not blank and (not word or _ACTIVE_IN_CMD & set(word)) else word


def _joined(tokens: list[str] | None, shell: CommandShell) -> str | None:
    return None if tokens is None else " ".join(_chunks(tokens, shell))


def _chunks(tokens: list[str], shell: CommandShell) -> Iterator[str]:
    """Yield the tokens in chunks between which a line may end: before each option and operator.

    Windows PowerShell has no `&&`: the second command runs `if ($?)` the first one succeeded.
    """
    held: list[str] = []
    open_blocks = 0
    for one in tokens:
        if one == _AND and shell is not CommandShell.CMD:
            yield " ".join(held) + ";"
            held = ["if ($?) {"]
            open_blocks += 1
            continue
        if held and (one.startswith("--") or one in {"|", _AND}):
            yield " ".join(held)
            held = []
        held.append(one)
    yield " ".join([*held, *["}"] * open_blocks])


def _parts(command: str) -> Iterator[str]:
    """Yield a command for a POSIX shell cut before each ` --option`, ` | ` and ` && ` that stands outside quotes."""
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


def _lines(parts: list[str], shell: CommandShell, width: int) -> list[str]:
    if len(whole := " ".join(parts)) <= width:
        return [whole]
    lines: list[str] = []
    current = ""
    for part in parts:
        grown = f"{current} {part}" if current else part
        room = width - len(shell.continued) - (len(_INDENT) if lines else 0)
        if current and len(grown) > room:
            lines.append(current)
            current = part
        else:
            current = grown
    lines.append(current)
    last = len(lines) - 1
    return [
        (_INDENT if number else "") + line + (shell.continued if number < last else "")
        for number, line in enumerate(lines)
    ]
