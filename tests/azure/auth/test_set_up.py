"""What the environment sets up wrongly: it ends the sign-in, and never in another identity of the machine."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from auditor.azure.connection import connect
from tests.azure.auth.test_sign_in import sign_in_failure
from tests.azure.hostile_azure import CLIENT, TENANT, HostileAzure, answers, jwt, quick, sends

WHO = {"AZURE_TENANT_ID": TENANT, "AZURE_CLIENT_ID": CLIENT}
PATH = "AZURE_CLIENT_CERTIFICATE_PATH"


@dataclass(frozen=True)
class OtherIdentity:
    """The Azure CLI of this machine, signed in as somebody, and whether it was asked."""

    folder: Path

    @property
    def asked(self) -> Path:
        return self.folder / "asked"

    def was_asked(self) -> bool:
        return self.asked.exists()

    def program(self, name: str, script: str) -> None:
        path = self.folder / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o700)


def pem(encrypted: bool = False) -> bytes:
    """Return a private key without a certificate."""
    key = rsa.generate_private_key(65537, 2048)
    cipher = BestAvailableEncryption(b"s3cret") if encrypted else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, cipher)


@pytest.fixture
def another_identity(
    hostile: HostileAzure, metadata_service: HostileAzure, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> OtherIdentity:
    """The only other way to sign in on this machine."""
    cli = OtherIdentity(tmp_path)
    answer = json.dumps({"accessToken": jwt(idtyp="user", upn="a@contoso.com"), "expires_on": 4102444800})
    cli.program("az", f"touch {cli.asked}; echo '{answer}'")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    for name in [name for name in os.environ if name.startswith("AZURE_")]:
        monkeypatch.delenv(name)
    # A page instead of a token: there is no managed identity here, which is known at once.
    metadata_service.on("/metadata/identity/oauth2/token", sends("<html>welcome</html>", "text/html", 200))
    monkeypatch.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", metadata_service.url)
    return cli


@pytest.mark.parametrize(
    ("variables", "content", "words"),
    [
        ({**WHO, PATH: "gone.pem"}, None, "gone.pem"),
        ({**WHO, PATH: "."}, None, "Is a directory"),
        ({**WHO, PATH: "cert"}, b"", "EnvironmentCredential: "),
        ({**WHO, PATH: "cert"}, b"\x00\xffnothing like it", "EnvironmentCredential: "),
        ({**WHO, PATH: "cert"}, b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "EnvironmentC"),
        ({**WHO, PATH: "cert"}, pem(), "EnvironmentCredential: "),
        ({**WHO, PATH: "cert"}, pem(encrypted=True), "EnvironmentCredential: TypeError"),
        ({**WHO, PATH: ""}, None, f"{PATH} is empty"),
        ({**WHO, "AZURE_CLIENT_SECRET": ""}, None, "AZURE_CLIENT_SECRET is empty"),
        ({"AZURE_CLIENT_SECRET": "s3cret", "AZURE_TENANT_ID": TENANT}, None, "set without AZURE_CLIENT_ID"),
        ({PATH: "gone.pem"}, None, f"{PATH} set without AZURE_TENANT_ID and AZURE_CLIENT_ID"),
        ({**WHO, "AZURE_USERNAME": "a@contoso.com", "AZURE_PASSWORD": "s3cret"}, None, "no longer sign in"),
        ({"AZURE_FEDERATED_TOKEN_FILE": "cert", "AZURE_TENANT_ID": TENANT}, b"x", "set without AZURE_CLIENT_ID"),
        ({**WHO, "AZURE_FEDERATED_TOKEN_FILE": "gone.jwt"}, None, "gone.jwt"),
        ({"AZURE_TOKEN_CREDENTIALS": "production"}, None, "AZURE_TOKEN_CREDENTIALS"),
    ],
)
async def test_what_is_set_up_wrongly_never_ends_in_another_identity(
    hostile: HostileAzure,
    another_identity: OtherIdentity,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    variables: dict[str, str],
    content: bytes | None,
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    if content is not None:
        (tmp_path / "cert").write_bytes(content)
    failure = await sign_in_failure(hostile, "default")
    assert words in "\n".join(failure.attempts)
    assert "s3cret" not in str(failure)
    assert not another_identity.was_asked()


@pytest.mark.parametrize(
    "variables", [{}, WHO, {"AZURE_CLIENT_ID": CLIENT}, dict.fromkeys([*WHO, "AZURE_CLIENT_SECRET"], "")]
)
async def test_what_is_not_set_up_is_passed_over(
    hostile: HostileAzure, another_identity: OtherIdentity, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    told: list[str] = []
    async with connect(hostile.url, "default", retry=quick(), tell=told.append) as azure:
        assert (await azure.identity()).name == "a@contoso.com"
        await azure.identity()
    assert another_identity.was_asked()
    # The id of an application, which may be meant for a managed identity, is not passed over without a word.
    assert len(told) == bool(variables.get("AZURE_CLIENT_ID"))
    assert all("AZURE_CLIENT_ID is set" in one and "signed in with AzureCliCredential" in one for one in told)


async def test_a_managed_identity_that_is_named_and_not_there_ends_the_chain(
    hostile: HostileAzure,
    metadata_service: HostileAzure,
    another_identity: OtherIdentity,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    metadata_service.on("/metadata/identity/oauth2/token", answers({"error": "invalid_request"}, 400))
    monkeypatch.setenv("AZURE_CLIENT_ID", CLIENT)
    failure = await sign_in_failure(hostile, "default")
    assert "ManagedIdentityCredential: " in "\n".join(failure.attempts)
    assert not another_identity.was_asked()
    monkeypatch.delenv("AZURE_CLIENT_ID")  # then nobody asked for one
    async with connect(hostile.url, "default", retry=quick()) as azure:
        assert (await azure.identity()).name == "a@contoso.com"


async def test_a_tool_whose_account_entra_refuses_ends_the_chain(
    hostile: HostileAzure, another_identity: OtherIdentity, monkeypatch: pytest.MonkeyPatch
) -> None:
    another_identity.program("az", "echo 'ERROR: AADSTS70043: The refresh token has expired.' >&2; exit 1")
    another_identity.program("azd", f"touch {another_identity.asked}; exit 1")
    failure = await sign_in_failure(hostile, "default")
    assert "AADSTS70043" in "\n".join(failure.attempts)
    assert failure.attempts[-1] == "not tried: AzurePowerShellCredential, AzureDeveloperCliCredential"
    assert failure.advice == "the session has ended: run `az login` again"
    assert not another_identity.was_asked()
