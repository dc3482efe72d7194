"""Fingerprints of the data that a decision about a workspace depends on, and the differences between two states."""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from auditor.cleanup.saved import lost_with
from auditor.facts.estate.environment import Context
from auditor.facts.leftovers.leftover import Leftover

_SHOWN = 200
_DRAWN = frozenset({"verdict", "evidenceFor", "evidenceAgainst", "solutionsAndLinks"})


def rests_on(context: Context, judgement: Leftover) -> dict[str, Any]:
    """Return the fields that the decision depends on.

    `customerId` identifies the workspace: another one at the same id is another workspace. Fields that Azure changes by
    itself (the times of the last change and of the next quota reset) are left out.
    """
    body = context.inventory.body(judgement.id)
    if body is None:
        return {}
    properties = _mapping(body.get("properties"))
    capping = _mapping(properties.get("workspaceCapping"))
    return {
        "customerId": properties.get("customerId"),
        "createdDate": properties.get("createdDate"),
        "location": str(body.get("location") or "").lower().replace(" ", ""),
        "tags": _mapping(body.get("tags")),
        "sku": _mapping(properties.get("sku")).get("name"),
        "retentionInDays": properties.get("retentionInDays"),
        "dailyQuotaGb": capping.get("dailyQuotaGb"),
        "replication": _mapping(properties.get("replication")).get("enabled"),
        "verdict": judgement.verdict.value,
        "evidenceFor": sorted({one.id.lower() for one in judgement.evidence_for}),
        "evidenceAgainst": sorted({one.id.lower() for one in judgement.evidence_against}),
        "solutionsAndLinks": [saved.id.lower() for saved in lost_with(context, judgement.id)],
    }


def of_itself(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields from the workspace's own body, which do not depend on other lists."""
    return {name: value for name, value in fields.items() if name not in _DRAWN}


def fingerprint_of(fields: Mapping[str, Any]) -> str:
    """Return the fingerprint of fields, independent of their order."""
    return f"sha256:{hashlib.sha256(msgspec.json.encode(fields, order='sorted')).hexdigest()}"


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[str, ...]:
    """Return one sentence per differing field, in the order of the names."""
    return tuple(_differences(before, now))


def _differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted({*before, *now}):
        if before.get(name) != now.get(name):
            yield f"{name} was {_shown(before.get(name))}, is now {_shown(now.get(name))}"


def _shown(value: object) -> str:
    text = "not set" if value is None else msgspec.json.encode(value, order="sorted").decode()
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
