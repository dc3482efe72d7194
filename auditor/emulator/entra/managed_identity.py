"""Managed identity: the instance metadata service, the App Service form and the Cloud Shell form."""

from auditor.emulator.entra.sign_in import SignInService
from auditor.emulator.exchange import HttpRequest, HttpResponse, Refusal, json_answer

PATHS = frozenset({"/metadata/identity/oauth2/token", "/msi/token", "/oauth2/token"})


def token(call: HttpRequest, sign_in: SignInService) -> HttpResponse:
    """Return the token that a workload in Azure gets without a secret; raises `Refusal`.

    The header that proves the request to come from the workload must be there: `Metadata` or `X-IDENTITY-HEADER`.
    """
    asked = {**call.query, **(call.form() if call.method == "POST" else {})}
    resource = asked.get("resource", "")
    if not (call.header("Metadata").lower() == "true" or call.header("X-IDENTITY-HEADER")):
        raise _refuse("Required metadata header not specified or not correct")
    if not resource:
        raise _refuse("Required query variable 'resource' is missing")
    return json_answer(sign_in.managed(resource))


def _refuse(text: str) -> Refusal:
    return Refusal(json_answer({"error": "invalid_request", "error_description": text}, 400))
