"""Reports of readiness for the tests of the formats: a wave as people have it, and one of hostile names."""

from typing import Any

from auditor.audit.catalogue import catalogue
from auditor.audit.findings import Coverage
from auditor.audit.readiness.remedies import entry_or_cause
from auditor.audit.readiness.report import MachineRow, ReadinessReport, remedies_of
from auditor.facts.readiness.machines import machine_rows
from auditor.facts.readiness.readiness import Assessed
from auditor.inventory.lists import GROUP_ASSESSED_MACHINES
from auditor.inventory.reads import Gap
from tests.facts.readiness.waves import (
    GROUP,
    HYPERV,
    VMWARE,
    WAVE,
    assessed,
    group,
    machine,
    newer,
    newer_machine,
    site_machine,
    wave,
)
from tests.facts.small import NOW, PROJECT

SECOND, UNREAD = f"{GROUP}/assessments/second", f"{GROUP}/assessments/unread"
CORES = "PercentageOfCoresUtilizedMissing"


def a_wave() -> Assessed:
    """Return three assessments: one calculated, one being calculated, one whose machines were refused."""
    linux = {"suitabilityExplanation": "CheckUbuntuLinuxVersion"}
    debian = {"suitabilityExplanation": "CheckDebianLinuxVersion"}
    boot = {"suitabilityExplanation": "BootTypeNotSupported", "operatingSystemName": "Windows Server 2008 R2"}
    issue = {
        "issueCode": "Vm.7",
        "issueCategory": "Issue",
        "issueDescription": "It is too old.",
        "recommendedActions": [],
    }
    disk = {"0": {"suitability": "NotSuitable", "suitabilityExplanation": "DiskSizeGreaterThanSupported"}}
    refused = Gap(GROUP_ASSESSED_MACHINES, UNREAD, 403, "AuthorizationFailed", "no", f"{GROUP_ASSESSED_MACHINES}/read")
    return assessed(
        group(assessments=[f"{GROUP}/avsAssessments/x"]),
        wave(numberOfMachines=9, azureOfferCode="MSAZR0003P", assessmentErrorSummary={"UnableToConnect": 2}),
        wave(SECOND, status="Running", confidenceRatingInPercentage=None, numberOfMachines=14),
        wave(UNREAD, status="OutDated", sizingCriterion="AsOnPremises"),
        newer(),
        *(machine(f"web{number}") for number in range(3)),
        machine("lx1", "ConditionallySuitable", **linux, datacenterMachineArmId=f"{HYPERV}/machines/lx1"),
        machine("lx2", "ConditionallySuitable", **debian),
        machine("old1", "NotSuitable", **boot),
        machine("db1", disks=disk),
        machine("new1", "NotSuitable", suitabilityExplanation="BrandNewReason"),
        machine("app1", suitabilityDetail=CORES),
        machine("late1", of=SECOND),
        newer_machine("nx1", "NotReady", issue),
        {
            "id": VMWARE,
            "type": "Microsoft.OffAzure/VMwareSites",
            "properties": {
                "discoverySolutionId": f"{PROJECT}/solutions/x",
                "agentDetails": {"lastHeartBeatUtc": "2026-11-23T09:55:00Z"},
            },
        },
        site_machine("app1", powerStatus="OFF", dependencyMapping="Enabled"),
        site_machine("gone", isDeleted=True, updatedTimestamp="2026-11-22T09:00:00Z", errors=[{"id": 10001}]),
        gaps=[refused],
    )


def hostile(names: tuple[str, ...]) -> Assessed:
    """Return an assessment in which every text of Azure's is one of `names`."""
    bodies: list[Any] = []
    for number, name in enumerate(names):
        body = machine(
            name,
            "NotSuitable",
            suitabilityExplanation=name,
            operatingSystemName=name,
            recommendedSize=name,
            bootType=name,
            datacenterMachineArmId=f"{VMWARE}/machines/{number}",
        )
        bodies.append({**body, "id": f"{WAVE}/assessedMachines/{number}"})
        issue = {"issueCode": name, "issueDescription": name, "possibleCause": name, "recommendedActions": [name]}
        bodies.append({**newer_machine(name, name, issue), "id": f"{newer()['id']}/assessedMachines/{number}"})
        bodies.append({**site_machine(f"{number}"), "properties": {"displayName": name, "dependencyMapping": name}})
        bodies[-1]["properties"]["errors"] = [{"code": name, "message": name}]
    site = {"id": VMWARE, "name": names[0], "type": "Microsoft.OffAzure/VMwareSites", "properties": {}}
    odd = {"azureOfferCode": names[0], "percentile": names[0], "eaSubscriptionId": names[-1], "timeRange": names[0]}
    return assessed(wave(**odd), newer(), site, *bodies)


def report_of(found: Assessed) -> ReadinessReport:
    readiness = found.readiness(entry_or_cause)
    return ReadinessReport(
        tool="migaudit 0.1",
        tenant_id="72c0a7b1-0000-4000-8000-000000000000",
        tenant_name="contoso.com",
        cloud="AzureCloud",
        evaluated_at=NOW,
        read_by="megan@contoso.com",
        subscriptions=("0d1e2c3b-0000-4000-8000-000000000001",),
        titles={},
        readiness=readiness,
        remedies=remedies_of(readiness, catalogue()),
        findings=(),
        coverage=Coverage.of((), readiness.gaps, ()),
    )


def rows_of(found: Assessed) -> list[MachineRow]:
    return list(machine_rows(found))
