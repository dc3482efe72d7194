"""`migaudit completion`: the script that lets a shell complete commands and options."""

import click

from auditor.cli.exit_codes import ExitCode
from auditor.cli.terminal import to_stdout

SHELLS = ("bash", "zsh", "fish", "powershell")

_POWERSHELL = """\
Register-ArgumentCompleter -Native -CommandName migaudit -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Where-Object { $_.Extent.StartOffset -lt $cursorPosition } |
        ForEach-Object { $_.Extent.Text })
    if ($wordToComplete -eq '') { $words += '' }
    $count = $words.Count - 1
    $env:COMP_WORDS = ($words | Select-Object -First $count) -join "`n"
    $env:COMP_CWORD = $wordToComplete
    $env:_MIGAUDIT_COMPLETE = 'powershell_complete'
    try {
        migaudit | ForEach-Object {
            $kind, $value, $help = $_ -split "`t", 3
            if ($kind -eq 'plain') {
                $tip = if ($help) { $help } else { $value }
                [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $tip)
            }
        }
    }
    finally {
        Remove-Item 'Env:_MIGAUDIT_COMPLETE', 'Env:COMP_WORDS', 'Env:COMP_CWORD' -ErrorAction SilentlyContinue
    }
}
"""


_FISH = """\
function _migaudit_completion
    set -lx _MIGAUDIT_COMPLETE fish_complete
    set -lx COMP_WORDS (commandline -cp)
    set -lx COMP_CWORD (commandline -t)
    set -l answers (migaudit)
    for answer in $answers
        # Split once only: the value and its description may contain commas.
        set -l parts (string split --max 1 "," -- $answer)
        switch $parts[1]
            case dir
                __fish_complete_directories $parts[2]
            case file
                __fish_complete_path $parts[2]
            case plain
                echo $parts[2]
        end
    end
end
complete --no-files --command migaudit --arguments "(_migaudit_completion)"
"""


@click.command(epilog="Example: migaudit completion bash")
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(context: click.Context, shell: str) -> ExitCode:
    """Print the script that completes migaudit's commands and options in SHELL.

    To have completion in every session, put the line of your shell into its start-up file:

    \b
    bash        eval "$(migaudit completion bash)"
    zsh         eval "$(migaudit completion zsh)"
    fish        migaudit completion fish | source
    PowerShell  migaudit completion powershell | Out-String | Invoke-Expression
    """  # noqa: D301 - the control character keeps the lines
    from click.shell_completion import get_completion_class

    add_shells()
    found = get_completion_class(shell)
    assert found is not None  # noqa: S101 - every one of SHELLS has a class
    to_stdout([found(context.find_root().command, {}, "migaudit", "_MIGAUDIT_COMPLETE").source().rstrip("\n") + "\n"])
    return ExitCode.CLEAN


def add_shells() -> None:
    """Register PowerShell, which click does not support, and a fish class that copes with commas."""
    import os

    from click.shell_completion import CompletionItem, FishComplete, ShellComplete, add_completion_class

    class Fish(FishComplete):
        """Completion for fish 3 and 4."""

        def source(self) -> str:
            return _FISH

    class PowerShell(ShellComplete):
        """Completion for PowerShell 5.1 and 7."""

        name = "powershell"
        source_template = _POWERSHELL

        def source(self) -> str:
            return _POWERSHELL

        def get_completion_args(self) -> tuple[list[str], str]:
            words = os.environ.get("COMP_WORDS", "").split("\n")
            return [_bare(word) for word in words[1:]], _bare(os.environ.get("COMP_CWORD", ""))

        def format_completion(self, item: CompletionItem) -> str:
            meaning = (item.help or "").replace("\t", " ").replace("\n", " ")
            return f"{item.type}\t{item.value}\t{meaning}"

    add_completion_class(Fish)
    add_completion_class(PowerShell)


def _bare(word: str) -> str:
    """Return a word without the quotes that PowerShell keeps around it."""
    return word[1:-1] if len(word) > 1 and word[0] == word[-1] and word[0] in "'\"" else word
