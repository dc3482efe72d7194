"""The report of readiness: what was counted, with the causes, the findings and the environment around it."""

from auditor import __version__
from auditor.audit.catalogue import catalogue
from auditor.audit.findings import Coverage, Finding
from auditor.audit.readiness.report import ReadinessReport, remedies_of
from auditor.cli.environment.places import subscription_titles, tenant_name
from auditor.facts.readiness.readiness import Readiness
from auditor.inventory.inventory import Inventory
from auditor.inventory.snapshot.implied_reads import with_reads


def readiness_report(inventory: Inventory, readiness: Readiness, findings: tuple[Finding, ...] = ()) -> ReadinessReport:
    """Return readiness with what a renderer shows around it."""
    header = inventory.header
    gaps = (*inventory.snapshot.gaps, *inventory.malformed)
    return ReadinessReport(
        tool=f"migaudit {__version__}",
        tenant_id=header.tenant_id,
        tenant_name=tenant_name(inventory),
        cloud=header.cloud,
        evaluated_at=inventory.now,
        read_by=header.by.name or header.by.object_id,
        subscriptions=header.scope.subscriptions,
        titles=subscription_titles(inventory),
        readiness=readiness,
        remedies=remedies_of(readiness, catalogue()),
        findings=findings,
        coverage=Coverage.of(with_reads(inventory.snapshot).reads or (), gaps, findings),
    )
