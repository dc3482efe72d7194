"""A planted secret is in no output, however that is read; what support needs is in every output."""

import base64
import json
import string
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.har.scrub.azure_secrets import CALLS, TEXTS
from tests.har.scrub.planted import (
    ENCODINGS,
    FORMS,
    GUID,
    MESSAGE,
    NAMED,
    PLACES,
    URL,
    entry,
    headers,
    readings,
    scrubbed,
    scrubbed_text,
)

pytestmark = pytest.mark.untraced

SECRETS = st.text(string.ascii_letters + string.digits, min_size=12, max_size=40).filter(
    lambda text: sum(map(str.isdigit, text)) > 2
) | st.text(string.ascii_letters + string.digits + "+/~.-_!$*ü€", min_size=12, max_size=40).filter(
    lambda text: sum(map(str.isdigit, text)) > 2
)
"""Values as machines make them: they have digits, and nobody would take them for a word."""
NAMED = {**NAMED, **TEXTS}
NAMES = st.sampled_from(sorted(NAMED))
WAYS = st.sampled_from(sorted(ENCODINGS))
SPOTS = st.sampled_from(sorted(PLACES))


def leaks(output: object, secret: str) -> list[str]:
    return [reading for reading in readings(output) if secret in reading]


@settings(max_examples=40)
@given(SECRETS, NAMES, WAYS, SPOTS)
def test_a_secret_with_a_name_is_gone_in_any_encoding_and_place(secret: str, name: str, way: str, spot: str) -> None:
    planted = PLACES[spot](ENCODINGS[way](NAMED[name](secret)))
    output, _ = scrubbed(planted)
    assert leaks(output, secret) == []


@settings(max_examples=40)
@given(SECRETS, st.sampled_from(sorted(CALLS)))
def test_a_secret_is_gone_from_the_calls_of_azure(secret: str, call: str) -> None:
    output, _ = scrubbed(*CALLS[call](secret))
    assert leaks(output, secret) == []
    assert scrubbed(*output)[0] == output


@settings(max_examples=40)
@given(SECRETS, WAYS, SPOTS)
def test_a_secret_that_was_found_once_is_gone_wherever_it_stands(secret: str, way: str, spot: str) -> None:
    known = entry(request={"headers": headers(Authorization=f"Bearer {secret}")})
    output, _ = scrubbed(PLACES[spot](ENCODINGS[way](f"here it is: {secret}")), known)
    assert leaks(output, secret) == []


@settings(max_examples=40)
@given(st.integers(0, 2**32), st.sampled_from(sorted(FORMS)), WAYS, SPOTS)
def test_a_key_without_a_name_is_gone_by_its_form(seed: int, form: str, way: str, spot: str) -> None:
    key = base64.b64encode(Random(seed).randbytes(64)).decode()
    output, _ = scrubbed(PLACES[spot](ENCODINGS[way](FORMS[form](key))))
    for part in (key[4:24], key[64:84], key[4:24].translate(str.maketrans("+/", "-_"))):
        assert leaks(output, part) == []


@settings(max_examples=40)
@given(SECRETS, NAMES, WAYS, SPOTS)
def test_scrubbing_twice_changes_nothing(secret: str, name: str, way: str, spot: str) -> None:
    once, _ = scrubbed(PLACES[spot](ENCODINGS[way](NAMED[name](secret))))
    again, removals = scrubbed(*once)
    assert again == once
    assert not removals.counts
    assert not removals.addresses.count


@settings(max_examples=40)
@given(SECRETS, NAMES, WAYS)
def test_the_log_of_a_console_is_scrubbed_too(secret: str, name: str, way: str) -> None:
    text = f"12:00 first line\n12:01 {ENCODINGS[way](NAMED[name](secret))}\n12:02 error 60052 {MESSAGE}\n"
    once = scrubbed_text(text)
    assert leaks(once, secret) == []
    assert MESSAGE in once
    assert scrubbed_text(once) == once


@settings(max_examples=40)
@given(SECRETS, NAMES, WAYS, SPOTS)
def test_what_support_needs_stays(secret: str, name: str, way: str, spot: str) -> None:
    refused = entry(request={"headers": headers(Authorization=f"Bearer {secret}", x_ms_client_request_id=GUID)})
    output, _ = scrubbed(PLACES[spot](ENCODINGS[way](NAMED[name](secret))), refused)
    assert output[1]["request"]["url"] == URL
    assert output[1]["response"] == refused["response"]
    assert output[1]["startedDateTime"] == refused["startedDateTime"]
    assert output[1]["request"]["headers"][1]["value"] == GUID
    assert json.loads(json.dumps(output)) == output


@settings(max_examples=40)
@example('{"a": "x')
@example("%5B%22%5Cu0000")
@given(
    st.text(max_size=80)
    | st.lists(
        st.sampled_from(
            [
                "password",
                "=",
                ":",
                '"',
                "{",
                "}",
                "[removed: token]",
                "%5Bremoved",
                "\\",
                "\\u0022",
                "&quot;",
                "eyJ",
                "<a>",
                "</a>",
                "sig=",
                ";",
                "&",
                "?",
                "#",
                "@",
                "a.b",
                "Bearer ",
                "hunter22",
                "\n",
                " ",
                "==",
                "://",
            ]
        ),
        max_size=14,
    ).map("".join)
)
def test_any_text_is_scrubbed_once_and_for_all(text: str) -> None:
    once = scrubbed_text(text)
    assert scrubbed_text(once) == once
