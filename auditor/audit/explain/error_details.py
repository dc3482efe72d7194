"""What a message of Azure names: the account, the action, the scope, the policy, the provider, the lock, the vault.

The sentences are those that Azure publishes and that its clients show; Azure does not translate them.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

from auditor.audit.explain.azure_sentences import plain
from auditor.audit.explain.pasted_text import pasted

_GUID = r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
_ID = r"/[^'\"\s?#<>|]{1,1024}"
_CLIENT = re.compile(rf"The client '?([^'\n]{{1,256}}?)'? with object id '?({_GUID})", re.IGNORECASE)
_ACTION = re.compile(r"perform action(?:\(s\))? '?([A-Za-z0-9./*_-]{3,256})(?='| over| on| at)", re.IGNORECASE)
_SCOPE = re.compile(rf"(?:over|on|at) scope (?:'(/|{_ID})'|({_ID})(?=[;.]? |$))", re.IGNORECASE)
_LINKED = re.compile(
    r"does not have permission to perform action(?:\(s\))? '?([^'\n]{3,512}?)'? on the linked scope(?:\(s\))? "
    rf"(?:'({_ID})|({_ID})(?= \())",
    re.IGNORECASE,
)
_DENY_ASSIGNMENT = re.compile(
    rf"deny assignment with name '?[^'\n]{{1,512}}?'? and Id '?({_ID}|[0-9a-f-]{{32,36}})", re.IGNORECASE
)
_PROVIDER = re.compile(r"to use (?:the )?namespace '?([A-Za-z][A-Za-z0-9.]{2,100}[A-Za-z0-9])", re.IGNORECASE)
_LOCKED = re.compile(rf"following scope\(s\) are locked: '?({_ID}(?:'?, ?'?{_ID})*)(?='|\. |$)", re.IGNORECASE)
_VAULT_TAKEN = re.compile(r"vault name '?([A-Za-z0-9-]{1,60})'? is already in use", re.IGNORECASE)
_KEY_VAULT = re.compile(r"(?:on key ?vault '|\bVault: '?)([A-Za-z0-9-]{1,60})(?:;location=[a-z0-9]*)?", re.IGNORECASE)
_CALLER = re.compile(rf"\boid=({_GUID})", re.IGNORECASE)
_VAULT_ACTION = re.compile(r"\bAction: '?(Microsoft\.KeyVault/[A-Za-z/]{3,200})", re.IGNORECASE)
_VAULT_PERMISSION = re.compile(
    r"does not have (secrets|keys|certificates|storage) (\w{2,30}) permission", re.IGNORECASE
)
_VAULT_RESOURCE = re.compile(rf"\bResource: '?({_ID})", re.IGNORECASE)
_ADDRESS = re.compile(r"Client address: ([0-9a-fA-F.:]{3,45})", re.IGNORECASE)
_SUBSCRIPTION = re.compile(rf"(?:/subscriptions/|subscription(?: id)?[ :'(]{{1,4}})({_GUID})", re.IGNORECASE)
_USER = re.compile(r"User account '(?:\{EUII Hidden\}|([^'\n]{1,256}))'", re.IGNORECASE)
_ISSUERS = re.compile(
    rf"wrong issuer '?https://[^/'\s]+/({_GUID})/?'?.{{0,80}}?tenant '?https://[^/'\s]+/({_GUID})",
    re.IGNORECASE | re.DOTALL,
)
_APPLICATION = re.compile(rf"application (?:with (?:identifier|ID)|'[^'\n]{{0,200}}'\()? ?'?({_GUID})", re.IGNORECASE)
_RESOURCE_GROUP = re.compile(r"resource group '?([\w.()-]{1,90}?)'? (?:is in deprovisioning|is being)", re.IGNORECASE)

_SECRETS_VERBS = {
    "get": "getSecret/action",
    "set": "setSecret/action",
    "list": "readMetadata/action",
    "delete": "delete",
}
_OF_KEYS = (
    "encrypt",
    "decrypt",
    "sign",
    "verify",
    "import",
    "backup",
    "restore",
    "recover",
    "purge",
    "release",
    "rotate",
)
_VAULT_VERBS = {
    "keys": {
        "get": "read",
        "list": "read",
        "create": "create/action",
        "update": "update/action",
        "delete": "delete",
        "wrapkey": "wrap/action",
        "unwrapkey": "unwrap/action",
        **{verb: f"{verb}/action" for verb in _OF_KEYS},
    },
    "certificates": {"get": "read", "list": "read", "create": "create/action", "delete": "delete"},
    "secrets": _SECRETS_VERBS,
}
"""The data actions of the permissions of access policies, where one action stands for one permission."""


@dataclass(frozen=True, slots=True)
class PolicyInError:
    """The policy that refused a request: the ids of its parts, its reference in an initiative, and its effect."""

    assignment: str
    definition: str = ""
    initiative: str = ""
    reference: str = ""
    effect: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What one message names, empty where it does not; `account` is an object id."""

    account: str = ""
    account_name: str = ""
    action: str = ""
    data_action: bool = False
    scope: str = ""
    linked_action: str = ""
    linked_scope: str = ""
    deny_assignment: str = ""
    policies: tuple[PolicyInError, ...] = ()
    provider: str = ""
    locked: tuple[str, ...] = ()
    vault: str = ""
    address: str = ""
    subscription: str = ""
    tenants: tuple[str, ...] = ()
    application: str = ""
    group: str = ""

    def joined(self, other: "Details") -> "Details | None":
        """Return what both name, or None if they name different things."""
        both: dict[str, Any] = {}
        for field in fields(Details):
            mine, theirs = getattr(self, field.name), getattr(other, field.name)
            if field.name == "policies":
                both[field.name] = _joined_policies((*mine, *theirs))
            elif mine and theirs and mine != theirs:
                return None
            else:
                both[field.name] = mine or theirs
        return Details(**both)


