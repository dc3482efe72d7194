"""`/metadata/endpoints`: how a client finds the other endpoints of a cloud, in both shapes that ARM has."""

from auditor.emulator.arm.errors import missing_api_version
from auditor.emulator.exchange import HttpRequest, HttpResponse, json_answer

_FIRST_OBJECT_VERSION = "2022-09-01"
_FIRST_LIST_VERSION = "2018-05-01"
NAME = "MigauditEmulator"
"""The cloud's name; it must not be AzureCloud, whose login host clients take for granted."""


def endpoints(call: HttpRequest, replays: str) -> HttpResponse:
    """Return one cloud as an object (2022-09-01 and later), a list of one (2018 to 2022), or the oldest short form.

    `replays` names the cloud that the snapshot is of; a real ARM endpoint tells nothing like it.
    """
    version = call.query.get("api-version")
    if not version:
        raise missing_api_version()
    cloud = {**_cloud(call.origin), "replays": replays}
    if version >= _FIRST_OBJECT_VERSION:
        return json_answer(cloud)
    if version >= _FIRST_LIST_VERSION:
        return json_answer([cloud])
    short = ("galleryEndpoint", "graphEndpoint", "portalEndpoint")
    return json_answer({**dict.fromkeys(short, call.origin), "authentication": cloud["authentication"]})


def _cloud(origin: str) -> dict[str, object]:
    host = origin.removeprefix("https://").partition(":")[0]
    return {
        "name": NAME,
        "portal": origin,
        "authentication": {
            "loginEndpoint": origin,
            "audiences": [origin, "https://management.core.windows.net", "https://management.azure.com"],
            "tenant": "common",
            "identityProvider": "AAD",
        },
        "resourceManager": f"{origin}/",
        "microsoftGraphResourceId": f"{origin}/",
        "graphAudience": "https://graph.windows.net/",
        "graph": "https://graph.windows.net/",
        "logAnalyticsResourceId": origin,
        "appInsightsResourceId": "https://api.applicationinsights.io",
        "gallery": origin,
        "batch": "https://batch.core.windows.net/",
        "media": "https://rest.media.azure.net",
        "sqlManagement": origin,
        "vmImageAliasDoc": f"{origin}/aliases.json",
        "activeDirectoryDataLake": "https://datalake.azure.net/",
        "suffixes": {
            "acrLoginServer": f"azurecr.{host}",
            "keyVaultDns": "vault.azure.net",
            "mhsmDns": "managedhsm.azure.net",
            "sqlServerHostname": "database.windows.net",
            "storage": "core.windows.net",
            "storageSyncEndpointSuffix": "afs.azure.net",
            "synapseAnalytics": "dev.azuresynapse.net",
        },
    }
