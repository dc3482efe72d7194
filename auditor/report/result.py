"""What renderers show: the result of a scan or a preflight, and the fingerprint of a finding."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from auditor.audit.compare.baseline import Baseline
from auditor.audit.findings import Coverage, Finding, Severity, Verdict
from auditor.audit.rules.texts import RuleText
from auditor.audit.suppressions import Applied
from auditor.facts.landscape import NOTHING, Landscape


def fingerprint(finding: Finding) -> str:
    """Return a digest of the rule and its subject, so that tools recognise a finding whatever its verdict or message.

    Letter case does not count, for Azure ignores it in ids.
    """
    parts = (finding.rule, finding.subject.kind, finding.subject.id.lower())
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanResult:
    """Everything a renderer shows."""

    tool: str
    tenant_id: str
    tenant_name: str
    """What the tenant calls itself, or its id."""
    cloud: str
    evaluated_at: datetime
    read_by: str
    """Whoever's rights were used to read: a name, or an object id."""
    subscriptions: tuple[str, ...]
    """Ids of the subscriptions in scope."""
    titles: Mapping[str, str]
    """What people call the subscriptions, by id in lower case."""
    findings: tuple[Finding, ...]
    coverage: Coverage
    rules: tuple[RuleText, ...] = ()
    """The rules that were evaluated, for formats that carry them."""
    landscape: Landscape = NOTHING
    """What there is and what uses what, for formats that draw it."""
    suppressions: tuple[Applied, ...] = ()
    """The entries of a suppression file, and what each came to."""
    narrowed_to: tuple[str, ...] = ()
    """The options that kept the scan to a part of what was read, such as `--project exit`."""
    baseline: Baseline | None = None
    """What was left out because it was known before."""

    def with_verdict(self, verdict: Verdict) -> tuple[Finding, ...]:
        """Return the findings of one verdict, in the order of a report."""
        return tuple(finding for finding in self.findings if finding.verdict is verdict)

    def fails_at(self, least: Severity) -> bool:
        """Say whether a finding fails, unsuppressed, that is at least as severe as `least`."""
        failing = (finding for finding in self.with_verdict(Verdict.FAIL) if finding.suppressed is None)
        return any(finding.severity.at_least(least) for finding in failing)

    def shown(self, *, all_verdicts: bool) -> tuple[Finding, ...]:
        """Return the findings that a report lists, in its order: what fails and what is unknown, or all of them."""
        wanted = frozenset(Verdict) if all_verdicts else frozenset({Verdict.FAIL, Verdict.UNKNOWN})
        listed = (finding for finding in self.findings if finding.verdict in wanted)
        return tuple(sorted(listed, key=lambda finding: finding.order))

    @property
    def counts(self) -> Mapping[Verdict, int]:
        """How many findings there are of each verdict."""
        counted = Counter(finding.verdict for finding in self.findings)
        return {verdict: counted[verdict] for verdict in Verdict}

    @property
    def moment(self) -> str:
        """The time of the evaluation as machines write it."""
        return f"{self.evaluated_at:%Y-%m-%dT%H:%M:%SZ}"


def accepted_words(result: ScanResult) -> tuple[str, ...]:
    """Return a sentence each for the baseline and the suppressed problems; nothing where there are none."""
    told: list[str] = []
    if result.baseline is not None:
        held = result.baseline
        told.append(
            f"Only what is new since {held.at:%Y-%m-%d %H:%M} UTC; left out are {held.known:,} problems known then "
            f"and {held.unknown:,} verdicts unknown then too."
        )
    suppressed = sum(finding.suppressed is not None for finding in result.with_verdict(Verdict.FAIL))
    if suppressed:
        are, them = ("is", "it") if suppressed == 1 else ("are", "them")
        told.append(f"{suppressed:,} of the problems {are} suppressed: somebody answers for {them}.")
    return tuple(told)
