"""Secrets where Azure and its tools put them: gone from every place, also one that looks like a word or a number."""

import json

import pytest

from tests.har.scrub.azure_secrets import CALLS, TEXTS
from tests.har.scrub.planted import entry, readings, scrubbed, scrubbed_text
from tests.har.scrub.service_secrets import CALLS_OF_SERVICES
from tests.har.scrub.tool_secrets import CALLS_OF_TOOLS

pytestmark = pytest.mark.untraced

SECRETS = ("Zq9x7Lm2Vt4Rk8Pw", "hunter22x")


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("call", [*CALLS, *CALLS_OF_SERVICES])
def test_no_call_keeps_a_secret(call: str, secret: str) -> None:
    output, _ = scrubbed(*{**CALLS, **CALLS_OF_SERVICES}[call](secret))
    assert not [one for one in readings(output) if secret in one]
    assert scrubbed(*output)[0] == output


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("text", TEXTS)
def test_no_text_of_a_tool_keeps_a_secret(text: str, secret: str) -> None:
    once = scrubbed_text(TEXTS[text](secret))
    assert not [one for one in readings(once) if secret in one]
    assert scrubbed_text(once) == once


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("place", CALLS_OF_TOOLS)
def test_no_script_document_or_page_keeps_a_secret(place: str, secret: str) -> None:
    output, _ = scrubbed(CALLS_OF_TOOLS[place](secret))
    assert not [one for one in readings(output) if secret in one]
    assert scrubbed(*output)[0] == output


@pytest.mark.parametrize(
    "url",
    [
        "https://x/reset-password/token/Zq9x7Lm2Vt4Rk8Pw",
        "https://x/invite/Zq9x7Lm2Vt4Rk8Pw/accept?x=1",
    ],
)
def test_no_link_that_was_sent_to_somebody_keeps_its_token(url: str) -> None:
    assert "Zq9x7Lm2Vt4Rk8Pw" not in json.dumps(scrubbed(entry(url=url))[0])
