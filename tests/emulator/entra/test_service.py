import base64
import hashlib
import ssl
import time
from urllib.parse import parse_qs, urlsplit

import aiohttp
import jwt
import pytest

from auditor.emulator.options import Options
from auditor.inventory.snapshot.records import By
from tests.emulator.contoso_corner import (
    AUDITOR,
    AUDITOR_APP,
    MEGAN,
    TENANT,
    Client,
    claims,
    corner,
    signed_in,
)

SUBSCRIPTIONS = "/subscriptions?api-version=2021-04-01"
AZ = "04b07795-8ddb-4619-bbee-81e0d2e9f0fd"


async def test_the_auditor_of_the_snapshot_signs_in(client: Client) -> None:
    assert client.endpoints.client_id == AUDITOR_APP
    held = claims(client.token)
    assert (held["oid"], held["appid"], held["tid"], held["idtyp"]) == (AUDITOR, AUDITOR_APP, TENANT, "app")
    assert held["aud"] == client.endpoints.arm


async def test_if_a_user_made_the_snapshot_the_secret_is_of_another_identity() -> None:
    async with signed_in(corner(by=By(MEGAN, "Megan", "User"))) as client:
        outsider = str(claims(client.token)["oid"])
        assert (await client.get(SUBSCRIPTIONS)).status == 200
        assert (await client.get(f"/v1.0/servicePrincipals/{outsider}")).status == 404
        me = await by_device_code(client, f"{client.endpoints.graph}/.default")
    assert outsider not in {MEGAN, AUDITOR}
    assert claims(me["access_token"])["oid"] == MEGAN


@pytest.mark.parametrize(
    ("form", "status", "error", "number"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client", 7000215),
        ({"client_secret": ""}, 401, "invalid_client", 7000218),
        ({"client_id": MEGAN}, 400, "unauthorized_client", 700016),
        ({"client_id": ""}, 400, "invalid_request", 900144),
        ({"scope": "https://nothing.example.com/.default"}, 400, "invalid_resource", 500011),
        ({"scope": "gibberish"}, 400, "invalid_scope", 70011),
        ({"scope": ""}, 400, "invalid_request", 900144),
        ({"grant_type": "password"}, 400, "unsupported_grant_type", 70003),
        ({"grant_type": ""}, 400, "invalid_request", 900144),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, 400, "invalid_grant", 70000),
        ({"grant_type": "authorization_code", "code": "x"}, 400, "invalid_grant", 70000),
        ({"grant_type": "device_code", "device_code": "x"}, 400, "invalid_grant", 70000),
        ({"client_assertion": "no.token.this"}, 401, "invalid_client", 700027),
    ],
)
async def test_a_refused_sign_in_says_why(
    client: Client, form: dict[str, str], status: int, error: str, number: int
) -> None:
    answer = await client.sign_in(**form)
    assert (answer["status"], answer["error"], answer["error_codes"]) == (status, error, [number])
    assert str(answer["error_description"]).startswith(f"AADSTS{number}: ")


async def test_another_tenant_is_not_found(client: Client) -> None:
    for path in ("oauth2/v2.0/token", "oauth2/token"):
        answer = await client.ask("POST", f"/fabrikam.com/{path}")
        assert answer.status == 400
        assert answer.json["error_codes"] == [90002]
    assert (await client.get("/fabrikam.com/v2.0/.well-known/openid-configuration")).json["error_codes"] == [90002]
    assert (await client.get("/CONTOSO.com/v2.0/.well-known/openid-configuration")).status == 200


async def test_discovery_leads_to_the_keys_that_sign(client: Client) -> None:
    found = (await client.get(f"/{TENANT}/v2.0/.well-known/openid-configuration")).json
    assert found["issuer"] == f"{client.endpoints.login}/{TENANT}/v2.0"
    keys = await client.get(str(found["jwks_uri"]))
    key = jwt.PyJWKSet.from_dict(keys.json).keys[0]
    assert jwt.decode(client.token, key.key, algorithms=["RS256"], audience=client.endpoints.arm)["oid"] == AUDITOR
    older = (await client.get("/common/.well-known/openid-configuration")).json
    assert "{tenantid}" in str(older["issuer"])
    instance = await client.get("/common/discovery/instance?api-version=1.1&authorization_endpoint=x")
    assert instance.json["metadata"][0]["preferred_network"] == client.endpoints.login.removeprefix("https://")  # type: ignore[index]


