"""What the product imports is what it says it needs: a fresh installation then lacks nothing."""

import ast
import re
import sys
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))["project"]
COMES_WITH = {"kiota_abstractions": "msgraph-sdk"}
"""The part of another distribution's interface that has a distribution of its own."""
GUARDED = {"certifi"}
"""Used where it happens to be installed."""


@cache
def installed() -> Mapping[str, list[str]]:
    return packages_distributions()


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def declared() -> set[str]:
    texts = [*PROJECT["dependencies"], *(one for some in PROJECT["optional-dependencies"].values() for one in some)]
    return {normal(re.split(r"[^\w.-]", text, maxsplit=1)[0]) for text in texts}


@cache
def imported(path: Path) -> frozenset[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    known = {*sys.stdlib_module_names, "auditor", "__future__"}
    return frozenset(name for name in found if name.partition(".")[0] not in known)


def distributions(module: str) -> set[str]:
    """The distributions that a module may come from; of those that share `azure` or `azure.mgmt` one."""
    first, *parts = module.split(".")
    if first == "azure":
        return {"-".join(["azure", *parts[: 2 if parts[0] == "mgmt" else 1]])}
    return {COMES_WITH.get(first, ""), *map(normal, installed().get(first, ()))}


def test_every_import_is_of_a_declared_dependency() -> None:
    asked = {
        (module, str(path.relative_to(TOP))) for path in (TOP / "auditor").rglob("*.py") for module in imported(path)
    }
    assert len(asked) > 100
    needs = declared()
    undeclared = {(module, file) for module, file in asked if not distributions(module) & needs}
    assert {(module, file) for module, file in undeclared if module not in GUARDED} == set()
    assert {module for module, _ in undeclared} == GUARDED


def test_every_declared_dependency_is_imported() -> None:
    every = {module for path in (TOP / "auditor").rglob("*.py") for module in imported(path)}
    assert declared() - {name for module in every for name in distributions(module)} == set()
