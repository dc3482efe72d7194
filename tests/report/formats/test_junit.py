"""JUnit: a reader that is not ours counts what we count, and finds every finding."""

import xml.etree.ElementTree as ET
from collections.abc import Callable

from hypothesis import given
from junitparser import Failure, JUnitXml, Properties, Skipped

from auditor.report.formats.junit import render
from auditor.report.result import ScanResult
from tests.report.accepted_result import WORDS, accepted
from tests.report.golden_file import check_golden
from tests.report.hostile_names import HOSTILE


def test_golden(everything: ScanResult) -> None:
    # junitparser writes with lxml where that is installed, which puts no blank before `/>`.
    check_golden("scan.junit.xml", ET.canonicalize(render(everything)))


def test_a_reader_that_is_not_ours_counts_the_same(everything: ScanResult) -> None:
    told = JUnitXml.fromstring(render(everything).encode())
    assert (told.tests, told.failures, told.skipped, told.errors) == (5, 2, 2, 0)
    told.update_statistics()
    assert (told.tests, told.failures, told.skipped, told.errors) == (5, 2, 2, 0)
    assert [suite.name for suite in told] == ["account-cannot-register", "workspace-left-behind"]


def test_what_is_suppressed_is_skipped_and_says_who_answers_for_it(everything: ScanResult) -> None:
    told = JUnitXml.fromstring(render(accepted(everything)).encode())
    assert (told.failures, told.skipped) == (1, 3)
    [outcome] = next(iter(next(iter(told)))).result
    assert outcome.message.startswith(f"suppressed: {WORDS.words}; ")


def test_an_unknown_is_skipped_and_says_that_it_is_unknown(everything: ScanResult) -> None:
    suites = list(JUnitXml.fromstring(render(everything).encode()))
    [unknown] = [outcome for case in suites[1] for outcome in case.result]
    assert isinstance(unknown, Skipped)
    assert unknown.message == "unknown: could not be checked"
    [failure] = next(iter(suites[0])).result
    assert isinstance(failure, Failure)
    assert "fix: Delete the resource group as the last resort (can lose something)" in failure.text


def test_what_needs_a_look_says_where_it_is(everything: ScanResult) -> None:
    cases = [case for suite in JUnitXml.fromstring(render(everything).encode()) for case in suite]
    told = [{one.name: one.value for one in case.child(Properties) or ()} for case in cases]
    assert told[0]["subscription_name"] == "Contoso Datacenter Exit"
    assert told[0]["project"] == "contoso-exit"
    assert told[0]["portal"].startswith("https://portal.azure.com/#@")
    assert [bool(one) for one in told] == [
        not case.is_passed and "does not apply" not in str(case.result) for case in cases
    ]
    [unknown] = cases[-1].result
    assert "unread: `Microsoft.Insights/scheduledQueryRules`" in unknown.text


@given(HOSTILE)
def test_whatever_things_are_called_it_is_xml(hostile: Callable[[str], ScanResult], name: str) -> None:
    root = ET.fromstring(render(hostile(name)).encode())  # noqa: S314 - written by the line itself
    assert {element.tag for element in root.iter()} == {
        "testsuites",
        "testsuite",
        "testcase",
        "properties",
        "property",
        "failure",
        "skipped",
    }
    assert len(root.findall(".//testcase")) == 2
