"""The worked example of the documentation: its rule is checked, tested, and finds what the page says."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from auditor.cli.exit_codes import ExitCode
from tests.cli.running import Run

DOCS = Path(__file__).parents[3] / "docs"
EXAMPLES = DOCS / "examples" / "rules"


def test_the_example_fits_the_published_schema() -> None:
    schema = json.loads((DOCS / "schemas" / "rule-1.json").read_text(encoding="utf-8"))
    for path in EXAMPLES.glob("*.yaml"):
        jsonschema.validate(yaml.safe_load(path.read_text(encoding="utf-8")), schema)


def test_an_editor_finds_the_schema_from_the_example() -> None:
    for path in EXAMPLES.glob("*.yaml"):
        first = path.read_text(encoding="utf-8").partition("\n")[0]
        place = first.removeprefix("# yaml-language-server: $schema=")
        assert (path.parent / place).resolve() == DOCS / "schemas" / "rule-1.json"


def test_the_example_has_no_mistake_and_comes_to_every_verdict(migaudit: Run) -> None:
    assert migaudit("rules", "check", EXAMPLES).code == ExitCode.CLEAN
    assert migaudit("rules", "test", EXAMPLES).code == ExitCode.CLEAN


@pytest.mark.parametrize(("account", "verdict"), [("meganb", "fail"), ("isaiahl", "pass"), ("leeg", "not_applicable")])
def test_the_example_judges_what_the_page_says(migaudit: Run, fixtures: Path, account: str, verdict: str) -> None:
    narrowed = ("--rules", EXAMPLES, "--rule", "owner-registers", "--project", "contoso-dc-exit", "--all-verdicts")
    done = migaudit(
        *("scan", "--snapshot", fixtures / "contoso.yaml", "--account", f"{account}@contoso.com"),
        *narrowed,
        *("--format", "json"),
    )
    (finding,) = json.loads(done.out)["findings"]
    assert (finding["rule"], finding["verdict"]) == ("owner-registers", verdict)


def test_the_page_shows_the_file_itself() -> None:
    assert '--8<-- "docs/examples/rules/owner-registers.yaml"' in (DOCS / "write-a-rule.md").read_text(encoding="utf-8")
