"""Bodies of machines, which are kept compressed: there can be two for each of a hundred thousand machines.

They consist mostly of names of properties and of Azure's words, which a dictionary for the compression states once.
"""

import zlib
from functools import cache

from auditor.inventory.lists import ASSESSED_MACHINES, GROUP_ASSESSED_MACHINES, SITE_MACHINES
from auditor.inventory.resources.assessments import AssessedMachine
from auditor.inventory.resources.fields import paths_of
from auditor.inventory.resources.offazure import SiteMachine

_KINDS = frozenset(kind.lower() for kind in (ASSESSED_MACHINES, GROUP_ASSESSED_MACHINES, *SITE_MACHINES))
_WINDOW, _MEMORY, _LEVEL = 12, 5, 6
"""A window as large as the dictionary, and little memory, so that starting takes less time than compressing."""
_WORDS = (
    "Suitable ConditionallySuitable NotSuitable ReadinessUnknown Ready ReadyWithConditions NotReady AzureVM Source "
    "OneOrMoreDisksNotSuitable OneOrMoreAdaptersNotSuitable BootTypeNotSupported NoSuitableVmSizeFound "
    "PercentageOfCoresUtilizedMissing, PercentageOfMemoryUtilizedMissing MegabytesOfDataTransmittedMissing, "
    "MegabytesOfDataRecievedMissing NumberOfReadOperationsPerSecondMissing, NumberOfWriteOperationsPerSecondMissing, "
    "MegabytesPerSecondOfReadMissing, MegabytesPerSecondOfWriteMissing Microsoft Windows Server 2019 (64-bit) "
    "Linux windowsguest linuxguest Supported Standard_D2s_v5 Premium_P10 EFI BIOS Running "
    "/subscriptions/ /resourceGroups/ /providers/Microsoft.OffAzure/VMwareSites/ /machines/ "
    "/providers/Microsoft.Migrate/assessmentprojects/ /groups/ /assessments/ /assessedMachines/ "
    '"suitability":"Suitable","suitabilityDetail":"None","suitabilityExplanation":"NotApplicable"},'
)


def is_packed(kind: str) -> bool:
    """Return whether bodies of a resource type are kept compressed."""
    return kind.lower() in _KINDS


def packed(body: bytes) -> bytes:
    """Return a body compressed; equal bodies give equal bytes."""
    packing = zlib.compressobj(_LEVEL, zlib.DEFLATED, _WINDOW, _MEMORY, zlib.Z_DEFAULT_STRATEGY, _dictionary())
    return packing.compress(body) + packing.flush()


def unpacked(stored: bytes) -> bytes:
    """Return the body that was compressed."""
    return zlib.decompressobj(_WINDOW, _dictionary()).decompress(stored)


@cache
def _dictionary() -> bytes:
    paths = (path for kind in (SiteMachine, AssessedMachine) for path in paths_of(kind))
    names = sorted({path.replace("[]", "").rpartition(".")[2] for path in paths})
    return "".join([_WORDS, *(f'"{name}":"' for name in names)]).encode()
