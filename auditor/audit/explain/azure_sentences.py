"""Sentences of Azure by which an error is known where its code was not copied; Azure does not translate them.

They are found in a plain form of the text: one kind of quotes, one space between words, a line end for an empty line.
"""

import re
from collections.abc import Iterator

_QUOTES = re.compile(
    r"\\{0,8}[\"'`´‘’‚‛“”„‟′″「」『』＂＇]|&(?:amp;){0,5}(?:#0*3[49]|#x2[27]|apos|quot);"  # noqa: RUF001 - every kind of quotes is meant
    r"|[«‹]\s{0,12}|\s{0,12}[»›]|\*\*"  # noqa: RUF001 - so are these
)
_BROKEN = re.compile(r"(?<=')/(?:subscriptions|providers)/[^'\s]+(?:[ \t]*\n[ \t]*[^'\s]+){1,6}(?=')", re.IGNORECASE)
"""An id in quotes that a narrow console broke; ids have no spaces of their own."""
_MARGIN = re.compile(r"^(?:[ \t]{0,20}[>|│┃▌]{1,5}[ \t]?){1,10}", re.MULTILINE)
"""What mail and Terraform put before each line; each answer to a mail adds its own."""
_GAP = re.compile(r"\s+")

_SENTENCES = {
    "LinkedAuthorizationFailed": r"on the linked scope",
    "DenyAssignmentAuthorizationFailed": r"because of the deny assignment",
    "AuthorizationFailed": (
        r"(?:does not|doesn't) have (?:authorization to perform action"
        r"|permission to perform action '?[^' ]{1,200}'? at scope)"
    ),
    "RequestDisallowedByPolicy": r"was disallowed by (?:policy|one or more policies)",
    "MissingSubscriptionRegistration": r"subscription\b.{0,80}? (?:is not|isn't) registered to use (?:the )?namespace",
    "ScopeLocked": r"because following scope\(s\) are locked",
    "VaultAlreadyExists": r"vault name '?[A-Za-z0-9-]{1,60}'? is already in use",
    "ForbiddenByFirewall": r"client address (?:is not|isn't) authorized and caller",
    "ForbiddenByRbac": r"caller is not authorized to perform action on resource",
    "ForbiddenByPolicy": r"permission on key ?vault '",
    "ForbiddenByConnection": r"public network access is disabled and request is not from",
    "InvalidAuthenticationTokenTenant": r"access token is from the wrong issuer",
    "ReadOnlyDisabledSubscription": r"is disabled and therefore marked as read only",
    "ResourceGroupBeingDeleted": r"resource group '?[\w.()-]{1,90}'? is in deprovisioning state",
    "Authorization_RequestDenied": r"insufficient privileges to complete the operation",
}
_PARTS = tuple((code, re.compile(part, re.IGNORECASE)) for code, part in _SENTENCES.items())
_BEGINNING = re.compile(
    r"the client '?[^'\n]{1,256}'? with object id|the user, group or application|resource '?[^'\n]{1,260}'? was disallo"
    r"|the scope '|(?:subscription '?[0-9a-f-]{36}'?: )?the subscription\b|the vault name|caller is not authorized"
    r"|client address is|public network access is|the access token is|the resource group '|insufficient privileges",
    re.IGNORECASE,
)
_BEFORE, _AFTER = 600, 2_000
"""Characters around such a part that can belong to its sentence, and to those that follow it."""


def plain(text: str) -> str:
    """Return a text with `'` for every quote, one space between words, and a line end for empty lines."""
    quoted = _BROKEN.sub(lambda match: _GAP.sub("", match[0]), _QUOTES.sub("'", _MARGIN.sub("", text)))
    return _GAP.sub(lambda match: "\n" if match[0].count("\n") > 1 else " ", quoted)


def sentences(text: str) -> Iterator[tuple[str, str]]:
    """Yield the code of every error of which a sentence stands in a text, and the sentence with what follows it.

    It ends where another one begins, whose names are not its own.
    """
    said = plain(text)
    every = [(code, found) for code, part in _PARTS for found in part.finditer(said)]
    beginnings = [match.start() for match in _BEGINNING.finditer(said)] if every else []
    for code, found in every:
        earliest = max(0, found.start() - _BEFORE)
        earliest = max(earliest, said.rfind("\n", earliest, found.start()) + 1)
        begun = [one for one in beginnings if earliest <= one <= found.start()]
        ended = [one for one in beginnings if found.start() < one]
        start, end = max(begun, default=earliest), min([*ended, found.start() + _AFTER])
        yield code, said[start:end].strip()
