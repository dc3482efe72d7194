"""The page about the emulator: its commands work as printed, and every field of a fault file is on it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from auditor.emulator.faults import FaultRule, load_faults
from auditor.emulator.throttling.quota_sizes import QuotaSize, QuotaSizes, WindowSize

TOP = Path(__file__).resolve().parents[2]
PAGE = (TOP / "docs" / "emulator.md").read_text(encoding="utf-8")


@pytest.mark.untraced
def test_the_commands_work_as_printed(tmp_path: Path) -> None:
    (script,) = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    tool = tmp_path / "bin" / "migaudit"
    tool.parent.mkdir()
    tool.write_text(f'#!/bin/sh\nexec {sys.executable} -m auditor.cli.main "$@"\n', encoding="utf-8")
    tool.chmod(0o700)
    (tmp_path / "bin" / "python3").symlink_to(sys.executable)
    env = {"PATH": f"{tmp_path / 'bin'}{os.pathsep}/usr/bin:/bin", "HOME": str(tmp_path), "PYTHONPATH": str(TOP)}
    run = ["bash", "-euo", "pipefail", "-c", script]
    done = subprocess.run(run, cwd=tmp_path, env=env, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    assert "lists read completely" in done.stdout


@pytest.mark.parametrize("part", [FaultRule, QuotaSize, QuotaSizes, WindowSize])
def test_every_field_is_on_the_page(part: type[msgspec.Struct]) -> None:
    assert [one for one in part.__struct_fields__ if f"`{one}`" not in PAGE] == []


def test_the_example_does_what_it_says() -> None:
    faults = load_faults(TOP / "docs" / "examples" / "faults.yaml")
    subscription = "/subscriptions/0d1e2c3b-4a59-4687-9b10-c0a050000001"
    assignments = f"{subscription}/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01"
    vault = f"{subscription}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/one?api-version=2023-07-01"
    refused = faults.next("GET", assignments)
    assert refused is not None
    assert refused.status == 403
    assert [faults.next("GET", vault) is not None for _ in range(6)] == [False, False, True] * 2
    assert [faults.next("GET", f"/v1.0/users/{user}") is not None for user in (1, 1, 2)] == [True, False, True]
    assert faults.next("GET", f"{subscription}/providers/Microsoft.OperationsManagement/solutions?x") is not None
    assert faults.next("GET", subscription) is None
    assert faults.limits is not None
    assert faults.limits.reads == QuotaSize(50, 10)
