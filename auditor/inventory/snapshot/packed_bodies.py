"""Bodies that are kept compressed, as there can be a million role assignments and a hundred thousand machines.

They consist mostly of names of properties and of Azure's words, which a dictionary for the compression states once.
Role assignments are compressed with Zstandard, which takes a few microseconds for one.
"""

import threading
import zlib
from functools import cache

import zstandard

from auditor.inventory.lists import ASSESSED_MACHINES, GROUP_ASSESSED_MACHINES, ROLE_ASSIGNMENTS, SITE_MACHINES
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


_ASSIGNMENT = ROLE_ASSIGNMENTS.lower()
_ASSIGNMENT_WORDS = (
    b'"principalType":"User","principalType":"Group","principalType":"ServicePrincipal","condition":"((!(ActionMatches{'
    b"'Microsoft.Authorization/roleAssignments/write'})) OR (@Request[Microsoft.Authorization/roleAssignments:"
    b'RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {","conditionVersion":"2.0","createdBy":"",'
    b"/resourcegroups//resourceGroups//providers/Microsoft.Management/managementGroups/"
    b'{"id":"/subscriptions//providers/Microsoft.Authorization/roleAssignments/","name":"","properties":{'
    b'"condition":null,"conditionVersion":null,"createdBy":"","createdOn":"2026-01-01T00:00:00.0000000Z",'
    b'"delegatedManagedIdentityResourceId":null,"description":null,"principalId":"","principalType":"User",'
    b'"roleDefinitionId":"/subscriptions//providers/Microsoft.Authorization/roleDefinitions/",'
    b'"scope":"/subscriptions/","updatedBy":"","updatedOn":"2026-01-01T00:00:00.0000000Z"},'
    b'"type":"Microsoft.Authorization/roleAssignments"}'
)


class _Zstandard(threading.local):
    """The compressor and decompressor of role assignments, one pair for each thread: they cannot be shared."""

    def __init__(self) -> None:
        words = zstandard.ZstdCompressionDict(_ASSIGNMENT_WORDS, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
        self.pack = zstandard.ZstdCompressor(level=3, dict_data=words, write_dict_id=False).compress
        self.unpack = zstandard.ZstdDecompressor(dict_data=words).decompress


_zstandard = _Zstandard()


def is_packed(kind: str) -> bool:
    """Return whether bodies of a resource type are kept compressed."""
    name = kind.lower()
    return name == _ASSIGNMENT or name in _KINDS


def packed(kind: str, body: bytes) -> bytes:
    """Return a body of a resource type compressed; equal bodies give equal bytes."""
    if kind.lower() == _ASSIGNMENT:
        return _zstandard.pack(body)
    packing = zlib.compressobj(_LEVEL, zlib.DEFLATED, _WINDOW, _MEMORY, zlib.Z_DEFAULT_STRATEGY, _dictionary())
    return packing.compress(body) + packing.flush()


def unpacked(stored: bytes) -> bytes:
    """Return the body that was compressed."""
    if stored.startswith(zstandard.FRAME_HEADER):
        return _zstandard.unpack(stored)
    return zlib.decompressobj(_WINDOW, _dictionary()).decompress(stored)


@cache
def _dictionary() -> bytes:
    paths = (path for kind in (SiteMachine, AssessedMachine) for path in paths_of(kind))
    names = sorted({path.replace("[]", "").rpartition(".")[2] for path in paths})
    return "".join([_WORDS, *(f'"{name}":"' for name in names)]).encode()
