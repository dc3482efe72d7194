"""Signing in: tokens per audience, claims challenges, and a clear message for each kind of failure."""

import asyncio
import base64
import json
import os
import socket
from pathlib import Path
from typing import Any

import pytest

from auditor.azure.auth.identity import Identity
from auditor.azure.auth.sign_in import AUTH_MODES
from auditor.azure.bounds import Bounds
from auditor.azure.connection import connect
from auditor.azure.errors import ReadFailed, SignInFailed, UnknownCloud, Unreachable
from tests.azure.hostile_azure import CLIENT, OBJECT, TENANT, HostileAzure, answers, jwt, quick, sends

GROUPS = "/subscriptions/5a1c6f0e-0000-4000-8000-000000000001/resourcegroups"
# azure-identity signs people in as this first-party application.
DEVELOPER_CLIENT = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
OTHER_TENANT = "9a111111-2222-4333-8444-555555555555"


async def sign_in_failure(hostile: HostileAzure, mode: str = "environment", tenant: str | None = None) -> SignInFailed:
    with pytest.raises(SignInFailed) as raised:
        async with connect(hostile.url, mode, tenant, retry=quick(), bounds=Bounds(sign_in=20)):
            raise AssertionError
    return raised.value


async def test_one_token_serves_many_requests_and_renews_before_it_ends(hostile: HostileAzure) -> None:
    hostile.on(GROUPS, answers({"id": GROUPS, "value": []}))
    async with connect(hostile.url, "environment", retry=quick()) as azure:
        await asyncio.gather(*(azure.arm.get(GROUPS, "1") for _ in range(20)))
        assert len(hostile.token_requests) == 1
        assert hostile.token_requests[0]["scope"] == f"{hostile.url}/.default"
    hostile.token_lifetime = 0  # expires immediately, so that every request renews it
    hostile.token_requests.clear()
    async with connect(hostile.url, "environment", retry=quick()) as azure:
        await azure.arm.get(GROUPS, "1")
    assert len(hostile.token_requests) > 1


async def test_a_claims_challenge_is_answered_once_for_all(hostile: HostileAzure) -> None:
    claims = '{"access_token":{"nbf":{"essential":true,"value":"1700000000"}}}'
    encoded = base64.urlsafe_b64encode(claims.encode()).decode().rstrip("=")
    challenge = f'Bearer authorization_uri="{hostile.url}", error="insufficient_claims", claims="{encoded}"'

    async def challenges(request: Any) -> Any:
        if len(hostile.token_requests) == 1:
            return await answers({}, 401, WWW_Authenticate=challenge)(request)
        return await answers({"id": GROUPS, "value": []})(request)

    hostile.on(GROUPS, challenges)
    async with connect(hostile.url, "environment", retry=quick()) as azure:
        await asyncio.gather(*(azure.arm.get(GROUPS, "1") for _ in range(8)))
        await azure.arm.get(GROUPS, "1")
    assert len(hostile.token_requests) == 2
    assert "1700000000" in hostile.token_requests[1]["claims"]


async def test_who_is_signed_in_comes_from_the_token(hostile: HostileAzure) -> None:
    async with connect(hostile.url, "environment", retry=quick()) as azure:
        assert await azure.identity() == Identity(TENANT, OBJECT, "contoso-audit", "ServicePrincipal", CLIENT)


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("AADSTS90002: Tenant not found.", "--tenant"),
        ("AADSTS700016: Application not found in the directory.", "AZURE_CLIENT_ID"),
        ("AADSTS7000222: The secret is expired.", "expired"),
        ("AADSTS1: Something new.", "AZURE_TENANT_ID"),
    ],
)
async def test_a_refusal_by_entra_says_what_to_do(hostile: HostileAzure, code: str, advice: str) -> None:
    hostile.token_plays = [answers({"error": "invalid_client", "error_description": code}, 400)]
    failure = await sign_in_failure(hostile)
    assert len(failure.attempts) == 1
    assert failure.attempts[0].startswith("EnvironmentCredential: ")
    assert code in failure.attempts[0]
    assert advice in failure.advice


async def test_a_token_of_another_tenant_is_refused(hostile: HostileAzure) -> None:
    body = {"token_type": "Bearer", "expires_in": 3600, "access_token": jwt(tid=OTHER_TENANT)}
    hostile.token_plays = [answers(body)]
    failure = await sign_in_failure(hostile, tenant=TENANT)
    assert OTHER_TENANT in failure.attempts[0]
    assert TENANT in failure.advice


