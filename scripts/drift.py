"""Comparison of generated files with their sources: `python -m scripts.drift`; `--write` updates the files."""

import sys
from pathlib import Path

from auditor.data import rules_dir
from auditor.prepared import FILE
from scripts import (
    catalogue_pages,
    command_output,
    diagrams,
    notebook,
    pins,
    prepared_data,
    rule_pages,
    schema_page,
    terminal_picture,
)

TOP = Path(__file__).resolve().parent.parent
DOCS = TOP / "docs"


def generated() -> dict[Path, str]:
    """Return the expected text of every file that is generated, wholly or in part."""
    written = {
        **rule_pages.pages(),
        **catalogue_pages.pages(),
        **diagrams.pages(),
        **schema_page.pages(DOCS),
        **terminal_picture.pages(),
    }
    whole = {DOCS / page: text for page, text in written.items()} | notebook.files()
    by_hand = {TOP / "README.md", *DOCS.rglob("*.md")} - whole.keys()
    whole[rules_dir() / FILE] = prepared_data.text()
    return whole | {page: command_output.filled(page.read_text(encoding="utf-8")) for page in sorted(by_hand)}


def orphans() -> list[Path]:
    """Return the rule pages whose rule no longer exists."""
    return sorted({*(DOCS / "rules").glob("*.md")} - {DOCS / page for page in rule_pages.pages()})


def main() -> int:
    """Report the files that differ, or write them again; return 1 if a file differs."""
    texts, gone = generated(), orphans()
    stale = [path for path, text in texts.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if "--write" in sys.argv:
        for path in stale:
            path.parent.mkdir(exist_ok=True)
            path.write_text(texts[path], encoding="utf-8")
        for path in gone:
            path.unlink()
    else:
        faults = [f"{path.relative_to(TOP)} is out of date; run `make generate`" for path in stale + gone]
        faults += pins.faults(TOP / "requirements")
        print("\n".join(faults) or "nothing has drifted")
        return 1 if faults else 0
    print(*(f"wrote {path.relative_to(TOP)}" for path in stale), f"{len(gone)} removed", sep="\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
