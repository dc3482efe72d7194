"""OAuth grants: the credentials that a client must present, and the tokens that it gets."""

import base64
import binascii
import hashlib
import secrets
import time
from collections.abc import Mapping
from urllib.parse import unquote_plus, urlencode

import jwt
import msgspec

from auditor.emulator.entra import errors as entra_errors
from auditor.emulator.entra.identities import SignInIdentities, SignInIdentity
from auditor.emulator.entra.tokens import TokenService

_DEVICE_GRANTS = {"urn:ietf:params:oauth:grant-type:device_code", "device_code"}
_OWN_SCOPES = {"openid", "profile", "email", "offline_access"}


class SignInService:
    """The token endpoint; it keeps the device codes, authorization codes and refresh tokens that it issued."""

    def __init__(self, identities: SignInIdentities, tokens: TokenService) -> None:
        self._identities = identities
        self._tokens = tokens
        self._device_codes: dict[str, int] = {}
        self._codes: dict[str, Mapping[str, str]] = {}
        self._refresh_tokens: set[str] = set()

    def begin_device_code(self) -> tuple[str, str]:
        """Return a device code and a user code; the first poll is answered as pending, the second with tokens."""
        device, user = secrets.token_urlsafe(32), secrets.token_hex(5)[:9].upper()
        self._device_codes[device] = 0
        return device, user

    def begin_code(self, query: Mapping[str, str]) -> str:
        """Return the redirect URL for an authorization request, with its code."""
        redirect = query.get("redirect_uri")
        if not redirect:
            raise entra_errors.missing("redirect_uri")
        code = secrets.token_urlsafe(32)
        self._codes[code] = query
        back = {"code": code, **({"state": query["state"]} if "state" in query else {})}
        return f"{redirect}{'&' if '?' in redirect else '?'}{urlencode(back)}"

    def grant(self, form: Mapping[str, str], authorization: str) -> dict[str, object]:
        """Return the body of a token response; raises `Refusal` as Entra would."""
        grant = form.get("grant_type", "")
        if grant == "client_credentials":
            return self._for_service(form, authorization)
        if grant in _DEVICE_GRANTS:
            self._redeem_device_code(form)
        elif grant == "authorization_code":
            return self._for_user(form, nonce=self._redeem_code(form).get("nonce"))
        elif grant == "refresh_token":
            if form.get("refresh_token") not in self._refresh_tokens:
                raise entra_errors.bad_grant("The provided refresh token is not valid or has expired.")
        elif not grant:
            raise entra_errors.missing("grant_type")
        else:
            raise entra_errors.unsupported_grant(grant)
        return self._for_user(form)

    def managed(self, resource: str) -> dict[str, object]:
        """Return the token response of the managed identity for `resource`, in the shape of IMDS."""
        self._check_resource(resource)
        identity, lifetime = self._identities.managed, 86399
        token = self._tokens.access_token(identity, resource, identity.app_id, lifetime=lifetime)
        now = int(time.time())
        return {
            "access_token": token,
            "client_id": identity.app_id,
            "expires_in": str(lifetime),
            "expires_on": str(now + lifetime),
            "ext_expires_in": str(lifetime),
            "not_before": str(now),
            "resource": resource,
            "token_type": "Bearer",
        }

    def _for_service(self, form: Mapping[str, str], authorization: str) -> dict[str, object]:
        service = self._identities.service
        client_id, secret = _basic(authorization) or (form.get("client_id", ""), form.get("client_secret", ""))
        if not client_id:
            raise entra_errors.missing("client_id")
        if client_id.lower() != service.app_id.lower():
            raise entra_errors.unknown_application(client_id, self._identities.tenant_id)
        if form.get("client_assertion"):
            _check_assertion(form["client_assertion"])
        elif not secret:
            raise entra_errors.refuse(
                401,
                "invalid_client",
                7000218,
                "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
            )
        elif not secrets.compare_digest(secret.encode(), self._identities.client_secret.encode()):
            raise entra_errors.wrong_secret(client_id)
        return self._tokens_for(service, self._resource(form.get("scope", "")), service.app_id)

    def _for_user(self, form: Mapping[str, str], nonce: str | None = None) -> dict[str, object]:
        client_id = form.get("client_id") or "04b07795-8ddb-4619-bbee-81e0d2e9f0fd"
        scope = form.get("scope") or ""
        asked = [part for part in scope.split() if part not in _OWN_SCOPES]
        resource = self._resource(asked[0]) if asked else "00000003-0000-0000-c000-000000000000"
        user = self._identities.user
        refresh = secrets.token_urlsafe(48)
        self._refresh_tokens.add(refresh)
        client_info = {"uid": user.object_id, "utid": self._identities.tenant_id}
        return {
            **self._tokens_for(user, resource, client_id),
            "scope": scope or f"{resource}/.default",
            "refresh_token": refresh,
            "foci": "1",
            "id_token": self._tokens.id_token(user, client_id, nonce),
            "client_info": base64.urlsafe_b64encode(msgspec.json.encode(client_info)).decode().rstrip("="),
        }

    def _tokens_for(self, identity: SignInIdentity, resource: str, client_id: str) -> dict[str, object]:
        lifetime = self._tokens.lifetime
        now = int(time.time())
        return {
            "token_type": "Bearer",
            "expires_in": lifetime,
            "ext_expires_in": lifetime,
            "expires_on": now + lifetime,
            "not_before": now - 300,
            "access_token": self._tokens.access_token(identity, resource, client_id),
        }

    def _resource(self, scope: str) -> str:
        """Return the audience in a scope such as `https://host/.default` or `https://host/Permission`."""
        if not scope:
            raise entra_errors.missing("scope")
        resource, slash, _ = scope.partition(" ")[0].rpartition("/")
        if not slash:
            if scope.partition(" ")[0] in {".default", "User.Read", "Directory.Read.All"}:
                return "https://graph.microsoft.com"
            raise entra_errors.malformed_scope(scope)
        self._check_resource(resource)
        return resource

    def _check_resource(self, resource: str) -> None:
        if not self._tokens.knows_resource(resource):
            raise entra_errors.unknown_resource(resource, self._identities.tenant_id)

    def _redeem_device_code(self, form: Mapping[str, str]) -> None:
        code = form.get("device_code") or form.get("code") or ""
        if code not in self._device_codes:
            raise entra_errors.bad_grant("The device code is not valid or has expired.")
        self._device_codes[code] += 1
        if self._device_codes[code] == 1:
            raise entra_errors.pending()
        del self._device_codes[code]

    def _redeem_code(self, form: Mapping[str, str]) -> Mapping[str, str]:
        asked = self._codes.pop(form.get("code", ""), None)
        if asked is None:
            raise entra_errors.bad_grant("The provided authorization code is not valid or has expired.")
        challenge = asked.get("code_challenge")
        if challenge:
            digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
            if base64.urlsafe_b64encode(digest).decode().rstrip("=") != challenge.rstrip("="):
                raise entra_errors.bad_grant(
                    "The code_verifier does not match the code_challenge of the authorization request."
                )
        return asked


def _basic(authorization: str) -> tuple[str, str] | None:
    """Return client id and secret from a Basic `Authorization` header, or None."""
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _, secret = base64.b64decode(value).decode("utf-8", "replace").partition(":")
    except binascii.Error:
        return None
    return unquote_plus(name), unquote_plus(secret)


def _check_assertion(assertion: str) -> None:
    """Raise `Refusal` unless the assertion is a JWT that has not expired; its issuer is not checked."""
    try:
        jwt.decode(assertion, options={"verify_signature": False, "verify_exp": True, "verify_aud": False})
    except jwt.InvalidTokenError as invalid:
        raise entra_errors.bad_assertion(str(invalid)) from invalid
