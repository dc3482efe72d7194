"""What is suppressed stays visible in every format, and so does what a baseline left out."""

import csv
import json
from io import StringIO

from auditor.report.formats import csv_report, jsonl_report, markdown, ocsf, sarif
from auditor.report.html import page as html
from auditor.report.result import ScanResult, accepted_words
from tests.report.accepted_result import WORDS, accepted

SAID = (
    "Only what is new since 2026-11-01 00:00 UTC; 3 problems and 0 notes known then and 2 verdicts unknown then are "
    "left out."
)


def test_nothing_to_say(everything: ScanResult) -> None:
    assert accepted_words(everything) == ()


def test_csv(everything: ScanResult) -> None:
    first, second, *_ = csv.DictReader(StringIO(csv_report.render(accepted(everything)), newline=""))
    assert (first["verdict"], first["suppressed"], second["suppressed"]) == ("fail", WORDS.words, "")


def test_sarif(everything: ScanResult) -> None:
    first, second, *_ = json.loads(sarif.render(accepted(everything)))["runs"][0]["results"]
    assert first["suppressions"][0]["justification"] == WORDS.reason
    assert "suppressions" not in second


def test_ocsf(everything: ScanResult) -> None:
    first, second, *_ = json.loads(ocsf.render(accepted(everything)))
    assert (first["status"], first["comment"], second["status"]) == ("Suppressed", WORDS.words, "New")


def test_jsonl(everything: ScanResult) -> None:
    first = json.loads(jsonl_report.render(accepted(everything)).splitlines()[1])
    assert first["suppressed"]["owner"] == "patti@contoso.com"


def test_markdown(everything: ScanResult) -> None:
    text = markdown.render(accepted(everything))
    assert SAID in text
    assert "1 of the findings is suppressed: somebody answers for it." in text
    assert "- [x] **`adele@contoso.com → contoso-exit`**" in text
    assert "    - suppressed: accepted by `patti@contoso.com` until 2027" in text


def test_html(everything: ScanResult) -> None:
    page = html.render(accepted(everything))
    assert SAID in page
    assert "accepted by patti@contoso.com until 2027-03-31" in page
