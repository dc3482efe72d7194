"""The writes by which a problem in the directory is cured: owners, service principals, accounts, applications.

They are answered only where the emulator was asked to accept them, and change its index, not the snapshot.
"""

import time
import uuid
from collections.abc import Callable

from auditor.emulator.exchange import HttpRequest, HttpResponse, Refusal, json_response
from auditor.emulator.graph import errors as graph_errors
from auditor.emulator.graph.index import COLLECTIONS, GraphIndex, GraphObject

_MAY_BE_DISABLED = frozenset({"users", "serviceprincipals"})
_REFERENCE = "/directoryobjects/"

Find = Callable[[str, str], GraphObject]
"""A function that returns the object of a collection (in lower case) with an id, or raises `Refusal`."""


class DirectoryChanges:
    """Six requests that the Azure CLI sends: every other one that would change the directory is refused."""

    def __init__(self, index: GraphIndex, find: Find, tenant_id: str) -> None:
        self._index = index
        self._find = find
        self._tenant_id = tenant_id

    def answer(self, segments: list[str], request: HttpRequest) -> HttpResponse:
        """Return the answer to a write, or raise `Refusal`: a 405 for a write that is not one of the six."""
        match request.method, [segment.lower() for segment in segments]:
            case "POST", ["serviceprincipals"]:
                return self._create_principal(_body(request), request.origin)
            case "POST", ["applications", _, "owners", "$ref"]:
                return self._add_owner(self._find("applications", segments[1]), _body(request))
            case "DELETE", ["applications", _, "owners", owner, "$ref"]:
                return self._remove_owner(self._find("applications", segments[1]), owner)
            case "PATCH", [name, _] if name in _MAY_BE_DISABLED:
                return self._enable(self._find(name, segments[1]), _body(request))
            case "DELETE", ["applications", _]:
                return self._delete_application(self._find("applications", segments[1]))
        if segments[0].lower() not in COLLECTIONS:
            raise graph_errors.no_segment(segments[0])
        raise _not_allowed()

    def _add_owner(self, application: GraphObject, body: dict[str, object]) -> HttpResponse:
        head, found, owner = str(body.get("@odata.id", "")).rpartition("/")
        if not f"{head}{found}".lower().endswith(_REFERENCE):
            raise graph_errors.bad_request("Invalid entity reference: @odata.id must name a directory object.")
        held = self._index.get(owner)
        if held is None:
            raise graph_errors.not_found(owner)
        if held.id in {one.id for one in self._index.owners_of(application.id)}:
            raise graph_errors.bad_request(
                "One or more added object references already exist for the following modified properties: 'owners'."
            )
        self._index.add_owner(application, held)
        return HttpResponse(204)

    def _remove_owner(self, application: GraphObject, owner: str) -> HttpResponse:
        held = [one for one in self._index.owners_of(application.id) if one.id.lower() == owner]
        if not held:
            raise graph_errors.not_found(owner)
        self._index.remove_owner(application, held[0])
        return HttpResponse(204)

    def _create_principal(self, body: dict[str, object], origin: str) -> HttpResponse:
        app_id = body.get("appId")
        if not isinstance(app_id, str) or not body.keys() <= {"appId", "accountEnabled"}:
            raise graph_errors.bad_request("A service principal is created here from appId and accountEnabled only.")
        application = self._index.by_app_id("application", app_id)
        if application is None:
            raise graph_errors.bad_request(
                f"The appId '{app_id}' of the service principal does not reference a valid application object."
            )
        if self._index.by_app_id("servicePrincipal", app_id) is not None:
            raise graph_errors.refuse(
                409,
                "Request_MultipleObjectsWithSameKeyValue",
                "The service principal cannot be created, updated, or restored because the service principal name "
                f"{app_id} is already in use.",
            )
        fields = {
            "id": str(uuid.uuid4()),
            "appId": application.fields["appId"],
            "displayName": application.fields.get("displayName"),
            "servicePrincipalType": "Application",
            "signInAudience": application.fields.get("signInAudience", "AzureADMyOrg"),
            "accountEnabled": _enabled(body) if "accountEnabled" in body else True,
            "appOwnerOrganizationId": self._tenant_id,
        }
        made = GraphObject(str(fields["id"]), "servicePrincipal", fields)
        self._index.add(made)
        context = f"{origin}/v1.0/$metadata#servicePrincipals/$entity"
        return json_response({"@odata.context": context, **made.complete}, 201)

    def _enable(self, account: GraphObject, body: dict[str, object]) -> HttpResponse:
        if body.keys() != {"accountEnabled"}:
            raise graph_errors.bad_request("Only accountEnabled can be updated here.")
        account.fields["accountEnabled"] = _enabled(body)
        return HttpResponse(204)

    def _delete_application(self, application: GraphObject) -> HttpResponse:
        """Move an application to the deleted items, and its service principal with it."""
        when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        principal = self._index.by_app_id("servicePrincipal", str(application.fields.get("appId", "")))
        for entry in (application, principal):
            if entry is not None:
                self._index.delete(entry, when)
        return HttpResponse(204)


def _body(request: HttpRequest) -> dict[str, object]:
    body = request.json()
    if not isinstance(body, dict):
        raise graph_errors.refuse(400, "BadRequest", "Unable to read JSON request payload.")
    return body


def _enabled(body: dict[str, object]) -> bool:
    value = body["accountEnabled"]
    if not isinstance(value, bool):
        raise graph_errors.bad_request("Invalid value specified for property 'accountEnabled' of resource.")
    return value


def _not_allowed() -> Refusal:
    return graph_errors.refuse(
        405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target."
    )
