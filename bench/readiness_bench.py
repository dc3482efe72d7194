"""Benchmark of reading machines: `python -m bench.readiness_bench`, part of `make bench`.

A project with as many discovered machines, each of them assessed once, is served by the emulator in a separate
process; `migaudit readiness` reads and evaluates it. Bodies are as large as those of Azure, most of them consisting of
what migaudit does not read.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from auditor.inventory.snapshot.files import load, save
from auditor.inventory.snapshot.records import ArmRecord, arm_record
from auditor.inventory.snapshot.snapshot import Snapshot
from bench.emulator_process import emulator
from bench.measured import MEBIBYTE, measure

MIGAUDIT = str(Path(sys.executable).parent / "migaudit")
CONTOSO = Path(__file__).resolve().parents[1] / "fixtures" / "contoso.yaml"
GROUP = "/subscriptions/0d1e2c3b-4a59-4687-9b10-c0a050000001/resourceGroups/rg-migrate-prod/providers"
PROJECT = f"{GROUP}/Microsoft.Migrate/assessmentprojects/contoso-dc-exit4f2aproject"
ASSESSMENT = f"{PROJECT}/groups/bench/assessments/bench"
SITE = f"{GROUP}/Microsoft.OffAzure/VMwareSites/cdxvcenter014f2asite"
AIM_MEMORY = 500
"""The largest number of mebibytes for reading a hundred thousand machines."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and print the results; return 1 if the reading failed."""
    parser = argparse.ArgumentParser(description="Measure the reading of machines.")
    parser.add_argument("--machines", type=int, default=10_000)
    parser.add_argument("--latency-ms", type=int, default=50)
    parser.add_argument("--keep", type=Path, help="keep the files of the runs in this folder")
    parser.add_argument("--make", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.make:
        save(world(given.machines), given.make)
        return 0
    with tempfile.TemporaryDirectory(prefix="migaudit-bench-") as temporary:
        folder = given.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        return _bench(given.machines, given.latency_ms, folder)


def _bench(machines: int, latency_ms: int, folder: Path) -> int:
    path, output = folder / f"machines-{machines}.jsonl.zst", folder / "machines.json"
    this = [sys.executable, "-m", "bench.readiness_bench"]
    # In processes of their own: Linux counts the memory of a parent process in the peak of its children.
    if not path.exists():
        made = measure([*this, "--machines", str(machines), "--make", str(path)], output=folder / "made.txt")
        if made.status:
            print(f"machines: none were made: {(folder / 'made.err').read_text(encoding='utf-8')[-500:]}")
            return 1
    with emulator(MIGAUDIT, path, latency_ms=latency_ms, folder=folder) as azure:
        command = [MIGAUDIT, "readiness", "--cloud", azure.endpoints["arm"], "--auth", "environment", "--all"]
        took = measure([*command, "--format", "json", "--fail-on", "never"], output=output, env=azure.env)
        requests = [one["bytes"] for one in azure.requests()]
    if took.status:
        print(f"machines: no result: {output.with_suffix('.err').read_text(encoding='utf-8')[-500:]}")
        return 1
    result = json.loads(output.read_text(encoding="utf-8"))
    discovered, peak = sum(site["machines"] for site in result["discovery"]), took.peak / MEBIBYTE
    verdict = "below" if peak < AIM_MEMORY else "NOT below"
    print(
        f"machines: {result['summary']['machines']} assessed, {discovered} discovered: {len(requests)} requests, "
        f"{sum(requests) / MEBIBYTE:.0f} MB of answers; {took.wall:.1f} s wall, {took.cpu:.1f} s CPU, "
        f"{peak:.0f} MB peak ({verdict} {AIM_MEMORY} MB)"
    )
    return 0


def world(machines: int) -> Snapshot:
    """Return Contoso with a group of that many machines."""
    contoso = load(CONTOSO)
    return Snapshot.of(
        contoso.header,
        arm=[*contoso.arm, *_group(machines), *map(_assessed, range(machines)), *map(_discovered, range(machines))],
        graph=contoso.graph,
        links=contoso.links,
        events=contoso.events,
        reads=contoso.reads,
        gaps=contoso.gaps,
    )


def _group(machines: int) -> Iterator[ArmRecord]:
    kind = "Microsoft.Migrate/assessmentprojects/groups"
    held = {"groupStatus": "Completed", "machineCount": machines, "assessments": [ASSESSMENT]}
    yield arm_record({"id": f"{PROJECT}/groups/bench", "name": "bench", "type": kind, "properties": held})
    assessment = {"status": "Completed", "confidenceRatingInPercentage": 90.0, "numberOfMachines": machines}
    yield arm_record({"id": ASSESSMENT, "name": "bench", "type": f"{kind}/assessments", "properties": assessment})


def _name(at: int) -> str:
    return f"3ac4{at:04x}-7d2c-4b1a-9e55-{at:012x}"


def _assessed(at: int) -> ArmRecord:
    """Return the body of an assessed machine, about 4 kB."""
    suitable = at % 4 != 0
    held: dict[str, Any] = {
        "displayName": f"SRV-{at:06}",
        "datacenterMachineArmId": f"{SITE.lower()}/machines/{_name(at)}",
        "suitability": "Suitable" if suitable else "NotSuitable",
        "suitabilityExplanation": "NotApplicable" if suitable else "OneOrMoreDisksNotSuitable",
        "suitabilityDetail": "PercentageOfCoresUtilizedMissing, PercentageOfMemoryUtilizedMissing"
        if at % 3
        else "None",
        "recommendedSize": "Standard_D4s_v5",
        "numberOfCoresForRecommendedSize": 4,
        "megabytesOfMemoryForRecommendedSize": 16384.0,
        "numberOfCores": 4,
        "megabytesOfMemory": 8192.0,
        "percentageCoresUtilization": at % 100 + 0.5,
        "percentageMemoryUtilization": at % 90 + 0.25,
        "confidenceRatingInPercentage": 90.0,
        "bootType": "EFI",
        "operatingSystemName": "Microsoft Windows Server 2019 (64-bit)",
        "operatingSystemType": "windowsguest",
        "productSupportStatus": {"supportStatus": "Supported", "mainstreamEndDate": "2024-01-09T00:00:00Z", "eta": 1},
        "disks": {f"6000c29{disk}-{at:08x}": _disk(disk, suitable=suitable) for disk in range(3)},
        "networkAdapters": {f"{4000 + nic}": _adapter(at, nic) for nic in range(2)},
        "costComponents": [
            {"name": f"Monthly{at}Cost{part}", "value": 1.5, "description": "x" * 60} for part in range(8)
        ],
        "hostProcessor": {"name": "Intel(R) Xeon(R) Gold 6254 CPU @ 3.10GHz", "numberOfSockets": 2},
        "errors": [],
        "createdTimestamp": "2026-11-22T22:00:00Z",
        "updatedTimestamp": "2026-11-22T22:00:00Z",
    }
    kind = "Microsoft.Migrate/assessmentprojects/groups/assessments/assessedMachines"
    return arm_record(
        {"id": f"{ASSESSMENT}/assessedMachines/{_name(at)}", "name": _name(at), "type": kind, "properties": held}
    )


def _disk(disk: int, *, suitable: bool) -> dict[str, Any]:
    return {
        "name": f"6000c29{disk}",
        "displayName": f"scsi0:{disk}",
        "suitability": "Suitable" if suitable or disk else "NotSuitable",
        "suitabilityExplanation": "NotApplicable" if suitable or disk else "DiskSizeGreaterThanSupported",
        "suitabilityDetail": "None",
        "recommendedDiskSize": "Premium_P10",
        "recommendedDiskType": "Premium",
        "gigabytesProvisioned": 80.0,
        "megabytesPerSecondOfRead": 1.25,
        "megabytesPerSecondOfWrite": 2.5,
        "numberOfReadOperationsPerSecond": 12.0,
        "numberOfWriteOperationsPerSecond": 30.0,
        "monthlyStorageCost": 5.888,
    }


def _adapter(at: int, nic: int) -> dict[str, Any]:
    return {
        "macAddress": f"00:50:56:{nic:02x}:{at % 256:02x}:{at // 256 % 256:02x}",
        "ipAddresses": [f"10.{nic}.{at // 256 % 256}.{at % 256}"],
        "displayName": "VM Network",
        "monthlyBandwidthCosts": 0.0,
        "netGigabytesTransmittedPerMonth": 4.5,
        "suitability": "Suitable",
        "suitabilityExplanation": "NotApplicable",
        "suitabilityDetail": "None",
    }


def _discovered(at: int) -> ArmRecord:
    """Return the body of a discovered machine with the features and applications that were found on it, about 9 kB."""
    features = [
        {"name": f"Feature-{part}", "featureType": "Role", "parent": "", "status": "Installed"} for part in range(40)
    ]
    found = [{"name": f"Application {part}", "version": "1.0.0", "provider": "Contoso"} for part in range(60)]
    held = {
        "displayName": f"SRV-{at:06}",
        "isDeleted": False,
        "dependencyMapping": "Enabled" if at % 5 else "Disabled",
        "powerStatus": "ON",
        "numberOfProcessorCore": 4,
        "allocatedMemoryInMB": 8192,
        "operatingSystemDetails": {"osType": "windowsguest", "osName": "Microsoft Windows Server 2019 (64-bit)"},
        "appsAndRoles": {"features": features, "applications": found},
        "networkAdapters": [_adapter(at, nic) for nic in range(2)],
        "errors": [],
        "updatedTimestamp": "2026-11-23T09:30:00Z",
    }
    kind = "Microsoft.OffAzure/VMwareSites/machines"
    return arm_record({"id": f"{SITE}/machines/{_name(at)}", "name": _name(at), "type": kind, "properties": held})


if __name__ == "__main__":
    sys.exit(main())