async def test_the_tenant_asked_for_is_the_one_signed_in_to(
    hostile: HostileAzure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_TENANT_ID", OTHER_TENANT)
    paths: list[str] = []

    async def issues(request: Any) -> Any:
        paths.append(request.path)
        return await answers({"token_type": "Bearer", "expires_in": 3600, "access_token": jwt()})(request)

    hostile.token_plays = [issues]
    async with connect(hostile.url, "environment", TENANT, retry=quick()) as azure:
        assert (await azure.identity()).tenant_id == TENANT
    assert paths == [f"/{TENANT}/oauth2/v2.0/token"]


async def test_every_credential_of_the_default_chain_gets_its_line(
    hostile: HostileAzure, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("AZURE_CLIENT_SECRET")
    monkeypatch.setenv("PATH", str(tmp_path))
    # Nothing listens there, so the search for a managed identity ends immediately.
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "dev")
    failure = await sign_in_failure(hostile, "default")
    names = [attempt.partition(":")[0] for attempt in failure.attempts]
    assert names == ["AzureCliCredential", "AzurePowerShellCredential", "AzureDeveloperCliCredential"]
    assert "az login" in failure.advice


async def test_what_is_not_set_up_is_said(hostile: HostileAzure) -> None:
    failure = await sign_in_failure(hostile, "workload-identity")
    assert "WorkloadIdentityCredential" in failure.attempts[0]
    assert "AZURE_FEDERATED_TOKEN_FILE" in failure.advice


async def test_a_certificate_that_cannot_be_read_is_said(
    hostile: HostileAzure, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("AZURE_CLIENT_SECRET")
    monkeypatch.setenv("AZURE_CLIENT_CERTIFICATE_PATH", str(tmp_path / "gone.pem"))
    failure = await sign_in_failure(hostile)
    assert failure.attempts[0].startswith("EnvironmentCredential: ")
    assert "gone.pem" in failure.attempts[0]
    assert "AZURE_CLIENT_CERTIFICATE_PATH" in failure.advice


async def test_an_unknown_mode_names_the_known_ones(hostile: HostileAzure) -> None:
    failure = await sign_in_failure(hostile, "password")
    assert all(mode in failure.advice for mode in AUTH_MODES)


async def test_an_untrusted_certificate_is_named_as_such(
    hostile: HostileAzure, untrusted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(untrusted))
    with pytest.raises(Unreachable) as raised:
        async with connect(hostile.url, "environment", retry=quick()):
            raise AssertionError
    assert raised.value.code == "UntrustedCertificate"
    assert "SSL_CERT_FILE" in raised.value.advice


async def test_an_untrusted_login_endpoint_is_named_as_such(
    hostile: HostileAzure, certificate: Any, untrusted_server: HostileAzure
) -> None:
    hostile.metadata = lambda version: {
        **hostile.modern_metadata(version),
        "authentication": {"loginEndpoint": untrusted_server.url, "audiences": [hostile.url]},
    }
    failure = await sign_in_failure(hostile)
    assert "not trusted" in failure.attempts[0]
    assert "SSL_CERT_FILE" in failure.advice


async def test_an_unreachable_login_endpoint_is_named(hostile: HostileAzure) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"https://127.0.0.1:{free.getsockname()[1]}"
    hostile.metadata = lambda version: {
        **hostile.modern_metadata(version),
        "authentication": {"loginEndpoint": nobody, "audiences": [hostile.url]},
    }
    failure = await sign_in_failure(hostile)
    assert f"{nobody} cannot be reached" in failure.attempts[0]
    assert "HTTPS_PROXY" in failure.advice


async def test_an_unreachable_arm_endpoint_is_named(hostile: HostileAzure) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"https://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(Unreachable) as raised:
        async with connect(nobody, "environment", retry=quick()):
            raise AssertionError
    assert raised.value.code == "ConnectionFailed"
    assert nobody in str(raised.value)


async def test_roots_that_cannot_be_read_are_named(hostile: HostileAzure, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/ca.pem")
    with pytest.raises(Unreachable, match=r"/nowhere/ca\.pem"):
        async with connect(hostile.url, "environment", retry=quick()):
            raise AssertionError


async def test_the_bundle_of_the_azure_cli_is_honoured(
    hostile: HostileAzure, certificate: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate.ca_file))
    async with connect(hostile.url, "environment", retry=quick()) as azure:
        assert azure.cloud.name == "Hostile"


async def test_a_token_that_stops_coming_is_a_failed_read(hostile: HostileAzure) -> None:
    hostile.on(GROUPS, answers({"value": []}))
    hostile.token_lifetime = 0
    async with connect(hostile.url, "environment", retry=quick()) as azure:
        hostile.token_plays = [answers({"error": "invalid_client", "error_description": "AADSTS7000222: over"}, 401)]
        with pytest.raises(ReadFailed) as raised:
            await azure.arm.get(GROUPS, "1")
    assert (raised.value.status, raised.value.code) == (401, "SignInFailed")


async def test_a_page_that_is_no_discovery_is_said(hostile: HostileAzure) -> None:
    hostile.metadata = lambda _: None
    with pytest.raises(UnknownCloud, match="no ARM endpoint"):
        async with connect(hostile.url, "environment", retry=quick()):
            raise AssertionError


async def test_a_device_code_is_shown_and_waited_for_in_a_thread(
    hostile: HostileAzure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", os.environ["SSL_CERT_FILE"])
    root = f"{hostile.url}/{TENANT}"
    hostile.on(
        f"/{TENANT}/v2.0/.well-known/openid-configuration",
        answers(
            {
                "authorization_endpoint": f"{root}/oauth2/v2.0/authorize",
                "token_endpoint": f"{root}/oauth2/v2.0/token",
                "device_authorization_endpoint": f"{root}/oauth2/v2.0/devicecode",
                "issuer": f"{root}/v2.0",
            }
        ),
    )
    hostile.on(
        f"/{TENANT}/oauth2/v2.0/devicecode",
        answers(
            {
                "device_code": "d",
                "user_code": "CONTOSO1",
                "verification_uri": f"{hostile.url}/device",
                "expires_in": 60,
                "interval": 1,
            }
        ),
    )
    token = jwt(idtyp="user", upn="meganb@contoso.com")
    about = jwt(aud=DEVELOPER_CLIENT, iss=f"{root}/v2.0", sub="s", preferred_username="meganb@contoso.com")
    body = {"token_type": "Bearer", "expires_in": 3600, "access_token": token, "refresh_token": "r", "id_token": about}
    hostile.token_plays = [answers({**body, "client_info": "eyJ1aWQiOiJ1IiwidXRpZCI6InQifQ"})]
    said: list[str] = []
    async with connect(hostile.url, "device-code", TENANT, retry=quick(), tell=said.append) as azure:
        identity = await azure.identity()
    assert said == [f"to sign in, open {hostile.url}/device and enter the code CONTOSO1"]
    assert (identity.type, identity.name) == ("User", "meganb@contoso.com")


async def test_a_proxy_page_instead_of_a_token_is_a_failed_sign_in(hostile: HostileAzure) -> None:
    hostile.token_plays = [sends("<html>welcome</html>", "text/html", 200)]
    assert "EnvironmentCredential" in (await sign_in_failure(hostile)).attempts[0]


async def test_a_managed_identity_signs_in(
    hostile: HostileAzure, metadata_service: HostileAzure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", metadata_service.url)
    token = {"access_token": jwt(), "expires_in": "3600", "expires_on": "4102444800", "token_type": "Bearer"}
    metadata_service.on("/metadata/identity/oauth2/token", answers({**token, "resource": hostile.url}))
    async with connect(hostile.url, "managed-identity", retry=quick()) as azure:
        assert (await azure.identity()).object_id == OBJECT
    [asked] = metadata_service.asked
    assert asked.query["resource"] == hostile.url
    assert asked.query["client_id"] == CLIENT


async def test_the_azure_cli_signs_in_and_says_why_not(
    hostile: HostileAzure, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "az"
    answer = json.dumps({"accessToken": jwt(idtyp="user", upn="a@contoso.com"), "expires_on": 4102444800})
    program.write_text(f"#!/bin/sh\necho '{answer}'\n")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    async with connect(hostile.url, "cli", retry=quick()) as azure:
        assert (await azure.identity()).name == "a@contoso.com"
    program.write_text("#!/bin/sh\necho 'ERROR: Please run az login to setup account.' >&2\nexit 1\n")
    failure = await sign_in_failure(hostile, "cli")
    assert failure.attempts[0].startswith("AzureCliCredential: Please run 'az login'")
    assert "az login" in failure.advice
