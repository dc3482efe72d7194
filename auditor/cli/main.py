"""The `migaudit` command: imports the module of the subcommand, runs it, and returns the exit code."""

import atexit
import gc
import os
import sys
import warnings
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from auditor import __version__
from auditor.cli.config.option_names import add_variables
from auditor.cli.every_command import refuse_empty_texts, write_own_help
from auditor.cli.exit_codes import ExitCode
from auditor.cli.failures import describe, is_unwritable, trail
from auditor.cli.interrupts import record_interrupts
from auditor.cli.terminal import Terminal, add_output_options, ensure_streams, to_stderr

COMMANDS = {
    "scan": (
        "auditor.cli.scan.command:scan",
        "Read the environment, evaluate the rule book, show findings and coverage.",
    ),
    "preflight": (
        "auditor.cli.preflight.command:preflight",
        "Say whether registering an appliance will work, step by step.",
    ),
    "readiness": (
        "auditor.cli.readiness.command:readiness",
        "Say how many assessed machines can move, and what keeps the others.",
    ),
    "can": ("auditor.cli.access.can:can", "Say whether an account can do an action at a scope, and why."),
    "who-can": ("auditor.cli.access.who_can:who_can", "Name everyone who can do an action at a scope."),
    "cleanup": (
        "auditor.cli.cleanup.command:cleanup",
        "Plan the removal of what deleted projects left behind, carry it out, undo it.",
    ),
    "explain": ("auditor.cli.rules.explain:explain", "Say what an error id or a rule means and how to fix it."),
    "why": ("auditor.cli.why.command:why", "Say whether the cause of a pasted error holds in your environment."),
    "har": ("auditor.cli.har.command:har", "Show what failed in a capture of the portal's traffic (HAR)."),
    "fleet": ("auditor.cli.fleet.command:fleet", "Scan many tenants, on this machine or a Dask cluster."),
    "rules": ("auditor.cli.rules.command:rules", "List the rule book, check rule files, or test them."),
    "snapshot": ("auditor.cli.snapshot.command:snapshot", "Show, compare, redact, convert or export a saved snapshot."),
    "diff": ("auditor.cli.snapshot.diff:diff", "Show what changed between two snapshots or results."),
    "permissions": ("auditor.cli.permissions:permissions", "Print the least rights that migaudit itself needs."),
    "config": ("auditor.cli.config.command:config", "Show where the values of options come from."),
    "completion": ("auditor.cli.completion:completion", "Print the script that completes commands in a shell."),
    "emulate": ("auditor.cli.emulate:emulate", "Serve a snapshot as Azure on loopback."),
}
"""Every subcommand: its module and its line in `migaudit --help`, so that the help imports none of them."""


