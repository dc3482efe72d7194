"""What a command shows in a format, as a text: of a workbook, which goes to a file, the texts of its cells."""

from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from auditor.cli.formats import WORKBOOK
from tests.cli.running import Done, Run


def shown_in(form: str, migaudit: Run, folder: Path, *arguments: Any) -> tuple[Done, str]:
    """Return what the command did, and what it showed in this format."""
    if form != WORKBOOK:
        done = migaudit(*arguments, "--format", form)
        return done, done.out
    file = folder / f"shown.{form}"
    done = migaudit(*arguments, "--format", f"{form}={file}")
    return done, text_of(file)


def text_of(workbook: Path) -> str:
    """Return the texts of all cells, each on its own line."""
    cells = (cell for sheet in load_workbook(workbook) for row in sheet.iter_rows(values_only=True) for cell in row)
    return "\n".join(str(cell) for cell in cells if cell is not None)
