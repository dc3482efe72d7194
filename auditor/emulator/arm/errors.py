"""ARM's refusals, in ARM's words."""

from collections.abc import Mapping

from auditor.emulator.arm.catalogue import ArmType
from auditor.emulator.exchange import Refusal, error_body, json_answer

_ARM_ITSELF = "Microsoft.Resources"


def refuse(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> Refusal:
    """Return the refusal with ARM's usual error body."""
    return Refusal(json_answer(error_body(code, message), status, headers))


def unauthenticated(login: str, tenant_id: str, code: str, message: str) -> Refusal:
    """401 with the challenge that tells a client where to sign in."""
    failure = "" if code == "AuthenticationFailed" else f', error="invalid_token", error_description="{message}"'
    return refuse(401, code, message, {"WWW-Authenticate": f'Bearer authorization_uri="{login}/{tenant_id}"{failure}'})


def missing_api_version() -> Refusal:
    """400: no api-version."""
    return refuse(
        400,
        "MissingApiVersionParameter",
        "The api-version query parameter (?api-version=) is required for all requests.",
    )


def invalid_api_version(version: str, kind: ArmType | None) -> Refusal:
    """400: an api-version that none could be."""
    known = f" The supported versions are '{kind.supported}'." if kind else ""
    return refuse(400, "InvalidApiVersionParameter", f"The api-version '{version}' is invalid.{known}")


def unsupported_version(kind: ArmType, version: str, *, in_subscription: bool) -> Refusal:
    """The type does not exist in this api-version: whose type it is, and where it was asked for, choose the words."""
    namespace, _, type_ = kind.name.partition("/")
    if namespace == _ARM_ITSELF:
        return invalid_api_version(version, kind)
    if not in_subscription:
        return invalid_type(namespace, type_, version, kind.supported)
    return refuse(
        400,
        "NoRegisteredProviderFound",
        f"No registered resource provider found for location 'westeurope' and API version '{version}' for type "
        f"'{type_}'. The supported api-versions are '{kind.supported}'. The supported locations are "
        "'eastus, westeurope'.",
    )


def invalid_namespace(namespace: str) -> Refusal:
    """404: no such resource provider."""
    return refuse(404, "InvalidResourceNamespace", f"The resource namespace '{namespace}' is invalid.")


def invalid_type(namespace: str, type_: str, version: str, supported: str = "") -> Refusal:
    """404: the provider has no such type, or not in this api-version."""
    return refuse(
        404,
        "InvalidResourceType",
        f"The resource type '{type_}' could not be found in the namespace '{namespace}' for api version '{version}'. "
        f"The supported api-versions are '{supported}'.",
    )


def invalid_subscription(subscription: str) -> Refusal:
    """400: the subscription id is no GUID."""
    return refuse(
        400, "InvalidSubscriptionId", f"The provided subscription identifier '{subscription}' is malformed or invalid."
    )


def subscription_not_found(subscription: str) -> Refusal:
    """404: no such subscription for this caller."""
    return refuse(404, "SubscriptionNotFound", f"The subscription '{subscription}' could not be found.")


def group_not_found(name: str) -> Refusal:
    """404: no such resource group."""
    return refuse(404, "ResourceGroupNotFound", f"Resource group '{name}' could not be found.")


def resource_not_found(type_: str, name: str, group: str | None) -> Refusal:
    """404: no such resource."""
    place = f" under resource group '{group}'" if group else ""
    return refuse(
        404,
        "ResourceNotFound",
        f"The Resource '{type_}/{name}'{place} was not found. "
        "For more details please go to https://aka.ms/ARMResourceNotFoundFix",
    )


def forbidden(caller_object_id: str, action: str, scope: str) -> Refusal:
    """403: the caller lacks an action."""
    return refuse(
        403,
        "AuthorizationFailed",
        f"The client '{caller_object_id}' with object id '{caller_object_id}' does not have authorization to perform "
        f"action '{action}' over scope '{scope}' or the scope is invalid. If access was recently granted, please "
        "refresh your credentials.",
    )


def invalid_filter(text: str) -> Refusal:
    """400: a `$filter` that the list does not support."""
    return refuse(400, "InvalidFilterInQueryString", f"Invalid $filter '{text}' specified in the query string.")


def no_such_method(method: str, path: str) -> Refusal:
    """405: the resource does not take this method."""
    return refuse(405, "MethodNotAllowed", f"The requested resource does not support http method '{method}': '{path}'.")
