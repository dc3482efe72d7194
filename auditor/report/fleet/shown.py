"""The findings of a fleet run that texts on the command line name, tenant by tenant."""

from collections.abc import Sequence

from auditor.report.fleet.result import FleetResult
from auditor.report.shown import ShownFindings, no_finding


class ShownInFleet:
    """What any of several texts names in each tenant, and what there is to say of texts that name nothing in any."""

    def __init__(self, fleet: FleetResult, texts: Sequence[str]) -> None:
        """Look for each of `texts`, without regard to letter case, in every tenant that was read."""
        self.parts = {one.name: ShownFindings(one.result, texts) for one in fleet.tenants if one.result is not None}
        """What is shown of each tenant, by its name."""
        nowhere = [set(part.lacking) for part in self.parts.values()]
        self._lacking = set.intersection(*nowhere) if nowhere else set()

    @property
    def unknown(self) -> tuple[str, ...]:
        """A sentence, without a full stop, on each text that names nothing in any tenant."""
        names = {name for part in self.parts.values() for name in part.names}
        return tuple(no_finding(text, names) for text in sorted(self._lacking))

    @property
    def has_answer(self) -> bool:
        """Whether anything of any tenant can be shown."""
        return any(part.has_answer for part in self.parts.values())
