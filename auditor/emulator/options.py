"""How an emulator is served, and where it then is."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from auditor.emulator.faults import NO_FAULTS, Faults


@dataclass(frozen=True, slots=True)
class Options:
    """Port (0: any free one), added latency, page size of paged lists, faults, access log, seconds a token lives."""

    port: int = 0
    latency_ms: float = 0
    page_size: int | None = None
    faults: Faults = NO_FAULTS
    access_log: Path | None = None
    token_lifetime: int = 3599


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where a running emulator is and how to sign in; `env` is what a client process needs in its environment."""

    arm: str
    login: str
    graph: str
    ca_file: str
    tenant_id: str
    client_id: str
    client_secret: str = field(repr=False)
    subscription_ids: tuple[str, ...]

    @property
    def env(self) -> Mapping[str, str]:
        """Environment variables for the SDKs, the Azure CLI and migaudit itself."""
        return {
            "AZURE_TENANT_ID": self.tenant_id,
            "AZURE_CLIENT_ID": self.client_id,
            "AZURE_CLIENT_SECRET": self.client_secret,
            "SSL_CERT_FILE": self.ca_file,
            "REQUESTS_CA_BUNDLE": self.ca_file,
        }

    def to_json(self) -> str:
        """The one line that `migaudit emulate` prints."""
        return json.dumps(
            {
                "arm": self.arm,
                "login": self.login,
                "graph": self.graph,
                "ca_file": self.ca_file,
                "tenant_id": self.tenant_id,
                "client_id": self.client_id,
                "client_secret": self.client_secret,
                "subscription_ids": list(self.subscription_ids),
                "env": dict(self.env),
            }
        )
