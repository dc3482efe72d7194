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
    APPLIANCE = "the appliance"
    LOG_ANALYTICS = "Log Analytics"
    STORAGE = "Azure Storage"
    PORTAL = "the portal itself"
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
    Service.ENTRA: (
        "iam.ad.ext.azure.com",
        "iam.ad.ext.azure.us",
        "iam.ad.ext.azure.cn",
        "mspim.azure.com",
        "mspim.azure.us",
        "mspim.azure.cn",
    ),
    Service.LOG_ANALYTICS: ("api.monitor.azure.com", "ods.opinsights.azure.com"),
    Service.STORAGE: tuple(
        f"{kind}.core.{domain}"
        for kind in ("blob", "dfs", "file", "queue", "table")
        for domain in ("windows.net", "usgovcloudapi.net", "chinacloudapi.cn")
    ),
    Service.PORTAL: ("portal.azure.com", "portal.azure.us", "portal.azure.cn"),
    Service.KEY_VAULT: (
        "vault.azure.net",
        "vault.usgovcloudapi.net",
        "vault.azure.cn",
        "vault.microsoftazure.de",
        "vaultcore.azure.net",
        "vaultcore.usgovcloudapi.net",
        "vaultcore.azure.cn",
        "managedhsm.azure.net",
        "managedhsm.usgovcloudapi.net",
        "managedhsm.azure.cn",
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
_OF_APPLIANCE = ":44368"
"""The port of an appliance's configuration manager, whose host has any name."""


def service_of(host: str, path: str = "") -> Service | None:
    """Return the service at a host, or None where it is none of Azure's that is known.

    Of the portal itself only `/api/` is a service; the rest of it is pages and scripts.
    """
    if host.endswith(_OF_APPLIANCE):
        return Service.APPLIANCE
    known = _known(host)
    if known is None or (known.service is Service.PORTAL and not path.lower().startswith("/api/")):
        return None
    return known.service


def cloud_of(host: str) -> str:
    """Return the name of the cloud that a host belongs to, or nothing where that is not known."""
    known = _known(host)
    return known.cloud if known is not None else ""


def _known(host: str) -> _Known | None:
    labels = host.lower().rstrip(".").split(".")
    return next((_HOSTS[name] for index in range(len(labels)) if (name := ".".join(labels[index:])) in _HOSTS), None)