class LazyGroup(click.Group):
    """A group that imports a subcommand's module only when that subcommand runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names of the subcommands, in the order in which they are usually used."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Return the subcommand `cmd_name` with the options that every command has."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        command.short_help = COMMANDS[cmd_name][1]
        add_output_options(command)
        add_variables(command, (cmd_name,))
        refuse_empty_texts(command)
        write_own_help(command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the subcommand that `args` begin with; the error for an unknown one suggests the nearest."""
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            from auditor.nearest import no_such

            raise click.UsageError(no_such("command", args[0], COMMANDS), ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """Write one line per subcommand."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


def _show_version(context: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        click.echo(f"migaudit {__version__}")
        context.exit()


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Begin with `migaudit scan --demo`: it needs no Azure. Exit codes: 0 fine, 1 findings, 2 usage, "
    "3 nothing readable, 4 undecided with --strict, 5 internal error.",
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version, help="Show the version."
)
@click.option(
    "--config",
    envvar="MIGAUDIT_CONFIG",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The configuration file (default: the nearest migaudit.toml, in this folder or above).",
)
@click.pass_context
def cli(context: click.Context, config: Path | None) -> None:
    """Show whether an Azure Migrate appliance can register, why it cannot, and what deleted projects left behind.

    What could not be read is shown as unknown, never as fine and never as a problem.
    """
    _configure(context, config)


def _configure(context: click.Context, named: Path | None) -> None:
    """Apply the defaults of the configuration file; without a file, nothing more is imported."""
    from auditor.cli.config.configuration import META, configurable, configured, found_upwards

    try:
        path = named or found_upwards(Path.cwd())
    except FileNotFoundError:  # the working folder was deleted
        path = None
    if path is None or context.invoked_subcommand in {"completion", None}:
        return
    context.default_map = configured(path, configurable(context), trusted=named is not None)
    context.meta[META] = path
    Terminal.of(context).detail(f"defaults from `{path}`")


add_output_options(cli)
write_own_help(cli)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `migaudit` with `arguments` (those of the process when None) and return the exit code."""
    ensure_streams()
    if arguments is None:
        _ignore_warnings()
        search_seldom_for_cycles()
    given = list(sys.argv[1:] if arguments is None else arguments)
    if "_MIGAUDIT_COMPLETE" in os.environ:
        return _complete()
    try:
        record_interrupts()
        code = _run(given)
        sys.stdout.flush()
    except BrokenPipeError:
        return _pipe_closed()
    except (KeyboardInterrupt, click.Abort):
        to_stderr("interrupted")
        return ExitCode.INTERRUPTED
    except Exception as failure:  # noqa: BLE001  the top of the program turns any exception into a message
        return _failed(failure, verbose="--verbose" in given or "-v" in given)
    return code


def _ignore_warnings() -> None:
    """Ignore warnings if `PYTHONWARNINGS=error` would turn them into exceptions: the SDKs warn while they are imported.

    Warnings are for developers; the user is told everything necessary in notes. Other filters stay as they are.
    """
    if any(action == "error" for action, *_ in warnings.filters):
        warnings.simplefilter("ignore")


def search_seldom_for_cycles() -> None:
    """Let the interpreter search for reference cycles only after many new objects, and not when it ends.

    Nearly everything that a command makes is kept to its end or freed by its reference count, so the default thresholds
    take a tenth of the processor time of a scan and find next to nothing.
    """
    gc.set_threshold(50_000, 20, 50)
    atexit.register(gc.freeze)


def _run(given: list[str]) -> int:
    """Run the command line; click's own main would exit with 1 on a broken pipe, which here means findings."""
    try:
        with cli.make_context("migaudit", given) as context:
            result: Any = cli.invoke(context)
            return int(result or 0)
    except click.exceptions.NoArgsIsHelpError as no_command:
        to_stderr(no_command.format_message())
        return ExitCode.USAGE
    except click.exceptions.Exit as ended:
        return ended.exit_code


def _failed(failure: Exception, verbose: bool) -> int:
    if is_unwritable(failure) or is_unwritable(failure.__cause__) or isinstance(failure.__cause__, BrokenPipeError):
        _discard_stdout()
    code, text = describe(failure)
    if verbose and code is ExitCode.INTERNAL:
        to_stderr(trail(failure))
    to_stderr(f"error: {text}")
    return code


def _pipe_closed() -> int:
    _discard_stdout()
    return ExitCode.BROKEN_PIPE


def _discard_stdout() -> None:
    """Redirect stdout to the null device, so that the interpreter's last flush does not fail again."""
    with suppress(OSError):  # a stream that was closed from the start has no file descriptor
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _complete() -> int:
    from click.shell_completion import shell_complete

    from auditor.cli.completion import add_shells

    add_shells()
    return shell_complete(cli, {}, "migaudit", "_MIGAUDIT_COMPLETE", os.environ["_MIGAUDIT_COMPLETE"])


__all__ = ["COMMANDS", "Terminal", "cli", "main"]

if __name__ == "__main__":
    sys.exit(main())
