"""The options of an emulator, and the endpoints of a running one."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from auditor.emulator.faults import NO_FAULTS, Faults
from auditor.emulator.throttling.quota_sizes import QuotaSizes


@dataclass(frozen=True, slots=True)
class Options:
    """Port (0: any free one), added latency, most items per page, faults, access log, lifetime of tokens in seconds.

    `hosts` are names beside those of loopback under which it is reached, for clients that cannot be told an address.
    `lag` are resource types with the newest api-version that the cloud has of each; without one (empty) it has none.
    `accept_cures` accepts the writes that cure problems, also in the directory; without it only workspaces change.
    `quotas` are the sizes of the budgets beyond which requests are refused with 429; without them none is.
    `sleep` waits the seconds of latencies and delays; tests that must not wait replace it.
    """

    port: int = 0
    latency_ms: float = 0
    page_size: int | None = None
    faults: Faults = NO_FAULTS
    access_log: Path | None = None
    token_lifetime: int = 3599
    lag: Mapping[str, str] = field(default_factory=dict)
    accept_cures: bool = False
    hosts: tuple[str, ...] = ()
    quotas: QuotaSizes | None = None
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Addresses and credentials of a running emulator."""

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
        """The environment variables that the SDKs, the Azure CLI and migaudit need."""
        return {
            "AZURE_TENANT_ID": self.tenant_id,
            "AZURE_CLIENT_ID": self.client_id,
            "AZURE_CLIENT_SECRET": self.client_secret,
            "SSL_CERT_FILE": self.ca_file,
            "REQUESTS_CA_BUNDLE": self.ca_file,
        }

    def to_json(self) -> str:
        """Return the line that `migaudit emulate` prints."""
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
