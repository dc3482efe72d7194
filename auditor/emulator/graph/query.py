"""The query options of a Graph request, and how they shape what is answered."""

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
"""What Graph tells of a user who is not asked about by name; of other kinds it tells what it holds."""
_OPTIONS = {"$select", "$filter", "$top", "$expand", "$count", "$search", "$orderby", "$skiptoken", "$format"}
_LARGEST = 999
_USUAL = 100
Related = Callable[[GraphObject], Sequence[GraphObject]]


@dataclass(frozen=True, slots=True)
class GraphQuery:
    """The options of one request, checked as far as they can be without knowing what is asked."""

    call: HttpRequest
    select: tuple[str, ...]
    filter: str | None
    top: int | None
    expand: tuple[str, ...]
    advanced: bool

    @classmethod
    def of(cls, call: HttpRequest) -> "GraphQuery":
        """Return the options of `call`; raises the refusal of those that Graph would not take."""
        for name in call.query:
            if name.startswith("$") and name not in _OPTIONS:
                raise bad_request(f"The query option '{name}' is not supported.")
        eventual = call.header("ConsistencyLevel").lower() == "eventual"
        counts = call.query.get("$count", "").lower() == "true"
        if "$search" in call.query and not eventual:
            raise bad_request(
                "Request with $search query parameter only works through MSGraph with a special request header: "
                "'ConsistencyLevel: eventual'"
            )
        if "$search" in call.query or "$orderby" in call.query:
            raise unsupported_query("$search and $orderby are not supported by this emulator.")
        return cls(
            call,
            _listed(call.query.get("$select")),
            call.query.get("$filter"),
            _top(call.query.get("$top")),
            _listed(call.query.get("$expand")),
            advanced=eventual and counts,
        )

    def shaped(self, one: GraphObject, *, typed: bool, expanded: Mapping[str, Related] | None = None) -> bytes:
        """The JSON of one object; `typed` where the collection says its kind, so that the body need not."""
        return msgspec.json.encode(self.fields_of(one, typed=typed, expanded=expanded))

    def fields_of(
        self, one: GraphObject, *, typed: bool, expanded: Mapping[str, Related] | None = None
    ) -> dict[str, object]:
        """The object cut down to what was asked for."""
        fields = one.complete if typed and not self.select else one.fields
        names: Iterable[str] = self.select or (_USER_DEFAULTS if one.kind == "user" and typed else fields)
        shown: dict[str, object] = {} if typed else {"@odata.type": one.odata_type}
        shown.update({name: fields[name] for name in names if name in fields})
        for name in self.expand:
            related = (expanded or {}).get(name.partition("(")[0].lower())
            if related is None:
                raise bad_request(f"Parsing OData Select and Expand failed: Could not find a property named '{name}'.")
            shown[name.partition("(")[0]] = [
                {"@odata.type": other.odata_type, **other.fields} for other in related(one)[:20]
            ]
        return shown

    def entity(self, one: GraphObject, context: str, expanded: Mapping[str, Related] | None = None) -> HttpResponse:
        """The answer for a single object."""
        head = {"@odata.context": f"{self.call.origin}/v1.0/$metadata#{context}/$entity"}
        return HttpResponse(body=msgspec.json.encode({**head, **self.fields_of(one, typed=True, expanded=expanded)}))

    def filtered(self, objects: Sequence[GraphObject], kind: str) -> Sequence[GraphObject]:
        """The objects that `$filter` leaves."""
        if not self.filter:
            return objects
        keep = compile_filter(kind, self.filter, advanced=self.advanced)
        return [one for one in objects if keep(one.complete)]

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
        """The page of a collection that was asked for; a gap ends the collection early."""
        listing = PagedList(objects, lambda one: self.shaped(one, typed=typed, expanded=expanded), gap)
        head: dict[str, object] = {"@odata.context": f"{self.call.origin}/v1.0/$metadata#{context}"}
        if self.advanced:
            head["@odata.count"] = len(objects)
        size = min(self.top or _USUAL, page_size or _LARGEST)
        return page_of(listing, self.call, size, _bad_token, GRAPH_ENVELOPE, head)


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
