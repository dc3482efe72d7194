"""Wording of a preflight: the reasons of a step in a few words, rights by scope, each fix once."""

from collections.abc import Iterable, Iterator, Sequence

from auditor.audit.preflight.report import SUBNET_UNKNOWN, TARGET_NOT_NAMED, Fix, Missing, ObstacleEffect, StepOutcome

LAST = "start-discovery"
"""The last step that a verdict covers by default."""

NOT_NAMED = {
    TARGET_NOT_NAMED: "the target group was not named (`--target-resource-group`)",
    SUBNET_UNKNOWN: "the subnet of the private endpoints is not known (`--private-subnet`)",
}
"""What only the user can tell, by the code of its gap: it is not something that was not read."""


def covered(headline: Sequence[StepOutcome]) -> str:
    """Return the steps that a verdict covers, in words."""
    if len(headline) == 1:
        return f"the step `{headline[0].title}`"
    whole = headline[-1].id == LAST and len(headline) > 2
    return "every step up to the start of discovery" if whole else "every step that was asked about"


def in_short(step: StepOutcome) -> Iterator[str]:
    """Yield the reasons for the verdict of a step, each in a few words."""
    if step.done:
        yield "already there"
    if step.missing:
        only = " (a role can be activated)" if all(one.eligible for one in step.missing) else ""
        yield f"{len(step.missing)} right{'s' if len(step.missing) > 1 else ''} missing{only}"
    if step.conditional:
        yield f"{len(step.conditional)} under a condition"
    blocking = sum(1 for it in step.obstacles if it.effect is ObstacleEffect.BLOCKS)
    if step.because and not blocking:
        yield step.because[0].partition("; ")[0]
    if blocking:
        yield f"{blocking} in the way"
    may = sum(1 for it in step.obstacles if it.effect is ObstacleEffect.MAY_BLOCK)
    if may:
        yield f"{may} may be in the way"
    codes = {gap.code for gap in step.gaps}
    yield from (words for code, words in NOT_NAMED.items() if code in codes)
    others = [gap for gap in step.gaps if gap.code not in NOT_NAMED]
    if not all(gap.is_undecidable for gap in others):
        yield "not everything could be read"
    elif others:
        yield "not everything can be decided from here"


def by_scope(missing: Iterable[Missing]) -> dict[tuple[str, str], list[Missing]]:
    """Return the missing rights by scope and remark: denied, refused, eligible, or none."""
    groups: dict[tuple[str, str], list[Missing]] = {}
    for one in missing:
        how = _how(one)
        scope = "the directory" if one.plane == "directory" and one.scope == "/" else one.called or one.scope
        groups.setdefault((scope, how), []).append(one)
    return groups


def _how(one: Missing) -> str:
    if one.denied_by:
        return "(denied by a deny assignment)"
    if one.refused_by:
        return "(the vault trusts another tenant)"
    return "(eligible)" if one.eligible else ""


def short(scope: str) -> str:
    """Return the last type and name of a scope; the report names the subscription at its top."""
    parts = scope.strip("/").split("/") if scope.startswith("/") else [scope]
    return " ".join(parts[-2:]) if len(parts) > 1 else scope


def ways_out(steps: Iterable[StepOutcome]) -> list[tuple[list[Fix], list[str]]]:
    """Return the fixes of all steps, those that change nothing first; those that differ only in steps are merged."""
    fixes: dict[str, dict[tuple[str | None, tuple[str, ...]], Fix]] = {}
    names: dict[str, dict[str, None]] = {}
    for step in steps:
        for fix in step.fixes:
            key = fix.title if fix.az is None else f"{fix.title} {fix.az}"
            fixes.setdefault(key, {}).setdefault((fix.az, fix.portal), fix)
            names.setdefault(key, {})[step.id] = None
    merged = [(list(found.values()), list(names[key])) for key, found in fixes.items()]
    return sorted(merged, key=lambda way: not way[0][0].changes.startswith("Nothing"))
