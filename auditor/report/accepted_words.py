"""In words, for every report: what a baseline left out, and how many problems somebody answers for."""

from auditor.audit.findings import Verdict
from auditor.report.result import ScanResult


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
