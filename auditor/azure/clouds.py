"""The Azure clouds: three known by name, any other found by the URL of its ARM endpoint."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from auditor.azure.errors import ReadFailed, UnknownCloud
from auditor.azure.links import origin_of

# The first version returns one object; the second, which older clouds support, returns a list of clouds.
_DISCOVERY_VERSIONS = ("2022-09-01", "2019-05-01")
_DEFAULT_SUFFIX = "/.default"


@dataclass(frozen=True, slots=True)
class Cloud:
    """The endpoints of one cloud, as URLs without a trailing slash.

    `arm_audience` is the audience of ARM tokens, which may differ from ARM's URL. `graph` and `log_analytics` are both
    endpoint and audience; they are empty in a cloud without them. `replays` is set by an emulator: the name of the
    cloud whose snapshot it serves.
    """

    name: str
    arm: str
    arm_audience: str
    login: str
    graph: str
    log_analytics: str
    replays: str = ""

    @property
    def environment(self) -> str:
        """The name of the cloud that the environment belongs to: the one an emulator replays, otherwise this one."""
        return self.replays or self.name

    @property
    def arm_scope(self) -> str:
        """The OAuth scope of an ARM token."""
        return self.arm_audience + _DEFAULT_SUFFIX

    @property
    def graph_scope(self) -> str:
        """The OAuth scope of a Microsoft Graph token."""
        return self.graph + _DEFAULT_SUFFIX

    @property
    def log_analytics_scope(self) -> str:
        """The OAuth scope of a token for the query API of Log Analytics."""
        return self.log_analytics + _DEFAULT_SUFFIX

    @property
    def is_well_known(self) -> bool:
        """Whether Entra's instance discovery knows the login endpoint; it must not be used for any other."""
        return any(self.login == known.login for known in CLOUDS.values())


CLOUDS: Mapping[str, Cloud] = {
    cloud.name: cloud
    for cloud in (
        Cloud(
            name="AzureCloud",
            arm="https://management.azure.com",
            arm_audience="https://management.azure.com",
            login="https://login.microsoftonline.com",
            graph="https://graph.microsoft.com",
            log_analytics="https://api.loganalytics.io",
        ),
        Cloud(
            name="AzureUSGovernment",
            arm="https://management.usgovcloudapi.net",
            arm_audience="https://management.usgovcloudapi.net",
            login="https://login.microsoftonline.us",
            graph="https://graph.microsoft.us",
            log_analytics="https://api.loganalytics.us",
        ),
        Cloud(
            name="AzureChinaCloud",
            arm="https://management.chinacloudapi.cn",
            arm_audience="https://management.chinacloudapi.cn",
            login="https://login.chinacloudapi.cn",
            graph="https://microsoftgraph.chinacloudapi.cn",
            log_analytics="https://api.loganalytics.azure.cn",
        ),
    )
}


async def resolve_cloud(name_or_url: str, fetch: Callable[[str], Awaitable[object]]) -> Cloud:
    """Return the cloud with this name or ARM URL; `fetch` takes a URL and returns its decoded JSON.

    Names are compared without case. The other endpoints of a URL are read from `{url}/metadata/endpoints`.
    Raises `UnknownCloud` for anything else, and `ReadFailed` where the endpoint does not answer.
    """
    for cloud in CLOUDS.values():
        if name_or_url.lower() in {cloud.name.lower(), cloud.arm, f"{cloud.arm}/"}:
            return cloud
    arm = _arm_url(name_or_url)
    failed: ReadFailed | None = None
    for version in _DISCOVERY_VERSIONS:
        try:
            return parse_endpoints(await fetch(f"{arm}/metadata/endpoints?api-version={version}"), arm)
        except ReadFailed as failure:
            if failure.status not in {400, 404}:
                raise
            failed = failure
    raise UnknownCloud(arm, "it has no `/metadata/endpoints`, so it is no ARM endpoint") from failed


def parse_endpoints(document: object, arm: str) -> Cloud:
    """Return the cloud that an answer of `{arm}/metadata/endpoints` describes; it may be one object or a list.

    ARM itself stays at `arm`, the address that the user trusts. Raises `UnknownCloud` where the answer has no login
    endpoint.
    """
    entry = _entry(document, arm)
    authentication = entry.get("authentication")
    authentication = authentication if isinstance(authentication, dict) else {}
    login = _url(authentication.get("loginEndpoint"))
    if not login:
        raise UnknownCloud(arm, "its `/metadata/endpoints` names no https login endpoint")
    known = next((cloud for cloud in CLOUDS.values() if cloud.login == login), None)
    audiences = authentication.get("audiences")
    return Cloud(
        name=str(entry.get("name") or arm),
        replays=str(entry.get("replays") or ""),
        arm=arm,
        arm_audience=_audience(audiences if isinstance(audiences, list) else [], entry.get("resourceManager"), arm),
        login=login,
        graph=_url(entry.get("microsoftGraphResourceId")) or (known.graph if known else ""),
        log_analytics=_url(entry.get("logAnalyticsResourceId")) or (known.log_analytics if known else ""),
    )


def _arm_url(text: str) -> str:
    names = ", ".join(CLOUDS)
    if not text.lower().startswith("https://"):
        raise UnknownCloud(text, f"name one of {names}, or give the https URL of an ARM endpoint")
    try:
        origin_of(text)
    except ValueError:
        raise UnknownCloud(text, "the URL has no host that can be read") from None
    return text.rstrip("/")


def _entry(document: object, arm: str) -> Mapping[str, Any]:
    """Return the cloud of the document whose ARM is at `arm`, otherwise its only one; raises `UnknownCloud`."""
    entries = [entry for entry in (document if isinstance(document, list) else [document]) if isinstance(entry, dict)]
    for entry in entries:
        if _is_at(entry.get("resourceManager"), arm):
            return entry
    if len(entries) == 1:
        return entries[0]
    raise UnknownCloud(
        arm, f"its `/metadata/endpoints` describes {len(entries)} clouds and none of them is at this URL"
    )


def _audience(audiences: list[object], resource_manager: object, arm: str) -> str:
    """Return ARM's own URL where it is among the audiences, otherwise the first audience, otherwise the URL."""
    named = [_without_slash(audience) for audience in audiences if isinstance(audience, str) and audience]
    preferred = [_without_slash(url) for url in (arm, resource_manager) if isinstance(url, str)]
    return next((url for url in preferred if url in named), named[0] if named else arm)


def _without_slash(url: str) -> str:
    return url.removesuffix("/")


def _is_at(url: object, arm: str) -> bool:
    try:
        return isinstance(url, str) and origin_of(url) == origin_of(arm)
    except ValueError:
        return False


def _url(value: object) -> str:
    """Return an https URL without its trailing slash, or "" for anything else, so that no secret is sent in clear."""
    return _without_slash(value) if isinstance(value, str) and value.lower().startswith("https://") else ""
