"""The page that lists the published JSON Schemas, made from the schemas."""

import json
from pathlib import Path

_HEAD = """# Schemas

Every JSON result names its schema, such as `"schema": "migaudit/scan/1"`.
Files that you write for migaudit have one too, for editors.
A number changes only if a document of the old shape would be read wrongly.
More keys may appear beside those that a schema names.

| schema | of |
|---|---|
"""


def pages(docs: Path) -> dict[Path, str]:
    """Return the page by its path below `docs`."""
    rows = (f"| [{one.stem}]({one.name}) | {_title(one)} |\n" for one in sorted((docs / "schemas").glob("*.json")))
    note = "<!-- generated from the schemas by `make generate` -->"
    return {Path("schemas") / "index.md": f"{_HEAD}{''.join(rows)}\n{note}\n"}


def _title(schema: Path) -> str:
    held = json.loads(schema.read_text(encoding="utf-8"))
    return str(held["title"]).replace("|", "\\|")
