"""The tools that are compared, each from its own package in an environment of its own, unmodified."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
ENVIRONMENTS = TOP / ".venv-peers"
MIGAUDIT = str(Path(sys.executable).parent / "migaudit")


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool: its name in the tables, the package that brings it (empty: what this project sets up), what it does."""

    name: str
    package: str
    reads: str

    @property
    def environment(self) -> Path:
        """The folder of its virtual environment."""
        return ENVIRONMENTS / self.package.partition("==")[0]

    def program(self, name: str) -> str:
        """Return the path of one of its programs."""
        return str(self.environment / "bin" / name)

    def set_up(self) -> None:
        """Install the package, unless it is there; raises `SystemExit` if it cannot be installed."""
        if not self.package or (self.environment / self.package).exists():
            return
        print(f"installing {self.package} into {self.environment.relative_to(TOP)} (once, some minutes)")
        pip = self.program("python")
        steps = [
            [sys.executable, "-m", "venv", "--clear", str(self.environment)],
            [pip, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", self.package],
        ]
        for step in steps:
            done = subprocess.run(step, check=False, capture_output=True, text=True)
            if done.returncode:
                raise SystemExit(f"{self.package} cannot be installed: {done.stderr[-500:].strip()}")
        (self.environment / self.package).touch()  # a mark that the installation ended


SCOUTSUITE = Tool("ScoutSuite", "scoutsuite==5.14.0", "services `rbac` and `keyvault`")
PROWLER = Tool("Prowler", "prowler==5.46.0", "service `iam`")
AZ = Tool("az loop", "", "`az role assignment list --all` and `az keyvault list` in each subscription")
OURS = Tool("migaudit", "", "`scan --all`: everything that it reads")
PEERS = (SCOUTSUITE, PROWLER, AZ)

_AZ_LOOP = """
az login --service-principal -u "$AZURE_CLIENT_ID" -p "$AZURE_CLIENT_SECRET" --tenant "$AZURE_TENANT_ID" --output none
for subscription in $(az account list --query '[].id' --output tsv); do
    az role assignment list --all --subscription "$subscription" --output none
    az keyvault list --subscription "$subscription" --output none
done
"""


def command(tool: Tool, credentials: Mapping[str, str], folder: Path) -> Sequence[str]:
    """Return the command with which `tool` reads all subscriptions; it writes below `folder`."""
    tenant, client, secret = (credentials[f"AZURE_{name}"] for name in ("TENANT_ID", "CLIENT_ID", "CLIENT_SECRET"))
    if tool is SCOUTSUITE:
        identity = ["--service-principal", "--tenant", tenant, "--client-id", client, "--client-secret", secret]
        what = ["--all-subscriptions", "--services", "rbac", "keyvault"]
        return [
            tool.program("scout"),
            "azure",
            *identity,
            *what,
            "--no-browser",
            "--force",
            "--report-dir",
            str(folder),
        ]
    if tool is PROWLER:
        what = ["--sp-env-auth", "--services", "iam", "--output-formats", "csv", "--output-directory", str(folder)]
        return [tool.program("prowler"), "azure", *what, "--no-banner"]
    if tool is AZ:
        return ["bash", "-ec", _AZ_LOOP]
    output = str(folder / "scan.json")
    return [MIGAUDIT, "scan", "--all", "--auth", "environment", "--format", f"json={output}", "--fail-on", "never"]


def settings(tool: Tool, folder: Path) -> dict[str, str]:
    """Return the environment variables that `tool` needs beside the credentials."""
    if tool is not AZ:
        return {"HOME": str(folder)}
    search = os.pathsep.join((str(TOP / ".venv-az" / "bin"), os.environ.get("PATH", os.defpath)))
    return {
        "HOME": str(folder),
        "AZURE_CONFIG_DIR": str(folder / "azure"),
        "AZURE_CORE_COLLECT_TELEMETRY": "no",
        "PATH": search,
    }
