"""What must never be kept: certificates' raw data, keys, connection strings, shared access signatures."""

import base64
import binascii
import re

from auditor.inventory.instants import spell

REMOVED = "<removed>"
"""What stands where a secret was."""

_SECRET_KEYS = frozenset(
    {
        "rawcertdata",
        "instrumentationkey",
        "connectionstring",
        "primaryconnectionstring",
        "secondaryconnectionstring",
        "primarysharedkey",
        "secondarysharedkey",
        "primarykey",
        "secondarykey",
        "sharedkey",
        "accountkey",
        "storageaccountkey",
        "accesskey",
        "apikey",
        "sastoken",
        "sasuri",
        "sasurl",
        "sas",
        "password",
        "adminpassword",
        "secrettext",
        "clientsecret",
        "privatekey",
        "protectedsettings",
    }
)
_IN_TEXT = re.compile(
    r"[?&]sig=|SharedAccessSignature|AccountKey=|SharedAccessKey=|-----BEGIN [A-Z ]*PRIVATE KEY", re.IGNORECASE
)
_TRACES = (
    *(b'key":', b'rawcertdata":', b'string":', b'"sas', b'password":', b"secret", b'settings":'),
    *(b"sig=", b"sharedaccess", b"accountkey=", b"private key"),
)


def may_hold_secret(body: bytes) -> bool:
    """Say whether compact JSON could hold a secret: a cheap test, wide on purpose, that spares most bodies the walk."""
    lowered = body.lower()
    return any(map(lowered.__contains__, _TRACES))


def without_secrets(value: object) -> object:
    """Return `value` with every secret replaced by `<removed>`.

    Beside a removed `rawCertData` stands `x_certificate` with what is public of the certificate. A key counts by its
    name in any case when its value is a text or an object; any other text when it carries a signature or account key.
    """
    if isinstance(value, dict):
        cleaned: dict[str, object] = {}
        for key, item in value.items():
            if item and key.lower() in _SECRET_KEYS and isinstance(item, str | dict):
                cleaned[key] = REMOVED
                if key.lower() == "rawcertdata" and item != REMOVED:
                    cleaned["x_certificate"] = certificate_facts(item)
            else:
                cleaned[key] = without_secrets(item)
        return cleaned
    if isinstance(value, list):
        return [without_secrets(item) for item in value]
    if isinstance(value, str) and _IN_TEXT.search(value):
        return REMOVED
    return value


def certificate_facts(raw: object) -> dict[str, str]:
    """Return subject, SHA-1 thumbprint (upper-case hex) and validity of a base64 X.509 certificate, or `error`."""
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA1

    try:
        certificate = x509.load_der_x509_certificate(base64.b64decode(str(raw), validate=True))
    except (binascii.Error, ValueError) as broken:
        return {"error": f"the certificate cannot be parsed: {broken}"}
    return {
        "subject": certificate.subject.rfc4514_string(),
        "thumbprint": certificate.fingerprint(SHA1()).hex().upper(),  # noqa: S303 - Azure names certificates by it
        "not_before": spell(certificate.not_valid_before_utc),
        "not_after": spell(certificate.not_valid_after_utc),
    }
