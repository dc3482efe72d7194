"""Graph collections: lists, single objects by any of their keys, deleted items, and getByIds."""

from collections.abc import Mapping

import msgspec

from auditor.emulator.exchange import HttpRequest, HttpResponse, json_response
from auditor.emulator.graph import errors as graph_errors
from auditor.emulator.graph.filters import equalities
from auditor.emulator.graph.index import COLLECTIONS, GraphIndex, GraphObject
from auditor.emulator.graph.query import GraphQuery, Related
from auditor.emulator.refusals import Refusals
from auditor.inventory.reads import Gap

_MOST_IDS = 1000
_POLICY = "authorizationPolicy"
_CONDITIONAL_ACCESS = "conditionalAccessPolicy"


class GraphCollections:
    """The answers about directory objects themselves."""

    def __init__(self, index: GraphIndex, refusals: Refusals, page_size: int | None) -> None:
        self._index = index
        self._refusals = refusals
        self._page_size = page_size
        self._expanded: Mapping[str, Related] = {
            "owners": lambda entry: index.owners_of(entry.id),
            "memberof": lambda entry: index.direct_groups_of(entry.id),
            "transitivememberof": lambda entry: index.groups_of(entry.id),
            "members": lambda entry: index.direct_members_of(entry.id),
        }

    def list(self, name: str, kind: str, query: GraphQuery) -> HttpResponse:
        """Return the objects of a collection that match `$filter`; raises `Refusal` for a gap."""
        objects = query.filtered(self._index.of_kind(kind), kind)
        asked = (*equalities(query.filter), *(entry.id for entry in objects if query.filter))
        gap = self._gap(f"graph/{name.lower()}", asked) or (
            None if objects else self._gap(f"graph/{name.lower()}", ("",))
        )
        if gap is not None and query.filter:
            raise graph_errors.of_gap(gap)
        gap = gap or (self._gap(f"graph/{name.lower()}", ("",)) if not query.filter else None)
        return query.page(objects, name, self._page_size, gap, typed=True, expanded=self._expanded)

    def find(self, name: str, kind: str, key: str, value: str) -> GraphObject:
        """Return an object of a collection by id, principal name or named key; raises `Refusal` if there is none."""
        found = self._index.by_key(kind, value) if key in {"", "id"} else self._by_named_key(kind, key, value)
        scopes = (value, found.id) if found is not None else (value, "")
        gap = self._gap(f"graph/{name.lower()}", scopes)
        if gap is not None:
            raise graph_errors.of_gap(gap)
        if found is None:
            raise graph_errors.not_found(value)
        return found

    def _by_named_key(self, kind: str, key: str, value: str) -> GraphObject | None:
        if key.lower() == "appid" and kind in {"application", "servicePrincipal"}:
            return self._index.by_app_id(kind, value)
        if key.lower() == "userprincipalname" and kind == "user":
            return self._index.by_key(kind, value)
        if key.lower() == "roletemplateid" and kind == "directoryRole":
            same = (
                role
                for role in self._index.of_kind(kind)
                if str(role.fields.get("roleTemplateId", "")).lower() == value.lower()
            )
            return next(same, None)
        raise graph_errors.bad_request(f"The key '{key}' is not a key of this resource.")

    def entity(self, name: str, entry: GraphObject, query: GraphQuery) -> HttpResponse:
        """Return the response with one object."""
        return query.entity(entry, name, self._expanded)

    def any_object(self, identity: str) -> GraphObject:
        """Return the object with an id, of any kind; raises the 404 if there is none."""
        found = self._index.get(identity)
        if found is None:
            raise graph_errors.not_found(identity)
        return found

    def directory_object(self, identity: str, query: GraphQuery) -> HttpResponse:
        """Return the response with an object of any kind, and that kind in the body."""
        entry = self.any_object(identity)
        head = {"@odata.context": f"{query.request.origin}/v1.0/$metadata#directoryObjects/$entity"}
        return json_response({**head, **query.fields_of(entry, typed=False)})

    def deleted(self, asked: str, kind: str, query: GraphQuery) -> HttpResponse:
        """Return the deleted items of a kind (the cast is required), or a single one by id."""
        for prefix in ("microsoft.graph.", "graph."):
            if kind.startswith(prefix):
                name = kind.removeprefix(prefix)
                collection = next((c for c, k in COLLECTIONS.items() if k.lower() == name), None)
                if collection is None:
                    raise graph_errors.bad_request(f"The cast '{asked}' is not supported for deleted items.")
                objects = query.filtered(self._index.deleted(COLLECTIONS[collection]), COLLECTIONS[collection])
                gap = self._gap(f"graph/deleted{collection}", ("",))
                return query.page(objects, "directoryObjects", self._page_size, gap, typed=True)
        found = self._index.deleted_by_id(asked)
        if found is None:
            raise graph_errors.not_found(asked)
        return json_response(query.fields_of(found, typed=False))

    def authorization_policy(self, query: GraphQuery) -> HttpResponse:
        """Return the authorization policy of the tenant."""
        gap = self._gap("graph/authorizationpolicy", ("",))
        if gap is not None:
            raise graph_errors.of_gap(gap)
        policies = self._index.of_kind(_POLICY)
        if not policies:
            raise graph_errors.not_found("authorizationPolicy")
        return query.entity(policies[0], "policies/authorizationPolicy")

    def conditional_access(self, query: GraphQuery) -> HttpResponse:
        """Return the Conditional Access policies of the tenant."""
        policies = query.filtered(self._index.of_kind(_CONDITIONAL_ACCESS), _CONDITIONAL_ACCESS)
        gap = self._gap("graph/conditionalaccesspolicies", ("",))
        return query.page(policies, "identity/conditionalAccess/policies", self._page_size, gap, typed=False)

    def organization(self, query: GraphQuery, tenant_id: str) -> HttpResponse:
        """Return the tenant as an organization."""
        entry = GraphObject(
            tenant_id, "organization", {"id": tenant_id, "displayName": tenant_id, "verifiedDomains": []}
        )
        return query.page([entry], "organization", None, None, typed=True)

    def by_ids(self, request: HttpRequest) -> HttpResponse:
        """Return the objects with the ids in the body; unknown ids are left out."""
        gap = self._gap("graph/directoryobjects", ("",))
        if gap is not None:
            raise graph_errors.of_gap(gap)
        body = request.json()
        ids = body.get("ids") if isinstance(body, dict) else None
        if not isinstance(body, dict) or not isinstance(ids, list) or not ids:
            raise graph_errors.bad_request("One or more parameters of the function 'getByIds' are missing.")
        if len(ids) > _MOST_IDS:
            raise graph_errors.bad_request(f"The number of ids is {len(ids)}; it must not exceed {_MOST_IDS}.")
        kinds = {str(kind).lower() for kind in body.get("types") or ()} - {"directoryobject"}
        found = (self._index.get(str(identity)) for identity in dict.fromkeys(ids))
        value = [
            {"@odata.type": entry.odata_type, **entry.fields}
            for entry in found
            if entry is not None and entry.kind != _POLICY and (not kinds or entry.kind.lower() in kinds)
        ]
        return HttpResponse(
            body=msgspec.json.encode(
                {"@odata.context": f"{request.origin}/v1.0/$metadata#directoryObjects", "value": value}
            )
        )

    def _gap(self, what: str, scopes: tuple[str, ...]) -> Gap | None:
        return next(
            (gap for gap in (self._refusals.at(what, scope.lower()) for scope in scopes) if gap is not None), None
        )
