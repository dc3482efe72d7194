"""OCSF: each event passes the models, and a verdict keeps its meaning; without the models the way to them is told."""

import json
import sys
from collections.abc import Callable

import pytest
from hypothesis import given
from py_ocsf_models.events.findings.compliance_finding import ComplianceFinding
from py_ocsf_models.objects.compliance_status import StatusID

from auditor.extras import ExtraMissing
from auditor.report.formats.ocsf import render
from auditor.report.result import ScanResult
from tests.report.golden_file import check_golden
from tests.report.hostile_names import HOSTILE
from tests.sampling import examples


def test_golden(everything: ScanResult) -> None:
    check_golden("scan.ocsf.json", render(everything, all_verdicts=True))


def test_verdicts_keep_their_meaning(everything: ScanResult) -> None:
    events = [ComplianceFinding.model_validate(one) for one in json.loads(render(everything, all_verdicts=True))]
    statuses = [event.compliance.status_id for event in events]
    assert statuses == [StatusID.Fail, StatusID.Fail, StatusID.Unknown, StatusID.Pass, StatusID.Other]
    assert {event.class_uid for event in events} == {2003}
    assert events[0].severity == "High"
    assert events[0].time == 1_795_428_000_000


def test_without_the_models_it_says_how_to_get_them(everything: ScanResult, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.delitem(sys.modules, "py_ocsf_models")
    with pytest.raises(ExtraMissing, match=r"pip install '\.\[ocsf\]'"):
        render(everything)


@examples(25)
@given(HOSTILE)
def test_whatever_things_are_called_the_models_take_it(hostile: Callable[[str], ScanResult], name: str) -> None:
    [failing, unknown] = json.loads(render(hostile(name)))
    ComplianceFinding.model_validate(failing)
    assert (failing["status_code"], unknown["status_code"]) == ("fail", "unknown")
