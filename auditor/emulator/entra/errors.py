"""Error responses of Entra, with its AADSTS codes and messages."""

import time
import uuid

from auditor.emulator.exchange import Refusal, json_response


def refuse(status: int, error: str, number: int, text: str) -> Refusal:
    """Return the error AADSTS`number` with trace ids."""
    trace, correlation = str(uuid.uuid4()), str(uuid.uuid4())
    moment = time.strftime("%Y-%m-%d %H:%M:%SZ", time.gmtime())
    ids = f"Trace ID: {trace} Correlation ID: {correlation} Timestamp: {moment}"
    body = {
        "error": error,
        "error_description": f"AADSTS{number}: {text} {ids}",
        "error_codes": [number],
        "timestamp": moment,
        "trace_id": trace,
        "correlation_id": correlation,
        "error_uri": f"https://login.microsoftonline.com/error?code={number}",
    }
    return Refusal(json_response(body, status))


def unknown_tenant(tenant: str) -> Refusal:
    """Return AADSTS90002: the tenant does not exist."""
    return refuse(
        400,
        "invalid_request",
        90002,
        f"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the "
        "correct cloud. Check with your subscription administrator, this may happen if there are no active "
        "subscriptions for the tenant.",
    )


def unknown_application(client_id: str, tenant: str) -> Refusal:
    """Return AADSTS700016: the application does not exist in the tenant."""
    return refuse(
        400,
        "unauthorized_client",
        700016,
        f"Application with identifier '{client_id}' was not found in the directory '{tenant}'. This can happen if the "
        "application has not been installed by the administrator of the tenant or consented to by any user in the "
        "tenant. You may have sent your authentication request to the wrong tenant.",
    )


def wrong_secret(client_id: str) -> Refusal:
    """Return AADSTS7000215: the client secret is wrong."""
    return refuse(
        401,
        "invalid_client",
        7000215,
        "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not "
        f"the client secret ID, for a secret added to app '{client_id}'.",
    )


def bad_assertion(reason: str) -> Refusal:
    """Return AADSTS700027: the client assertion is not valid."""
    return refuse(
        401,
        "invalid_client",
        700027,
        f"The certificate or token used to sign the client assertion is not valid: {reason}.",
    )


def unknown_resource(resource: str, tenant: str) -> Refusal:
    """Return AADSTS500011: the resource does not exist in the tenant."""
    return refuse(
        400,
        "invalid_resource",
        500011,
        f"The resource principal named {resource} was not found in the tenant named {tenant}. This can happen if the "
        "application has not been installed by the administrator of the tenant or consented to by any user in the "
        "tenant.",
    )


def missing(parameter: str) -> Refusal:
    """Return AADSTS900144: a parameter is missing."""
    return refuse(
        400, "invalid_request", 900144, f"The request body must contain the following parameter: '{parameter}'."
    )


def unsupported_grant(grant: str) -> Refusal:
    """Return AADSTS70003: the grant type is not supported."""
    return refuse(400, "unsupported_grant_type", 70003, f"The app requested an unsupported grant type '{grant}'.")


def pending() -> Refusal:
    """Return AADSTS70016: the user has not signed in yet."""
    return refuse(
        400,
        "authorization_pending",
        70016,
        "OAuth 2.0 device flow error. Authorization is pending. Continue polling.",
    )


def bad_grant(text: str) -> Refusal:
    """Return AADSTS70000: the code or refresh token was not issued here, or was used already."""
    return refuse(400, "invalid_grant", 70000, text)


def malformed_scope(scope: str) -> Refusal:
    """Return AADSTS70011: the scope is not valid."""
    return refuse(
        400,
        "invalid_scope",
        70011,
        f"The provided request must include a 'scope' input parameter. The provided value for the input parameter "
        f"'scope' is not valid. The scope {scope} is not valid.",
    )
