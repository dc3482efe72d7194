"""The signed-in account, read from the claims of the access token."""

from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from auditor.azure.errors import SignInFailed


@dataclass(frozen=True, slots=True)
class Identity:
    """The signed-in account; `type` is `User` or `ServicePrincipal`, `app_id` the application used to sign in.

    `groups` are the groups that the token names, as which Azure sees the account; None where it names none, as it does
    for an account in very many.
    """

    tenant_id: str
    object_id: str
    name: str
    type: str
    app_id: str | None
    groups: frozenset[str] | None = None


def claims_of(token: str) -> Mapping[str, Any]:
    """Return the claims of a token without verifying its signature, which is the task of the API it is for.

    Raises `SignInFailed`, whose message does not contain the token, where it is not a JWT.
    """
    parts = str(token).split(".")
    try:
        payload = msgspec.json.decode(urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (IndexError, ValueError, RecursionError):
        payload = None
    if not isinstance(payload, dict):
        raise SignInFailed(("the access token cannot be read",), "sign in with an Entra account of the tenant")
    return payload


def identity_of(token: str) -> Identity:
    """Return the account a token was issued to; raises `SignInFailed` where its claims do not name one."""
    claims = claims_of(token)
    tenant, object_id = _text(claims, "tid"), _text(claims, "oid")
    if not tenant or not object_id:
        raise SignInFailed(("the access token names no tenant or account",), "sign in with a work or school account")
    app_id = _text(claims, "appid", "azp")
    if _is_application(claims):
        # The token of a managed identity contains its ARM id, whose last segment is its name.
        name = _text(claims, "app_displayname") or _text(claims, "xms_mirid").rpartition("/")[2] or app_id
        kind = "ServicePrincipal"
    else:
        name = _text(claims, "upn", "unique_name", "preferred_username", "email", "name")
        kind = "User"
    return Identity(tenant, object_id, name or object_id, kind, app_id or None, _groups(claims))


def _is_application(claims: Mapping[str, Any]) -> bool:
    """Return whether the token is an application's: `idtyp` says so, or it has neither scopes nor a user name."""
    kind = _text(claims, "idtyp").lower()
    if kind:
        return kind == "app"
    return not _text(claims, "scp", "upn", "unique_name", "preferred_username")


def _groups(claims: Mapping[str, Any]) -> frozenset[str] | None:
    named = claims.get("groups")
    if not isinstance(named, list):
        return None
    return frozenset(one.lower() for one in named if isinstance(one, str))


def _text(claims: Mapping[str, Any], *names: str) -> str:
    return next((value for name in names if isinstance(value := claims.get(name), str) and value), "")
