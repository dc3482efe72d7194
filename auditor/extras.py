"""The extras of migaudit: what each is for, and the error where it is not installed."""

from importlib.util import find_spec
from typing import Literal

Extra = Literal["analysis", "fleet", "ocsf", "xlsx"]
PACKAGES: dict[Extra, tuple[str, str]] = {
    "analysis": ("duckdb", "DuckDB"),
    "fleet": ("distributed", "Dask"),
    "ocsf": ("py_ocsf_models", "the OCSF models"),
    "xlsx": ("xlsxwriter", "XlsxWriter"),
}
"""The module that each extra brings, and what people call it."""


class ExtraMissing(Exception):
    """Failure because an extra is not installed; the text says what needs it, and how to install it."""

    def __init__(self, extra: Extra, wanted_by: str) -> None:
        _, name = PACKAGES[extra]
        super().__init__(
            f"{wanted_by} needs {name}, not installed here: in a clone of migaudit, `python -m pip install "
            f"'.[{extra}]'` with the Python that migaudit is installed for; with the file of a wheel in place of `.`, "
            "no clone is needed"
        )


def ensure_extra(extra: Extra, wanted_by: str) -> None:
    """Raise `ExtraMissing` if the extra is not installed; `wanted_by` is the option or command that needs it."""
    module, _ = PACKAGES[extra]
    if find_spec(module) is None:
        raise ExtraMissing(extra, wanted_by)
