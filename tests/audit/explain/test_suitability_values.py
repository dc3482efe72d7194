"""Every value with which Azure explains a suitability belongs to exactly one entry of the catalogue."""

import pytest

from auditor.audit.catalogue import catalogue
from auditor.audit.explain.explanation import explanation
from auditor.audit.rules.book import load_rules
from auditor.data import rules_dir

RULES = load_rules(rules_dir())

BY_ENTRY = {
    "unsupported-bitness": "GuestOperatingSystemArchitectureNotSupported",
    "operating-system-not-supported": "GuestOperatingSystemNotSupported",
    "unsupported-boot-type": "BootTypeNotSupported",
    "boot-type-unknown": "BootTypeUnknown",
    "disk-count-exceeded": "MoreDisksThanSupported",
    "cores-and-memory-not-found": "NoSuitableVmSizeFound",
    "unsuitable-disks": "OneOrMoreDisksNotSuitable",
    "unsuitable-network-adapters": "OneOrMoreAdaptersNotSuitable",
    "machine-suitability-unknown": (
        "InternalErrorOccurredDuringComputeEvaluation InternalErrorOccuredDuringComputeEvaluation"
    ),
    "some-disk-suitability-unknown": (
        "InternalErrorOccurredDuringStorageEvaluation InternalErrorOccuredDuringStorageEvaluation"
    ),
    "network-suitability-unknown": (
        "InternalErrorOccurredDuringNetworkEvaluation InternalErrorOccuredDuringNetworkEvaluation "
        "InternalErrorOccurred InternalErrorOccured"
    ),
    "storage-performance-too-high": "NoVmSizeSupportsStoragePerformance",
    "network-performance-too-high": "NoVmSizeSupportsNetworkPerformance",
    "size-not-in-pricing-tier": (
        "NoVmSizeForSelectedPricingTier NoVmSizeForStandardPricingTier NoVmSizeForBasicPricingTier"
    ),
    "size-not-in-location": "NoVmSizeForSelectedAzureLocation",
    "size-not-in-families": "NoVmSizeInSelectedFamilyFound",
    "size-not-for-offer": "NoVmSizeFoundForOfferCurrencyReservedInstance",
    "no-agreement-price": "NoEaPriceFoundForVmSize NoEaPriceFoundForDiskSize",
    "conditionally-endorsed-linux": (
        "EndorsedWithConditionsLinuxDistributions CheckRedHatLinuxVersion CheckOpenSuseLinuxVersion "
        "CheckDebianLinuxVersion CheckSuseLinuxVersion CheckOracleLinuxVersion CheckUbuntuLinuxVersion"
    ),
    "check-centos": "CheckCentOsVersion",
    "check-coreos": "CheckCoreOsLinuxVersion",
    "unendorsed-linux": "UnendorsedLinuxDistributions",
    "windows-2008-r2-version": "CheckWindowsServer2008R2Version",
    "conditionally-supported-windows": (
        "WindowsServerVersionConditionallySupported WindowsServerVersionsSupportedWithCaveat"
    ),
    "unsupported-windows": "WindowsOSNoLongerUnderMSSupport",
    "visual-studio-subscription": "WindowsClientVersionsConditionallySupported",
    "unknown-operating-system": "GuestOperatingSystemUnknown NoGuestOperatingSystemConditionallySupported",
    "fewer-network-adapters": "RecommendedSizeHasLessNetworkAdapters",
    "cost-not-reported": "CannotReportComputeCost CannotReportStorageCost CannotReportBandwidthCosts",
    "performance-data-missing": "PercentageOfCoresUtilizedMissing PercentageOfMemoryUtilizedMissing",
    "performance-data-out-of-range": (
        "PercentageOfCoresUtilizedOutOfRange PercentageOfMemoryUtilizedOutOfRange "
        "NumberOfReadOperationsPerSecondOutOfRange NumberOfWriteOperationsPerSecondOutOfRange "
        "MegabytesPerSecondOfReadOutOfRange MegabytesPerSecondOfWriteOutOfRange "
        "DiskGigabytesConsumedOutOfRange DiskGigabytesProvisionedOutOfRange "
        "MegabytesOfDataTransmittedOutOfRange MegabytesOfDataRecievedOutOfRange"
    ),
    "disk-size-exceeded": "DiskSizeGreaterThanSupported",
    "disk-performance-too-high": "NoSuitableDiskSizeForIops NoSuitableDiskSizeForThroughput",
    "disk-not-in-location": "NoDiskSizeFoundInSelectedLocation",
    "disk-not-redundant": "NoDiskSizeFoundForSelectedRedundancy",
    "disk-suitability-unknown": "InternalErrorOccurredForDiskEvaluation InternalErrorOccuredForDiskEvaluation",
    "disk-counters-missing": (
        "NumberOfReadOperationsPerSecondMissing NumberOfWriteOperationsPerSecondMissing "
        "MegabytesPerSecondOfReadMissing MegabytesPerSecondOfWriteMissing "
        "DiskGigabytesConsumedMissing DiskGigabytesProvisionedMissing"
    ),
    "network-counters-missing": "MegabytesOfDataTransmittedMissing MegabytesOfDataRecievedMissing",
}
"""Azure's values for machines, disks and network adapters (api-version 2023-03-15, and the spelling of older ones).

`Unknown`, `NotApplicable` and `None` say that there is nothing to explain.
"""

VALUES = [(value, entry) for entry, values in BY_ENTRY.items() for value in values.split()]


@pytest.mark.parametrize(("value", "entry"), VALUES)
def test_a_value_is_in_one_entry(value: str, entry: str) -> None:
    (found,) = catalogue().about(value)
    assert found.id == entry
    assert found.steps


@pytest.mark.parametrize("value", ["BootTypeNotSupported", "CheckUbuntuLinuxVersion", "MegabytesOfDataRecievedMissing"])
def test_a_value_is_explained_in_a_sentence_too(value: str) -> None:
    for text in (value, f'"suitabilityExplanation": "{value}",'):
        assert [entry.id for entry in explanation(text, catalogue(), RULES).entries][:1] == [dict(VALUES)[value]]
