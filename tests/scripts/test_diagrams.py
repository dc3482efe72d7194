"""The diagrams: well-formed, the same each time, and consistent with the code and the page that shows them."""

import ast
import re
import xml.etree.ElementTree as ET
from itertools import combinations
from pathlib import Path

import pytest

from scripts import diagrams
from scripts.drawing import Box, Drawing


@pytest.mark.parametrize("name", ["architecture.svg", "verdicts.svg"])
def test_a_drawing_is_well_formed_and_says_what_it_shows(name: str) -> None:
    text = diagrams.pages()[Path(name)]
    assert text == diagrams.pages()[Path(name)]
    root = ET.fromstring(text)  # noqa: S314 - written by the line itself
    assert root.get("role") == "img"
    assert root.findtext("{http://www.w3.org/2000/svg}title")


def test_the_table_of_packages_says_what_the_code_imports() -> None:
    page = (diagrams.TOP / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = dict(re.findall(r"^\| `auditor/(\w+)/` \|.*\| ([^|]+) \|$", page, re.MULTILINE))
    told = {
        (name, one)
        for name, imports in table.items()
        if imports not in {"–", "all below"}
        for one in imports.split(", ")
    }
    assert told == diagrams.imports()


def test_the_tree_of_folders_is_that_of_the_code() -> None:
    page = (diagrams.TOP / "docs" / "architecture.md").read_text(encoding="utf-8")
    tree = page.partition("```text\nauditor/\n")[2].partition("```")[0]
    shown, parents = set(), [diagrams.TOP / "auditor"]
    for indent, name in re.findall(r"^([│ ]*)[├└]── (\w+)/", tree, re.MULTILINE):
        depth = len(indent) // 4
        parents[depth + 1 :] = [parents[depth] / name]
        shown.add(parents[-1])
    top = diagrams.TOP / "auditor"
    assert shown == {path for path in top.rglob("*") if path.is_dir() and not path.match("_*")}


def test_the_walk_names_files_and_functions_of_the_code() -> None:
    page = (diagrams.TOP / "docs" / "architecture.md").read_text(encoding="utf-8")
    walk = page.partition("## One refused read")[2].partition("\n## ")[0]
    files = [diagrams.TOP / "auditor" / name for name in re.findall(r"`([\w/]+\.py)`", walk)]
    defined = {
        node.name
        for file in files
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
    }
    named = {
        part for name in re.findall(r"`(_?[A-Z]\w*[a-z]\w*(?:\.\w+)?|[a-z]\w+)`", walk) for part in name.split(".")
    }
    defined_elsewhere = {"AuthorizationFailed", "Gap", "ReadFailed", "Unknown"}
    assert named <= defined | defined_elsewhere


def test_every_package_is_drawn_and_none_on_another() -> None:
    drawn = diagrams._PACKAGES
    assert {name for pair in diagrams.imports() for name in pair} <= drawn.keys()
    assert all(one[:2] != other[:2] for one, other in combinations(drawn.values(), 2))


def test_words_are_text() -> None:
    drawing = Drawing(10, 10, "<&>")
    drawing.box(Box(5, 5), "</svg><script>", "&amp;")
    assert [one.text for one in ET.fromstring(drawing.svg()).iter() if one.text and "script" in one.text] == [  # noqa: S314
        "</svg><script>"
    ]
