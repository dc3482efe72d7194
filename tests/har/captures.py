"""Captures for the tests, built entry by entry as Chromium writes them."""

import json
from pathlib import Path
from typing import Any

SUBSCRIPTION = "5fab0001-91e4-4a7c-b035-fab0b1c00001"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-fabrikam-migrate"
PROJECT = f"{GROUP}/providers/Microsoft.Migrate/migrateProjects/fabrikam-exit"
CHRISTIE = "a5fa0001-8d3f-4e06-b2a9-fab0b1c00001"
ARM = "https://management.azure.com"
CORRELATION = "11111111-2222-3333-4444-555555555555"


WRITE = "Microsoft.Migrate/migrateProjects/write"


def refusal(action: str = WRITE, scope: str = PROJECT, account: str = CHRISTIE) -> str:
    return (
        f"The client 'christie@fabrikam.com' with object id '{account}' does not have authorization to perform action "
        f"'{action}' over scope '{scope}' or the scope is invalid. If access was recently granted, please refresh your "
        "credentials."
    )


def error(code: str, message: str, **more: Any) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, **more}}


def entry(
    url: str,
    status: int = 200,
    body: Any = None,
    *,
    method: str = "GET",
    sent: Any = None,
    at: str = "10:00:00",
    command: str = "",
    mime: str = "application/json",
    **more: Any,
) -> dict[str, Any]:
    """One request with its answer; `more` replaces parts of the response."""
    text = body if isinstance(body, str) or body is None else json.dumps(body)
    headers = [{"name": "Authorization", "value": "Bearer eyJ0eXAiOiJKV1Qi.eyJhdWQi.c2ln"}]
    headers += [{"name": "x-ms-command-name", "value": command}] if command else []
    posted = {} if sent is None else {"postData": {"mimeType": "application/json", "text": json.dumps(sent)}}
    return {
        "startedDateTime": f"2026-11-23T{at}.000Z",
        "time": 12.5,
        "pageref": "page_1",
        "request": {"method": method, "url": url, "headers": headers, "cookies": [], **posted},
        "response": {
            "status": status,
            "statusText": "",
            "headers": [{"name": "x-ms-correlation-request-id", "value": CORRELATION}],
            "content": {"mimeType": mime, **({} if text is None else {"text": text})},
            "redirectURL": "",
            **more,
        },
    }


def refused(at: str = "10:00:00", **more: Any) -> dict[str, Any]:
    """The portal is refused to create a project."""
    url = f"{ARM}{PROJECT}?api-version=2020-05-01"
    return entry(url, 403, error("AuthorizationFailed", refusal()), method="PUT", at=at, **more)


def capture(*entries: dict[str, Any], title: str = "Azure Migrate - Microsoft Azure") -> dict[str, Any]:
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "WebInspector", "version": "537.36"},
            "pages": [{"id": "page_1", "title": title, "startedDateTime": "2026-11-23T09:59:00.000Z"}],
            "entries": list(entries),
        }
    }


def saved(path: Path, *entries: dict[str, Any], **more: Any) -> Path:
    path.write_text(json.dumps(capture(*entries, **more)), encoding="utf-8")
    return path
