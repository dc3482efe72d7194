"""Entra: discovery, sign-in and tokens, by the v2.0 and the older endpoints."""

from collections.abc import Callable

from auditor.emulator.entra import errors as entra_errors
from auditor.emulator.entra.identities import SignInIdentities
from auditor.emulator.entra.sign_in import SignInService
from auditor.emulator.entra.tokens import TokenService
from auditor.emulator.exchange import HttpRequest, HttpResponse, Refusal, json_answer

_DEVICE_CODE_LIFE = 900
MANAGED_IDENTITY_PATHS = frozenset({"/metadata/identity/oauth2/token", "/msi/token", "/oauth2/token"})
"""The token endpoints of the instance metadata service, App Service and Cloud Shell, in lower case."""


class EntraService:
    """Answers what lies below `/{tenant}/`."""

    def __init__(self, identities: SignInIdentities, tokens: TokenService) -> None:
        self._identities = identities
        self._tokens = tokens
        self._sign_in = SignInService(identities, tokens)
        self._routes: dict[tuple[str, str], Callable[[HttpRequest, str], HttpResponse]] = {
            ("GET", ".well-known/openid-configuration"): lambda call, tenant: self._openid(call, tenant, v2=False),
            ("GET", "v2.0/.well-known/openid-configuration"): lambda call, tenant: self._openid(call, tenant, v2=True),
            ("GET", "discovery/keys"): lambda _call, _tenant: json_answer(self._tokens.keys()),
            ("GET", "discovery/v2.0/keys"): lambda _call, _tenant: json_answer(self._tokens.keys()),
            ("GET", "discovery/instance"): self._instance,
            ("POST", "oauth2/v2.0/token"): self._token,
            ("POST", "oauth2/token"): self._token_v1,
            ("POST", "oauth2/v2.0/devicecode"): self._device_code,
            ("POST", "oauth2/devicecode"): self._device_code,
            ("GET", "oauth2/v2.0/authorize"): self._authorize,
            ("GET", "oauth2/authorize"): self._authorize,
        }

    def handles(self, method: str, rest: str) -> bool:
        """Say whether `rest`, the path behind the tenant, is one of Entra's."""
        return (method, rest) in self._routes

    def answer(self, call: HttpRequest) -> HttpResponse:
        """Return the answer; raises `Refusal`."""
        tenant, _, rest = call.path.strip("/").partition("/")
        if rest.lower() != "discovery/instance" and not self._identities.is_home(tenant):
            raise entra_errors.unknown_tenant(tenant)
        return self._routes[call.method, rest.lower()](call, tenant)

    def managed_identity_token(self, call: HttpRequest) -> HttpResponse:
        """Return the token that a workload in Azure gets without a secret; raises `Refusal`.

        The header `Metadata` or `X-IDENTITY-HEADER` must be present: it proves that the workload sent the request.
        """
        parameters = {**call.query, **(call.form() if call.method == "POST" else {})}
        resource = parameters.get("resource", "")
        if not (call.header("Metadata").lower() == "true" or call.header("X-IDENTITY-HEADER")):
            raise _invalid_request("Required metadata header not specified or not correct")
        if not resource:
            raise _invalid_request("Required query variable 'resource' is missing")
        return json_answer(self._sign_in.managed(resource))

    def _openid(self, call: HttpRequest, tenant: str, *, v2: bool) -> HttpResponse:
        home = self._identities.tenant_id if tenant.lower() not in {"common", "organizations"} else "{tenantid}"
        base, part = f"{call.origin}/{tenant}", "v2.0/" if v2 else ""
        return json_answer(
            {
                "issuer": f"{call.origin}/{home}/v2.0" if v2 else f"{call.origin}/{home}/",
                "token_endpoint": f"{base}/oauth2/{part}token",
                "authorization_endpoint": f"{base}/oauth2/{part}authorize",
                "device_authorization_endpoint": f"{base}/oauth2/{part}devicecode",
                "end_session_endpoint": f"{base}/oauth2/{part}logout",
                "jwks_uri": f"{base}/discovery/{part}keys",
                "token_endpoint_auth_methods_supported": [
                    "client_secret_post",
                    "private_key_jwt",
                    "client_secret_basic",
                ],
                "response_modes_supported": ["query", "fragment", "form_post"],
                "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "scopes_supported": ["openid", "profile", "email", "offline_access"],
                "claims_supported": [
                    "sub",
                    "iss",
                    "aud",
                    "exp",
                    "iat",
                    "oid",
                    "tid",
                    "name",
                    "preferred_username",
                    "ver",
                ],
                "tenant_region_scope": "EU",
                "cloud_instance_name": call.origin.removeprefix("https://"),
                "msgraph_host": call.origin.removeprefix("https://"),
            }
        )

    def _instance(self, call: HttpRequest, _tenant: str) -> HttpResponse:
        host = call.origin.removeprefix("https://")
        home = f"{call.origin}/{self._identities.tenant_id}"
        return json_answer(
            {
                "tenant_discovery_endpoint": f"{home}/v2.0/.well-known/openid-configuration",
                "api-version": call.query.get("api-version", "1.1"),
                "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}],
            }
        )

    def _token(self, call: HttpRequest, _tenant: str) -> HttpResponse:
        return json_answer(self._sign_in.grant(call.form(), call.header("Authorization")), headers=_NO_STORE)

    def _token_v1(self, call: HttpRequest, _tenant: str) -> HttpResponse:
        form = call.form()
        resource = form.get("resource") or ""
        if not resource:
            raise entra_errors.missing("resource")
        tokens = self._sign_in.grant({**form, "scope": f"{resource}/.default"}, call.header("Authorization"))
        tokens["resource"] = resource
        return json_answer({name: str(value) for name, value in tokens.items()}, headers=_NO_STORE)

    def _device_code(self, call: HttpRequest, _tenant: str) -> HttpResponse:
        form = {**call.query, **call.form()}
        if not form.get("client_id"):
            raise entra_errors.missing("client_id")
        device, user = self._sign_in.begin_device_code()
        page = f"{call.origin}/common/oauth2/deviceauth"
        return json_answer(
            {
                "device_code": device,
                "user_code": user,
                "verification_uri": page,
                "verification_url": page,
                "expires_in": _DEVICE_CODE_LIFE,
                "interval": 1,
                "message": f"To sign in, use a web browser to open the page {page} and enter the code {user} to "
                "authenticate.",
            }
        )

    def _authorize(self, call: HttpRequest, _tenant: str) -> HttpResponse:
        """There is no page to show: the user is signed in at once and sent back with a code."""
        return HttpResponse(302, headers={"Location": self._sign_in.begin_code(call.query)})


_NO_STORE = {"Cache-Control": "no-store, no-cache", "Pragma": "no-cache"}


def _invalid_request(text: str) -> Refusal:
    return Refusal(json_answer({"error": "invalid_request", "error_description": text}, 400))
