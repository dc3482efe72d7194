"""Any text at all: an answer or none, never a crash, never a secret."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.audit.catalogue import catalogue
from auditor.audit.explain.explanation import explanation
from auditor.audit.explain.named_things import things_in
from auditor.audit.explain.pasted_text import decoded, pasted
from auditor.audit.rules.book import load_rules
from auditor.data import rules_dir
from auditor.report.formats.explanation_json import explanation_json
from auditor.report.json_text import json_text
from auditor.report.terminal.explanation import explanation_text
from auditor.report.terminal.style import PageStyle

pytestmark = pytest.mark.untraced

RULES = load_rules(rules_dir())
SECRET = "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.S3cr3t-T0k3n.c2lnbmF0dXJl"

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["error", "code", "message", "details", "innererror", "additionalInfo", "info", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)
PIECES = (
    *("error", "60052", "802", "code:", "{", "}", '"', "\\", "<p>", "AADSTS53003", "ScopeLocked", "The client '", "'"),
    *("on scope '/x'", "Policy identifiers: '[{", '"policyAssignment"', "\n", "0x803381B9", "\x1b[31m", "\u202e", "é"),
)
WORDS = st.lists(st.sampled_from(PIECES), max_size=30).map(" ".join)


def shown(text: str) -> str:
    found = explanation(text, catalogue(), RULES)
    things_in(found.text)  # names nothing, or something
    return explanation_text(found, PageStyle()) + json_text(explanation_json(found))


@given(st.text(max_size=300) | WORDS | JSON.map(json.dumps) | JSON.map(lambda one: json.dumps(json.dumps(one))))
def test_every_text_has_an_answer_that_a_terminal_can_show(text: str) -> None:
    answer = shown(text)
    assert "\x1b" not in answer
    assert "\u202e" not in answer


@given(st.binary(max_size=200))
def test_every_file_can_be_read(data: bytes) -> None:
    pasted(decoded(data))


@given(JSON)
def test_a_document_is_found_wherever_it_stands(document: Any) -> None:
    outer = {"a": [document]}
    for text in (json.dumps(outer), f"x {json.dumps(outer)} y", json.dumps(json.dumps(outer))):
        assert outer in pasted(text).documents


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_a_file_of_any_encoding_is_read(encoding: str) -> None:
    assert "Fehler 60052 größer" in decoded("Fehler 60052 größer".encode(encoding))


@pytest.mark.parametrize(
    "text",
    [
        f"Authorization: Bearer {SECRET} error 60052",
        json.dumps({"error": {"code": "ScopeLocked", "message": f"token {SECRET}"}}),
        json.dumps({"error": {"code": "AuthorizationFailed", "message": "x", "access_token": SECRET}}),
        f"GET https://x.blob.core.windows.net/c?sig={SECRET} error 60030",
        f"does not have authorization to perform action 'a/b/read' over scope '/subscriptions/x?sig={SECRET}'",
        f"error 60052 client_secret={SECRET}",
        f"AADSTS53003: blocked. refresh_token={SECRET}",
    ],
)
def test_what_is_secret_in_a_text_is_never_repeated(text: str) -> None:
    answer = shown(text)
    assert SECRET not in answer
    assert "S3cr3t-T0k3n" not in answer


@pytest.mark.parametrize(
    "text",
    [
        "{" * 300_000,
        '{"a":' * 100_000,
        "[" * 300_000,
        "'" * 300_000,
        "&amp;" * 100_000,
        " " * 300_000,
        "<!--" * 200_000,
        '{"a":"' * 100_000,
        "\\" * 500_000,
    ],
)
def test_a_text_that_is_nothing_but_beginnings_is_read(text: str) -> None:
    found = explanation(text, catalogue(), RULES)
    assert found.shown == ()
    assert not things_in(found.text)
