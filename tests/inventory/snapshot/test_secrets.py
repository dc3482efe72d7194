import base64
import json
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from auditor.inventory.snapshot.records import arm_record, canonical
from auditor.inventory.snapshot.secrets import REMOVED, SECRET_KEYS, may_hold_secret, without_secrets


def a_certificate() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "AgentSpnCert")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(datetime(2025, 2, 19, tzinfo=UTC))
        .not_valid_after(datetime(2026, 2, 19, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )
    return base64.b64encode(certificate.public_bytes(serialization.Encoding.DER)).decode()


def test_certificate_data_leaves_only_what_is_public() -> None:
    raw = a_certificate()
    cleaned = json.loads(canonical({"id": "/x", "properties": {"rawCertData": raw}}))
    facts = cleaned["properties"]["x_certificate"]
    assert cleaned["properties"]["rawCertData"] == REMOVED
    assert facts["subject"] == "CN=AgentSpnCert"
    assert (facts["not_before"], facts["not_after"]) == ("2025-02-19T00:00:00Z", "2026-02-19T00:00:00Z")
    assert len(facts["thumbprint"]) == 40
    assert raw[:24] not in json.dumps(cleaned)


def test_a_broken_certificate_says_so() -> None:
    cleaned = without_secrets({"rawCertData": "bm90IGEgY2VydA=="})
    assert isinstance(cleaned, dict)
    assert cleaned["rawCertData"] == REMOVED
    assert "cannot be parsed" in cleaned["x_certificate"]["error"]


@pytest.mark.parametrize(
    "body",
    [
        {"InstrumentationKey": "11111111-aaaa"},
        {"ConnectionString": "InstrumentationKey=1;IngestionEndpoint=https://x"},
        {"details": {"sasUri": "https://x.blob.core.windows.net/c?sv=1"}},
        {"anything": "https://x.blob.core.windows.net/c?sv=2020&sig=abc%3D"},
        {"setting": "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=abc=="},
        {"list": [{"primarySharedKey": "abc"}]},
        {"eventHub": "Endpoint=sb://x/;SharedAccessKeyName=a;SharedAccessKey=abc"},
        {"storageAccount": {"id": "/subscriptions/s", "key": "abc"}},
        {"keys": [{"keyName": "key1", "value": "abc", "permissions": "FULL"}]},
        {"keyCredentials": [{"keyId": "5", "key": "abc"}]},
        {"note": "InstrumentationKey=abc;IngestionEndpoint=https://x"},
        {"properties": {"workspaceKey": "abc"}},
        {"requestbody": '{"properties":{"rawCertData" : "abc=="}}'},
        {"requestbody": '{"properties":{"primarySharedKey":"abc'},
        {"details": '{"inner":"{\\"storageKey\\":\\"abc\\"}"}'},
    ],
)
def test_secrets_go(body: dict[str, object]) -> None:
    text = canonical(body).decode()
    assert REMOVED in text
    assert "abc" not in text
    assert "sv=1" not in text
    assert "1111" not in text


def test_of_json_in_a_text_only_the_secrets_go() -> None:
    body = {"requestbody": '{"location":"westeurope","properties":{"password":"a\\"b","sku":"x"}}'}
    cleaned = json.loads(json.loads(canonical(body))["requestbody"])
    assert cleaned == {"location": "westeurope", "properties": {"password": REMOVED, "sku": "x"}}


@pytest.mark.parametrize(
    "body",
    [
        {"permissions": {"keys": ["get"], "secrets": ["get"], "certificates": ["all"]}},
        {"keyVaultUri": "https://kv.vault.azure.net", "rawCertData": REMOVED, "x_certificate": {"subject": "CN=a"}},
        {"password": None, "ConnectionString": ""},
        {"tags": [{"key": "Owner", "value": "Megan"}], "keyName": "key1"},
        {"details": '{"keyVaultUri":"https://kv.vault.azure.net","password":null,"keys":["get"]}'},
        {"a": [1, 2.5, True, None, "text"], "Signature": "big=1"},
    ],
)
def test_what_is_no_secret_stays(body: dict[str, object]) -> None:
    assert json.loads(canonical(body)) == body


def test_records_are_clean_and_canonical() -> None:
    one = arm_record({"id": "/subscriptions/s", "b": 1, "a": {"apiKey": "abc"}})
    two = arm_record({"a": {"apiKey": "abc"}, "b": 1, "id": "/subscriptions/s"})
    assert one == two
    assert one.body == b'{"a":{"apiKey":"<removed>"},"b":1,"id":"/subscriptions/s"}'
    assert one.type == "Microsoft.Resources/subscriptions"


@pytest.mark.parametrize("key", sorted(SECRET_KEYS))
def test_the_cheap_test_misses_no_key(key: str) -> None:
    assert may_hold_secret(canonical({"a": {key.title(): ["x"]}}))
    assert json.loads(canonical({"a": {key.title(): "x"}}))["a"][key.title()] == REMOVED


def test_the_rights_of_a_key_vault_do_not_look_like_a_secret() -> None:
    rights = {"permissions": {"secrets": ["get", "list"], "keys": [], "certificates": []}}
    assert not may_hold_secret(canonical({"properties": {"accessPolicies": [rights]}}))
