"""Messages of a scan in the words of a fleet file: its keys instead of options, variables with the tenant's prefix."""

import re
from collections.abc import Mapping

from auditor.fleet.tenant import FleetTenant
from auditor.fleet.variables import MACHINES_OWN

_KEYS: Mapping[str, str] = {
    "--account": "accounts",
    "--all": "all: true",
    "--auth": "auth",
    "--cloud": "cloud",
    "--management-group": "management_groups",
    "--subscription": "subscriptions",
}
"""The key of a fleet file for each option of a scan that `fleet run` does not have."""
_TENANT = "AZURE_TENANT_ID"
_TWICE = re.compile(rf"`--tenant`(?:,| and) (?={_TENANT}\b)")
_OPTION = re.compile(r"`(--[a-z-]+)(?: ([^`]+))?`")
_VARIABLE = re.compile(r"\bAZURE_[A-Z_]+\b")


def in_file_words(tenant: FleetTenant, text: str) -> str:
    """Return the text with the options and variables that it names as the tenant's entry and prefix have them.

    The tenant to sign in to is a variable there. Options of other programs (`az login --tenant`) stay as they are.
    """
    text = _OPTION.sub(_key, _TWICE.sub("", text))
    if not tenant.env:
        return text.replace(f"`{_TENANT}`", f"`env` (a prefix, whose {_TENANT} names it)")
    return _VARIABLE.sub(lambda name: name[0] if name[0] in MACHINES_OWN else f"{tenant.env}_{name[0]}", text)


def _key(option: re.Match[str]) -> str:
    """Return the key for an option, with its value; any other option, such as `--concurrency`, stays."""
    if option[1] == "--tenant":
        return f"`{_TENANT}`"
    key = _KEYS.get(option[1])
    if key is None:
        return option[0]
    return f"`{key}: {option[2]}`" if option[2] else f"`{key}`"
