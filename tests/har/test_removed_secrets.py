"""Secrets by their places, names and forms: none is shown, and what messages need stays."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from auditor.har import removed_secrets
from auditor.har.addresses import address_of, cut
from auditor.har.calls import Call, Calls
from auditor.har.console import calls_in_log
from auditor.har.groups import FailureGroups
from auditor.har.reading import read_file
from auditor.har.removed_secrets import SecretRemover
from tests.har.captures import ARM, CHRISTIE, GROUP, PROJECT, entry, error, saved
from tests.har.scrub.azure_secrets import TEXTS
from tests.har.scrub.planted import NAMED

SECRET = "planted-value-7"
JWT = "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJodHRwcyJ9.c2lnbmF0dXJl"


def shown(*entries: dict[str, Any]) -> list[Call]:
    """The failing calls as `har` shows them."""
    calls, groups, secrets = Calls(), FailureGroups(), SecretRemover()
    for one in entries:
        groups.add_all(calls.of(one))
        secrets.learn(one)
    secrets.ready()
    groups.clean(secrets.cleaned)
    groups.merge()
    return [group.call for group in groups]


def sent(place: str) -> dict[str, Any]:
    made = entry(
        f"{ARM}{PROJECT}", 400, error("WeirdThing", f"no such session: {SECRET}. Ask {CHRISTIE} about {GROUP}")
    )
    request, response = made["request"], made["response"]
    match place:
        case "cookie":
            request["cookies"] = [{"name": "a", "value": SECRET}]
        case "set cookie":
            response["headers"].append({"name": "Set-Cookie", "value": f"a={SECRET}; Path=/; Secure"})
        case "header":
            request["headers"].append({"name": "X-Functions-Key", "value": SECRET})
        case "basic":
            request["headers"].append({"name": "Authorization", "value": f"Basic {SECRET}"})
        case "parameter":
            request["url"] += f"?sig={SECRET}"
        case "fragment":
            request["url"] += f"#access_token={SECRET}"
        case "form":
            request["postData"] = {"text": f"grant_type=password&password={SECRET}"}
        case "fields":
            request["postData"] = {"params": [{"name": "client_secret", "value": SECRET}]}
        case "redirect":
            response["redirectURL"] = f"https://x/?code={SECRET}"
    return made


@pytest.mark.parametrize(
    "place", ["cookie", "set cookie", "header", "basic", "parameter", "fragment", "form", "fields", "redirect"]
)
def test_a_secret_is_taken_out_of_a_message_that_repeats_it(place: str) -> None:
    (call,) = shown(sent(place))
    before, _, after = call.said.message.partition("[removed: ")
    assert (before, after.partition("]")[2]) == ("no such session: ", f". Ask {CHRISTIE} about {GROUP}")
    assert SECRET not in repr(call)


@pytest.mark.parametrize(
    "value", ["management", CHRISTIE, "christie@fabrikam.com", "2020-05-01", "azure", "https://management.azure.com/"]
)
def test_what_messages_need_is_no_secret_because_a_cookie_holds_it_too(value: str) -> None:
    made = entry(f"{ARM}{PROJECT}?api-version=2020-05-01", 400, error("WeirdThing", f"see {value}"))
    made["request"]["cookies"] = [{"name": "a", "value": value}]
    (call,) = shown(made)
    assert call.said.message == f"see {value}"
    assert call.address.host == "management.azure.com"


@pytest.mark.parametrize(
    ("message", "secret"),
    [
        ("failed: deploy -u admin -p S3cretPass9 host", "S3cretPass9"),
        ("cannot log in with admin:Hunter2xx@db.contoso.com", "Hunter2xx"),
        ("the secret abc8Q~abcdefghijklmnopqrstuvwxyzABCDEFGHIJK is wrong", "8Q~abcdef"),
        ("open https://microsoft.com/devicelogin and enter the code F7K2PQ9XB to authenticate", "F7K2PQ9XB"),
        ("see https://sa.blob.core.windows.net/c?sv=1&sig=abc%2B12%3D&se=2 for more", "abc%2B12"),
        (f"Bearer {JWT} was refused", JWT),
        ("DefaultEndpointsProtocol=https;AccountName=a;AccountKey=Zm9vYmFy==;EndpointSuffix=x", "Zm9vYmFy"),
        ('bad row {"adminPassword": "Hunter2xx"} in the template', "Hunter2xx"),
        ("Server=tcp:db;User ID=sa;Password=Hunter2xx;Encrypt=True", "Hunter2xx"),
    ],
)
def test_what_is_secret_by_its_name_or_form_is_taken_out_of_every_text(message: str, secret: str) -> None:
    made = entry(f"{ARM}{PROJECT}/{secret}", 400, error("WeirdThing", message), command=message)
    made["request"]["url"] += f"?x={secret}"
    (call,) = shown(made, entry(f"{ARM}{GROUP}", 0, _error=message))[:1]
    assert secret not in repr((call.said, call.command, call.why))
    assert "WeirdThing" in repr(call)
    (logged,) = calls_in_log(f"failed: {json.dumps(error('WeirdThing', message))}")
    assert secret not in repr(SecretRemover().cleaned(logged).said)


def test_a_password_that_was_sent_earlier_is_taken_out_of_what_fails_later(tmp_path: Path) -> None:
    body = {"properties": {"parameters": {"adminPassword": {"value": SECRET}}}}
    later = {"status": "Failed", "error": {"code": "WeirdThing", "message": f"{SECRET} is too short"}}
    made = [
        entry(f"{ARM}{GROUP}/deployments/d", 201, {}, method="PUT", sent=body),
        entry(f"{ARM}{GROUP}/operationStatuses/1", 200, later),
    ]
    (group,) = read_file(saved(tmp_path / "portal.har", *made)).groups
    assert group.call.said.message == "[removed: password] is too short"


def test_calls_that_differ_in_a_secret_alone_are_one_group() -> None:
    made = [entry(f"{ARM}/x/{JWT}{number}", 418, at=f"10:00:0{number}") for number in range(3)]
    calls, groups, secrets = Calls(), FailureGroups(), SecretRemover()
    groups.add_all(call for one in made for call in calls.of(one))
    groups.clean(secrets.cleaned)
    groups.merge()
    (group,) = groups
    assert (group.count, group.call.address.path) == (3, "/x/[removed: token]")
    assert group.first != group.last


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://portal.contoso.com/invite/a8Kd93LmQ2pX/accept", "/invite/[removed: token]/accept"),
        ("https://portal.contoso.com/api/redeem/Kd93LmQ2", "/api/redeem/[removed: token]"),
        ("https://ci.contoso.com/hooks/x7Kd93LmQ2", "/hooks/[removed: token]"),
        ("https://hooks.slack.com/services/T0AB1/B0CD2/x8Kd93Lm", "/services/[removed: token]"),
        ("https://portal.contoso.com/share/report2024", "/share/report2024"),
        (f"{ARM}{GROUP}/providers/Microsoft.ContainerRegistry/registries/r/webhooks/h7k2x9q4", None),
    ],
)
def test_of_a_path_what_only_its_words_or_its_host_tell_to_be_secret_is_taken_out(url: str, path: str | None) -> None:
    address = address_of(url)
    assert address is not None
    remover = SecretRemover()
    remover.ready()
    expected = path or address.path
    assert remover.cleaned(address).path == expected
    (call,) = shown(entry(f"{ARM}{PROJECT}", 403, error("Forbidden", f"no access to {url}")))
    assert call.said.message == f"no access to https://{address.host}{expected}"


@pytest.mark.parametrize("longest", range(1, 60))
def test_a_text_is_cut_between_words(longest: int) -> None:
    text = f"say hello, password={SECRET} and go on with it all"
    beginning = cut(text, longest)
    assert text.startswith(beginning)
    assert len(beginning) <= longest
    assert set(re.findall(r"[\w-]+", beginning)) <= set(re.findall(r"[\w-]+", text))


@pytest.mark.parametrize(
    ("url", "text", "query"),
    [
        (
            "https://A.Example.com:443/x?api-version=1&sig=s#code=2",
            "https://a.example.com/x",
            "api-version=1&sig=<removed>",
        ),
        ("https://user:secret@x.com:8443/a", "https://x.com:8443/a", ""),
    ],
)
def test_of_an_address_no_value_is_kept(url: str, text: str, query: str) -> None:
    address = address_of(url)
    assert address is not None
    assert (address.text, address.query) == (text, query)


@pytest.mark.parametrize(
    "url", [None, 5, "", "data:x", "blob:https://x/y", "https://", "https://[::1", "https://x:99999/", "//x/y"]
)
def test_what_is_no_address_of_the_web_is_none(url: object) -> None:
    assert address_of(url) is None


def test_secrets_are_taken_out_however_many_there_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(removed_secrets, "_MOST_SECRETS", 6)
    made = [entry(f"{ARM}/login", 400, method="POST", sent={"password": SECRET})]
    for number in range(30):
        made.append(entry(f"{ARM}/x{number}", 400, error("WeirdThing", f"no cookie-{number}-x9, not {SECRET}")))
        made[-1]["request"]["cookies"] = [{"name": "a", "value": f"cookie-{number}-x9"}]
    groups = read_file(saved(tmp_path / "portal.har", *made)).groups
    assert len(groups) == 31
    assert {group.call.said.message for group in groups[1:]} == {"no [removed: cookie], not [removed: password]"}


@pytest.mark.parametrize(
    "text",
    [
        f"<AutoLogon><Password><Value>{SECRET}</Value></Password></AutoLogon>",
        f"<html><form>WeirdThing<input name='id_token' value='{SECRET}'></form><p>AADSTS50000: no</p></html>",
        f"<saml:Assertion ID='x'><saml:AttributeValue>{SECRET}</saml:AttributeValue></saml:Assertion>",
    ],
)
@pytest.mark.parametrize("url", [f"{ARM}{GROUP}", "https://login.microsoftonline.com/common/login"])
def test_what_only_markup_names_is_taken_out_before_the_markup_is(text: str, url: str) -> None:
    for status in (200, 400):
        calls, groups, secrets = Calls(), FailureGroups(), SecretRemover()
        groups.add_all(calls.of(entry(url, status, text, mime="text/html")))
        groups.clean(secrets.cleaned)
        assert SECRET not in repr([group.call for group in groups])


def test_no_text_that_the_scrubber_knows_is_shown(tmp_path: Path) -> None:
    secrets = {name: f"Ab1Cd{number:02}Ef3Gh4Ij5Kl6" for number, name in enumerate({**NAMED, **TEXTS})}
    said = {name: written(secrets[name]) for name, written in {**NAMED, **TEXTS}.items()}
    made = [
        one
        for number, text in enumerate(said.values())
        for one in (
            entry(f"{ARM}{GROUP}/a{number}", 400, error("WeirdThing", text), command=text),
            entry(f"{ARM}{GROUP}/b{number}", 500, text, mime="text/plain"),
            entry(f"{ARM}{GROUP}/c{number}", 0, _error=text),
        )
    ]
    read = read_file(saved(tmp_path / "portal.har", *made, title=said["connection"]))
    assert len(read.groups) == 3 * len(said)
    shown = repr((read.groups, read.pages))
    assert [name for name, secret in secrets.items() if secret in shown] == []
