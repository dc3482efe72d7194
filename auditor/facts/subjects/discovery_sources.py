"""Whether the vCenter Servers, Hyper-V hosts and clusters of a site can be discovered, as its appliance reported."""

from auditor.facts.estate.appliances import ApplianceOnSite
from auditor.facts.estate.environment import Context
from auditor.facts.fact import Evidence, Fact, Known, Unknown, any_of, hidden_by, once
from auditor.facts.presence import not_in_body
from auditor.facts.subject import Value
from auditor.inventory.resources.offazure import DiscoverySource

_NAMED = 3
"""Sources that a message names; the evidence names them all."""
_SAID = 300
"""Characters of what Azure says of one source; the resource that is the evidence holds the rest."""


def source_facts(context: Context, appliance: ApplianceOnSite) -> tuple[dict[str, Fact[Value]], str]:
    """Return whether a source of the site fails and how many do, and which they are, each with what Azure says of it.

    Azure keeps errors by site: appliances that share one share its sources. A site for physical servers has no sources.
    """
    site = appliance.site.arm_id
    held = context.estate.sources_by_site.get(site.key, ())
    told = [source for source in held if source.properties is not None]
    failing = [source for source in told if source.failures]
    lists = (what for what in DiscoverySource.types if what.lower().startswith(f"{site.type.lower()}/"))
    gaps = once(
        (
            *(gap for what in lists for gap in context.inventory.gaps(what, site)),
            *(gap for one in held if one not in told for gap in _not_told(context, one).why),
        )
    )
    because = tuple(Evidence(str(source.arm_id), _said(source)) for source in failing)
    every = because or (Evidence(str(site), f"sources with an error: 0 of {len(told)}"),)
    facts: dict[str, Fact[Value]] = {
        "source_failing": any_of([Known(bool(failing), every), *hidden_by(gaps)]),
        "failing_sources": Unknown(gaps) if gaps else Known(len(failing), every),
    }
    return facts, _in_words(failing)


def _not_told(context: Context, source: DiscoverySource) -> Unknown:
    return not_in_body(context.inventory, source.arm_id.type, str(source.arm_id), "errors")


def _in_words(failing: list[DiscoverySource]) -> str:
    named = [f"`{source.address}`: {_said(source)}" for source in failing[:_NAMED]]
    more = [f"and {len(failing) - _NAMED:,} more"] if len(failing) > _NAMED else []
    return "; ".join([*named, *more])


def _said(source: DiscoverySource) -> str:
    """What Azure says of a failing source, its errors one after the other."""
    texts = once(error.text or "an error without words" for error in source.failures)
    said = " ".join(texts)
    return said if len(said) <= _SAID else f"{said[:_SAID]}…"
