"""Resource providers: whether one is registered, and the types and api-versions by which clients choose theirs."""

import msgspec

from auditor.emulator.arm.catalogue import BY_TYPE, NAMESPACES, ArmType
from auditor.emulator.arm.index import ArmIndex, ArmRow
from auditor.emulator.arm.target import Target
from auditor.emulator.exchange import HttpRequest, HttpResponse, json_answer

_NEVER_UNREGISTERED = frozenset({"microsoft.management", "microsoft.authorization", "microsoft.resources"})
_READ_FOR_REGISTRATION = frozenset({"microsoft.migrate", "microsoft.offazure", "microsoft.keyvault"})


class ProviderList:
    """Answers questions about one provider; lists of providers show what the snapshot holds, and no more."""

    def __init__(self, index: ArmIndex) -> None:
        self._index = index

    def one(self, target: Target, call: HttpRequest) -> HttpResponse | None:
        """The provider with its types, or None for one that does not exist as far as the snapshot tells."""
        namespace, row = target.names[0], self._index.get(target.key)
        if row is not None:
            return self._held(namespace, row)
        if not target.container:
            return json_answer(self._described(namespace)) if namespace in NAMESPACES else None
        if namespace in _NEVER_UNREGISTERED:
            return json_answer(
                {
                    "id": call.path,
                    **self._described(namespace),
                    "registrationState": "Registered",
                    "registrationPolicy": "RegistrationFree",
                }
            )
        if self._is_used(namespace, target.container):
            return json_answer({"id": call.path, **self._described(namespace), "registrationState": "Registered"})
        return None

    def _held(self, namespace: str, row: ArmRow) -> HttpResponse:
        """What the snapshot holds of it; as Azure always tells the types, they are put in where they are missing."""
        if row.fields.get("resourceTypes") is not None:
            return HttpResponse(body=row.wire)
        return json_answer({**self._described(namespace), **msgspec.json.decode(row.wire)})

    def _is_used(self, namespace: str, subscription: str) -> bool:
        """Whether a provider that the snapshot does not speak of must be registered: resources of it are there.

        Those that decide about a registration are served only as the snapshot holds them, so that what is not known
        stays unknown.
        """
        if namespace in _READ_FOR_REGISTRATION:
            return False
        return any(self._index.within(type_, subscription) for type_ in self._index.types_of(namespace))

    def _described(self, namespace: str) -> dict[str, object]:
        """The types that the emulator knows, or holds resources of, with their versions from the newest on."""
        known = {type_: kind for type_, kind in BY_TYPE.items() if type_.startswith(f"{namespace}/")}
        for type_ in self._index.types_of(namespace) - known.keys():
            row = next(self._index.of_type(type_), None)
            known[type_] = ArmType(type_ if row is None else str(row.fields.get("type") or type_))
        types = [
            {
                "resourceType": kind.name.partition("/")[2],
                "apiVersions": sorted(kind.supported.split(", "), reverse=True),
            }
            for _, kind in sorted(known.items())
        ]
        spelt = next((kind.name.partition("/")[0] for kind in known.values()), namespace)
        return {"namespace": NAMESPACES.get(namespace, spelt), "resourceTypes": types}
