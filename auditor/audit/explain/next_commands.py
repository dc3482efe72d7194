"""The commands that an error of Azure leads to, with each value quoted for a POSIX shell."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from auditor.audit.explain.azure_errors import AzureError

_ASSIGNMENT = re.compile(
    r"(?P<scope>.*)/providers/Microsoft\.Authorization/policyAssignments/(?P<name>[^/]+)", re.IGNORECASE
)
_GROUP = re.compile(r"/subscriptions/(?P<subscription>[^/]+)/resourceGroups/(?P<group>[^/]+)", re.IGNORECASE)
_LOCKED_SUBSCRIPTION = re.compile(r"/subscriptions/(?P<subscription>[^/]+)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class NextCommand:
    """One command, and what it tells or does."""

    purpose: str
    command: str


def next_commands(error: AzureError) -> tuple[NextCommand, ...]:
    """Return the commands for what the error names, those that only read first."""
    return tuple(_commands(error))


def _commands(error: AzureError) -> Iterator[NextCommand]:
    said = error.details
    action, scope = (said.linked_action, said.linked_scope) if said.linked_action else (said.action, said.scope)
    if action and scope.startswith("/"):
        plane = "--data-action" if said.data_action and not said.linked_action else "--action"
        if said.account:
            asked = ("migaudit", "can", "--account", said.account, plane, action, "--scope", scope)
            yield NextCommand("whether the account may do it now, and why", shlex.join(asked))
        yield NextCommand("who may do it", shlex.join(("migaudit", "who-can", plane, action, "--scope", scope)))
    for policy in said.policies:
        where = _ASSIGNMENT.fullmatch(policy.assignment)
        if where is not None:
            policy_shown = ("az", "policy", "assignment", "show", "--name", where["name"], "--scope", where["scope"])
            yield NextCommand("what the policy demands, and of whom", shlex.join(policy_shown))
    for scope in said.locked:
        yield from _locks(scope)
    code = error.code.lower()
    if said.vault and code in {"vaultalreadyexists", "conflicterror"}:
        deleted = ("az", "keyvault", "show-deleted", "--name", said.vault)
        yield NextCommand("whether it is a deleted vault of yours, which can be recovered", shlex.join(deleted))
    if said.vault and said.address:
        allowed = ("az", "keyvault", "network-rule", "add", "--name", said.vault, "--ip-address", said.address)
        yield NextCommand("lets this address reach the vault", shlex.join(allowed))
    if said.provider and code == "missingsubscriptionregistration":
        inside = ("--subscription", said.subscription) if said.subscription else ()
        registered = ("az", "provider", "register", "--namespace", said.provider, *inside)
        yield NextCommand("registers the resource provider; it grants nothing to anybody", shlex.join(registered))
    if len(said.tenants) == 2:
        login = ("az", "login", "--tenant", said.tenants[1])
        yield NextCommand("signs in to the tenant of the subscription", shlex.join(login))


def _locks(scope: str) -> Iterator[NextCommand]:
    group, subscription = _GROUP.match(scope), _LOCKED_SUBSCRIPTION.fullmatch(scope)
    if group is not None:
        where = ["--resource-group", group["group"], "--subscription", group["subscription"]]
    elif subscription is not None:
        where = ["--subscription", subscription["subscription"]]
    else:
        return
    yield NextCommand("which locks there are, and whose", shlex.join(["az", "lock", "list", *where]))
