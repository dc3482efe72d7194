"""The removal of secrets: raw certificates, keys, connection strings and shared access signatures."""

import base64
import binascii
import re

from auditor.inventory.instants import spell

REMOVED = "<removed>"
"""The text that replaces a secret."""

SECRET_KEYS = frozenset(
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
        "authkey",
        "authorizationkey",
        "functionkey",
        "hostkey",
        "masterkey",
        "registrationkey",
        "storagekey",
        "workspacekey",
        "accesstoken",
        "refreshtoken",
        "registrationtoken",
        "token",
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
_UNDER = {"key": ("id", "keyid"), "value": ("keyname",)}
"""Properties that are secrets only beside another one: `{id, key}` of a storage account, `{keyName, value}`."""
_IN_TEXT = re.compile(
    r"[?&]sig=|SharedAccessSignature|AccountKey=|SharedAccessKey=|InstrumentationKey=|(?:^|;)\s*(?:Password|Pwd)="
    r"|-----BEGIN [A-Z ]*PRIVATE KEY",
    re.IGNORECASE,
)
_NAMED = "|".join(sorted(SECRET_KEYS))
_IN_JSON_TEXT = re.compile(
    rf'("(?:{_NAMED})"\s*:\s*")(?:\\.|[^"\\])+|(\\+"(?:{_NAMED})\\+"\s*:\s*\\+")[^"\\]+', re.IGNORECASE
)
"""A secret in JSON inside a text (request bodies in the Activity Log), escaped or not, complete or cut off."""
_NAMED_BY_ITSELF = (b"sharedaccess", b"private key")
_TRACES = (
    *(b'key":', b'rawcertdata":', b'string":', b'"sas', b'password":', b'settings":', b'token":', b'keyname":'),
    *(b"secrettext", b"clientsecret"),  # access policies of key vaults hold `secrets`
    *_NAMED_BY_ITSELF,
)
_ESCAPED_TRACES = (b"key\\", b"rawcertdata\\", b"string\\", b"password\\", b"settings\\", b"token\\")
_ASSIGNED_TRACES = (b"sig=", b"accountkey=", b"instrumentationkey=", b"password=", b"pwd=")


def may_hold_secret(body: bytes) -> bool:
    """Return whether compact JSON may contain a secret; a fast test that lets most bodies skip the detailed search.

    It is a quarter of the time of reading a file, so what most bodies lack is looked for only beside its sign.
    """
    held = body.lower().__contains__
    return (
        any(map(held, _TRACES))
        or (held(b"\\") and any(map(held, _ESCAPED_TRACES)))
        or (held(b"=") and any(map(held, _ASSIGNED_TRACES)))
    )


def texts_may_hold_secret(body: bytes) -> bool:
    """Return whether the texts in compact JSON may contain a secret, if no property's name is one of a secret.

    Then a secret is assigned, is in JSON inside a text, where quotes are escaped, or is named by itself.
    """
    return b"=" in body or b"\\" in body or any(map(body.lower().__contains__, _NAMED_BY_ITSELF))


def without_secrets(value: object) -> object:
    """Return `value` with every secret replaced by `<removed>`.

    A text or object is a secret by the name of its property, in any letter case; any other text is one if it contains a
    signature or an account key. In a text that contains JSON, only the secrets are replaced. Beside a removed
    `rawCertData`, `x_certificate` contains the public part of the certificate.
    """
    if isinstance(value, dict):
        return _cleaned(value)
    if isinstance(value, list):
        return [without_secrets(item) for item in value]
    if isinstance(value, str):
        value = _IN_JSON_TEXT.sub(lambda found: (found[1] or found[2]) + REMOVED, value)
        return REMOVED if _IN_TEXT.search(value) else value
    return value


def _cleaned(fields: dict[str, object]) -> dict[str, object]:
    names = {key.lower() for key in fields}
    cleaned: dict[str, object] = {}
    for key, item in fields.items():
        name = key.lower()
        if not (item and isinstance(item, str | dict) and (name in SECRET_KEYS or _is_secret_beside(name, names))):
            cleaned[key] = without_secrets(item)
            continue
        cleaned[key] = REMOVED
        if name == "rawcertdata" and item != REMOVED:
            cleaned["x_certificate"] = certificate_facts(item)
    return cleaned


def _is_secret_beside(name: str, names: set[str]) -> bool:
    return any(other in names for other in _UNDER.get(name, ()))


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
