"""One subject a file, one name a class, few files a folder.

A module of a few lines stands alone only where several import it, or for a reason named here.
"""

import ast
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
FEW = 40
"""A module with fewer lines needs a reason."""
MANY = 16
"""The largest number of modules in a folder."""
STANDS_ALONE = {
    "auditor.emulator.throttling.resource_units": "a table of Microsoft Graph, held against that of the client",
    "auditor.facts.preflight.broken_endpoints": "obstacles drawn from other facts than those in `obstacles`",
    "auditor.facts.subjects.account": "each kind of subject has its file",
    "auditor.library.names": "a list of names, which the package loads when one of them is used",
    "auditor.report.formats.jsonl_report": "each format has its file, loaded by its name",
    "auditor.report.html.preflight": "each page has its file, loaded by its name",
}
"""The small modules that are imported by fewer than two others, each with its reason."""


MODULES = {
    ".".join(path.relative_to(TOP).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted((TOP / "auditor").rglob("*.py"))
}


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                module = f"{node.module}.{alias.name}"
                yield module if module in MODULES else str(node.module)


def test_a_small_module_is_imported_by_several_others_or_has_a_reason() -> None:
    importers: dict[str, set[str]] = defaultdict(set)
    for name, path in MODULES.items():
        for module in imported(path):
            importers[module].add(name)
    small = {
        name
        for name, path in MODULES.items()
        if path.name != "__init__.py" and len(path.read_text(encoding="utf-8").splitlines()) < FEW
    }
    assert len(small) > 10
    assert {name for name in small if len(importers[name]) < 2} == set(STANDS_ALONE)


def test_each_class_name_stands_for_one_thing() -> None:
    classes = Counter(
        node.name
        for path in MODULES.values()
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    assert [name for name, count in classes.items() if count > 1] == []


def test_no_folder_holds_more_than_about_fifteen_modules() -> None:
    folders = Counter(path.parent for path in MODULES.values() if path.name != "__init__.py")
    assert [str(folder) for folder, count in folders.items() if count > MANY] == []
