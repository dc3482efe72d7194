"""Groups, assessments and assessed machines of Azure Migrate, in the shape with groups and in the newer one without.

Both shapes fill the same fields. Sources: the published specifications of Microsoft.Migrate/assessmentProjects,
2019-10-01 and 2023-03-15 for groups, 2024-03-03-preview for assessments without groups.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar, TypeVar

from auditor.inventory import lists
from auditor.inventory.arm_id import ArmId, arm_id
from auditor.inventory.resources.fields import (
    BodyPart,
    Parts,
    ReadByField,
    Words,
    between,
    code,
    count,
    counts,
    flag,
    number,
    percent,
    text,
    texts,
    time,
)
from auditor.inventory.resources.offazure import Machine

T = TypeVar("T")

MACHINE_ASSESSMENT = "MachineAssessment"
"""The kind of the assessments of virtual machines, which alone are read."""

_GROUPS = "/groups/"
_VIRTUAL_MACHINE = "azurevm"
_READINESS = {
    "ready": "Suitable",
    "readywithconditions": "ConditionallySuitable",
    "notready": "NotSuitable",
}
"""The words (lower case) of the newer shape, in those of the shape with groups; all others are the same."""
_MOST_MB = 10**12
_LEAST_FACTOR, _MOST_FACTOR = 0.1, 100
"""What a comfort factor can be at most; the portal offers 1 to 1.9."""


class AssessmentGroup(ReadByField, frozen=True):
    """A group of machines, with the assessments of it.

    `assessments` are ids, also those of other kinds than virtual machines (`…/avsAssessments/…`).
    """

    types: ClassVar[tuple[str, ...]] = (lists.ASSESSMENT_GROUPS,)

    status = text("groupStatus")
    machine_count = count("machineCount")
    assessments = texts("assessments")
    is_running = flag("areAssessmentsRunning")
    kind = text("groupType")
    supported_kinds = texts("supportedAssessmentTypes")
    created = time("createdTimestamp")
    updated = time("updatedTimestamp")

    @property
    def group_key(self) -> tuple[str, str]:
        """The key that its assessments have too."""
        return (self.arm_id.parent.key, self.arm_id.name.lower())


class Assessment(ReadByField, frozen=True):
    """An assessment of virtual machines: its state, and what it was computed with.

    `status` is one of Created, Updated, Running, Completed, Invalid, OutOfSync, OutDated, Deleted and, in the newer
    shape, Failed. `confidence` is None for imported machines. `number_of_machines`, `stage` and `suitability_summary`
    are in the shape with groups only.
    """

    types: ClassVar[tuple[str, ...]] = (lists.GROUP_ASSESSMENTS, lists.ASSESSMENTS)

    status = text("status", "details.status")
    stage = text("stage")
    provisioning_state = text("provisioningState")
    confidence = percent("confidenceRatingInPercentage", "details.confidenceRatingInPercentage")
    sizing_criterion = text("sizingCriterion", "settings.sizingCriterion")
    percentile = text("percentile", "settings.performanceData.percentile")
    time_range = text("timeRange", "settings.performanceData.timeRange")
    perf_start = time("perfDataStartTime", "settings.performanceData.perfDataStartTime")
    perf_end = time("perfDataEndTime", "settings.performanceData.perfDataEndTime")
    offer = text("azureOfferCode", "settings.savingsSettings.azureOfferCode")
    savings = text("reservedInstance", "settings.savingsSettings.savingsOptions")
    ea_subscription = text("eaSubscriptionId", "settings.billingSettings.subscriptionId")
    scaling_factor = between(_LEAST_FACTOR, _MOST_FACTOR, "scalingFactor", "settings.scalingFactor")
    target_location = text("azureLocation", "settings.azureLocation")
    currency = text("currency", "settings.currency")
    disk_types = texts("azureDiskTypes", "settings.azureDiskTypes")
    vm_families = texts("azureVmFamilies", "settings.azureVmFamilies")
    number_of_machines = count("numberOfMachines")
    suitability_summary = counts("suitabilitySummary")
    support_summary = counts("distributionBySupportStatus")
    error_summary = counts("assessmentErrorSummary")
    stated_kind = text("assessmentType")
    group_kind = text("groupType")
    scope_kind = text("scope.scopeType")
    scope_group = text("scope.serverGroupId")
    scope_query = text("scope.azureResourceGraphQuery")
    prices_from = time("pricesTimestamp", "details.pricesTimestamp")
    created = time("createdTimestamp", "details.createdTimestamp")
    updated = time("updatedTimestamp", "details.updatedTimestamp")

    @property
    def kind(self) -> str:
        """The kind of assessment; the lists that are read hold assessments of virtual machines."""
        return self.stated_kind or MACHINE_ASSESSMENT

    @property
    def is_newer(self) -> bool:
        """Whether it has the newer shape, without a group in its id."""
        return _GROUPS not in self.arm_id.key

    @property
    def project(self) -> ArmId:
        """The id of its assessment project."""
        return self.arm_id.parent if self.is_newer else self.arm_id.parent.parent

    @property
    def group(self) -> str:
        """The name of the group that it assesses; empty where it assesses the result of a query."""
        if not self.is_newer:
            return self.arm_id.parent.name
        named = self.scope_group or ""
        return named.rstrip("/").rpartition("/")[2]

    @property
    def group_key(self) -> tuple[str, str]:
        """The key of what it assesses: its project and group, or itself where it assesses the result of a query."""
        return (self.project.key, self.group.lower() or self.arm_id.key)

    @property
    def key(self) -> tuple[str, str, str]:
        """The key of the assessment itself: project, group and name without case.

        Two records with one key are the same assessment, which both shapes list.
        """
        return (self.project.key, self.group.lower(), self.arm_id.name.lower())


class AssessedPart(BodyPart):
    """A disk or a network adapter of an assessed machine, with Azure's words on what is wrong with it.

    In the newer shape it has no suitability of its own: that stands beside the recommended size that it is part of, see
    `AssessedMachine.parts`.
    """

    only_kept = frozenset({"name", "display_name", "recommended_size", "recommended_type", "gigabytes"})

    name = text("name")
    display_name = text("displayName")
    suitability = text("suitability")
    causes = Words("suitabilityExplanation", "suitabilityDetail")
    recommended_size = text("recommendedDiskSize")
    recommended_type = text("recommendedDiskType")
    gigabytes = number("gigabytesProvisioned")


class MigrationIssue(BodyPart):
    """An issue that the newer shape states in words; `category` is Issue, Warning or Internal."""

    code = code("issueCode")
    category = text("issueCategory")
    description = text("issueDescription")
    cause = text("possibleCause")
    actions = texts("recommendedActions")


class SkuSource(BodyPart):
    """A part of the machine that a recommended size was chosen for, and whether it fits."""

    only_kept = frozenset({"name"})

    name = text("name")
    readiness = text("migrationSuitability.readiness")


class RecommendedSku(BodyPart):
    """A size that the newer shape recommends; `kind` is Compute, Storage, Network or of another platform."""

    kind = text("details.skuType")
    size = text("details.skuName")
    readiness = text("migrationSuitability.readiness")
    sources = Parts(SkuSource, "sources")


class Recommendation(BodyPart):
    """What the newer shape says of one target in Azure."""

    target = text("configuration.azureTarget")
    readiness = text("migrationSuitability.readiness")
    confidence = percent("confidenceScore")
    issues = Parts(MigrationIssue, "migrationIssues")
    skus = Parts(RecommendedSku, "skus")


class Linkage(BodyPart):
    """Another resource that the newer shape links a machine to; `kind` is Parent or Source."""

    only_kept = frozenset({"kind"})

    kind = text("linkageType")
    arm_id = text("armId")


class PartKind(Enum):
    """The part of a machine that something is said about."""

    MACHINE = "machine"
    DISK = "disk"
    ADAPTER = "network adapter"


@dataclass(frozen=True, slots=True)
class PartStatement:
    """What Azure says of one part of a machine: its word on whether the part can move, and its reasons.

    The word is in those of the shape with groups, and empty where Azure owes one; None says nothing of the part.
    """

    kind: PartKind
    word: str | None
    causes: tuple[str, ...] = ()


_KINDS_OF_SKUS = {"storage": PartKind.DISK, "network": PartKind.ADAPTER}
"""The part that a recommended size (lower case) is chosen for; any other is for the machine."""


class AssessedMachine(Machine, frozen=True):
    """A machine in an assessment.

    `suitability` is Suitable, ConditionallySuitable, NotSuitable, ReadinessUnknown or Unknown in both shapes; `causes`
    are the words of `suitabilityExplanation` and `suitabilityDetail` together, since Azure puts the values of one into
    the other. The newer shape has `issues` instead of causes, and names its recommended size only, without its cores
    and memory. `unread` names what must not be taken for absent.
    """

    types: ClassVar[tuple[str, ...]] = (lists.GROUP_ASSESSED_MACHINES, lists.ASSESSED_MACHINES)

    stated_site_machine = text("datacenterMachineArmId")
    stated_suitability = text("suitability")
    causes = Words("suitabilityExplanation", "suitabilityDetail")
    disks = Parts(AssessedPart, "disks", "extendedDetails.disks")
    adapters = Parts(AssessedPart, "networkAdapters", "extendedDetails.networkAdapters")
    stated_size = text("recommendedSize")
    recommended_cores = count("numberOfCoresForRecommendedSize")
    recommended_memory_mb = between(0, _MOST_MB, "megabytesOfMemoryForRecommendedSize")
    cores = count("numberOfCores", "extendedDetails.numberOfCores")
    memory_mb = between(0, _MOST_MB, "megabytesOfMemory", "extendedDetails.megabytesOfMemory")
    cores_utilization = between(0, 100, "percentageCoresUtilization", "extendedDetails.percentageCoresUtilization")
    memory_utilization = between(0, 100, "percentageMemoryUtilization", "extendedDetails.percentageMemoryUtilization")
    stated_confidence = percent("confidenceRatingInPercentage")
    boot_type = text("bootType", "extendedDetails.bootType")
    os_name = text("operatingSystemName", "extendedDetails.operatingSystemName")
    os_version = text("operatingSystemVersion", "extendedDetails.operatingSystemVersion")
    os_type = text("operatingSystemType", "extendedDetails.operatingSystemType")
    os_architecture = text("operatingSystemArchitecture", "extendedDetails.operatingSystemArchitecture")
    support_status = text("productSupportStatus.supportStatus", "extendedDetails.productSupportStatus.supportStatus")
    workload_kind = text("workloadType")
    linkages = Parts(Linkage, "linkages")
    recommendations = Parts(Recommendation, "recommendations")

    @property
    def assessment(self) -> ArmId:
        """The id of the assessment that it is in."""
        return self.arm_id.parent

    @property
    def site_machine(self) -> str | None:
        """The id of the discovered machine, as Azure wrote it; None where there is none, as for imported ones."""
        if self.stated_site_machine is not None:
            return self.stated_site_machine
        ids = [one.arm_id for one in self.linkages if one.arm_id and _is_of_a_site(one.arm_id)]
        return ids[0] if ids else None

    @property
    def site_machine_id(self) -> ArmId | None:
        """The parsed id of the discovered machine; None where it is none."""
        return arm_id(self.site_machine)

    @property
    def recommended(self) -> tuple[Recommendation, ...]:
        """What the newer shape says of virtual machines, which may be several things; nothing in the other shape.

        A recommendation for another target, such as Azure VMware Solution, says nothing of a virtual machine.
        """
        return tuple(one for one in self.recommendations if (one.target or "").lower() == _VIRTUAL_MACHINE)

    @property
    def suitability(self) -> str | None:
        """Azure's word on whether the machine can move, in the words of the shape with groups."""
        if self.stated_suitability is not None:
            return self.stated_suitability
        return in_older_words(_only({one.readiness for one in self.recommended}))

    @property
    def confidence(self) -> int | None:
        """The confidence rating in percent; None where there is none, as for imported machines."""
        if self.stated_confidence is not None:
            return self.stated_confidence
        return _only({one.confidence for one in self.recommended})

    @property
    def recommended_size(self) -> str | None:
        """The size of the virtual machine that Azure recommends; None where it recommends several."""
        if self.stated_size is not None:
            return self.stated_size
        skus = (sku for one in self.recommended for sku in one.skus)
        return _only({sku.size for sku in skus if (sku.kind or "").lower() == "compute"})

    @property
    def issues(self) -> tuple[MigrationIssue, ...]:
        """The issues that the newer shape states, of all its recommendations."""
        return tuple(issue for one in self.recommended for issue in one.issues)

    @property
    def parts(self) -> Iterator[PartStatement]:
        """What Azure says of each disk and adapter, and in the newer shape of each size that it recommends for one.

        In the shape with groups each part has a word; in the newer one it stands beside the recommended size.
        """
        owed = None if self.recommendations else ""
        for disk in self.disks:
            yield PartStatement(PartKind.DISK, disk.suitability or owed, disk.causes)
        for adapter in self.adapters:
            yield PartStatement(PartKind.ADAPTER, adapter.suitability or owed, adapter.causes)
        for sku in (sku for one in self.recommended for sku in one.skus):
            kind = _KINDS_OF_SKUS.get((sku.kind or "").lower(), PartKind.MACHINE)
            for readiness in (sku.readiness, *(source.readiness for source in sku.sources)):
                yield PartStatement(kind, in_older_words(readiness))

    @property
    def unread(self) -> tuple[str, ...]:
        """The names of the fields of which nothing is known because a property is odd, or contradicts another."""
        odd = dict.fromkeys(_PUBLIC.get(name, name) for name in super().unread)
        if "recommendations" in odd or (self.recommendations and not self.recommended):
            odd |= dict.fromkeys(_OF_RECOMMENDATIONS)
        elif len({one.readiness for one in self.recommended}) > 1:
            odd["suitability"] = None
        if "linkages" in odd:
            odd["site_machine"] = None
        return tuple(odd)


_PUBLIC = {
    "stated_name": "display_name",
    "stated_site_machine": "site_machine",
    "stated_suitability": "suitability",
    "stated_size": "recommended_size",
    "stated_confidence": "confidence",
}
_OF_RECOMMENDATIONS = ("suitability", "confidence", "recommended_size", "issues")


def in_older_words(readiness: str | None) -> str | None:
    """Return a readiness of the newer shape in the words of the shape with groups."""
    return None if readiness is None else _READINESS.get(readiness.lower(), readiness)


def _only(values: set[T]) -> T | None:
    """Return the one value, None where there is none or are several."""
    return values.pop() if len(values) == 1 else None


def _is_of_a_site(identity: str) -> bool:
    lowered = identity.lower()
    return "/providers/microsoft.offazure/" in lowered and "/machines/" in lowered
