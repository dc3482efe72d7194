"""Advice on a tenant in the words of the fleet file."""

import re

import click
import pytest

from auditor.azure.auth import failures
from auditor.cli import cures
from auditor.cli.main import cli
from auditor.fleet.tenant import FleetTenant
from auditor.fleet.wording import in_file_words

PLAIN = FleetTenant(name="plain", all=True)
ONE = FleetTenant(name="one", env="ONE", all=True)


def options_of(*words: str) -> set[str]:
    """Return the options of a command."""
    command: click.Command = cli
    for word in words:
        assert isinstance(command, click.Group)
        found = command.get_command(click.Context(command), word)
        assert found is not None
        command = found
    return {name for parameter in command.params for name in parameter.opts}


@pytest.mark.parametrize(
    ("text", "plain", "one"),
    [
        (
            "check `--tenant`, AZURE_TENANT_ID and `--cloud`",
            "check AZURE_TENANT_ID and `cloud`",
            "check ONE_AZURE_TENANT_ID and `cloud`",
        ),
        ("check `--tenant` and AZURE_TENANT_ID", "check AZURE_TENANT_ID", "check ONE_AZURE_TENANT_ID"),
        ("`--auth device-code` or `--auth`", "`auth: device-code` or `auth`", "`auth: device-code` or `auth`"),
        ("sign in (`az login --tenant X`)", "sign in (`az login --tenant X`)", "sign in (`az login --tenant X`)"),
        ("lower `--concurrency`", "lower `--concurrency`", "lower `--concurrency`"),
        (
            "correct `--tenant`",
            "correct `env` (a prefix, whose AZURE_TENANT_ID names it)",
            "correct `ONE_AZURE_TENANT_ID`",
        ),
        (
            "AZURE_CLIENT_SECRET (or ONE_AZURE_CLIENT_ID); AZURE_CONFIG_DIR",
            "AZURE_CLIENT_SECRET (or ONE_AZURE_CLIENT_ID); AZURE_CONFIG_DIR",
            "ONE_AZURE_CLIENT_SECRET (or ONE_AZURE_CLIENT_ID); AZURE_CONFIG_DIR",
        ),
    ],
)
def test_options_of_a_scan_become_keys_and_variables_get_the_prefix(text: str, plain: str, one: str) -> None:
    assert in_file_words(PLAIN, text) == plain
    assert in_file_words(ONE, text) == one


def test_no_advice_names_an_option_that_a_fleet_run_lacks() -> None:
    lacking = options_of("scan") - options_of("fleet", "run")
    assert {"--tenant", "--cloud", "--auth"} <= lacking
    texts = [*failures._ADVICE.values(), *failures._BY_MODE.values()]
    texts += [text for name, text in vars(cures).items() if name.startswith("_") and isinstance(text, str)]
    named = set()
    for text in texts:
        named |= set(re.findall(r"`(--[a-z-]+)", text))
        for tenant in (PLAIN, ONE):
            assert not lacking & set(re.findall(r"`(--[a-z-]+)", in_file_words(tenant, text)))
    assert named & lacking
