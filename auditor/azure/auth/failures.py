"""Failed sign-ins: one line per credential, and advice on what to do."""

import re
from collections.abc import Iterator, Sequence

import aiohttp
from azure.core.exceptions import DecodeError, HttpResponseError, ServiceRequestError, ServiceResponseError

from auditor.azure.auth.sign_in import SignIn, SignInAttempt
from auditor.azure.errors import SignInFailed, Unreachable
from auditor.azure.failures import proxy_failure, refused_by_proxy, unreachable_proxy

_TUNNEL = re.compile(r"Tunnel connection failed: (\d{3})")
_AADSTS = re.compile(r"AADSTS(\d+)")
_ADVICE = {
    "90002": "the tenant {tenant} does not exist in this cloud: check `--tenant`, AZURE_TENANT_ID and `--cloud`",
    "900023": "{tenant} is no tenant id or domain: check `--tenant` and AZURE_TENANT_ID",
    "700016": "the application is unknown in the tenant {tenant}: check AZURE_CLIENT_ID, and the tenant that it is of",
    "7000215": "the client secret is wrong: set AZURE_CLIENT_SECRET to the secret's value, not to its id",
    "7000222": "the client secret has expired: create a new one and set AZURE_CLIENT_SECRET",
    "700027": "the certificate is not one of the application's: upload it, or use another one",
    "70021": "no federated credential of the application matches this workload: compare issuer, subject and audience",
    "50020": "the account does not exist in the tenant {tenant}: name its own tenant with `--tenant`, or invite it",
    "50034": "the account does not exist in the tenant {tenant}: name its own tenant with `--tenant`, or invite it",
    "50076": "the tenant asks for a second factor: use `--auth device-code` or `--auth browser`",
    "50079": "the tenant asks for a second factor: use `--auth device-code` or `--auth browser`",
    "53003": "Conditional Access blocked the sign-in: use a device, place or account that the policy allows",
    "70043": "the session has ended: run `az login` again",
    "700082": "the session has ended: run `az login` again",
    "65001": "nobody consented to this access: ask an administrator to consent",
    "500011": "the tenant {tenant} does not know the resource: check `--cloud` and `--tenant`",
}
_BY_MODE = {
    "default": "run `az login`, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, "
    "or choose another way with `--auth`",
    "cli": "run `az login`, for another tenant `az login --tenant TENANT`",
    "environment": "set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET (or AZURE_CLIENT_CERTIFICATE_PATH)",
    "managed-identity": "run on an Azure resource that has an identity; for a user-assigned one set AZURE_CLIENT_ID",
    "workload-identity": "set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_FEDERATED_TOKEN_FILE",
    "device-code": "try again and enter the code before it expires",
    "browser": "try again and finish in the browser, or use `--auth device-code`",
}
_BROKEN = 500
"""The least HTTP status by which a service says that the fault is its own."""
_CERTIFICATE_ADVICE = "if a proxy opens TLS, name its root certificate with SSL_CERT_FILE"


def sign_in_failed(sign_in: SignIn, attempts: Sequence[SignInAttempt], unfit: Sequence[str]) -> SignInFailed:
    """Return the failure of a chain: one line per credential tried, and the advice for the last refusal.

    A credential that is set up and refused ends the chain; those after it are listed in one line as not tried.
    """
    lines = [*unfit]
    advice = _BY_MODE[sign_in.mode]
    for attempt in attempts:
        if attempt.failure is not None:
            reason, cure = _explained(attempt.failure, sign_in)
            lines.append(f"{attempt.name}: {reason.removeprefix(f'{attempt.name} ')}")
            advice = cure or advice
        elif attempt.asked:
            lines.append(f"{attempt.name}: no answer within {sign_in.patience:g} seconds")
    untried = [attempt.name for attempt in attempts if not attempt.asked]
    if untried:
        lines.append(f"not tried: {', '.join(untried)}")
    return SignInFailed(lines, advice)


def _explained(failure: Exception, sign_in: SignIn) -> tuple[str, str | None]:
    login = sign_in.cloud.login
    for cause in _causes(failure):
        if at_proxy := proxy_failure(cause, login) or _blocking_at_proxy(cause, login):
            return at_proxy.message.removesuffix(f"; {at_proxy.advice}"), at_proxy.advice
        if isinstance(cause, aiohttp.ClientConnectorCertificateError) or "CERTIFICATE_VERIFY_FAILED" in str(cause):
            return f"the certificate of {login} is not trusted ({_certificate_reason(cause)})", _CERTIFICATE_ADVICE
        if isinstance(cause, aiohttp.ClientConnectorError | ServiceRequestError | ServiceResponseError):
            return (
                f"{login} cannot be reached ({_first_line(cause)})",
                f"check the network, HTTPS_PROXY and `--cloud`; the login endpoint is {login}",
            )
        if isinstance(cause, DecodeError):
            return (
                f"{login} answered something that is not JSON: it may come from a proxy or a sign-in page",
                f"check the network, HTTPS_PROXY and `--cloud`; the login endpoint is {login}",
            )
        if isinstance(cause, HttpResponseError) and (cause.status_code or 0) >= _BROKEN:
            return f"{login} failed ({cause.status_code}): {_first_line(cause)}", "try again later"
    text = str(failure)
    tenant = f"`{sign_in.tenant}`" if sign_in.tenant else "it names"
    found = _AADSTS.search(text)
    advice = _ADVICE.get(found[1]) if found else None
    return _first_line(failure), advice.format(tenant=tenant) if advice else None


def _blocking_at_proxy(cause: BaseException, login: str) -> Unreachable | None:
    """Return the failure at a proxy of a blocking credential, which reports it in words only."""
    text = str(cause)
    if found := _TUNNEL.search(text):
        return refused_by_proxy(int(found[1]), login)
    if "ProxyError" in text or "connect to proxy" in text:
        return unreachable_proxy("no connection", login)
    return None


def _causes(failure: BaseException) -> Iterator[BaseException]:
    """Yield the failure and its causes, the innermost first.

    An unavailable credential yields nothing: without a managed identity the login host is not unreachable.
    """
    if type(failure).__name__ == "CredentialUnavailableError":
        return
    seen: BaseException | None = failure
    chain: list[BaseException] = []
    while seen is not None and seen not in chain:
        chain.append(seen)
        seen = seen.__cause__ or seen.__context__
    yield from reversed(chain)


def _certificate_reason(cause: BaseException) -> str:
    found = re.search(r"certificate verify failed: ([^(\[\]]+)", str(cause))
    return found[1].strip() if found else "verification failed"


def _first_line(failure: BaseException) -> str:
    lines = [line.strip() for line in str(failure).splitlines() if line.strip()]
    return lines[0] if lines else type(failure).__name__
