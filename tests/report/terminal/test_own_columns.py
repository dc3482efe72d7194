"""Columns are laid out by the tables of `auditor/report/terminal/page.py`: nothing pads texts by itself."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]
_PADS = frozenset({"ljust", "rjust", "center", "expandtabs"})
_WIDE = re.compile(r"^(?:.?[<>^])?\d+$|[<>^]")
"""A format with a width, or with a side on which a text stands."""
_NUMBER = re.compile(r"^0?[,_]?(?:\.\d+)?[a-z%]?$|^0\d+[dxXb]?$|^%|^\.\d+")
"""A format of numbers and times without a width, or with leading zeros, which belong to the number."""
_HAND_MADE_HEAD = re.compile(r"\S {2,}\S+ {2,}\S+ {2,}\S")
"""Names of columns in one text, with blanks in between."""
_OLD = re.compile(r"%-?\d+s")
REASONS = {
    ("auditor/report/terminal/page.py", "ljust"): "the names of fields are padded here, for all others",
    ("auditor/inventory/instants.py", "ljust"): "the digits of a fraction of a second",
    ("auditor/report/terminal/preflight.py", ">2"): "the numbers of a list, to the left of wrapped paragraphs",
    ("auditor/report/terminal/plan.py", ">3"): "the numbers of a list, to the left of wrapped paragraphs",
}
"""Everything that pads a text, and why."""


def paddings(code: str) -> Iterator[str]:
    """Whatever in a module pads a text: the method, the format, or a head of columns that is written by hand."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Attribute) and node.attr in _PADS:
            yield node.attr
        elif isinstance(node, ast.FormattedValue) and isinstance(node.format_spec, ast.JoinedStr):
            constant = "".join(str(one.value) for one in node.format_spec.values if isinstance(one, ast.Constant))
            computed = any(isinstance(one, ast.FormattedValue) for one in node.format_spec.values)
            if computed or (_WIDE.search(constant) and not _NUMBER.match(constant)):
                yield constant
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "\n" not in node.value:
            if _HAND_MADE_HEAD.search(node.value):
                yield node.value
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and _OLD.search(ast.unparse(node.left)):
            yield ast.unparse(node.left)


def test_every_way_to_pad_is_seen() -> None:
    formats = 'f"{x:<9}"', 'f"{x:>6,}"', 'f"{x:<{w}}"', 'f"{x:>{w}}"', 'f"{x:40}"', '"%-9s" % x'
    for code in ("x.ljust(3)", *formats, '"name   state   rule   why"'):
        assert len(list(paddings(code))) == 1, code
    assert not list(paddings('f"{x:,} {x:%H:%M} {x:02x} {x:.1f} {x!r} {x:x}"\n"a  - b"\n'))


def test_nothing_pads_texts_by_itself() -> None:
    found = {
        (path.relative_to(ROOT).as_posix(), one)
        for path in sorted((ROOT / "auditor").rglob("*.py"))
        for one in paddings(path.read_text(encoding="utf-8"))
    }
    assert found == set(REASONS)
