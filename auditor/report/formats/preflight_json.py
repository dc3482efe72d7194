"""The result of a preflight as JSON, in the published format `migaudit/preflight/1`."""

from typing import Any

from auditor.audit.preflight.report import (
    AccountRef,
    CapableAccounts,
    Conditional,
    Missing,
    Obstacle,
    SelfCheckResult,
    StepOutcome,
)
from auditor.report.json_text import json_text
from auditor.report.preflight_result import PreflightResult

SCHEMA = "migaudit/preflight/1"


def render(result: PreflightResult) -> str:
    """Return the preflight as JSON text."""
    return json_text(document(result))


def document(result: PreflightResult) -> dict[str, Any]:
    """Return the JSON document; its lists have a stable order, so that equal preflights give equal documents."""
    found = result.preflight
    project = found.project
    shown: dict[str, Any] = {
        "schema": SCHEMA,
        "tool": result.tool,
        "tenant_id": result.tenant_id,
        "cloud": result.cloud,
        "evaluated_at": f"{result.evaluated_at:%Y-%m-%dT%H:%M:%SZ}",
        "read_by": result.read_by,
        "verdict": found.verdict.value,
        "reasons": list(found.reasons),
        "account": _account(found.account),
        "discovery_account": _account(found.discovery_account),
        "project": {
            "id": project.id,
            "name": project.name,
            "resource_group": project.resource_group,
            "subscription": project.subscription,
            "exists": project.exists,
        },
        "mode": found.mode,
        "kind": found.kind,
        "target_resource_group": found.target,
        "steps": [_step(step) for step in found.steps],
    }
    if found.self_check is not None:
        shown["self_check"] = _self_check(found.self_check)
    if found.who is not None:
        shown["who"] = _who(found.who)
    return shown


def _step(step: StepOutcome) -> dict[str, Any]:
    return {
        "id": step.id,
        "title": step.title,
        "verdict": step.verdict.value,
        "account": _account(step.account),
        "in_headline": step.in_headline,
        "done": step.done,
        "errors": list(step.errors),
        "because": list(step.because),
        "checked": list(step.checked),
        "missing": [_missing(one) for one in step.missing],
        "conditional": [_conditional(one) for one in step.conditional],
        "overlays": [_obstacle(one) for one in step.obstacles],
        "gaps": [one.as_dict() for one in step.gaps],
        "fixes": [one.as_dict() for one in step.fixes],
    }


def _account(account: AccountRef) -> dict[str, Any]:
    return {"id": account.id, "name": account.name}


def _missing(one: Missing) -> dict[str, Any]:
    return {
        "action": one.actions[0],
        "or": list(one.actions[1:]),
        "scope": one.scope,
        "plane": one.plane,
        "eligible": one.eligible,
        "denied_by": [item.id for item in one.denied_by],
        "assigns": list(one.assigns),
    }


def _conditional(one: Conditional) -> dict[str, Any]:
    return {"action": one.action, "scope": one.scope, "condition": one.condition}


def _obstacle(one: Obstacle) -> dict[str, Any]:
    return {"kind": one.kind, "id": one.id, "text": one.text, "effect": one.effect.value}


def _who(who: CapableAccounts) -> dict[str, Any]:
    return {
        "step": who.step.id,
        "complete": not who.at_least,
        "accounts": [{"id": one.id, "name": one.name, "type": one.type} for one in who.capable],
        "undecided": [{"id": one.id, "name": one.name, "type": one.type} for one in who.undecided],
        "gaps": [one.as_dict() for one in who.gaps],
    }


def _self_check(view: SelfCheckResult) -> dict[str, Any]:
    return {
        "compared": view.compared,
        "disagreements": [
            {"action": one.action, "scope": one.scope, "azure_allows": one.azure_allows, "verdict": one.verdict}
            for one in view.disagreements
        ],
    }
