"""The drawings of the documentation: the imports between the packages, and the way to a verdict."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from scripts.drawing import Box, Drawing

TOP = Path(__file__).resolve().parent.parent

_PACKAGES: dict[str, tuple[int, int, str]] = {
    "cleanup": (3, 0, "plan and apply"),
    "azure": (0, 1, "the wire"),
    "collect": (1, 1, "readers"),
    "inventory": (0, 2, "the picture"),
    "access": (1, 2, "who can do what"),
    "facts": (2, 2, "subjects"),
    "audit": (3, 2, "findings"),
    "report": (4, 2, "renderers"),
    "fleet": (4, 0, "many tenants"),
    "emulator": (1, 3, "a loopback Azure"),
    "har": (4, 3, "captures"),
}
"""Column, row and note of each package."""
_ABOVE_OR_BELOW_ALL = frozenset({"cli", "library", "data"})
_WORDS_OF_EVERY_LAYER = frozenset({"auditor.inventory.lists", "auditor.inventory.reads", "auditor.facts.landscape"})
"""Modules that any layer above may import: the names of lists, reads and gaps, and the map."""
_BOWS = {
    ("inventory", "facts"): 66,
    ("azure", "cleanup"): -84,
    ("inventory", "har"): 66,
    ("azure", "har"): 24,
}
"""How far an arrow bends that would otherwise run through a box."""


def pages() -> dict[Path, str]:
    """Return the drawings by their path below docs/."""
    return {Path("architecture.svg"): architecture(), Path("verdicts.svg"): verdicts()}


@cache
def imports() -> frozenset[tuple[str, str]]:
    """Return the pairs of importing and imported package, read from the code."""
    return frozenset(
        (package.name, imported)
        for package in (TOP / "auditor").iterdir()
        if package.is_dir() and package.name not in _ABOVE_OR_BELOW_ALL
        for module in package.rglob("*.py")
        for imported in _imported(module)
        if imported not in {package.name, *_ABOVE_OR_BELOW_ALL}
    )


def _imported(module: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        for name in names:
            parts = [] if name in _WORDS_OF_EVERY_LAYER else name.split(".")
            if parts[:1] == ["auditor"] and len(parts) > 1 and (TOP / "auditor" / parts[1]).is_dir():
                yield parts[1]


def architecture() -> str:
    """Return the drawing of the packages: an arrow leads from the imported package to the one that imports it."""
    drawing = Drawing(960, 400, "The packages; an arrow leads from a package to one that imports it")
    boxes = {name: Box(80 + 190 * column, 50 + 92 * row) for name, (column, row, _) in _PACKAGES.items()}
    for importer, imported in sorted(imports()):
        drawing.arrow(boxes[imported], boxes[importer], bow=_BOWS.get((imported, importer), 0))
    rules, snapshot = Box(650, 142, 118, 40), Box(80, 326, 118, 40)
    drawing.drop(rules, boxes["audit"])
    drawing.drop(boxes["inventory"], snapshot, shift=-14)
    drawing.drop(snapshot, boxes["inventory"], shift=14)
    drawing.box(rules, "rules/*.yaml", kind="data")
    drawing.box(snapshot, "snapshot file", kind="data")
    for name, (_, _, note) in _PACKAGES.items():
        drawing.box(boxes[name], name, note)
    drawing.text(480, 385, "The emulator serves a snapshot as Azure would. auditor/cli is above all of these.")
    return drawing.svg()


def verdicts() -> str:
    """Return the drawing of the way from reads through facts and a condition to a verdict."""
    drawing = Drawing(960, 330, "How reads become facts, and facts a verdict; what was not read stays unknown")
    reads = [Box(110, y, 180) for y in (90, 170, 250)]
    known, unknown = Box(400, 110, 180), Box(400, 230, 180)
    rule = Box(630, 170, 130, 74)
    ends = [Box(850, y, 160) for y in (90, 170, 250)]
    for x, words in ((110, "a read"), (400, "a fact"), (630, "a rule"), (850, "a verdict")):
        drawing.text(x, 36, words, "name")
    drawing.arrow(reads[0], known)
    drawing.arrow(reads[1], known)
    drawing.arrow(reads[1], unknown)
    drawing.arrow(reads[2], unknown)
    drawing.arrow(known, rule)
    drawing.arrow(unknown, rule, dashed=True)
    drawing.arrow(rule, ends[0])
    drawing.arrow(rule, ends[1])
    drawing.arrow(rule, ends[2], dashed=True)
    drawing.box(reads[0], "complete", "all pages arrived", "good")
    drawing.box(reads[1], "partial", "received items count", "unknown")
    drawing.box(reads[2], "refused", "a gap: status, cure", "unknown")
    drawing.box(known, "known", "with its evidence", "good")
    drawing.box(unknown, "unknown", "with its gaps", "unknown")
    drawing.box(rule, "condition", "a && b, a || b")
    drawing.box(ends[0], "pass", "", "good")
    drawing.box(ends[1], "fail", "with evidence and fixes", "bad")
    drawing.box(ends[2], "unknown", "only if it could matter", "unknown")
    drawing.text(480, 312, "An unknown fact makes the verdict unknown only where knowing it could change the answer.")
    return drawing.svg()