def details_of(message: str, body: dict[str, Any] | None = None) -> Details:
    """Return what a message names, and with it the policies in the `body` of its error."""
    policies = _joined_policies((*_in_body(body or {}), *_in_message(message)))
    message = plain(message)
    linked = _LINKED.search(message)
    client = _CLIENT.search(message)
    taken = _VAULT_TAKEN.search(message) or _KEY_VAULT.search(message)
    locked = _LOCKED.search(message)
    issuers = _ISSUERS.search(message)
    action, is_data = _action(message)
    return Details(
        account=client[2].lower() if client else _first(_CALLER, message).lower(),
        account_name=_name(client[1] if client else _first(_USER, message)),
        action=action,
        data_action=is_data,
        scope=_first(_SCOPE, message).rstrip(".,;") or _first(_VAULT_RESOURCE, message).lower(),
        linked_action=linked[1].split(",")[0].strip() if linked else "",
        linked_scope=(linked[2] or linked[3]).split(",")[0].rstrip(".,;") if linked else "",
        deny_assignment=_first(_DENY_ASSIGNMENT, message),
        policies=policies,
        provider=_first(_PROVIDER, message),
        locked=tuple(one.strip(" '.") for one in locked[1].split(",")) if locked else (),
        vault=taken[1] if taken else "",
        address=_first(_ADDRESS, message),
        subscription=_first(_SUBSCRIPTION, message).lower(),
        tenants=(issuers[1].lower(), issuers[2].lower()) if issuers else (),
        application=_first(_APPLICATION, message).lower(),
        group=_first(_RESOURCE_GROUP, message),
    )


def _action(message: str) -> tuple[str, bool]:
    """Return the action and whether it is one of the data plane."""
    if named := _first(_ACTION, message):
        return named, False
    if named := _first(_VAULT_ACTION, message):
        return named, True
    permission = _VAULT_PERMISSION.search(message)
    if permission:
        kind = permission[1].lower()
        verb = _VAULT_VERBS.get(kind, {}).get(permission[2].lower())
        return (f"Microsoft.KeyVault/vaults/{kind}/{verb}", True) if verb else ("", True)
    return "", False


def _in_message(message: str) -> list[PolicyInError]:
    """Return the policies of `Policy identifiers: '[…]'`."""
    if "policyAssignment" not in message:
        return []
    documents = pasted(message).documents or pasted(message.replace("'", '"')).documents
    listed = [row for document in documents for row in (document if isinstance(document, list) else [document])]
    return [
        PolicyInError(
            assignment=_text(row["policyAssignment"], "id"),
            definition=_text(row.get("policyDefinition"), "id"),
            initiative=_text(row.get("policySetDefinition"), "id"),
            reference=_text(row.get("policyDefinition"), "policyDefinitionReferenceId"),
            name=_text(row["policyAssignment"], "name"),
        )
        for row in listed
        if isinstance(row, dict) and isinstance(row.get("policyAssignment"), dict)
    ]


def _in_body(body: dict[str, Any]) -> list[PolicyInError]:
    """Return the policies of `additionalInfo`, which newer answers carry beside the message."""
    rows = body.get("additionalInfo")
    infos = [row.get("info") for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return [
        PolicyInError(
            assignment=_text(info, "policyAssignmentId"),
            definition=_text(info, "policyDefinitionId"),
            initiative=_text(info, "policySetDefinitionId"),
            reference=_text(info, "policyDefinitionReferenceId"),
            effect=_text(info, "policyDefinitionEffect"),
            name=_text(info, "policyAssignmentDisplayName") or _text(info, "policyAssignmentName"),
        )
        for info in infos
        if isinstance(info, dict) and _text(info, "policyAssignmentId")
    ]


def _joined_policies(policies: Iterable[PolicyInError]) -> tuple[PolicyInError, ...]:
    """Return one row for each assignment and reference, with what any row says of it."""
    found: dict[str, PolicyInError] = {}
    for policy in policies:
        known = found.setdefault(policy.assignment.lower(), policy)
        said = {field.name: getattr(known, field.name) or getattr(policy, field.name) for field in fields(policy)}
        found[policy.assignment.lower()] = PolicyInError(**said)
    return tuple(found.values())


def _text(row: Any, key: str) -> str:
    value = row.get(key) if isinstance(row, dict) else None
    return value[:1024] if isinstance(value, str) else ""


def _first(pattern: re.Pattern[str], message: str) -> str:
    found = pattern.search(message)
    return next(filter(None, found.groups()), "") if found else ""


def _name(name: str) -> str:
    """Return a name that says more than an id does."""
    return "" if re.fullmatch(_GUID, name) else name
