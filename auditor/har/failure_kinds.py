"""The kinds of failing calls (`failure_kinds.yaml`), and of which kind a call is."""

from functools import cache
from pathlib import Path

import msgspec

from auditor.audit.explain.azure_errors import AzureError
from auditor.audit.findings import Fix, Severity
from auditor.audit.rules.rule import RuleText
from auditor.har.answers.said import lacks_identity_headers
from auditor.har.calls import Call, CallOutcome, Within
from auditor.har.services import Service
from auditor.prepared import yaml_value

SUBJECT = "call"
"""The kind of subject that findings about a capture have."""
NO_ANSWER, ANSWERED, ELSEWHERE, NOT_READ = (
    "call-without-answer",
    "call-answered",
    "call-not-explained",
    "call-not-read",
)
_ACCESS, _VAULT, _SIGN_IN, _IDENTITY = (
    "call-access-refused",
    "call-key-vault-refused",
    "call-sign-in-refused",
    "call-without-identity",
)
_NAME_TAKEN, _SERVICE_FAILED, _WORK_FAILED, _OTHER = (
    "call-name-taken",
    "call-service-failed",
    "call-work-failed",
    "call-failed",
)
_BY_STATUS = {401: "call-token-not-accepted", 403: _ACCESS, 404: "call-not-found", 429: "call-throttled"}
_CONDITIONAL_ACCESS = "AADSTS53"
_OF_NAMES = frozenset({"conflicterror", "alreadyexists", "nameunavailable"})
"""Codes that mean a name that is taken only where the message says so."""
_TAKEN = ("soft deleted", "soft-deleted", "deleted state", "already in use", "already taken", "is already being used")


class CallFix(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A fix of a kind of failures; what it names is in the message of the call."""

    title: str
    steps: tuple[str, ...]
    changes: str = "Nothing in Azure."
    safe: bool = True

    @property
    def fix(self) -> Fix:
        """The fix as findings have it."""
        return Fix(self.title, self.steps, None, self.changes, self.safe)


class FailureKind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One kind of failing calls, which is the rule of its findings."""

    id: str
    title: str
    severity: Severity
    why: str
    codes: tuple[str, ...] = ()
    fixes: tuple[CallFix, ...] = ()
    references: tuple[str, ...] = ()

    @property
    def rule(self) -> RuleText:
        """The rule as reports show it."""
        return RuleText(self.id, self.title, self.why, self.severity, (), self.references, SUBJECT)


@cache
def failure_kinds() -> dict[str, FailureKind]:
    """Return every kind by its id."""
    kinds = yaml_value(Path(__file__).with_name("failure_kinds.yaml"), tuple[FailureKind, ...])
    return {kind.id: kind for kind in kinds}


@cache
def _by_code() -> dict[str, str]:
    return {code.lower(): kind.id for kind in failure_kinds().values() for code in kind.codes}


def kind_of(call: Call) -> FailureKind:
    """Return the kind of a call that did not succeed: by its error, otherwise by its status."""
    return failure_kinds()[_kind(call)]


def _kind(call: Call) -> str:
    if call.outcome is CallOutcome.UNANSWERED:
        return NO_ANSWER
    if lacks_identity_headers(call.said):
        return _IDENTITY
    for error in _telling(call.said.errors):
        code = error.code.lower()
        kind = _by_code().get(code, "")
        if code in _OF_NAMES and not (_asks_for_name(call) or any(one in error.message.lower() for one in _TAKEN)):
            kind = ""
        if kind and not (kind == _ACCESS and call.service is Service.KEY_VAULT):
            return kind
    of_entra = call.service is Service.SIGN_IN or call.said.code.startswith("AADSTS")
    if of_entra and call.status != 429 and call.status < 500:
        return _SIGN_IN
    return _by_status(call)


def _telling(errors: tuple[AzureError, ...]) -> tuple[AzureError, ...]:
    """Return the errors that decide the kind: where Conditional Access refused, no demand for an interaction does."""
    return tuple(one for one in errors if one.code.startswith(_CONDITIONAL_ACCESS)) or errors


def _asks_for_name(call: Call) -> bool:
    return "nameavailab" in call.address.path.lower()


def _by_status(call: Call) -> str:
    if call.within is Within.LATER:
        return _WORK_FAILED
    if call.method == "OPTIONS":  # the browser asked without a token whether the page may
        return _OTHER
    if call.status == 403 and call.service is Service.KEY_VAULT:
        return _VAULT
    return _SERVICE_FAILED if call.status >= 500 else _BY_STATUS.get(call.status, _OTHER)
