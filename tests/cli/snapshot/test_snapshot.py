"""Looking into snapshots and changing their encoding."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

from auditor.cli.exit_codes import ExitCode
from auditor.cli.failures import describe
from auditor.cli.main import cli
from auditor.inventory.snapshot.files import load

SCHEMAS = Path(__file__).parents[3] / "docs" / "schemas"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["snapshot", *arguments], standalone_mode=False)


def test_converting_there_and_back_keeps_everything(fixtures: Path, tmp_path: Path) -> None:
    packed, plain, again = tmp_path / "c.jsonl.zst", tmp_path / "c.yaml", tmp_path / "again.jsonl.zst"
    for source, target in ((fixtures / "contoso.yaml", packed), (packed, plain), (plain, again)):
        result = run("convert", str(source), str(target))
        assert result.exception is None
        assert f"to `{target}`" in result.stderr
    assert load(packed) == load(plain)
    assert packed.read_bytes() == again.read_bytes()


def test_show_as_json_is_the_published_shape(fixtures: Path) -> None:
    told = json.loads(run("show", str(fixtures / "contoso.yaml"), "--format", "json").stdout)
    schema = json.loads((SCHEMAS / "snapshot-summary-1.json").read_text())
    Draft202012Validator(schema).validate(told)
    assert {"type": "Microsoft.Resources/tenants", "count": 1} in told["resources"]
    assert told["reads"] is None


def test_show_for_a_person(fixtures: Path) -> None:
    shown = run("show", str(fixtures / "contoso.yaml")).stdout
    assert "72c0a7b1-5d3e-4f60-9b1a-c0a050000000 in AzureCloud" in shown
    assert "    34  Microsoft.Authorization/roleAssignments\n" in shown
    assert re.search(r"^and [0-9]+ of [0-9]+ more types \(`--verbose`\)$", shown, re.MULTILINE)
    assert "     1  Microsoft.Resources/tenants\n" in run("show", str(fixtures / "contoso.yaml"), "--verbose").stdout
    assert "Microsoft.SecurityInsights/onboardingStates/read" in shown.partition("  cure   grant ")[2]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"snapshot": 1, "tenant_id": "t", "collected_at": "2026-11-23T10:00:00Z"}\n', "the file was cut off"),
        (
            '{"snapshot": 2, "tenant_id": "t", "collected_at": "2026-11-23T10:00:00Z"}\n{"end": {"records": 0}}\n',
            "version 2",
        ),
        ('{"snapshot": 1, "tenant_id": "t", "collected_at": "2026-11-23T10:00:00Z"}\n{"arm": {\n', ":2: "),
        ("", "empty"),
    ],
    ids=["cut off", "newer", "malformed", "empty"],
)
def test_a_broken_snapshot_is_refused_with_its_line(tmp_path: Path, content: str, said: str) -> None:
    broken = tmp_path / "broken.jsonl"
    broken.write_text(content)
    failure = run("show", str(broken)).exception
    assert failure is not None
    code, text = describe(failure)
    assert code is ExitCode.USAGE
    assert said in text
    assert str(broken) in text


def test_a_snapshot_is_not_converted_onto_itself(fixtures: Path, tmp_path: Path) -> None:
    target = tmp_path / "c.yaml"
    target.write_bytes((fixtures / "contoso.yaml").read_bytes())
    before = target.read_bytes()
    assert run("convert", str(target), str(target)).exception is not None
    assert target.read_bytes() == before
