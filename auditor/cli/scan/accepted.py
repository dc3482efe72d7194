"""Findings that are accepted: those in a suppression file, and those that a baseline already contains."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from auditor.cli.failures import UsageFailed
from auditor.report.counted import counted

if TYPE_CHECKING:
    from auditor.audit.compare.verdict_set import VerdictSet
    from auditor.audit.suppressions import Suppression
    from auditor.cli.scan.options import ScanOptions
    from auditor.report.result import ScanResult


@dataclass(frozen=True, slots=True)
class Accepted:
    """The contents of `--suppress` and `--baseline`, read before anything else."""

    suppressions: tuple["Suppression", ...] = ()
    baseline: "VerdictSet | None" = None

    @classmethod
    def read(cls, asked: "ScanOptions") -> "Accepted":
        """Read the two files; raises `BadRule` (file, line, column), `BadSnapshot` and `UsageFailed`."""
        if asked.suppress is None and asked.baseline is None:
            return cls()
        from auditor.audit.suppression_file import load_suppressions
        from auditor.cli.environment.saved_verdicts import saved_verdict_set
        from auditor.cli.rules.choice import chosen_rules

        rules = chosen_rules(asked.rules)
        accounts = asked.account
        if asked.demo:
            from auditor.cli.environment.demo import CAST

            accounts = asked.about(CAST).account
        return cls(
            load_suppressions(asked.suppress, (rule.id for rule in rules)) if asked.suppress else (),
            saved_verdict_set(asked.baseline, rules, accounts) if asked.baseline else None,
        )

    def applied(self, result: "ScanResult") -> "ScanResult":
        """Return the result with the suppressed findings marked, and without those that the baseline contains."""
        from auditor.audit.suppressions import suppress

        evaluated = tuple(rule.id for rule in result.rules)
        findings, entries = suppress(result.findings, self.suppressions, result.evaluated_at, evaluated)
        result = replace(result, findings=findings, suppressions=entries)
        return result if self.baseline is None else _since(self.baseline, result, evaluated)


def _since(known: "VerdictSet", result: "ScanResult", evaluated: tuple[str, ...]) -> "ScanResult":
    from auditor.audit.compare.comparison import OtherTenant, since
    from auditor.audit.compare.verdict_set import VerdictSet

    now = VerdictSet.of(
        result.findings,
        result.coverage.gaps,
        tenant_id=result.tenant_id,
        at=result.evaluated_at,
        subscriptions=result.subscriptions,
        rules=evaluated,
        narrowed_to=result.narrowed_to,
        registration_mode=result.registration_mode,
    )
    try:
        findings, baseline = since(known, now, result.findings)
    except OtherTenant as other:
        raise UsageFailed(
            f"`--baseline` is of tenant `{known.tenant_id}`, this scan of `{now.tenant_id}`: they cannot be compared"
        ) from other
    return replace(result, findings=findings, baseline=baseline)


def remarks(result: "ScanResult") -> Iterator[str]:
    """Yield notes on the result: how much the baseline left out, and which entries no longer suppress anything."""
    from auditor.audit.suppressions import Effect

    if result.baseline is not None:
        held = result.baseline
        known = f"{counted(held.known - held.notes, 'problem')} and {counted(held.notes, 'note')} known then"
        left_out = f"{known}, {counted(held.unknown, 'verdict')} unknown then"
        yield f"compared with the baseline of {held.at:%Y-%m-%d %H:%M} UTC; left out: {left_out}"
    for one in result.suppressions:
        entry = one.suppression
        what = f"{entry.place}: `{entry.rule}` for `{entry.subject}` ({entry.owner})"
        if one.effect is Effect.EXPIRED:
            yield f"{what} expired on {entry.expires}; it no longer suppresses {counted(one.count, 'finding')}"
        elif one.effect is Effect.UNMATCHED:
            yield f"{what} matches no failing finding; remove it"
        elif one.effect is Effect.UNDECIDED:
            yield f"{what} matches only unknown findings, which cannot be suppressed"
