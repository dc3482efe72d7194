"""Bodies of assessments, assessed machines and discovered machines, in both published shapes."""

from typing import Any

from auditor.facts.readiness.readiness import Assessed, Readiness
from auditor.inventory.inventory import Inventory
from auditor.inventory.readiness_scope import ReadinessScope
from tests.facts.small import ASSESSMENT, PROJECT, RG, Body, inventory

GROUP = f"{ASSESSMENT}/groups/wave1"
WAVE = f"{GROUP}/assessments/first"
NEWER = f"{ASSESSMENT}/assessments/newer"
VMWARE = f"{RG}/providers/Microsoft.OffAzure/VMwareSites/vmsite"
HYPERV = f"{RG}/providers/Microsoft.OffAzure/HyperVSites/hvsite"
MIGRATE = "Microsoft.Migrate/assessmentProjects"


def project(**properties: Any) -> Body:
    solution = f"{PROJECT}/solutions/Servers-Assessment-ServerAssessment"
    return {"id": ASSESSMENT, "type": MIGRATE, "properties": {"assessmentSolutionId": solution, **properties}}


def group(identity: str = GROUP, **properties: Any) -> Body:
    return {"id": identity, "type": f"{MIGRATE}/groups", "properties": {"groupStatus": "Completed", **properties}}


def wave(identity: str = WAVE, **properties: Any) -> Body:
    """Return an assessment of the shape with groups, by performance, calculated."""
    stated = {
        "status": "Completed",
        "sizingCriterion": "PerformanceBased",
        "percentile": "Percentile95",
        "timeRange": "Week",
        "scalingFactor": 1.3,
        "confidenceRatingInPercentage": 84,
        "perfDataStartTime": "2026-11-10T00:00:00Z",
    }
    return {"id": identity, "type": f"{MIGRATE}/groups/assessments", "properties": {**stated, **properties}}


def newer(identity: str = NEWER, **details: Any) -> Body:
    """Return an assessment of the shape without groups."""
    return {
        "id": identity,
        "type": f"{MIGRATE}/assessments",
        "properties": {
            "settings": {"sizingCriterion": "PerformanceBased", "scalingFactor": 1.3},
            "details": {"status": "Completed", "confidenceRatingInPercentage": 60, **details},
        },
    }


def site_machine(name: str, site: str = VMWARE, **properties: Any) -> Body:
    kind = "VMwareSites" if "VMwareSites" in site else "HyperVSites"
    return {
        "id": f"{site}/machines/{name}",
        "type": f"Microsoft.OffAzure/{kind}/machines",
        "properties": {"displayName": name, "updatedTimestamp": "2026-11-23T09:50:00Z", **properties},
    }


def machine(name: str, suitability: str | None = "Suitable", *, of: str = WAVE, **properties: Any) -> Body:
    """Return an assessed machine of the shape with groups; its name is no name of a machine, as in Azure."""
    stated = {
        "displayName": name,
        "suitability": suitability,
        "suitabilityExplanation": "NotApplicable",
        "suitabilityDetail": "NotApplicable",
        "datacenterMachineArmId": f"{VMWARE}/machines/{name}",
        "recommendedSize": "Standard_D4s_v3",
        "numberOfCoresForRecommendedSize": 4,
        "megabytesOfMemoryForRecommendedSize": 8192,
        "numberOfCores": 4,
        "megabytesOfMemory": 8192,
        "percentageCoresUtilization": 50,
        "percentageMemoryUtilization": 50,
    }
    identity = f"{of}/assessedMachines/id-{name}"
    return {
        "id": identity,
        "type": f"{MIGRATE}/groups/assessments/assessedMachines",
        "properties": {**stated, **properties},
    }


def newer_machine(name: str, readiness: str = "Ready", *issues: Body, of: str = NEWER) -> Body:
    """Return an assessed machine of the shape without groups."""
    return {
        "id": f"{of}/assessedMachines/id-{name}",
        "type": f"{MIGRATE}/assessments/assessedMachines",
        "properties": {
            "linkages": [{"linkageType": "Source", "armId": f"{VMWARE}/machines/{name}"}],
            "recommendations": [
                {
                    "configuration": {"azureTarget": "AzureVM"},
                    "migrationSuitability": {"readiness": readiness},
                    "migrationIssues": list(issues),
                }
            ],
            "extendedDetails": {"displayName": name, "disks": [], "networkAdapters": []},
        },
    }


def assessed(*bodies: Body, scope: ReadinessScope | None = None, **kept: Any) -> Assessed:
    return Assessed(estate(*bodies, **kept), scope or ReadinessScope())


def estate(*bodies: Body, **kept: Any) -> Inventory:
    return inventory(project(), group(), *bodies, **kept)


def readiness(*bodies: Body, scope: ReadinessScope | None = None, **kept: Any) -> Readiness:
    return assessed(*bodies, scope=scope, **kept).readiness()
