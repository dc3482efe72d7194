"""Relations of directory objects: groups, members and owners, and the membership checks."""

from collections.abc import Sequence

from auditor.emulator.exchange import HttpRequest, HttpResponse, json_response
from auditor.emulator.graph import errors as graph_errors
from auditor.emulator.graph.index import COLLECTIONS, GraphIndex, GraphObject
from auditor.emulator.graph.query import GraphQuery
from auditor.emulator.refusals import Refusals

_MOST_CHECKED = 20
_LISTS = {
    "transitivememberof": "graph/transitivememberof",
    "memberof": "graph/transitivememberof",
    "transitivemembers": "graph/transitivemembers",
    "members": "graph/transitivemembers",
    "owners": "graph/owners",
    "ownedobjects": "graph/owners",
}


class GraphMembership:
    """The answers about the relations of one object."""

    def __init__(self, index: GraphIndex, refusals: Refusals, page_size: int | None) -> None:
        self._index = index
        self._refusals = refusals
        self._page_size = page_size

    def answer(self, entry: GraphObject, rest: list[str], query: GraphQuery) -> HttpResponse:
        """Return the related objects of the relation in `rest`, the path after the object; a cast keeps one kind."""
        relation = rest[0].lower()
        if relation not in _LISTS:
            raise graph_errors.no_segment(rest[0])
        objects = self._related(entry, relation)
        kind = "directoryObject"
        if len(rest) > 1:
            kind = self._cast(rest[1], query)
            objects = [other for other in objects if other.kind == kind]
        if query.filter and kind == "directoryObject" and not query.advanced:
            raise graph_errors.unsupported_query(
                "The specified filter needs $count=true and ConsistencyLevel: eventual."
            )
        objects = query.filtered(objects, kind)
        what = _LISTS[relation]
        gap = self._refusals.at(what, entry.id.lower()) or (None if objects else self._refusals.at(what, ""))
        return query.page(objects, "directoryObjects", self._page_size, gap, typed=False)

    def check(self, entry: GraphObject, action: str, request: HttpRequest) -> HttpResponse:
        """Return the answer to `action`, one of (check|get)Member(Groups|Objects)."""
        body = request.json()
        body = body if isinstance(body, dict) else {}
        gap = self._refusals.at("graph/transitivememberof", entry.id.lower())
        if gap is not None:
            raise graph_errors.of_gap(gap)
        groups = self._index.groups_of(entry.id)
        if action in {"getmembergroups", "getmemberobjects"}:
            if body.get("securityEnabledOnly"):
                groups = [group for group in groups if group.fields.get("securityEnabled")]
            return json_response({"value": [group.id for group in groups]})
        field = {"checkmembergroups": "groupIds", "checkmemberobjects": "ids"}.get(action)
        if field is None:
            raise graph_errors.no_segment(action)
        asked = body.get(field)
        if not isinstance(asked, list) or not 1 <= len(asked) <= _MOST_CHECKED:
            raise graph_errors.bad_request(f"'{field}' must hold 1 to {_MOST_CHECKED} ids.")
        held = {group.id.lower() for group in groups}
        return json_response({"value": [identity for identity in asked if str(identity).lower() in held]})

    def _related(self, entry: GraphObject, relation: str) -> Sequence[GraphObject]:
        index = self._index
        match relation:
            case "transitivememberof":
                return index.groups_of(entry.id)
            case "memberof":
                return index.direct_groups_of(entry.id)
            case "transitivemembers":
                return index.members_of(entry.id)
            case "members" if entry.kind == "directoryRole":
                template = str(entry.fields.get("roleTemplateId", "")).lower()
                held = (
                    role.principal for role in index.roles if role.template.lower() == template and role.scope == "/"
                )
                return [known for known in map(index.get, held) if known is not None]
            case "members":
                return index.direct_members_of(entry.id)
            case "ownedobjects":
                return index.owned_by(entry.id)
            case _:
                return index.owners_of(entry.id)

    def _cast(self, segment: str, query: GraphQuery) -> str:
        """Return the kind in a cast; raises `Refusal` unless the query is advanced."""
        name = segment.lower().removeprefix("microsoft.").removeprefix("graph.")
        kind = next((kind for kind in COLLECTIONS.values() if kind.lower() == name), None)
        if kind is None:
            raise graph_errors.no_segment(segment)
        if not query.advanced:
            raise graph_errors.unsupported_query(
                "The cast in the request URL needs the $count=true parameter and the ConsistencyLevel: eventual header."
            )
        return kind
