"""The notebook of the documentation, executed: its outputs and its page are made again from its cells."""

import os
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import nbformat
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient
from nbconvert.exporters import MarkdownExporter

TOP = Path(__file__).resolve().parent.parent
NOTEBOOK = TOP / "docs" / "notebooks" / "contoso.ipynb"
PAGE = TOP / "docs" / "notebook.md"
_STATE = ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR")
"""Where a kernel writes its state, which must not be the home folder of who builds the documentation."""
_HEAD = """<!-- generated from notebooks/contoso.ipynb by `make generate`: change its cells there -->

!!! note
    This page is [a notebook](notebooks/contoso.ipynb), carried out each time the documentation is built.
    It needs pandas and Jupyter beside migaudit, and is opened in a clone.

"""


def files() -> dict[Path, str]:
    """Return the notebook with its outputs, and its page, by their paths."""
    return {NOTEBOOK: _executed(), PAGE: _page()}


@cache
def _executed() -> str:
    """Return the notebook after running its cells in the folder of the project, without what differs between runs."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]
    with TemporaryDirectory() as folder, patch.dict(os.environ, dict.fromkeys(_STATE, folder)):
        kernel = KernelManager(kernel_name="python3", transport="ipc", ip=str(Path(folder, "kernel")))
        try:
            # What a cell prints arrives in as many pieces as the machine is slow, and is kept as one.
            settings = {"timeout": 120, "record_timing": False, "coalesce_streams": True}
            NotebookClient(notebook, km=kernel, resources={"metadata": {"path": str(TOP)}}, **settings).execute()
        finally:
            if kernel.has_kernel:
                kernel.shutdown_kernel(now=True)
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return str(nbformat.writes(notebook)) + "\n"  # type: ignore[no-untyped-call]


@cache
def _page() -> str:
    body, _ = MarkdownExporter().from_notebook_node(nbformat.reads(_executed(), as_version=4))  # type: ignore[no-untyped-call]
    lines = (line.rstrip() for line in body.strip().splitlines())
    title, *rest = lines
    return f"{title}\n\n{_HEAD}" + "\n".join(rest).strip() + "\n"
