"""Parts without a connection: links, error bodies, shown texts, identities, tokens."""

import asyncio
import time
from typing import Any

import pytest
from azure.core.credentials import AccessTokenInfo, TokenRequestOptions
from hypothesis import given
from hypothesis import strategies as st

from auditor.azure.auth.identity import Identity, identity_of
from auditor.azure.auth.tokens import Tokens
from auditor.azure.errors import ReadFailed, SignInFailed, shown_url, without_secrets
from auditor.azure.failures import error_body
from auditor.azure.links import ForeignLink, next_url, origin_of, same_origin
from auditor.azure.paging import PageTrail
from tests.azure.hostile_azure import CLIENT, OBJECT, TENANT, jwt

ARM = "https://management.azure.com/subscriptions?api-version=1"
SCOPE = "https://management.azure.com/.default"


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ("https://management.azure.com/x?$skiptoken=1", "https://management.azure.com/x?$skiptoken=1"),
        ("https://MANAGEMENT.azure.com:443/x", "https://MANAGEMENT.azure.com:443/x"),
        ("/x?y", "https://management.azure.com/x?y"),
        ("?$skiptoken=2", "https://management.azure.com/subscriptions?$skiptoken=2"),
    ],
)
def test_links_that_stay(link: str, target: str) -> None:
    assert next_url(link, ARM) == target


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.contoso.com/x",
        "//evil.contoso.com/x",
        "http://management.azure.com/x",
        "https://management.azure.com:444/x",
        "https://management.azure.com.evil.contoso.com/x",
        "https://management.azure.com@evil.contoso.com/x",
        "https://evil.contoso.com\\@management.azure.com/x",
        "https://management.azure.com\\.evil.contoso.com/",
        "https://management.azure.com:99999999/x",
        " https://evil.contoso.com/x",
        "https:/\t/evil.contoso.com/x",
        "javascript:alert(1)",
        "https://[::1/x",
    ],
)
def test_links_that_lead_away(link: str) -> None:
    with pytest.raises(ForeignLink):
        next_url(link, ARM)


@given(st.text(max_size=60))
def test_whatever_is_followed_stays_on_the_origin(link: str) -> None:
    try:
        target = next_url(link, ARM)
    except ForeignLink:
        return
    assert origin_of(target) == "https://management.azure.com:443"


@given(st.text(max_size=30))
def test_a_host_is_not_its_prefix(suffix: str) -> None:
    url = f"https://management.azure.com{suffix}"
    if same_origin(url, "https://management.azure.com:443"):
        assert suffix == "" or suffix[0] in ":/?#"


@given(st.lists(st.sampled_from(["?a", "?b", "?c", ""]), max_size=6))
def test_a_trail_ends_or_fails_and_never_repeats(links: list[str]) -> None:
    trail, visited = PageTrail(ARM), [""]
    for link in links:
        if link in visited and link:
            with pytest.raises(ReadFailed, match="NextLinkLoop"):
                trail.after({"nextLink": link})
            return
        assert (trail.after({"nextLink": link}) is None) == (link == "")
        visited.append(link)


@pytest.mark.parametrize(
    ("status", "body", "code", "message"),
    [
        (403, '{"error":{"code":"Denied","message":"no","innererror":{"code":"x"}}}', "Denied", "no"),
        (404, '{"Code":"NotFound","Message":"gone"}', "NotFound", "gone"),
        (400, '{"code":"BadRequest","message":"bad"}', "BadRequest", "bad"),
        (400, '{"odata.error":{"code":"Bad","message":{"lang":"en","value":"bad"}}}', "Bad", "bad"),
        (401, '{"error":"invalid_client","error_description":"AADSTS1: no"}', "invalid_client", "AADSTS1: no"),
        (403, '{"Message":"denied"}', "Forbidden", "denied"),
        (403, '\ufeff{"error":{"code":"A","message":"b"}}', "A", "b"),
        (500, '{"error":{"code":500,"message":null}}', "500", "HTTP status 500 without a reason"),
        (503, "<html>", "ServiceUnavailable", "HTTP status 503 without a reason"),
        (429, "", "TooManyRequests", "HTTP status 429 without a reason"),
        (599, "[]", "Http599", "HTTP status 599 without a reason"),
        (400, '{"error":null}', "BadRequest", "HTTP status 400 without a reason"),
        (400, '{"error":""}', "BadRequest", "HTTP status 400 without a reason"),
    ],
)  # fmt: skip
def test_error_bodies_of_all_shapes(status: int, body: str, code: str, message: str) -> None:
    found = error_body(status, body.encode())
    assert (found.code, found.message) == (code, message)


@given(st.integers(100, 999), st.binary(max_size=60))
def test_any_body_gives_a_code(status: int, body: bytes) -> None:
    assert error_body(status, body).code


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (f"{ARM}&$filter=a eq 'b'", "https://management.azure.com/subscriptions?api-version=1&$filter=a%20eq%20'b'"),
        ("https://u:p@x.contoso.com:8443/a?sig=abc&$skiptoken=t#f", "https://x.contoso.com:8443/a?sig=...&$skiptoken=..."),
        ("https://x.contoso.com:port/", "<malformed URL>"),
        ("", ""),
    ],
)  # fmt: skip
def test_urls_are_shown_without_what_they_carry(url: str, shown: str) -> None:
    assert shown_url(url) == shown


