"""Who can carry out the fixes of rules that assign a role, and how these are undone, as a preflight says of its own."""

import shlex
from collections.abc import Iterable
from dataclasses import replace

from auditor.access.access import Access
from auditor.audit.findings import Finding, Fix, Reversal, Verdict
from auditor.facts.rights.granters import ADMINISTRATOR, ASSIGNS, granters

MOST_SCOPES = 200
"""Maximum number of scopes at which holders are looked for; at further ones the usual roles are named alone."""
_ASSIGNS = ["az", "role", "assignment", "create"]
_REMOVES = ("az", "role", "assignment", "delete")


class RoleFixes:
    """The fixes that assign a role, with who can do it; a scope is asked about once."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._by: dict[tuple[str, str], str] = {}

    def told(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """Return the findings with that in their fixes."""
        return tuple(self._finding(one) if one.verdict is Verdict.FAIL and one.fixes else one for one in findings)

    def _finding(self, finding: Finding) -> Finding:
        fixes = tuple(map(self._fix, finding.fixes))
        return finding if fixes == finding.fixes else replace(finding, fixes=fixes)

    def _fix(self, fix: Fix) -> Fix:
        """Return a fix with who can do it and what undoes it, if all it does is to assign a role to somebody known."""
        words = shlex.split(fix.az) if fix.az and fix.az.startswith(" ".join(_ASSIGNS)) else []
        given = dict(zip(words[4::2], words[5::2], strict=False))
        only_options = len(words) % 2 == 0 and all(name.startswith("--") for name in given)
        role, scope, whom = (given.get(name, "") for name in ("--role", "--scope", "--assignee-object-id"))
        if words[:4] != _ASSIGNS or not only_options or not (role and whom and scope.startswith("/")):
            return fix
        undo = shlex.join((*_REMOVES, "--assignee", whom, "--role", role, "--scope", scope))
        return replace(fix, by=self._granters(scope, whom), undo=Reversal("Remove the role assignment.", undo))

    def _granters(self, scope: str, whom: str) -> str:
        key = (scope.lower(), whom.lower())
        if key not in self._by:
            at = len({where for where, _ in self._by} | {key[0]})
            few = at <= MOST_SCOPES
            self._by[key] = (
                granters(self._access, ADMINISTRATOR, ASSIGNS, scope, besides=whom) if few else ADMINISTRATOR
            )
        return self._by[key]
