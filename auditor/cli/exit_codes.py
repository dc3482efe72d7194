"""The exit codes of `migaudit`; scripts rely on them."""

from enum import IntEnum


class ExitCode(IntEnum):
    """The outcome of a run of the command."""

    CLEAN = 0
    """Nothing at or above `--fail-on`."""
    FINDINGS = 1
    """Findings at or above `--fail-on`."""
    USAGE = 2
    """The command line, a rule file or a snapshot is wrong."""
    UNREADABLE = 3
    """Could not sign in, or nothing in scope was readable."""
    UNDECIDED = 4
    """Nothing fails, but something is unknown: only with `--strict` in a scan, always in a preflight."""
    INTERNAL = 5
    """A defect of migaudit."""
    PLAN_STALE = 20
    """The cleanup plan no longer matches the environment."""
    APPLY_STOPPED = 21
    """The cleanup stopped partway and can be resumed."""
    REFUSED = 22
    """The cleanup was refused."""
    INTERRUPTED = 130
    """Ctrl-C or SIGTERM."""
    BROKEN_PIPE = 141
    """The reader of the output closed the pipe."""
