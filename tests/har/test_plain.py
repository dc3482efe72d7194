"""Texts without secrets: what is taken out, what stays, and how long that takes."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.har.addresses import address_of, plain

TOKEN = "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJodHRwcyJ9.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Code=ScopeLocked; Message=locked", "Code=ScopeLocked; Message=locked"),
        ('{"code": "AuthorizationFailed"}', '{"code": "AuthorizationFailed"}'),
        (f"token {TOKEN} expired", "token <removed> expired"),
        ("Authorization: Bearer abc\nnext", "Authorization: <removed>\nnext"),
        ("got Bearer abcdefghijkl here", "got Bearer <removed> here"),
        ("https://x/?code=0.AX&state=9&a=1", "https://x/?code <removed>&state <removed>&a=1"),
        ("https://x/?sv=1&sig=abc%2B= x", "https://x/?sv=1&sig <removed> x"),
        ('{"access_token": "abc", "a": 1}', '{"access_token": "<removed>", "a": 1}'),
        ("password=hunter2;x", "password <removed>;x"),
        ("A" * 40 + "b1" * 20, "<removed>"),
        ("word" * 30, "word" * 30),
        ("AccountKey=abc;EndpointSuffix=x", "AccountKey <removed>;EndpointSuffix=x"),
        ("-----BEGIN PRIVATE KEY-----", "<removed>"),
    ],
)
def test_secrets_are_taken_out_and_the_rest_stays(text: str, shown: str) -> None:
    assert plain(text) == shown


@given(
    st.dictionaries(
        st.sampled_from(["access_token", "password", "message", "sig", "code", "Cookie", "x"]),
        st.text(max_size=40) | st.just(f"Bearer {TOKEN}") | st.just("see ?sig=abc\\&x"),
    )
)
def test_json_stays_json(value: dict[str, str]) -> None:
    assert set(json.loads(plain(json.dumps(value)))) == set(value)


@pytest.mark.parametrize(
    "part", ["eyJ", "a.", "a-", "sig", "password", "Bearer ", "authorization:", '"\\', "aA1_", "%3D"]
)
def test_texts_made_to_be_slow_are_not(part: str) -> None:
    begun = time.process_time()
    plain(part * (200_000 // len(part)), 200_000)
    assert time.process_time() - begun < 2


@pytest.mark.parametrize(
    ("url", "text", "query"),
    [
        (
            "https://A.Example.com:443/x?api-version=1&sig=s#code=2",
            "https://a.example.com/x",
            "api-version=1&sig=<removed>",
        ),
        ("https://user:secret@x.com:8443/a", "https://x.com:8443/a", ""),
        (f"https://x.com/{TOKEN}/a", "https://x.com/<removed>/a", ""),
    ],
)
def test_of_an_address_no_value_is_kept(url: str, text: str, query: str) -> None:
    address = address_of(url)
    assert address is not None
    assert (address.text, address.query) == (text, query)


@pytest.mark.parametrize(
    "url", [None, 5, "", "data:x", "blob:https://x/y", "https://", "https://[::1", "https://x:99999/", "//x/y"]
)
def test_what_is_no_address_of_the_web_is_none(url: object) -> None:
    assert address_of(url) is None
