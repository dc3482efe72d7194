"""Which credentials of the default chain the environment sets up; one that is set up is never passed over for another.

The variables are those of azure-identity's `EnvironmentCredential`, `WorkloadIdentityCredential` and
`ManagedIdentityCredential`.
"""

from collections.abc import Mapping, Sequence

PROOFS = ("AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH")
"""Variables that prove who an application is: whoever sets one means to sign in with it."""
_USER = ("AZURE_USERNAME", "AZURE_PASSWORD")
CLIENT = "AZURE_CLIENT_ID"
"""The variable that names an application, or a user-assigned identity."""
_TENANT = "AZURE_TENANT_ID"
_TOKEN_FILE = "AZURE_FEDERATED_TOKEN_FILE"  # noqa: S105 - the name of a variable
_SET_UP_BY: Mapping[str, Sequence[str]] = {
    "environment": PROOFS,
    "workload-identity": (_TOKEN_FILE,),
    "managed-identity": (CLIENT,),
}
"""The variables of which one says that a kind of credential is meant.

The tenant, or the id of an application, is also set for others; only a managed identity needs no more than its id.
"""


def sets_up(kind: str, variables: Mapping[str, str]) -> bool:
    """Return whether the variables set up a credential of this kind.

    An empty proof beside a tenant and an application is one that got lost; where all are empty, none is set.
    """
    named = _SET_UP_BY.get(kind, ())
    if any(map(variables.get, named)):
        return True
    whole = bool(variables.get(_TENANT) and variables.get(CLIENT))
    return kind == "environment" and whole and any(name in variables for name in named)


def setting(kind: str, variables: Mapping[str, str]) -> str:
    """Return the variables that set it up, as a part of a sentence."""
    return " and ".join(name for name in _SET_UP_BY.get(kind, ()) if name in variables)


def incomplete(kind: str, variables: Mapping[str, str], tenant: str | None) -> str:
    """Return what is missing for a credential that is set up in part; empty where nothing is, or it is not set up.

    azure-identity takes such a credential for one that is not set up, and asks the next. `tenant` is the one asked for.
    """
    if kind not in {"environment", "workload-identity"}:
        return ""
    proofs = [name for name in _SET_UP_BY[kind] if variables.get(name)]
    if not sets_up(kind, variables):
        user = kind == "environment" and all(map(variables.get, (CLIENT, *_USER)))
        return f"{_USER[0]} and {_USER[1]} are set, with which Azure's libraries no longer sign in" if user else ""
    lacking = [name for name in (_TENANT, CLIENT) if not variables.get(name)]
    if kind == "workload-identity" and tenant and _TENANT in lacking:
        lacking.remove(_TENANT)
    if not proofs:
        return f"{setting(kind, variables)} is empty"
    return f"{' and '.join(proofs)} set without {' and '.join(lacking)}" if lacking else ""
