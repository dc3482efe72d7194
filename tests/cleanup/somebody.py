"""Another administrator in the same emulated Azure, who uses none of the shipped code."""

import json
import ssl
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from http.client import HTTPSConnection
from typing import Any
from urllib.parse import quote, urlencode

from auditor.emulator.options import Endpoints

_VERSION = "2022-10-01"
"""An API version that the shipped code does not use, so that a fault can concern only one of the two."""
_SPACE = "providers/Microsoft.OperationalInsights"
_Answer = tuple[int, bytes]


@dataclass
class Somebody:
    """An administrator who reads, changes and purges workspaces; every call blocks until Azure has answered."""

    endpoints: Endpoints

    def live(self) -> dict[str, str]:
        """Return the `customerId` of each live workspace by its id in lower case."""
        return self._workspaces("workspaces")

    def deleted(self) -> dict[str, str]:
        """Return the `customerId` of each soft-deleted workspace by its id in lower case."""
        return self._workspaces("deletedWorkspaces")

    def solutions(self) -> dict[str, Any]:
        """Return the bodies of the solutions by their ids in lower case."""
        path = "providers/Microsoft.OperationsManagement/solutions"
        held = [one for sub in self.endpoints.subscription_ids for one in self._list(f"/subscriptions/{sub}/{path}")]
        return {one["id"].lower(): one for one in held}

    def delete(self, workspace: str) -> None:
        """Delete a workspace so that it can be recovered."""
        self._ask("DELETE", workspace)

    def purge(self, workspace: str) -> None:
        """Delete a workspace permanently."""
        self._ask("DELETE", workspace, force="true")

    def create(self, workspace: str) -> None:
        """Create a workspace, or recover the soft-deleted one with this id."""
        self._ask("PUT", workspace, {"location": "westeurope"})

    def _workspaces(self, kind: str) -> dict[str, str]:
        held = [
            one
            for sub in self.endpoints.subscription_ids
            for one in self._list(f"/subscriptions/{sub}/{_SPACE}/{kind}")
        ]
        return {one["id"].lower(): one["properties"]["customerId"].lower() for one in held}

    def _list(self, path: str) -> list[Any]:
        version = "2015-11-01-preview" if path.endswith("/solutions") else _VERSION
        status, answer = self._ask("GET", path, version=version)
        assert status == 200, answer
        return list(json.loads(answer)["value"])

    def _ask(self, method: str, path: str, body: object = None, version: str = _VERSION, **query: str) -> _Answer:
        target = f"{quote(path, safe='/()')}?{urlencode({'api-version': version, **query})}"
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        return self._send(method, target, headers, "" if body is None else json.dumps(body))

    @cached_property
    def _token(self) -> str:
        point = self.endpoints
        form = {
            "grant_type": "client_credentials",
            "client_id": point.client_id,
            "client_secret": point.client_secret,
            "scope": f"{point.arm}/.default",
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        _, answer = self._send("POST", f"/{point.tenant_id}/oauth2/v2.0/token", headers, urlencode(form))
        return str(json.loads(answer)["access_token"])

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.endpoints.ca_file)

    def _send(self, method: str, target: str, headers: dict[str, str], body: str) -> _Answer:
        host = self.endpoints.arm.removeprefix("https://")
        with closing(HTTPSConnection(host, context=self._trust)) as connection:
            connection.request(method, target, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
