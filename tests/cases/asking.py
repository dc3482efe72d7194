"""The commands of the tests of situations: a scan and a preflight of one snapshot, as their JSON documents."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.cli.running import Run

ACCOUNT = ("-a", "christiec@fabrikam.com")
Document = dict[str, Any]
Ask = Callable[..., Document]


def preflight(migaudit: Run, snapshot: Path, *more: str, project: str = "fabrikam-exit") -> Document:
    """Return a preflight of Christie's as its JSON document, with the exit code as `code`."""
    done = migaudit("preflight", "--snapshot", snapshot, "-p", project, *ACCOUNT, *more, "--format", "json")
    document: Document = json.loads(done.out)
    return {**document, "code": int(done.code), "step": {step["id"]: step for step in document["steps"]}}


def verdicts(document: Document) -> dict[str, str]:
    """Return the verdict of each step."""
    return {step["id"]: step["verdict"] for step in document["steps"]}


def commands(fixes: list[Document]) -> list[str]:
    """Return the commands of fixes."""
    return [fix["az"] for fix in fixes if fix["az"]]


def findings(migaudit: Run, snapshot: Path, *more: str) -> dict[str, Document]:
    """Return the findings of a scan about Christie by their rules, failing and unknown ones."""
    done = migaudit("scan", "--snapshot", snapshot, "--account", ACCOUNT[1], *more, "--format", "json")
    return {one["rule"]: one for one in json.loads(done.out)["findings"]}
