"""The results of a run over a plan: printed as they arrive, as JSON at the end, and as an exit code."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from auditor.cli.exit_codes import ExitCode
from auditor.cli.terminal import to_stderr, to_stdout
from auditor.report.inert import inert

if TYPE_CHECKING:
    from auditor.cleanup.results import ItemResult, RunEnd

SCHEMA = "migaudit/cleanup-result/1"


def code_of(end: "RunEnd") -> ExitCode:
    """Return the exit code for the way a run ended."""
    from auditor.cleanup.results import RunEnd

    return {
        RunEnd.DONE: ExitCode.CLEAN,
        RunEnd.STALE: ExitCode.PLAN_STALE,
        RunEnd.STOPPED: ExitCode.APPLY_STOPPED,
        RunEnd.REFUSED: ExitCode.REFUSED,
    }[end]


class Teller:
    """Printer of results: each as it arrives (table), or all of them at the end (JSON)."""

    def __init__(self, form: str) -> None:
        self._form = form

    def tell(self, result: "ItemResult") -> None:
        """Print the result of an item; if the journal lacks it, also on stderr, in any format."""
        if result.unwritten:
            for reason in result.why:
                to_stderr(f"{inert(result.item.name)}: {inert(reason)}")
        if self._form == "json":
            return
        to_stdout([f"{inert(result.item.name)}: {result.outcome.value}\n"])
        to_stdout(f"  {inert(reason)}\n" for reason in result.why)

    def end(self, results: "Sequence[ItemResult]", end: "RunEnd") -> ExitCode:
        """Print all results for JSON and return the exit code."""
        if self._form == "json":
            from auditor.report.json_text import json_text

            to_stdout([json_text({"schema": SCHEMA, "end": end.value, "items": [_json(one) for one in results]})])
        return code_of(end)


def _json(result: "ItemResult") -> dict[str, Any]:
    return {
        "id": result.item.id,
        "name": result.item.name,
        "outcome": result.outcome.summary,
        "detail": result.outcome.detail,
        "why": list(result.why),
    }
