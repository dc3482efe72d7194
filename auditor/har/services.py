"""The services of Azure that the portal calls, known by their hosts in every cloud."""

from dataclasses import dataclass
from enum import Enum
from urllib.parse import urlsplit

from auditor.azure.clouds import CLOUDS


class Service(Enum):
    """A service, by the name that messages use."""

    ARM = "Azure Resource Manager"
    GRAPH = "Microsoft Graph"
    ENTRA = "the Entra service of the portal"
    KEY_VAULT = "Key Vault"
    MIGRATE = "Azure Migrate"
    LOG_ANALYTICS = "Log Analytics"
    SIGN_IN = "the sign-in"


@dataclass(frozen=True, slots=True)
class _Known:
    service: Service
    cloud: str
    """The name of the cloud; empty where the host belongs to several."""


def _hosts() -> dict[str, _Known]:
    """Return the hosts by their names; a host also stands for every name below it."""
    found: dict[str, _Known] = {}
    for cloud in CLOUDS.values():
        for service, url in (
            (Service.ARM, cloud.arm),
            (Service.SIGN_IN, cloud.login),
            (Service.GRAPH, cloud.graph),
            (Service.LOG_ANALYTICS, cloud.log_analytics),
        ):
            found[urlsplit(url).netloc] = _Known(service, cloud.name)
    for service, hosts in _MORE.items():
        found |= {host: _Known(service, "") for host in hosts}
    return found


_MORE = {
    Service.ARM: ("management.microsoftazure.de", "management.core.windows.net"),
    Service.GRAPH: ("graph.windows.net", "dod-graph.microsoft.us", "graph.chinacloudapi.cn"),
    Service.ENTRA: ("iam.ad.ext.azure.com", "iam.ad.ext.azure.us", "iam.ad.ext.azure.cn"),
    Service.KEY_VAULT: (
        "vault.azure.net",
        "vault.usgovcloudapi.net",
        "vault.azure.cn",
        "vault.microsoftazure.de",
        "managedhsm.azure.net",
    ),
    Service.MIGRATE: (
        "migration.windowsazure.com",
        "migration.windowsazure.us",
        "migration.windowsazure.cn",
        "discoverysrv.windowsazure.com",
        "discoverysrv.windowsazure.us",
        "hypervrecoverymanager.windowsazure.com",
        "hypervrecoverymanager.windowsazure.us",
        "hypervrecoverymanager.windowsazure.cn",
        "hub.azure.com",
    ),
    Service.SIGN_IN: (
        "login.windows.net",
        "login.microsoft.com",
        "login.live.com",
        "login.partner.microsoftonline.cn",
        "login.microsoftonline.de",
        "sts.windows.net",
    ),
}
"""Hosts that no cloud's endpoints name; those of Azure Migrate are the `serviceEndpoint` of sites and projects."""

_HOSTS = _hosts()


def service_of(host: str) -> Service | None:
    """Return the service at a host, or None where it is none of Azure's that is known."""
    known = _known(host)
    return known.service if known is not None else None


def cloud_of(host: str) -> str:
    """Return the name of the cloud that a host belongs to, or nothing where that is not known."""
    known = _known(host)
    return known.cloud if known is not None else ""


def _known(host: str) -> _Known | None:
    labels = host.lower().rstrip(".").split(".")
    return next((_HOSTS[name] for index in range(len(labels)) if (name := ".".join(labels[index:])) in _HOSTS), None)
