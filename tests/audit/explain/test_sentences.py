"""Azure's own sentences, in the forms in which people have them: each names the same things in every form."""

from collections.abc import Callable
from typing import Any

import pytest

from auditor.audit.explain.azure_errors import AzureError, azure_errors
from auditor.audit.explain.named_things import things_in
from auditor.audit.explain.pasted_text import pasted

SUBSCRIPTION = "1c0ffee1-0000-4000-8000-00000000a001"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-migrate"
PROJECT = f"{GROUP}/providers/Microsoft.Migrate/migrateProjects/wave-1"
SUBNET = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/v/subnets/s"
VAULT = f"{GROUP}/providers/Microsoft.KeyVault/vaults/wave1kv"
ADELE = "1c0ffee1-0000-4000-8000-00000000b001"
APP = "1c0ffee1-0000-4000-8000-00000000c001"
HOME, OTHER = "1c0ffee1-0000-4000-8000-00000000d001", "1c0ffee1-0000-4000-8000-00000000d002"
CLIENT = f"The client 'adele@contoso.com' with object id '{ADELE}'"
WRITE = "Microsoft.Migrate/migrateProjects/write"
JOIN = "Microsoft.Network/virtualNetworks/subnets/join/action"

SENTENCES: dict[str, tuple[str, dict[str, Any]]] = {
    "AuthorizationFailed": (
        (
            f"{CLIENT} does not have authorization to perform action '{WRITE}' over scope '{PROJECT}' or the scope is "
            "invalid. If access was recently granted, please refresh your credentials."
        ),
        {"account": ADELE, "account_name": "adele@contoso.com", "action": WRITE, "scope": PROJECT},
    ),
    "LinkedAuthorizationFailed": (
        (
            f"{CLIENT} has permission to perform action 'Microsoft.Network/privateEndpoints/write' on scope '{GROUP}'; "
            f"however, it does not have permission to perform action(s) '{JOIN}' on the linked scope(s) '{SUBNET}' "
            "(respectively) or the linked scope(s) are invalid."
        ),
        {"account": ADELE, "linked_action": JOIN, "linked_scope": SUBNET},
    ),
    "DenyAssignmentAuthorizationFailed": (
        (
            f"{CLIENT} has permission to perform action '{WRITE}' on scope '{GROUP}'; however, the access is denied "
            f"because of the deny assignment with name 'Stack' and Id '{APP.replace('-', '')}' at scope '{GROUP}'."
        ),
        {"account": ADELE, "action": WRITE, "scope": GROUP, "deny_assignment": APP.replace("-", "")},
    ),
    "MissingSubscriptionRegistration": (
        (
            f"The subscription '{SUBSCRIPTION}' is not registered to use namespace 'Microsoft.OffAzure'. See "
            "https://aka.ms/rps-not-found for how to register subscriptions."
        ),
        {"subscription": SUBSCRIPTION, "provider": "Microsoft.OffAzure"},
    ),
    "ScopeLocked": (
        (
            f"The scope '{PROJECT}' cannot perform delete operation because following scope(s) are locked: '{GROUP}'. "
            "Please remove the lock and try again."
        ),
        {"locked": (GROUP,)},
    ),
    "VaultAlreadyExists": (
        (
            "The vault name 'wave1kv' is already in use. Vault names are globally unique so it is possible that "
            "the name "
            "is already taken."
        ),
        {"vault": "wave1kv"},
    ),
    "ForbiddenByRbac": (
        (
            f"Caller is not authorized to perform action on resource. Caller: appid={APP};oid={ADELE};"
            f"iss=https://sts.windows.net/{HOME}/ Action: 'Microsoft.KeyVault/vaults/secrets/getSecret/action' "
            f"Resource: "
            f"'{VAULT}/secrets/s' Assignment: (not found) Vault: wave1kv;location=westeurope"
        ),
        {"account": ADELE, "action": "Microsoft.KeyVault/vaults/secrets/getSecret/action", "vault": "wave1kv"},
    ),
    "ForbiddenByPolicy": (
        (
            f"The user, group or application 'appid={APP};oid={ADELE};iss=https://sts.windows.net/{HOME}/' does "
            f"not have "
            "secrets get permission on key vault 'wave1kv;location=westeurope'."
        ),
        {"account": ADELE, "vault": "wave1kv", "data_action": True},
    ),
    "ForbiddenByFirewall": (
        (
            "Client address is not authorized and caller is not a trusted service. Client address: 198.51.100.7 "
            "Caller: "
            f"appid={APP};oid={ADELE};iss=https://sts.windows.net/{HOME}/ Vault: wave1kv;location=westeurope"
        ),
        {"account": ADELE, "vault": "wave1kv", "address": "198.51.100.7"},
    ),
    "ForbiddenByConnection": (
        (
            "Public network access is disabled and request is not from a trusted service nor via an approved "
            "private link. "
            f"Caller: appid={APP};oid={ADELE};iss=https://sts.windows.net/{HOME}/ Vault: wave1kv;location=westeurope"
        ),
        {"account": ADELE, "vault": "wave1kv"},
    ),
    "InvalidAuthenticationTokenTenant": (
        (
            f"The access token is from the wrong issuer 'https://sts.windows.net/{OTHER}/'. It must match the tenant "
            f"'https://sts.windows.net/{HOME}/' associated with this subscription."
        ),
        {"tenants": (OTHER, HOME)},
    ),
    "ReadOnlyDisabledSubscription": (
        (
            f"The subscription '{SUBSCRIPTION}' is disabled and therefore marked as read only. You cannot perform any "
            "write actions on this subscription until it is re-enabled."
        ),
        {"subscription": SUBSCRIPTION},
    ),
    "ResourceGroupBeingDeleted": (
        "The resource group 'rg-migrate' is in deprovisioning state and cannot perform this operation.",
        {"group": "rg-migrate"},
    ),
    "Authorization_RequestDenied": ("Insufficient privileges to complete the operation.", {}),
}


