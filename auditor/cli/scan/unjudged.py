"""Causes of the errors that a scan was asked about and that it did not judge.

A scan that is asked for an error and finds nothing would otherwise read as *this is not it*.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from auditor.audit.rules.rule import Rule
from auditor.cli.scan.options import ScanOptions
from auditor.facts.fact import Fact
from auditor.facts.schema import SubjectKind
from auditor.facts.subject import Subject, Value

_OF_ACCOUNTS = frozenset({SubjectKind.REGISTRATION, SubjectKind.ACCOUNT})
_NOBODY = (
    "no account that signs in at an appliance was judged, only the reader's own: name one with `-a WHO` (`--account`)"
)


class Unjudged:
    """The causes that were not judged, found while the subjects of the rules pass by; none unless errors were named."""

    def __init__(self, rules: Sequence[Rule], asked: ScanOptions) -> None:
        """Note what `rules` are about, and whom and what the scan was asked about."""
        kinds = {rule.subject for rule in rules} if asked.error else set()
        self._nobody = bool(kinds & _OF_ACCOUNTS) and not asked.account
        self._vaults = SubjectKind.VAULT in kinds
        self._private: list[str] = []

    def looking_at(self, subjects: Iterable[Subject]) -> Iterator[Subject]:
        """Yield the subjects, and note the key vaults that only private endpoints reach."""
        for subject in subjects:
            if self._vaults and subject.kind is SubjectKind.VAULT and _only_privately(subject.facts):
                self._private.append(subject.name)
            yield subject

    def in_words(self) -> tuple[str, ...]:
        """Return what was not judged, as sentences without a capital."""
        private = ", ".join(f"`{name}`" for name in sorted(self._private))
        vaults = (
            f"whether the appliance reaches {private} through a private endpoint is not visible: "
            "`migaudit preflight --appliance-address` decides it for an address"
        )
        return (*((_NOBODY,) if self._nobody else ()), *((vaults,) if private else ()))


def _only_privately(facts: Mapping[str, Fact[Value]]) -> bool:
    return facts["vault.reachable"].is_true and facts["vault.public_access"].is_false
