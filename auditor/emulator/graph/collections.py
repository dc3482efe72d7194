"""Graph's collections: lists, single objects by any of their keys, deleted items, getByIds."""

from collections.abc import Mapping

import msgspec

from auditor.emulator.exchange import HttpRequest, HttpResponse, json_answer
from auditor.emulator.graph import errors as graph_errors
from auditor.emulator.graph.filters import equalities
from auditor.emulator.graph.index import COLLECTIONS, GraphIndex, GraphObject
from auditor.emulator.graph.query import GraphQuery, Related
from auditor.emulator.refusals import Refusals
from auditor.inventory.reads import Gap

_MOST_IDS = 1000
_POLICY = "authorizationPolicy"


class GraphCollections:
    """Answers about objects themselves."""

    def __init__(self, index: GraphIndex, refusals: Refusals, page_size: int | None) -> None:
        self._index = index
        self._refusals = refusals
        self._page_size = page_size
        self._expanded: Mapping[str, Related] = {
            "owners": lambda one: index.owners_of(one.id),
            "memberof": lambda one: index.direct_groups_of(one.id),
            "transitivememberof": lambda one: index.groups_of(one.id),
            "members": lambda one: index.direct_members_of(one.id),
        }

    def list(self, name: str, kind: str, query: GraphQuery) -> HttpResponse:
        """A whole collection, or what `$filter` leaves of it."""
        objects = query.filtered(self._index.of_kind(kind), kind)
        asked = (*equalities(query.filter), *(one.id for one in objects if query.filter))
        gap = self._gap(f"graph/{name.lower()}", asked) or (
            None if objects else self._gap(f"graph/{name.lower()}", ("",))
        )
        if gap is not None and query.filter:
            raise graph_errors.of_gap(gap)
        gap = gap or (self._gap(f"graph/{name.lower()}", ("",)) if not query.filter else None)
        return query.page(objects, name, self._page_size, gap, typed=True, expanded=self._expanded)

    def find(self, name: str, kind: str, key: str, value: str) -> GraphObject:
        """The object of a collection by id, principal name or named key; raises the refusal where there is none."""
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

    def entity(self, name: str, one: GraphObject, query: GraphQuery) -> HttpResponse:
        """One object."""
        return query.entity(one, name, self._expanded)

    def any_object(self, identity: str) -> GraphObject:
        """The object with an id, of whatever kind; raises the 404."""
        found = self._index.get(identity)
        if found is None:
            raise graph_errors.not_found(identity)
        return found

    def directory_object(self, identity: str, query: GraphQuery) -> HttpResponse:
        """An object of whatever kind, with its kind in the body."""
        one = self.any_object(identity)
        head = {"@odata.context": f"{query.call.origin}/v1.0/$metadata#directoryObjects/$entity"}
        return json_answer({**head, **query.fields_of(one, typed=False)})

    def deleted(self, asked: str, kind: str, query: GraphQuery) -> HttpResponse:
        """The deleted items of a kind (the cast is required), or one of them by id."""
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
        return json_answer(query.fields_of(found, typed=False))

    def authorization_policy(self, query: GraphQuery) -> HttpResponse:
        """The tenant's authorization policy."""
        gap = self._gap("graph/authorizationpolicy", ("",))
        if gap is not None:
            raise graph_errors.of_gap(gap)
        policies = self._index.of_kind(_POLICY)
        if not policies:
            raise graph_errors.not_found("authorizationPolicy")
        return query.entity(policies[0], "policies/authorizationPolicy")

    def organization(self, query: GraphQuery, tenant_id: str) -> HttpResponse:
        """The tenant as Graph shows it."""
        one = GraphObject(tenant_id, "organization", {"id": tenant_id, "displayName": tenant_id, "verifiedDomains": []})
        return query.page([one], "organization", None, None, typed=True)

    def by_ids(self, call: HttpRequest) -> HttpResponse:
        """The objects with the ids in the body; missing ones are simply absent."""
        gap = self._gap("graph/directoryobjects", ("",))
        if gap is not None:
            raise graph_errors.of_gap(gap)
        body = call.json()
        ids = body.get("ids") if isinstance(body, dict) else None
        if not isinstance(body, dict) or not isinstance(ids, list) or not ids:
            raise graph_errors.bad_request("One or more parameters of the function 'getByIds' are missing.")
        if len(ids) > _MOST_IDS:
            raise graph_errors.bad_request(f"The number of ids is {len(ids)}; it must not exceed {_MOST_IDS}.")
        kinds = {str(kind).lower() for kind in body.get("types") or ()} - {"directoryobject"}
        found = (self._index.get(str(identity)) for identity in dict.fromkeys(ids))
        value = [
            {"@odata.type": one.odata_type, **one.fields}
            for one in found
            if one is not None and one.kind != _POLICY and (not kinds or one.kind.lower() in kinds)
        ]
        return HttpResponse(
            body=msgspec.json.encode(
                {"@odata.context": f"{call.origin}/v1.0/$metadata#directoryObjects", "value": value}
            )
        )

    def _gap(self, what: str, scopes: tuple[str, ...]) -> Gap | None:
        return next(
            (gap for gap in (self._refusals.at(what, scope.lower()) for scope in scopes) if gap is not None), None
        )
