"""The decision records: each is in the index and in the site, and every dependency has its reason in them."""

import re
import tomllib
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
DECISIONS = TOP / "docs" / "decisions"


def test_every_decision_is_in_the_index_and_in_the_site() -> None:
    index, site = (DECISIONS / "index.md").read_text(), (TOP / "mkdocs.yml").read_text()
    pages = sorted(page.name for page in DECISIONS.glob("0*.md"))
    assert [name for name in pages if f"({name})" not in index or f"decisions/{name}" not in site] == []
    assert [int(name[:4]) for name in pages] == list(range(1, len(pages) + 1))


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((TOP / "pyproject.toml").read_text())["project"]
    named = [*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)]
    table = (DECISIONS / "0006-dependencies.md").read_text().replace(", -", ", azure-mgmt-")
    missing = [
        name for one in named for name in re.findall(r"^[a-z0-9-]+", one) if not re.search(rf"\b{name}\b", table)
    ]
    assert missing == []
