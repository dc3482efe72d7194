"""The report of readiness: what was counted, with the causes, the findings and the environment around it."""

from collections.abc import Iterable

from auditor.audit.catalogue import catalogue
from auditor.audit.findings import Coverage, Finding
from auditor.audit.readiness.report import ReadinessReport, remedies_of
from auditor.audit.rules.rule import Rule, rule_texts
from auditor.facts.readiness.readiness import Readiness
from auditor.inventory.inventory import Inventory
from auditor.inventory.snapshot.implied_reads import with_reads
from auditor.library.places import environment_fields


def readiness_report(
    inventory: Inventory,
    readiness: Readiness,
    findings: tuple[Finding, ...] = (),
    rules: Iterable[Rule] = (),
    docs_url: str = "",
) -> ReadinessReport:
    """Return readiness with what a renderer shows around it; `rules` are those that `findings` are of."""
    gaps = (*inventory.snapshot.gaps, *inventory.malformed)
    return ReadinessReport(
        **environment_fields(inventory),
        subscriptions=inventory.header.scope.subscriptions,
        readiness=readiness,
        remedies=remedies_of(readiness, catalogue()),
        findings=findings,
        rules=rule_texts(rules),
        docs_url=docs_url,
        coverage=Coverage.of(with_reads(inventory.snapshot).reads or (), gaps, findings),
    )
