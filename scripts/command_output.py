"""Blocks of the documentation with the real output of a command.

A block is written between `<!-- NAME:begin -->` and `<!-- NAME:end -->`; NAME is a key of `COMMANDS`.
"""

import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from scripts import cleanup_session, use_tables

TOP = Path(__file__).resolve().parent.parent
_CONTOSO = ("--snapshot", "fixtures/contoso.yaml", "--project", "contoso-dc-exit")
_CERTIFICATES = ("scan", "--snapshot", "fixtures/contoso.yaml", "--rule", "appliance-certificate-expired")

_EXIT = "/subscriptions/0d1e2c3b-4a59-4687-9b10-c0a050000001"
_PLATFORM = f"{_EXIT[:-1]}2"
_GROUPS = f"{_EXIT}/resourceGroups"
_LAB = f"{_PLATFORM}/resourceGroups/rg-migrate-lab"
_BRANCH_VAULT = f"{_GROUPS}/rg-migrate-branches/providers/Microsoft.KeyVault/vaults/contosobranches7c1dkv"
_PROJECT = "Microsoft.Migrate/migrateProjects/write"


def _can(account: str, action: str, scope: str, plane: str = "--action") -> tuple[str, ...]:
    snapshot = ("--snapshot", "fixtures/contoso.yaml")
    return ("can", *snapshot, "--account", account, plane, action, "--scope", scope)


def _who_can(action: str, scope: str) -> tuple[str, ...]:
    return ("who-can", "--snapshot", "fixtures/contoso.yaml", "--action", action, "--scope", scope, "--expand")


COMMANDS: dict[str, tuple[str, ...]] = {
    "demo": ("scan", "--demo", "--fail-on", "never"),
    "demo-show": (
        *("scan", "--demo", "--account", "isaiahl@contoso.com", "--project", "contoso-lab"),
        *("--show", "account-cannot-register", "--fail-on", "never"),
    ),
    "help": ("--help",),
    "scan-help": ("scan", "--help"),
    "preflight-help": ("preflight", "--help"),
    "readiness-help": ("readiness", "--help"),
    "can-help": ("can", "--help"),
    "who-can-help": ("who-can", "--help"),
    "explain-help": ("explain", "--help"),
    "rules-help": ("rules", "--help"),
    "rules-test-help": ("rules", "test", "--help"),
    "rules-test-example": ("rules", "test", "docs/examples/rules"),
    "own-rule": (
        *("scan", "--snapshot", "fixtures/contoso.yaml", "--rules", "docs/examples/rules", "--rule", "owner-registers"),
        *("--account", "meganb@contoso.com", "--project", "contoso-dc-exit", "--fail-on", "never"),
        *("--show", "owner-registers"),
    ),
    "explain": ("explain", "60031"),
    "har-help": ("har", "--help"),
    "har-scrub-help": ("har", "scrub", "--help"),
    "har": ("har", "docs/examples/portal.har", "--snapshot", "fixtures/contoso.yaml", "--fail-on", "never"),
    "rules-list": ("rules", "list"),
    "rules-check": ("rules", "check", "docs/examples/rules"),
    "snapshot-help": ("snapshot", "--help"),
    "snapshot-show": ("snapshot", "show", "fixtures/tailspin.yaml"),
    "snapshot-redact": ("snapshot", "redact", "fixtures/contoso.yaml", "shareable.jsonl.zst"),
    "snapshot-convert": ("snapshot", "convert", "fixtures/contoso.yaml", "contoso.jsonl.zst"),
    "permissions-help": ("permissions", "--help"),
    "emulate-help": ("emulate", "--help"),
    "cleanup-help": ("cleanup", "--help"),
    "cleanup-plan-help": ("cleanup", "plan", "--help"),
    "cleanup-apply-help": ("cleanup", "apply", "--help"),
    "diff-help": ("diff", "--help"),
    "fleet-run-help": ("fleet", "run", "--help"),
    "fleet-diff-help": ("fleet", "diff", "--help"),
    "config-help": ("config", "--help"),
    "completion-help": ("completion", "--help"),
    "diff": ("diff", "docs/examples/monday.json", "docs/examples/friday.json"),
    "baseline": (*_CERTIFICATES, "--baseline", "docs/examples/monday.json"),
    "suppress": (*_CERTIFICATES, "--suppress", "docs/examples/accepted.yaml"),
    "config": ("--config", "docs/examples/migaudit.toml", "config", "show"),
    "permissions": ("permissions",),
    "preflight": ("preflight", "--demo"),
    "preflight-eligible": ("preflight", *_CONTOSO, "--account", "jonis@contoso.com", "--step", "register"),
    "preflight-target": (
        *("preflight", "--snapshot", "fixtures/contoso.yaml", "--project", "contoso-branches"),
        *("--account", "isaiahl@contoso.com", "--step", "replicate", "--target-resource-group", "rg-migrate-branches"),
    ),
    "preflight-obstacles": (
        *("preflight", "--snapshot", "fixtures/contoso.yaml", "--project", "contoso-lab"),
        *("--account", "diegos@contoso.com", "--step", "generate-key"),
    ),
    "preflight-directory": ("preflight", *_CONTOSO, "--account", "jonis@contoso.com", "--step", "start-discovery"),
    "preflight-denied": ("preflight", *_CONTOSO, "--account", "henriettam@contoso.com", "--step", "register"),
    "preflight-guest": ("preflight", *_CONTOSO, "--account", "nestorw@fabrikam.com", "--step", "generate-key"),
    "preflight-disabled": (
        *("preflight", "--snapshot", "fixtures/contoso.yaml", "--project", "contoso-trial"),
        *("--account", "isaiahl@contoso.com", "--step", "generate-key", "--step", "register"),
    ),
    "preflight-firewall": (
        *("preflight", "--snapshot", "fixtures/contoso.yaml", "--project", "contoso-branches"),
        *("--account", "lidiah@contoso.com", "--kind", "hyperv", "--step", "register"),
    ),
    "preflight-two": (
        *("preflight", *_CONTOSO, "--account", "isaiahl@contoso.com", "--discovery-account", "diegos@contoso.com"),
        *("--step", "register", "--step", "start-discovery"),
    ),
    "can-allow": _can("isaiahl@contoso.com", _PROJECT, _EXIT),
    "journey-can": _can("isaiahl@contoso.com", _PROJECT, _LAB),
    "can-deny": _can("leeg@contoso.com", _PROJECT, _EXIT),
    "can-denied": _can("henriettam@contoso.com", "Microsoft.OffAzure/VMwareSites/write", f"{_GROUPS}/rg-migrate-prod"),
    "can-conditional": _can(
        "lidiah@contoso.com", "Microsoft.KeyVault/vaults/secrets/getSecret/action", _BRANCH_VAULT, "--data-action"
    ),
    "can-eligible": _can("jonis@contoso.com", _PROJECT, _EXIT),
    "can-eligible-group": _can("adelev@fabrikam.com", "Microsoft.Authorization/locks/write", _EXIT),
    "can-unknown": _can("alexw@contoso.com", "Microsoft.Insights/components/write", f"{_GROUPS}/rg-payments"),
    "can-lock": _can("isaiahl@contoso.com", _PROJECT, f"{_GROUPS}/rg-migrate-classic"),
    "can-policy": _can("diegos@contoso.com", "Microsoft.KeyVault/vaults/write", _LAB),
    "can-provider": _can("diegos@contoso.com", "Microsoft.OffAzure/VMwareSites/write", _LAB),
    "can-firewall": _can(
        "meganb@contoso.com", "Microsoft.KeyVault/vaults/secrets/getSecret/action", _BRANCH_VAULT, "--data-action"
    ),
    "can-subscription": _can("isaiahl@contoso.com", _PROJECT, f"{_EXIT[:-1]}3/resourceGroups/rg-migrate-trial"),
    "can-taken": _can("meganb@contoso.com", "Microsoft.KeyVault/vaults/write", _LAB),
    "can-guest": _can("nestorw@fabrikam.com", _PROJECT, _EXIT),
    "can-disabled": _can("pattif@contoso.com", _PROJECT, _EXIT),
    "can-self": _can("contoso-migaudit", _PROJECT, _EXIT),
    "who-can": _who_can("Microsoft.Migrate/migrateProjects/write", _EXIT),
    "who-can-delegated": _who_can("Microsoft.OperationalInsights/workspaces/write", _PLATFORM),
    "preflight-who": ("preflight", *_CONTOSO, "--account", "meganb@contoso.com", "--step", "register", "--who"),
}

