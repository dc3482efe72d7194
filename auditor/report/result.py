"""The result of a scan, as renderers show it.

Also two things that several renderers derive from them: a finding's fingerprint, and the sentences on findings that are
suppressed, known, or said together.
"""

from collections import Counter
from collections.abc import Mapping, Set
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING

from auditor.audit.environment_report import FindingsReport
from auditor.audit.findings import Finding, Verdict, account_in
from auditor.facts.landscape import NOTHING, Landscape
from auditor.report.counted import counted

if TYPE_CHECKING:
    from auditor.audit.compare.comparison import Baseline
    from auditor.audit.left_behind import LeftBehind
    from auditor.audit.readiness.report import ReadinessReport
    from auditor.audit.suppressions import Applied

_OPEN = frozenset({Verdict.FAIL, Verdict.UNKNOWN})
"""The verdicts that need attention."""


@dataclass(frozen=True, kw_only=True)
class ScanResult(FindingsReport):
    """Everything that a renderer of a scan shows."""

    landscape: Landscape = NOTHING
    """The resources and their connections, for formats that draw them."""
    suppressions: "tuple[Applied, ...]" = ()
    """The entries of the suppression file, each with its effect."""
    narrowed_to: tuple[str, ...] = ()
    """The options that limited the scan to a part of what was read, such as `--project exit`."""
    registration_mode: str = ""
    """How appliances will be registered, `user`, `app` or `arc`; empty if that was not given."""
    baseline: "Baseline | None" = None
    """How much was left out because it was known before."""
    unjudged: tuple[str, ...] = ()
    """What could cause the errors that were asked about and was not judged, as sentences without a capital."""
    looked_at: str = ""
    """What was looked at, in place of *no problem found* and of why nothing was checked; empty for a scan."""
    source: str = ""
    """The name of the file that was read in place of a tenant, such as a capture; empty for a scan."""
    left_behind: "tuple[LeftBehind, ...] | None" = None
    """What projects left behind, or may have, for formats that list it; None where nobody looked."""
    readiness: "ReadinessReport | None" = None
    """What assessments say about machines, for formats that show it; None where no machines were read."""

    @property
    def about(self) -> str:
        """What the report is about, for its title: the tenant, or the file that was read."""
        return self.source or self.tenant_name

    def shown(self, *, all_verdicts: bool) -> tuple[Finding, ...]:
        """Return the findings that a report lists, in its order: those that fail or are unknown, or all of them."""
        wanted = frozenset(Verdict) if all_verdicts else _OPEN
        listed = (finding for finding in self.findings if finding.verdict in wanted)
        return tuple(sorted(listed, key=lambda finding: finding.order))

    def listed(self, *, all_verdicts: bool) -> tuple[Finding, ...]:
        """Return the findings that a report for people lists: those shown, without those that say one thing together.

        These are in `unlisted_words`.
        """
        return tuple(finding for finding in self.shown(all_verdicts=all_verdicts) if not finding.is_only_unlisted)

    @cached_property
    def unlisted_words(self) -> str:
        """What is unknown where only what Resource Graph shows was read, as a sentence; empty if it was nowhere."""
        held = [finding for finding in self.findings if finding.is_only_unlisted]
        if not held:
            return ""
        count = max(kind.count for kind in held[0].unread)
        what = "1 of the unknown verdicts is" if len(held) == 1 else f"{len(held):,} of the unknown verdicts are"
        where = "1 subscription" if count == 1 else f"{count:,} subscriptions"
        return (
            f"{what} about what may be unseen in {where} of which only Resource Graph was read. It shows nothing of "
            "Azure Migrate there: either nothing is there, or this account may not read it, for which Resource Graph "
            "gives no error. Accounts with a role only there, such as guests who have not accepted their invitation, "
            "are unseen too. To decide, read every list: of all subscriptions with `--source arm`, or of one by naming "
            "it with `--subscription`."
        )

    @cached_property
    def counts(self) -> Mapping[Verdict, int]:
        """The number of findings of each verdict."""
        counted = Counter(finding.verdict for finding in self.findings) + self.only_counted.verdicts
        return {verdict: counted[verdict] for verdict in Verdict}

    @cached_property
    def kinds(self) -> Set[str]:
        """The kinds of things that any finding is about."""
        return {finding.subject.kind for finding in self.findings} | self.only_counted.kinds

    @cached_property
    def accounts(self) -> Set[str]:
        """The object ids of the accounts that any finding is about."""
        return ({account_in(finding.subject) for finding in self.findings} | self.only_counted.accounts) - {""}

    @property
    def moment(self) -> str:
        """The time of the evaluation in ISO 8601, in UTC."""
        return f"{self.evaluated_at:%Y-%m-%dT%H:%M:%SZ}"


def fingerprint(finding: Finding) -> str:
    """Return a digest of the rule and its subject, by which tools recognise a finding whatever its verdict or message.

    Letter case is ignored, as Azure does in ids.
    """
    parts = (finding.rule, finding.subject.kind, finding.subject.id.lower())
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def accepted_words(result: ScanResult) -> tuple[str, ...]:
    """Return a sentence each on what only Resource Graph showed, what is left out, and what is suppressed, if any."""
    sentences: list[str] = [result.unlisted_words] if result.unlisted_words else []
    if result.baseline is not None:
        held = result.baseline
        known = f"{counted(held.known - held.notes, 'problem')} and {counted(held.notes, 'note')} known then"
        unknown = f"{counted(held.unknown, 'verdict')} unknown then"
        sentences.append(f"Only what is new since {held.at:%Y-%m-%d %H:%M} UTC; {known} and {unknown} are left out.")
    if result.less_severe is not None and result.less_severe.words:
        less = result.less_severe
        sentences.append(f"Only what is at least of severity {less.least.value}; {less.words} are left out.")
    suppressed = sum(finding.suppressed is not None for finding in result.with_verdict(Verdict.FAIL))
    if suppressed:
        are, them = ("is", "it") if suppressed == 1 else ("are", "them")
        sentences.append(f"{suppressed:,} of the findings {are} suppressed: somebody answers for {them}.")
    return tuple(sentences)
