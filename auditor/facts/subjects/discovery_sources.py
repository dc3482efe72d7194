"""Discovery sources of a site (vCenter Servers, Hyper-V hosts and clusters) and the errors reported for them."""

from auditor.facts.estate.appliances import ApplianceOnSite
from auditor.facts.estate.environment import Context
from auditor.facts.fact import Evidence, Fact, Known, Unknown, any_of, hidden_by, once
from auditor.facts.presence import not_in_body
from auditor.facts.subject import Value
from auditor.inventory.resources.offazure import DiscoverySource

_NAMED = 3
"""The number of sources that a message names; the evidence names all of them."""
_LONGEST = 300
"""The maximum length of the errors of one source, in characters; the resource itself contains the rest."""


def source_facts(context: Context, appliance: ApplianceOnSite) -> tuple[dict[str, Fact[Value]], str]:
    """Return facts on whether and how many sources of the site fail, and the failing ones with their errors as text.

    Azure keeps errors by site, so appliances on one site share its sources. A site of physical servers has no sources.
    """
    site = appliance.site.arm_id
    held = context.estate.sources_by_site.get(site.key, ())
    read = [source for source in held if source.properties is not None]
    failing = [source for source in read if source.failures]
    lists = (what for what in DiscoverySource.types if what.lower().startswith(f"{site.type.lower()}/"))
    gaps = once(
        (
            *(gap for what in lists for gap in context.inventory.gaps(what, site)),
            *(gap for one in held if one not in read for gap in _unread(context, one).why),
        )
    )
    because = tuple(Evidence(str(source.arm_id), _said(source)) for source in failing)
    every = because or (Evidence(str(site), f"sources with an error: 0 of {len(read)}"),)
    facts: dict[str, Fact[Value]] = {
        "source_failing": any_of([Known(bool(failing), every), *hidden_by(gaps)]),
        "failing_sources": Unknown(gaps) if gaps else Known(len(failing), every),
    }
    return facts, _in_words(failing)


def _unread(context: Context, source: DiscoverySource) -> Unknown:
    return not_in_body(context.inventory, source.arm_id.type, str(source.arm_id), "errors")


def _in_words(failing: list[DiscoverySource]) -> str:
    named = [f"`{source.address}`: {_said(source)}" for source in failing[:_NAMED]]
    more = [f"and {len(failing) - _NAMED:,} more"] if len(failing) > _NAMED else []
    return "; ".join([*named, *more])


def _said(source: DiscoverySource) -> str:
    """Return the errors of a failing source, one after the other."""
    texts = once(error.text or "an error without a message" for error in source.failures)
    text = " ".join(texts)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text):,} characters)"