async def test_the_older_token_endpoint(client: Client) -> None:
    form = {
        "grant_type": "client_credentials",
        "client_id": client.endpoints.client_id,
        "client_secret": client.endpoints.client_secret,
        "resource": "https://management.core.windows.net/",
    }
    async with client.http.post(f"{client.endpoints.login}/{TENANT}/oauth2/token", data=form) as answer:
        body = await answer.json()
    assert body["resource"] == form["resource"]
    assert isinstance(body["expires_in"], str)
    client.token = body["access_token"]
    assert (await client.get(SUBSCRIPTIONS)).status == 200


async def test_a_secret_in_the_header_and_an_assertion_instead_of_one(client: Client) -> None:
    pair = base64.b64encode(f"{client.endpoints.client_id}:{client.endpoints.client_secret}".encode()).decode()
    form = {"grant_type": "client_credentials", "scope": f"{client.endpoints.arm}/.default"}
    url = f"{client.endpoints.login}/{TENANT}/oauth2/v2.0/token"
    async with client.http.post(url, data=form, headers={"Authorization": f"Basic {pair}"}) as answer:
        assert answer.status == 200
    assertion = jwt.encode({"sub": "workload", "exp": time.time() + 60}, "0123456789abcdef0123456789abcdef")
    assert (await client.sign_in(client_secret="", client_assertion=assertion))["status"] == 200
    expired = jwt.encode({"sub": "workload", "exp": time.time() - 60}, "0123456789abcdef0123456789abcdef")
    assert (await client.sign_in(client_secret="", client_assertion=expired))["error_codes"] == [700027]


async def by_device_code(client: Client, scope: str) -> dict[str, object]:
    url = f"{client.endpoints.login}/organizations/oauth2/v2.0"
    async with client.http.post(f"{url}/devicecode", data={"client_id": AZ, "scope": scope}) as answer:
        device = await answer.json()
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": device["device_code"]}
    form |= {"client_id": AZ, "scope": scope}
    async with client.http.post(f"{url}/token", data=form) as answer:
        assert (await answer.json())["error"] == "authorization_pending"
    async with client.http.post(f"{url}/token", data=form) as answer:
        return await answer.json()  # type: ignore[no-any-return]


async def test_a_user_signs_in_by_device_code_and_again_by_refresh_token() -> None:
    async with signed_in(corner(by=By(MEGAN, "Megan", "User"))) as client:
        first = await by_device_code(client, f"{client.endpoints.arm}/.default offline_access openid")
        assert claims(first["access_token"])["upn"] == "MeganB@contoso.com"
        assert claims(first["id_token"])["aud"] == AZ
        info = base64.urlsafe_b64decode(str(first["client_info"]) + "==")
        assert MEGAN.encode() in info
        again = await client.sign_in(
            grant_type="refresh_token",
            refresh_token=str(first["refresh_token"]),
            client_id=AZ,
            scope="https://graph.microsoft.com/User.Read",
        )
        assert claims(again["access_token"])["aud"] == "https://graph.microsoft.com"
        client.token = str(again["access_token"])
        me = await client.get("/v1.0/me")
        assert me.json["userPrincipalName"] == "MeganB@contoso.com"
        assert (await client.get("/v1.0/me/transitiveMemberOf")).status == 200


async def test_an_authorization_code_is_valid_once_and_for_its_verifier() -> None:
    async with signed_in(corner(by=By(MEGAN, "Megan", "User"))) as client:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(b"verifier").digest()).decode().rstrip("=")
        sent = await client.get(
            f"/{TENANT}/oauth2/v2.0/authorize?client_id={AZ}&redirect_uri=http://localhost:1&state=s&nonce=n"
            f"&code_challenge={challenge}&code_challenge_method=S256"
        )
        back = parse_qs(urlsplit(sent.headers["Location"]).query)
        form = {"grant_type": "authorization_code", "code": back["code"][0], "client_id": AZ}
        good = await client.sign_in(**form, code_verifier="verifier")
        twice = await client.sign_in(**form, code_verifier="verifier")
    assert (sent.status, back["state"]) == (302, ["s"])
    assert claims(good["id_token"])["nonce"] == "n"
    assert twice["error"] == "invalid_grant"