def in_lines(said: str) -> str:
    """Return a text as a narrow console breaks it, between words."""
    words = said.split(" ")
    return "\n    ".join(" ".join(words[at : at + 4]) for at in range(0, len(words), 4))


def quoted(said: str, opening: str, closing: str) -> str:
    return "".join(
        part if number % 2 == 0 else f"{opening}{part}{closing}" for number, part in enumerate(said.split("'"))
    )


FORMS = {
    "no code": "{said}",
    "code first": "{code}: {said}",
    "code first, in parentheses": "({code}) {said}",
    "code last": "{said} {code}",
    "code last, in parentheses": "{said} ({code})",
    "labelled": "Code: {code}\nMessage: {said}",
    "labelled last": "{said}\nStatus: 403\nErrorCode: {code}",
    "in a log": "2026-11-23T10:00:00Z [WARN] request 42 failed: {said} | {code} | retry in 3 s",
}
QUOTES = {
    "plain": ("'", "'"),
    "double": ('"', '"'),
    "escaped": ('\\"', '\\"'),
    "backticks": ("`", "`"),
    "single typographic": ("‘", "’"),  # noqa: RUF001 - these quotes are meant
    "double typographic": ("“", "”"),
    "German": ("„", "“"),
    "French": ("« ", " »"),
    "Japanese": ("「", "」"),
    "entities": ("&#39;", "&#39;"),
    "entities twice": ("&amp;#39;", "&amp;#39;"),
    "bold": ("**", "**"),
}
WRAPS: tuple[Callable[[str], str], ...] = (str, in_lines, lambda said: in_lines(said).replace("\n", "\r\n"))


def the_error(text: str, code: str) -> AzureError:
    (found,) = [error for error in azure_errors(pasted(text)) if error.code == code]
    return found


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("code", SENTENCES)
def test_a_sentence_names_its_things_wherever_its_code_stands(code: str, form: str) -> None:
    said, named = SENTENCES[code]
    for wrap in WRAPS:
        error = the_error(form.format(code=code, said=wrap(said)), code)
        assert {field: getattr(error.details, field) for field in named} == named


@pytest.mark.parametrize("quotes", QUOTES.values(), ids=QUOTES)
@pytest.mark.parametrize("code", SENTENCES)
def test_a_sentence_names_its_things_in_any_quotes(code: str, quotes: tuple[str, str]) -> None:
    said, named = SENTENCES[code]
    for wrap in WRAPS:
        error = the_error(wrap(quoted(said, *quotes)), code)
        assert {field: getattr(error.details, field) for field in named} == named


def test_a_name_that_was_cut_is_none() -> None:
    said, _ = SENTENCES["AuthorizationFailed"]
    error = the_error(said[: said.index("wave-1") + 4], "AuthorizationFailed")
    assert (error.details.account, error.details.scope) == (ADELE, "")


def test_the_marks_of_several_answers_to_a_mail_are_no_part_of_it() -> None:
    said, named = SENTENCES["AuthorizationFailed"]
    mail = ">> > Hello,\n>> > " + in_lines(said).replace("\n", "\n>> > ")
    error = the_error(mail, "AuthorizationFailed")
    assert {field: getattr(error.details, field) for field in named} == named


def test_an_id_that_a_console_broke_is_whole() -> None:
    said, _ = SENTENCES["AuthorizationFailed"]
    error = the_error(said.replace("migrateProjects/wave-1", "migratePro\n    jects/wave-1"), "AuthorizationFailed")
    assert error.details.scope == PROJECT


@pytest.mark.parametrize("between", [" ", "\n", "\n\n", "; "])
def test_each_of_two_sentences_names_its_own(between: str) -> None:
    said, _ = SENTENCES["AuthorizationFailed"]
    other = said.replace(ADELE, APP).replace("wave-1", "wave-2")
    found = [
        (error.details.account, error.details.scope[-6:]) for error in azure_errors(pasted(f"{said}{between}{other}"))
    ]
    assert found == [(ADELE, "wave-1"), (APP, "wave-2")]


@pytest.mark.parametrize(
    ("text", "accounts"),
    [
        ("60052 for user0@fabrikam.com", {"user0@fabrikam.com"}),
        ("60052 'user0@fabrikam.com'", {"user0@fabrikam.com"}),
        ("60052 upn=0@fabrikam.com", {"0@fabrikam.com"}),
        ("60052, see client7@fabrikam.com", set()),
    ],
)
def test_an_address_is_never_cut(text: str, accounts: set[str]) -> None:
    assert things_in(text).accounts == accounts
