"""Errors that an assessment reports with its machines: counted by entry, and no obstacle."""

from typing import Any

import pytest

from auditor.audit.catalogue import catalogue
from auditor.audit.readiness.remedies import entry_or_cause, remedy_of
from auditor.facts.readiness.suitability import Suitability
from tests.facts.readiness.waves import assessed, machine, wave


@pytest.mark.parametrize("error", [{"id": 751, "code": "UnableToConnect"}, {"code": "751"}])
def test_an_error_that_the_assessment_reports_keeps_no_machine_from_moving(error: dict[str, Any]) -> None:
    counted = assessed(wave(), machine("a", errors=[error, error]), machine("b"))
    total = counted.readiness(entry_or_cause).total
    assert total.by_suitability[Suitability.READY] == 2
    [count] = total.causes
    assert (count.machines, count.cause.is_remark) == (1, True)
    shown = remedy_of(count, catalogue())
    assert (shown.entry, shown.is_known) == ("vcenter-not-reached-for-performance", True)


def test_an_error_that_nobody_knows_is_shown_in_azures_words() -> None:
    counted = assessed(wave(), machine("a", errors=[{"id": 99999, "summaryMessage": "It is odd."}]))
    [count] = counted.readiness(entry_or_cause).total.causes
    shown = remedy_of(count, catalogue())
    assert (shown.title, shown.is_known) == ("Error 99999: It is odd.", False)
