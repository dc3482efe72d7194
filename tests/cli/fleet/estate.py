"""Several Azures at once, each with its own tenant, authority and secret, and fleet files that name them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from auditor.data import fixtures_dir
from auditor.emulator.faults import faults_of
from auditor.emulator.options import Endpoints, Options
from auditor.emulator.running import running_in_thread
from auditor.inventory.snapshot.files import load
from auditor.inventory.snapshot.snapshot import Snapshot
from fixtures.generate import SMALL, environment

NAMES = ("fabrikam", "tailspin", "wingtip")


def world(name: str) -> Snapshot:
    """Return the environment of a tenant; the third is made up."""
    return environment(SMALL, 7) if name == "wingtip" else load(fixtures_dir() / f"{name}.yaml")


def prefix(name: str) -> str:
    """Return the prefix of the variables of a tenant."""
    return name.upper().replace("-", "_")


@dataclass(frozen=True)
class Estate:
    """The running Azures by the name of their tenant, and their access logs."""

    azures: Mapping[str, Endpoints]
    logs: Mapping[str, Path]

    @property
    def env(self) -> dict[str, str]:
        """The variables with which each is signed in to, with the tenant's name in capitals as their prefix."""
        return {f"{prefix(name)}_{key}": value for name, one in self.azures.items() for key, value in one.env.items()}

    @property
    def secrets(self) -> list[str]:
        """What must be found nowhere."""
        return [one.client_secret for one in self.azures.values()]

    def entry(self, name: str, more: str = "all: true") -> str:
        """Return the entry of a tenant in a fleet file."""
        return (
            f"  - name: {name}\n    cloud: {self.azures[name].arm}\n    auth: environment\n"
            f"    env: {prefix(name)}\n    {more}\n"
        )

    def file(self, folder: Path, *entries: str) -> Path:
        """Return a fleet file with these entries; without any, of all tenants."""
        file = folder / "fleet.yaml"
        file.write_text("tenants:\n" + "".join(entries or map(self.entry, self.azures)), encoding="utf-8")
        return file


@contextmanager
def estate(
    folder: Path, names: Sequence[str] = NAMES, faults: Mapping[str, Sequence[Mapping[str, object]]] | None = None
) -> Iterator[Estate]:
    """Serve these tenants while the block runs."""
    with ExitStack() as stack:
        logs = {name: folder / f"{name}.access.jsonl" for name in names}
        yield Estate(
            {
                name: stack.enter_context(
                    running_in_thread(
                        world(name), Options(access_log=logs[name], faults=faults_of((faults or {}).get(name, ())))
                    )
                )
                for name in names
            },
            logs,
        )
