"""Secrets by their places: a value that was sent as one is shown nowhere, and what messages need stays."""

from typing import Any

import pytest

from auditor.har.calls import Calls
from tests.har.captures import ARM, CHRISTIE, GROUP, PROJECT, entry, error

SECRET = "planted-value-7"


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
    (call,) = Calls().of(sent(place))
    assert call.said.message == f"no such session: <removed>. Ask {CHRISTIE} about {GROUP}"
    assert SECRET not in repr(call)


@pytest.mark.parametrize(
    "value", ["management", CHRISTIE, "christie@fabrikam.com", "2020-05-01", "azure", "https://management.azure.com/"]
)
def test_what_messages_need_is_no_secret_because_a_cookie_holds_it_too(value: str) -> None:
    made = entry(f"{ARM}{PROJECT}?api-version=2020-05-01", 400, error("WeirdThing", f"see {value}"))
    made["request"]["cookies"] = [{"name": "a", "value": value}]
    (call,) = Calls().of(made)
    assert call.said.message == f"see {value}"
    assert call.address.host == "management.azure.com"