async def test_a_managed_identity_needs_its_header(client: Client) -> None:
    path = f"/metadata/identity/oauth2/token?api-version=2018-02-01&resource={client.endpoints.arm}"
    assert (await client.get(path)).status == 400
    body = (await client.get(path, Metadata="true")).json
    other = await client.get(
        path.replace("/metadata/identity/oauth2/token", "/msi/token"), **{"X-IDENTITY-HEADER": "x"}
    )
    assert other.status == 200
    assert int(str(body["expires_on"])) > time.time()
    client.token = str(body["access_token"])
    assert claims(client.token)["oid"] != AUDITOR
    assert (await client.get(SUBSCRIPTIONS)).status == 200
    assert (await client.get("/metadata/identity/oauth2/token", Metadata="true")).status == 400


async def test_a_token_is_valid_for_its_audience_only(client: Client) -> None:
    graph = str((await client.sign_in(scope="https://graph.microsoft.com/.default"))["access_token"])
    arm = str((await client.sign_in(scope="https://management.azure.com/.default"))["access_token"])
    client.token = graph
    assert (await client.get("/v1.0/users")).status == 200
    refused = await client.get(SUBSCRIPTIONS)
    assert (refused.status, refused.code) == (401, "InvalidAuthenticationTokenAudience")
    client.token = arm
    assert (await client.get(SUBSCRIPTIONS)).status == 200
    refused = await client.get("/v1.0/users")
    assert (refused.status, refused.code) == (401, "InvalidAuthenticationToken")
    assert "audience" in str(refused.json["error"]["message"])  # type: ignore[index]


async def test_no_bad_token_passes(client: Client) -> None:
    good = client.token
    head, middle, tail = good.split(".")
    forged = jwt.encode(claims(good), "0123456789abcdef0123456789abcdef", algorithm="HS256")
    for token, code in (
        ("", "AuthenticationFailed"),
        ("nonsense", "InvalidAuthenticationToken"),
        (f"{head}.{middle}.{tail[:-8]}AAAAAAAA", "InvalidAuthenticationToken"),
        (forged, "InvalidAuthenticationToken"),
    ):
        client.token = token
        refused = await client.get(SUBSCRIPTIONS)
        assert (refused.status, refused.code) == (401, code)
        assert f'authorization_uri="{client.endpoints.login}/{TENANT}"' in refused.headers["WWW-Authenticate"]
        assert (await client.get("/v1.0/users")).status == 401


async def test_tokens_of_another_emulator_and_expired_ones_are_refused(client: Client) -> None:
    async with signed_in(corner(), Options(token_lifetime=-1)) as other:
        assert (await other.get(SUBSCRIPTIONS)).code == "ExpiredAuthenticationToken"
        client.token, own = str((await other.sign_in())["access_token"]), client.token
        assert (await client.get(SUBSCRIPTIONS)).status == 401
        official = await other.sign_in(scope="https://management.azure.com/.default")
        client.token = str(official["access_token"])
        assert (await client.get(SUBSCRIPTIONS)).status == 401
    client.token = own
    assert (await client.get(SUBSCRIPTIONS)).status == 200


@pytest.mark.parametrize(
    ("version", "shape"),
    [("2022-09-01", dict), ("2023-11-01", dict), ("2019-05-01", list), ("2020-09-01", list), ("1.0", dict)],
)
async def test_the_cloud_describes_itself(client: Client, version: str, shape: type) -> None:
    client.token = ""
    body: object = (await client.get(f"/metadata/endpoints?api-version={version}")).json
    assert isinstance(body, shape)
    cloud = body[0] if isinstance(body, list) else body
    assert cloud["authentication"]["loginEndpoint"] == client.endpoints.login  # type: ignore[index]
    assert client.endpoints.arm in cloud["authentication"]["audiences"]  # type: ignore[index]


async def test_other_paths_are_not_served(client: Client) -> None:
    assert (await client.get("/metadata/endpoints")).code == "MissingApiVersionParameter"
    assert (await client.get("/favicon.ico")).status == 404


async def test_clients_must_trust_the_authority(client: Client) -> None:
    async with aiohttp.ClientSession() as stranger:
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await stranger.get(client.endpoints.arm)
    strict = ssl.create_default_context(cafile=client.endpoints.ca_file)
    strict.verify_flags |= ssl.VERIFY_X509_STRICT
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=strict)) as careful:
        for host in ("127.0.0.1", "localhost"):
            url = client.endpoints.arm.replace("127.0.0.1", host)
            async with careful.get(f"{url}/metadata/endpoints?api-version=2022-09-01") as answer:
                assert answer.status == 200
