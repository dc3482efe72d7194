"""Query options of a Graph request, and the responses that they shape."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from auditor.emulator.exchange import HttpRequest, HttpResponse, Refusal
from auditor.emulator.graph.errors import bad_request, unsupported_query
from auditor.emulator.graph.filters import compile_filter
from auditor.emulator.graph.index import GraphObject
from auditor.emulator.paging import GRAPH_ENVELOPE, PagedList, page_of
from auditor.inventory.reads import Gap

_USER_DEFAULTS = [
    "businessPhones",
    "displayName",
    "givenName",
    "id",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
]
"""The properties of a user that Graph returns without `$select`; for other kinds it returns all."""
_OPTIONS = {"$select", "$filter", "$top", "$expand", "$count", "$search", "$orderby", "$skiptoken", "$format"}
_LARGEST = 999
_USUAL = 100
Related = Callable[[GraphObject], Sequence[GraphObject]]


@dataclass(frozen=True, slots=True)
class GraphQuery:
    """The options of one request, with those checks that do not depend on its path."""

    request: HttpRequest
    select: tuple[str, ...]
    filter: str | None
    top: int | None
    expand: tuple[str, ...]
    advanced: bool

    @classmethod
    def of(cls, request: HttpRequest) -> "GraphQuery":
        """Return the options of `request`; raises `Refusal` for those that Graph rejects."""
        for name in request.query:
            if name.startswith("$") and name not in _OPTIONS:
                raise bad_request(f"The query option '{name}' is not supported.")
        eventual = request.header("ConsistencyLevel").lower() == "eventual"
        counts = request.query.get("$count", "").lower() == "true"
        if "$search" in request.query and not eventual:
            raise bad_request(
                "Request with $search query parameter only works through MSGraph with a special request header: "
                "'ConsistencyLevel: eventual'"
            )
        if "$search" in request.query or "$orderby" in request.query:
            raise unsupported_query("$search and $orderby are not supported by this emulator.")
        return cls(
            request,
            _listed(request.query.get("$select")),
            request.query.get("$filter"),
            _top(request.query.get("$top")),
            _listed(request.query.get("$expand")),
            advanced=eventual and counts,
        )

    def shaped(self, entry: GraphObject, *, typed: bool, expanded: Mapping[str, Related] | None = None) -> bytes:
        """Return the JSON of one object; with `typed`, the collection implies its kind, and the body omits it."""
        return msgspec.json.encode(self.fields_of(entry, typed=typed, expanded=expanded))

    def fields_of(
        self, entry: GraphObject, *, typed: bool, expanded: Mapping[str, Related] | None = None
    ) -> dict[str, object]:
        """Return the properties of an object that the options ask for."""
        fields = entry.complete if typed and not self.select else entry.fields
        names: Iterable[str] = self.select or (_USER_DEFAULTS if entry.kind == "user" and typed else fields)
        shown: dict[str, object] = {} if typed else {"@odata.type": entry.odata_type}
        shown.update({name: fields[name] for name in names if name in fields})
        for name in self.expand:
            related = (expanded or {}).get(name.partition("(")[0].lower())
            if related is None:
                raise bad_request(f"Parsing OData Select and Expand failed: Could not find a property named '{name}'.")
            shown[name.partition("(")[0]] = [
                {"@odata.type": other.odata_type, **other.fields} for other in related(entry)[:20]
            ]
        return shown

    def entity(self, entry: GraphObject, context: str, expanded: Mapping[str, Related] | None = None) -> HttpResponse:
        """Return the response with a single object."""
        head = {"@odata.context": f"{self.request.origin}/v1.0/$metadata#{context}/$entity"}
        return HttpResponse(body=msgspec.json.encode({**head, **self.fields_of(entry, typed=True, expanded=expanded)}))

    def filtered(self, objects: Sequence[GraphObject], kind: str) -> Sequence[GraphObject]:
        """Return the objects that match `$filter`."""
        if not self.filter:
            return objects
        keep = compile_filter(kind, self.filter, advanced=self.advanced)
        return [entry for entry in objects if keep(entry.complete)]

    def page(
        self,
        objects: Sequence[GraphObject],
        context: str,
        page_size: int | None,
        gap: Gap | None,
        *,
        typed: bool,
        expanded: Mapping[str, Related] | None = None,
    ) -> HttpResponse:
        """Return the requested page of a collection; a gap ends the collection early."""
        listing = PagedList(objects, lambda entry: self.shaped(entry, typed=typed, expanded=expanded), gap)
        head: dict[str, object] = {"@odata.context": f"{self.request.origin}/v1.0/$metadata#{context}"}
        if self.advanced:
            head["@odata.count"] = len(objects)
        size = min(self.top or _USUAL, page_size or _LARGEST)
        return page_of(listing, self.request, size, _bad_token, GRAPH_ENVELOPE, head)


def _listed(text: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip()) if text else ()


def _top(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= _LARGEST):
        raise bad_request(f"Invalid page size specified: '{text}'. Must be between 1 and 999 inclusive.")
    return int(text)


def _bad_token() -> Refusal:
    return bad_request("The specified page token is not valid.")