EXIT_CODES = {
    "preflight": 1,
    "preflight-eligible": 1,
    "preflight-target": 1,
    "preflight-obstacles": 1,
    "preflight-directory": 1,
    "preflight-denied": 1,
    "preflight-guest": 1,
    "preflight-disabled": 1,
    "preflight-firewall": 4,
    "preflight-two": 1,
    "diff": 1,
    "baseline": 1,
    "suppress": 1,
}
"""The exit codes of the commands that do not end with 0."""

REPORTED_ON_STDERR = frozenset({"snapshot-redact", "snapshot-convert"})
"""Commands that print no result, but report on stderr what they wrote."""

_BLOCK = re.compile(r"(?P<begin><!-- (?P<name>[a-z-]+):begin -->\n).*?(?P<end><!-- (?P=name):end -->)", re.DOTALL)


def filled(text: str) -> str:
    """Return the text with the current output of its command in every block."""
    return _BLOCK.sub(lambda block: block["begin"] + _shown(block["name"]) + block["end"], text)


@cache
def _shown(name: str) -> str:
    if name in use_tables.tables():
        return use_tables.tables()[name]
    if name in cleanup_session.STEPS:
        return cleanup_session.shown(name)
    arguments = COMMANDS[name]
    printed = _printed(arguments, EXIT_CODES.get(name, 0), on_stderr=name in REPORTED_ON_STDERR)
    return f"```console\n$ migaudit {' '.join(arguments)}\n{printed}\n```\n"


def _printed(arguments: tuple[str, ...], expected: int, *, on_stderr: bool) -> str:
    """Return the output of a command, 80 columns wide and without colour; exit if its code is not the expected one.

    The command runs in a temporary folder with links to the folders that it reads; what it writes there is deleted.
    """
    plain = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1", "TERM": "dumb", "PYTHONUTF8": "1"}
    migaudit = Path(sys.executable).with_name("migaudit")
    with TemporaryDirectory() as folder:
        for name in ("docs", "fixtures"):
            Path(folder, name).symlink_to(TOP / name)
        run = subprocess.run(
            [migaudit, *arguments], env=plain, cwd=folder, capture_output=True, encoding="utf-8", check=False
        )
    if run.returncode != expected:
        raise SystemExit(f"`migaudit {' '.join(arguments)}` ended with {run.returncode}: {run.stderr}")
    return "\n".join(line.rstrip() for line in (run.stderr if on_stderr else run.stdout).strip("\n").splitlines())
