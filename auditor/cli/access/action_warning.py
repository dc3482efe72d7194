"""The warning about an action that cannot exist, resembles a known one, or could not be checked."""

from auditor.access.access import Access
from auditor.access.operations import probable_slip
from auditor.access.rbac.patterns import normalized
from auditor.access.verdicts import Plane
from auditor.cli.terminal import Terminal
from auditor.inventory.operations import is_published
from auditor.library.caveats import no_operation, operations_known


def warn_about_action(action: str, plane: Plane, access: Access, terminal: Terminal) -> None:
    """Warn on stderr if `action` cannot exist, resembles a known one, or could not be checked."""
    known = operations_known(access)
    slip = probable_slip(action, known)
    meant = f"; did you mean `{slip}`?" if slip else ""
    gap = no_operation(action, plane, known)
    if gap is not None:
        terminal.note(gap.message if "?" in gap.message else f"{gap.message}{meant}")
    elif is_published(action, data=plane is Plane.DATA) is None and normalized(action) not in known:
        provider = action.partition("/")[0]
        unlisted = (
            f"whether Azure has the action `{action}` was not checked: no complete list of `{provider}` is at hand"
        )
        terminal.note(f"{unlisted}{meant}")
