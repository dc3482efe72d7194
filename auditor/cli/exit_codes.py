"""The numbers that `migaudit` ends with; scripts rely on them."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What a run of the command came to."""

    CLEAN = 0
    """Nothing at or above `--fail-on`."""
    FINDINGS = 1
    """Findings at or above `--fail-on`."""
    USAGE = 2
    """The command line, a rule file or a snapshot is wrong."""
    UNREADABLE = 3
    """Could not sign in, or nothing in scope was readable."""
    UNDECIDED = 4
    """Nothing fails, but something is unknown: in a scan with `--strict`, in every preflight."""
    INTERNAL = 5
    """A defect of migaudit."""
    PLAN_STALE = 20
    """The cleanup plan no longer fits what is there."""
    APPLY_STOPPED = 21
    """The cleanup stopped part way and can be resumed."""
    REFUSED = 22
    """The cleanup was refused."""
    INTERRUPTED = 130
    """Ctrl-C, or SIGTERM while Azure is read."""
    BROKEN_PIPE = 141
    """Whoever read the output stopped reading."""
