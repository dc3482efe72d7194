"""The Entra service: discovery, sign-in and tokens, with the v2.0 and the v1 endpoints."""

from collections.abc import Callable

from auditor.emulator.entra import errors as entra_errors
from auditor.emulator.entra.identities import SignInIdentities
from auditor.emulator.entra.sign_in import SignInService
from auditor.emulator.entra.tokens import TokenService
from auditor.emulator.exchange import HttpRequest, HttpResponse, Refusal, json_response

_DEVICE_CODE_LIFE = 900
MANAGED_IDENTITY_PATHS = frozenset({"/metadata/identity/oauth2/token", "/msi/token", "/oauth2/token"})
"""The token endpoints of the instance metadata service, App Service and Cloud Shell, in lower case."""


class EntraService:
    """The endpoints below `/{tenant}/`, and those of managed identities."""

    def __init__(self, identities: SignInIdentities, tokens: TokenService) -> None:
        self._identities = identities
        self._tokens = tokens
        self._sign_in = SignInService(identities, tokens)
        self._routes: dict[tuple[str, str], Callable[[HttpRequest, str], HttpResponse]] = {
            ("GET", ".well-known/openid-configuration"): lambda request, tenant: self._openid(
                request, tenant, v2=False
            ),
            ("GET", "v2.0/.well-known/openid-configuration"): lambda request, tenant: self._openid(
                request, tenant, v2=True
            ),
            ("GET", "discovery/keys"): lambda _request, _tenant: json_response(self._tokens.keys()),
            ("GET", "discovery/v2.0/keys"): lambda _request, _tenant: json_response(self._tokens.keys()),
            ("GET", "discovery/instance"): self._instance,
            ("POST", "oauth2/v2.0/token"): self._token,
            ("POST", "oauth2/token"): self._token_v1,
            ("POST", "oauth2/v2.0/devicecode"): self._device_code,
            ("POST", "oauth2/devicecode"): self._device_code,
            ("GET", "oauth2/v2.0/authorize"): self._authorize,
            ("GET", "oauth2/authorize"): self._authorize,
        }

    def handles(self, method: str, rest: str) -> bool:
        """Return whether `rest`, the path after the tenant, is an endpoint."""
        return (method, rest) in self._routes

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Return the answer to `request`; raises `Refusal`."""
        tenant, _, rest = request.path.strip("/").partition("/")
        if rest.lower() != "discovery/instance" and not self._identities.is_home(tenant):
            raise entra_errors.unknown_tenant(tenant)
        return self._routes[request.method, rest.lower()](request, tenant)

    def managed_identity_token(self, request: HttpRequest) -> HttpResponse:
        """Return the token that a workload in Azure gets without a secret; raises `Refusal`.

        The header `Metadata` or `X-IDENTITY-HEADER` must be present: it proves that the workload sent the request.
        """
        parameters = {**request.query, **(request.form() if request.method == "POST" else {})}
        resource = parameters.get("resource", "")
        if not (request.header("Metadata").lower() == "true" or request.header("X-IDENTITY-HEADER")):
            raise _invalid_request("Required metadata header not specified or not correct")
        if not resource:
            raise _invalid_request("Required query variable 'resource' is missing")
        return json_response(self._sign_in.managed(resource))

    def _openid(self, request: HttpRequest, tenant: str, *, v2: bool) -> HttpResponse:
        home = self._identities.tenant_id if tenant.lower() not in {"common", "organizations"} else "{tenantid}"
        base, part = f"{request.origin}/{tenant}", "v2.0/" if v2 else ""
        return json_response(
            {
                "issuer": f"{request.origin}/{home}/v2.0" if v2 else f"{request.origin}/{home}/",
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
                "cloud_instance_name": request.origin.removeprefix("https://"),
                "msgraph_host": request.origin.removeprefix("https://"),
            }
        )

    def _instance(self, request: HttpRequest, _tenant: str) -> HttpResponse:
        host = request.origin.removeprefix("https://")
        home = f"{request.origin}/{self._identities.tenant_id}"
        return json_response(
            {
                "tenant_discovery_endpoint": f"{home}/v2.0/.well-known/openid-configuration",
                "api-version": request.query.get("api-version", "1.1"),
                "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}],
            }
        )

    def _token(self, request: HttpRequest, _tenant: str) -> HttpResponse:
        return json_response(self._sign_in.grant(request.form(), request.header("Authorization")), headers=_NO_STORE)

    def _token_v1(self, request: HttpRequest, _tenant: str) -> HttpResponse:
        form = request.form()
        resource = form.get("resource") or ""
        if not resource:
            raise entra_errors.missing("resource")
        tokens = self._sign_in.grant({**form, "scope": f"{resource}/.default"}, request.header("Authorization"))
        tokens["resource"] = resource
        return json_response({name: str(value) for name, value in tokens.items()}, headers=_NO_STORE)

    def _device_code(self, request: HttpRequest, _tenant: str) -> HttpResponse:
        form = {**request.query, **request.form()}
        if not form.get("client_id"):
            raise entra_errors.missing("client_id")
        device, user = self._sign_in.begin_device_code()
        page = f"{request.origin}/common/oauth2/deviceauth"
        return json_response(
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

    def _authorize(self, request: HttpRequest, _tenant: str) -> HttpResponse:
        """Return the redirect with a code; the user is signed in at once, without a page."""
        return HttpResponse(302, headers={"Location": self._sign_in.begin_code(request.query)})


_NO_STORE = {"Cache-Control": "no-store, no-cache", "Pragma": "no-cache"}


def _invalid_request(text: str) -> Refusal:
    return Refusal(json_response({"error": "invalid_request", "error_description": text}, 400))
