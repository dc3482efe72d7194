"""Readiness as JSON, in the published format `migaudit/readiness/1`."""

from datetime import datetime
from typing import Any

from auditor.audit.findings import Gap, Verdict
from auditor.audit.readiness.remedies import CauseRemedy
from auditor.audit.readiness.report import AssessedWave, ReadinessReport, SiteDiscovery, Suitability, wave_stars
from auditor.report.formats.json_report import finding_json
from auditor.report.json_text import json_text
from auditor.report.place import Places
from auditor.report.readiness.lines import ORDER, not_looked_at, wave_line

SCHEMA = "migaudit/readiness/1"


def render(report: ReadinessReport) -> str:
    """Return readiness as JSON text."""
    return json_text(document(report))


def document(report: ReadinessReport) -> dict[str, Any]:
    """Return the JSON document; equal reports give equal documents. Numbers that are unknown are null."""
    readiness, places = report.readiness, Places(report)
    total = readiness.total
    return {
        "schema": SCHEMA,
        "tool": report.tool,
        "tenant_id": report.tenant_id,
        "cloud": report.cloud,
        "evaluated_at": _time(report.evaluated_at),
        "read_by": report.read_by,
        "subscriptions": sorted(report.subscriptions),
        "headline": report.headline,
        "complete": report.is_whole,
        "summary": {
            "machines": total.machines,
            "at_least": readiness.is_least,
            **{one.value: total.by_suitability[one] for one in ORDER},
            "not_calculated": readiness.waiting,
            "not_listed": readiness.unlisted,
            "differing": total.differing,
            "worse_than_azures_word": total.lowered,
            "counters_missing": total.missing_counters,
        },
        "groups_without_assessment": sorted(readiness.unassessed),
        "assessments": [_wave(one) for one in readiness.waves],
        "causes": [_cause(one) for one in report.remedies],
        "discovery": [_site(one) for one in readiness.sites],
        "not_looked_at": list(not_looked_at(report)),
        "findings": [
            finding_json(one, places.of(one))
            for one in report.findings
            if one.verdict in {Verdict.FAIL, Verdict.UNKNOWN}
        ],
        **({"left_out": report.less_severe.as_dict} if report.less_severe else {}),
        "gaps": _gaps(readiness.unread),
    }


def _wave(wave: AssessedWave) -> dict[str, Any]:
    line, assessment = wave_line(wave), wave.chosen.assessment
    return {
        "id": line.id,
        "name": line.name,
        "group": line.group,
        "project": line.project,
        "state": wave.chosen.state.value,
        "status": assessment.status,
        "complete": wave.is_whole,
        "machines": line.machines,
        "at_least": line.least,
        **{one.value: number for one, number in zip(ORDER, line.numbers, strict=True)},
        "machines_by_azure": assessment.number_of_machines,
        "not_listed": wave.unlisted,
        "counters_missing": wave.counts.missing_counters if wave.has_numbers else None,
        "confidence_percent": assessment.confidence,
        "confidence_stars": wave_stars(wave),
        "sizing_criterion": assessment.sizing_criterion,
        "percentile": assessment.percentile,
        "time_range": assessment.time_range,
        "comfort_factor": assessment.scaling_factor,
        "location": assessment.target_location,
        "offer": assessment.offer,
        "agreement_subscription": assessment.ea_subscription,
        "calculated_at": _time(assessment.updated),
        "prices_from": _time(assessment.prices_from),
        "errors_by_azure": dict(sorted(assessment.error_summary.items())),
        "remarks": list(line.remarks),
        "causes": [
            {"level": one.cause.level.value, "value": one.cause.value, "machines": one.machines}
            for one in wave.counts.causes
        ],
    }


def _cause(one: CauseRemedy) -> dict[str, Any]:
    return {
        "level": one.level,
        "value": one.value,
        "values": list(one.count.values),
        "title": one.title,
        "keeps_from_moving": not one.count.cause.is_remark,
        "known": one.is_known,
        "entry": one.entry or None,
        "machines": one.count.machines,
        "platforms": dict(one.count.platforms),
        "examples": list(one.count.names),
        "remedy": one.remedy,
        "note": one.note,
        "possible_cause": one.count.cause.possible_cause,
        "actions": list(one.count.cause.actions),
    }


def _site(site: SiteDiscovery) -> dict[str, Any]:
    return {
        "id": site.id,
        "name": site.name,
        "platform": site.platform,
        "complete": not site.gaps,
        "machines": site.machines,
        "newest_data": _time(site.newest),
        "heartbeat": _time(site.heartbeat),
        "deleted": site.deleted,
        "deleted_for_more_than_30_minutes": site.deleted_late,
        "off": site.off,
        "without_dynamic_memory": site.without_dynamic_memory,
        "dependency_mapping": dict(site.dependencies),
        "with_errors": site.with_errors,
        "errors": dict(site.errors),
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _gaps(gaps: tuple[Gap, ...]) -> list[dict[str, Any]]:
    rows = {tuple(str(value) for value in gap.as_dict().values()): gap.as_dict() for gap in gaps}
    return [rows[key] for key in sorted(rows)]


__all__ = ["SCHEMA", "Suitability", "document", "render"]
