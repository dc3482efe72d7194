"""Tokens for the bare client, requested before its time is measured."""

import json
import ssl
import urllib.parse
import urllib.request
from typing import Any


def tokens(endpoints: dict[str, Any]) -> dict[str, str]:
    """Return an access token for Azure Resource Manager (`arm`) and one for Microsoft Graph (`graph`)."""
    trust = ssl.create_default_context(cafile=endpoints["ca_file"])
    with urllib.request.urlopen(
        f"{endpoints['arm']}/metadata/endpoints?api-version=2022-09-01", context=trust
    ) as answer:
        [cloud, *_] = _listed(json.load(answer))
    audiences = {"arm": cloud["authentication"]["audiences"][0], "graph": endpoints["graph"]}
    return {kind: _token(endpoints, audience, trust) for kind, audience in audiences.items()}


def _listed(metadata: Any) -> list[dict[str, Any]]:
    return metadata if isinstance(metadata, list) else [metadata]


def _token(endpoints: dict[str, Any], audience: str, trust: ssl.SSLContext) -> str:
    form = {
        "grant_type": "client_credentials",
        "client_id": endpoints["client_id"],
        "client_secret": endpoints["client_secret"],
        "scope": f"{audience.rstrip('/')}/.default",
    }
    url = f"{endpoints['login']}/{endpoints['tenant_id']}/oauth2/v2.0/token"
    body = urllib.parse.urlencode(form).encode()
    with urllib.request.urlopen(urllib.request.Request(url, body), context=trust) as answer:
        return str(json.load(answer)["access_token"])
