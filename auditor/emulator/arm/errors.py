"""Error responses of ARM, with its codes and messages."""

from collections.abc import Mapping

from auditor.emulator.arm.catalogue import ArmType
from auditor.emulator.exchange import Refusal, error_body, json_response

_ARM_ITSELF = "Microsoft.Resources"


def refuse(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> Refusal:
    """Return an error with ARM's usual body."""
    return Refusal(json_response(error_body(code, message), status, headers))


def unauthenticated(login: str, tenant_id: str, code: str, message: str) -> Refusal:
    """Return a 401 with the challenge that says where to sign in."""
    failure = "" if code == "AuthenticationFailed" else f', error="invalid_token", error_description="{message}"'
    return refuse(401, code, message, {"WWW-Authenticate": f'Bearer authorization_uri="{login}/{tenant_id}"{failure}'})


def missing_api_version() -> Refusal:
    """Return the 400 for a request without an api-version."""
    return refuse(
        400,
        "MissingApiVersionParameter",
        "The api-version query parameter (?api-version=) is required for all requests.",
    )


def invalid_api_version(version: str, kind: ArmType | None) -> Refusal:
    """Return the 400 for a malformed api-version, or one that ARM's own types do not have."""
    known = f" The supported versions are '{kind.supported}'." if kind else ""
    return refuse(400, "InvalidApiVersionParameter", f"The api-version '{version}' is invalid.{known}")


def unsupported_version(kind: ArmType, version: str, *, in_group: bool) -> Refusal:
    """Return the error for a type that does not exist in this api-version; it depends on provider and scope.

    Lists of a tenant or a subscription have no location, so their provider is not looked for in one.
    """
    namespace, _, type_ = kind.name.partition("/")
    if namespace == _ARM_ITSELF:
        return invalid_api_version(version, kind)
    if not in_group:
        return invalid_type(namespace, type_, version, kind.supported)
    return refuse(
        400,
        "NoRegisteredProviderFound",
        f"No registered resource provider found for location 'westeurope' and API version '{version}' for type "
        f"'{type_}'. The supported api-versions are '{kind.supported}'. The supported locations are "
        "'eastus, westeurope'.",
    )


def invalid_namespace(namespace: str) -> Refusal:
    """Return the 404 for an unknown resource provider."""
    return refuse(404, "InvalidResourceNamespace", f"The resource namespace '{namespace}' is invalid.")


def invalid_type(namespace: str, type_: str, version: str, supported: str = "") -> Refusal:
    """Return the 404 for a type that the provider does not have in this api-version, or in none at all."""
    named = f" '{type_}'" if supported else ""
    others = f" The supported api-versions are '{supported.replace(', ', ',')}'." if supported else ""
    return refuse(
        404,
        "InvalidResourceType",
        f"The resource type{named} could not be found in the namespace '{namespace}' for api version '{version}'."
        f"{others}",
    )


def invalid_subscription(subscription: str) -> Refusal:
    """Return the 400 for a subscription id that is not a GUID."""
    return refuse(
        400, "InvalidSubscriptionId", f"The provided subscription identifier '{subscription}' is malformed or invalid."
    )


def subscription_not_found(subscription: str) -> Refusal:
    """Return the 404 for an unknown subscription."""
    return refuse(404, "SubscriptionNotFound", f"The subscription '{subscription}' could not be found.")


def group_not_found(name: str) -> Refusal:
    """Return the 404 for an unknown resource group."""
    return refuse(404, "ResourceGroupNotFound", f"Resource group '{name}' could not be found.")


def resource_not_found(type_: str, name: str, group: str | None) -> Refusal:
    """Return the 404 for an unknown resource."""
    place = f" under resource group '{group}'" if group else ""
    return refuse(
        404,
        "ResourceNotFound",
        f"The Resource '{type_}/{name}'{place} was not found. "
        "For more details please go to https://aka.ms/ARMResourceNotFoundFix",
    )


def forbidden(caller_object_id: str, action: str, scope: str) -> Refusal:
    """Return the 403 for an action that the caller may not perform."""
    return refuse(
        403,
        "AuthorizationFailed",
        f"The client '{caller_object_id}' with object id '{caller_object_id}' does not have authorization to perform "
        f"action '{action}' over scope '{scope}' or the scope is invalid. If access was recently granted, please "
        "refresh your credentials.",
    )


def invalid_filter(text: str) -> Refusal:
    """Return the 400 for a `$filter` that the list does not support."""
    return refuse(400, "InvalidFilterInQueryString", f"Invalid $filter '{text}' specified in the query string.")


def no_such_method(method: str, path: str) -> Refusal:
    """Return the 405 for a method that the resource does not support."""
    return refuse(405, "MethodNotAllowed", f"The requested resource does not support http method '{method}': '{path}'.")
