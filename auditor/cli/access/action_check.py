"""A word about an action on the command line that no provider could have, or that was probably misspelt."""

from auditor.access.access import Access
from auditor.access.operations import is_operation, known_operations, probable_slip
from auditor.cli.terminal import Terminal
from auditor.facts.rights.steps import steps


def warn_about(action: str, access: Access, terminal: Terminal) -> None:
    """Tell on stderr that `action` is no operation, or resembles a known one; the answer stands for it as given."""
    needed = [one for step in steps().values() for need in step.needs for one in need.one_of]
    slip = probable_slip(action, known_operations(access.roles, needed))
    meant = f"; did you mean `{slip}`?" if slip else ""
    if not is_operation(action):
        form = "one reads `Provider.Name/type/…` and ends in read, write, delete or action"
        terminal.note(f"`{action}` is no action that a resource provider could have: {form}{meant}")
    elif slip:
        terminal.note(f"no role that was read names the action `{action}`{meant}")
