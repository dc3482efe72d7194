"""The fast look at a text: it passes over none in which the search itself would remove something."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.har.scrub import name_parts, names
from auditor.har.scrub.removals import Removals
from auditor.har.scrub.search.prefilter import is_innocent, is_innocent_document
from auditor.har.scrub.text import Scrubber
from auditor.har.scrub.words import words
from tests.har.scrub.azure_secrets import TEXTS
from tests.har.scrub.planted import ENCODINGS, FORMS, GUID, NAMED, URL
from tests.har.scrub.test_names import BY_VALUE, HARMLESS, SECRET

pytestmark = pytest.mark.untraced

KEY = "q8Jf3kLz0PvX7mN2cR5tY9bH4wG6sD1aEq8Jf3kLz0PvX7mN2cR5tY9bH4wG6sD1aE+/x/2+bQ=="
PLANTED = {
    **{
        f"{name}, {way}": encode(named("Zq9x7Lm2Vt4Rk8Pw"))
        for name, named in {**NAMED, **TEXTS}.items()
        for way, encode in ENCODINGS.items()
    },
    **{f"{form}, {way}": encode(written(KEY)) for form, written in FORMS.items() for way, encode in ENCODINGS.items()},
}


def searched(text: str) -> str:
    """Return a text as the search alone leaves it."""
    return Scrubber(Removals())._until_nothing_changes(text, 0)


def test_no_planted_secret_is_passed_over() -> None:
    assert [name for name, text in PLANTED.items() if is_innocent(text) and searched(text) != text] == []


TABLES = {
    *names._EXACT,
    *names._UNSURE,
    *name_parts._KINDS,
    *(ending for endings, _ in names._ENDINGS for ending in endings),
} - {"primarykey", "systemkey"}


@pytest.mark.parametrize("name", sorted(SECRET | BY_VALUE | TABLES))
@pytest.mark.parametrize("mark", ["=", ": ", '": "', " => ", ":"])
def test_no_name_of_a_secret_is_passed_over(name: str, mark: str) -> None:
    assert not is_innocent(f"{name}{mark}Zq9x7Lm2Vt4Rk8Pw")


@pytest.mark.parametrize(
    "text",
    [
        URL.partition("?")[0],
        GUID,
        "2026-11-30T10:00:00.1234567Z",
        "Microsoft.OffAzure/VMwareSites/machines",
        "Microsoft Windows Server 2019 (64-bit)",
        "00:50:56:ab:cd:ef",
        "[ds1] vm-1/vm-1_0.vmdk",
        "max-age=31536000; includeSubDomains",
    ],
)
def test_what_a_capture_is_full_of_is_passed_over(text: str) -> None:
    assert is_innocent(text)
    assert searched(text) == text


PIECES = (
    words(
        """devicelogin ABCD-EFGH passwordage pkcs12 with password pin PIN code
    state sid x vm-1 is set net user login -p /p -u a:b eyJ 0.A M.C5 sk- Bearer pop aHVudGVyMjI
    hunter22 Zq9x7Lm2Vt4Rk8Pw 1234 my new raw api db.pass STRIPE KEY"""
    )
    | {KEY[:30], GUID, "net user"}
    | SECRET
)
MARKS = " =:;,./-_'\"()[]|>#?+*!$\n"
TEXT = st.lists(st.sampled_from([*sorted(PIECES), *MARKS]), max_size=10).map("".join)
NAMES = st.sampled_from(
    [
        *sorted(SECRET | BY_VALUE | HARMLESS),
        *words(
            """name value id type properties mail displayName userPrincipalName user createdBy kty d key keyName columns
            rows template parameters isEncrypted kind apiVersion data op path newValue code state message error"""
        ),
    ]
)
VALUES = st.recursive(
    st.booleans()
    | st.integers(0, 9999)
    | st.sampled_from([*sorted(PIECES), "Microsoft.KeyVault/vaults/secrets", "Ada"]),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(NAMES, inside, max_size=4),
    max_leaves=8,
)


@settings(max_examples=200)
@given(TEXT)
def test_the_search_removes_nothing_of_what_is_passed_over(text: str) -> None:
    if is_innocent(text):
        assert searched(text) == text


@settings(max_examples=200)
@given(st.dictionaries(NAMES, VALUES, min_size=1, max_size=4))
def test_the_search_removes_nothing_of_a_document_that_is_passed_over(held: dict[str, Any]) -> None:
    text = json.dumps(held)
    if is_innocent_document(text):
        assert searched(text) == text
