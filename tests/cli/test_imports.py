"""The modules that commands load: what a command does not use is not imported by it."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from auditor.emulator.options import Endpoints
from auditor.inventory.snapshot.files import load, save

LOADED = "import sys; from auditor.cli.main import main; main(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"
CLIENTS = {"azure", "msal", "requests", "msgraph", "kiota_abstractions", "aiohttp", "httpx", "asyncio", "ssl", "jwt"}
"""What only a command loads that connects to something."""
SCREEN = {"rich", "pygments"}
YAML = {"yaml"}
RULE_LANGUAGE = {"cel_expr_python"}
SELDOM = {"cryptography", "jinja2", "lark", "ijson", "xlsxwriter", "pydantic", "importlib.resources", "email.utils"}


def loaded(*arguments: str | Path, env: Mapping[str, str] | None = None) -> set[str]:
    """Return the modules that a command loads, each with the packages that it is in."""
    command = [sys.executable, "-c", LOADED, *map(str, arguments)]
    done = subprocess.run(
        command, env={**os.environ, **(env or {})}, capture_output=True, encoding="utf-8", timeout=120, check=True
    )
    modules = done.stderr.splitlines()[-1].split()
    assert "auditor.cli.main" in modules
    return {".".join(name.split(".")[:depth]) for name in modules for depth in range(1, name.count(".") + 2)}


@pytest.fixture(scope="module")
def saved(fixtures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fabrikam as a scan saves it."""
    path = tmp_path_factory.mktemp("saved") / "fabrikam.jsonl.zst"
    save(load(fixtures / "fabrikam.yaml"), path)
    return path


def test_explain_loads_neither_yaml_nor_the_rule_language_nor_a_client() -> None:
    modules = loaded("explain", "60052")
    assert not modules & (CLIENTS | YAML | RULE_LANGUAGE | SELDOM | {"auditor.collect", "auditor.access"})
    assert "auditor.facts.readiness" not in modules


def test_explain_as_json_loads_nothing_for_the_screen() -> None:
    modules = loaded("explain", "60052", "--format", "json")
    assert not modules & (CLIENTS | YAML | RULE_LANGUAGE | SELDOM | SCREEN)


def test_the_list_of_rules_loads_neither_yaml_nor_a_client() -> None:
    assert not loaded("rules", "list", "--format", "json") & (CLIENTS | YAML | SELDOM | SCREEN)
    assert not loaded("rules", "list") & (CLIENTS | YAML | SELDOM)


def test_an_offline_scan_loads_no_client(saved: Path) -> None:
    modules = loaded("scan", "--snapshot", saved, "--format", "json", "--fail-on", "never")
    assert not modules & (CLIENTS | YAML | SELDOM | SCREEN | {"auditor.audit.explain"})
    assert "auditor.audit.evaluate" in modules


def test_a_scan_loads_nothing_for_a_screen_that_it_has_not(contoso: Endpoints) -> None:
    # Of the grammars it loads that of conditions: who may assign a role here depends on one.
    live = ("scan", "--cloud", contoso.arm, "--auth", "environment", "--all", "--format", "json", "--fail-on", "never")
    modules = loaded(*live, env=contoso.env)
    assert {"azure.identity", "aiohttp"} <= modules
    assert not modules & (SCREEN | YAML | {"jinja2", "ijson", "xlsxwriter", "msgraph.generated.models"})
    assert not modules & {"auditor.audit.explain", "auditor.cleanup", "auditor.emulator", "auditor.har"}