@pytest.mark.parametrize(
    "text",
    [
        f"Bearer {'A1.' * 12}",
        f"token {jwt()} was refused",
        "client_secret=S3cr3t~value&grant_type=x",
        '{"access_token": "S3cr3t~value"}',
        "POST https://x?sig=S3cr3t~value",
        "cannot connect to http://megan:S3cr3t~value@proxy.contoso.com:8080 (407)",
    ],
)
def test_secrets_do_not_survive(text: str) -> None:
    shown = without_secrets(text)
    assert "<removed>" in shown
    assert "S3cr3t" not in shown
    assert "eyJ" not in shown
    assert "A1." not in shown


@given(st.text(max_size=3000))
def test_shown_text_is_one_line_of_bounded_length(text: str) -> None:
    shown = without_secrets(text)
    assert len(shown) <= 2000
    assert not any(character < " " for character in shown)


@pytest.mark.parametrize(
    ("claims", "identity"),
    [
        ({}, Identity(TENANT, OBJECT, "contoso-audit", "ServicePrincipal", CLIENT)),
        ({"idtyp": "user", "upn": "a@contoso.com"}, Identity(TENANT, OBJECT, "a@contoso.com", "User", CLIENT)),
        ({"idtyp": None}, Identity(TENANT, OBJECT, "contoso-audit", "ServicePrincipal", CLIENT)),
        ({"idtyp": None, "scp": "x", "name": "Ann"}, Identity(TENANT, OBJECT, "Ann", "User", CLIENT)),
        ({"idtyp": "app", "azp": "x", "appid": ""}, Identity(TENANT, OBJECT, "contoso-audit", "ServicePrincipal", "x")),
        (
            {"app_displayname": None, "xms_mirid": "/subscriptions/s/providers/x/userAssignedIdentities/mi-audit"},
            Identity(TENANT, OBJECT, "mi-audit", "ServicePrincipal", CLIENT),
        ),
        ({"idtyp": "user", "appid": None}, Identity(TENANT, OBJECT, OBJECT, "User", None)),
    ],
)  # fmt: skip
def test_who_a_token_is_for(claims: dict[str, Any], identity: Identity) -> None:
    assert identity_of(jwt(**claims)) == identity


@pytest.mark.parametrize("token", ["", "opaque", "a.b.c", "a.IiI.c", jwt(tid=None), jwt(oid=7)])
def test_a_token_that_says_nothing_is_no_identity_and_is_not_repeated(token: str) -> None:
    with pytest.raises(SignInFailed) as raised:
        identity_of(token)
    assert not token or token not in str(raised.value)


class Source:
    """A source of numbered tokens, which may fail."""

    def __init__(self, lifetime: int = 3600) -> None:
        self.lifetime = lifetime
        self.fails = False
        self.asked: list[TokenRequestOptions | None] = []

    async def get_token_info(self, *scopes: str, options: TokenRequestOptions | None = None) -> AccessTokenInfo:
        self.asked.append(options)
        await asyncio.sleep(0)
        if self.fails:
            raise SignInFailed((), "")
        return AccessTokenInfo(f"{scopes[0]} {len(self.asked)}", int(time.time()) + self.lifetime)


async def test_many_at_once_ask_once_per_audience() -> None:
    source = Source()
    tokens = Tokens(source, TENANT)
    scopes = [SCOPE, "https://graph.microsoft.com/.default"] * 10
    got = await asyncio.gather(*(tokens.get_token_info(scope) for scope in scopes))
    assert len({token.token for token in got}) == 2
    assert source.asked == [{"enable_cae": True, "tenant_id": TENANT}] * 2
    assert (await tokens.get_token(SCOPE)).token == got[0].token


async def test_a_token_near_its_end_is_renewed_and_kept_where_renewing_fails() -> None:
    source = Source(lifetime=200)
    tokens = Tokens(source, None)
    first = await tokens.get_token_info(SCOPE)
    second = await tokens.get_token_info(SCOPE)
    assert first.token != second.token
    source.fails = True
    assert (await tokens.get_token_info(SCOPE)).token == second.token
    asked = len(source.asked)
    assert (await tokens.get_token_info(SCOPE)).token == second.token
    assert len(source.asked) == asked


async def test_a_token_at_its_end_is_not_used_on() -> None:
    source = Source(lifetime=5)
    tokens = Tokens(source, None)
    await tokens.get_token_info(SCOPE)
    source.fails = True
    with pytest.raises(SignInFailed):
        await tokens.get_token_info(SCOPE)


async def test_a_challenge_is_answered_by_a_new_token_that_then_serves_all() -> None:
    source = Source()
    tokens = Tokens(source, None)
    await tokens.get_token_info(SCOPE)
    challenged = await tokens.get_token_info(SCOPE, options={"claims": "{}"})
    assert source.asked[-1] == {"enable_cae": True, "claims": "{}"}
    assert (await tokens.get_token_info(SCOPE)).token == challenged.token
    assert (await tokens.get_token_info(SCOPE, options={"claims": "{}"})).token == challenged.token
    assert (await tokens.get_token_info(SCOPE, options={"claims": "{1}"})).token != challenged.token
    source.fails = True
    with pytest.raises(SignInFailed):
        await tokens.get_token_info(SCOPE, options={"claims": "{2}"})
