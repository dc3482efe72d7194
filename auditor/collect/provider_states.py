"""Whether the resource providers that a registration needs are registered, subscription by subscription."""

import asyncio
from functools import partial

from auditor.azure.errors import ReadFailed
from auditor.collect.environment import NAMESPACES, PROVIDERS_API, provider_state
from auditor.collect.listing import NO_SUCH_PROVIDER
from auditor.collect.reading import Reader, gap_of, proves_empty

_WHAT = "Microsoft.Resources/providers"


async def read_provider_states(reader: Reader, subscription: str) -> None:
    """Record the state of each provider.

    They count as one list of the subscription. Where only some are refused, each stands for itself, at its own id; a
    provider that does not exist in this cloud is no refusal.
    """
    recording = reader.recording
    recording.plan(_WHAT, subscription)
    outcomes = await asyncio.gather(*map(partial(_read, reader, subscription), NAMESPACES))
    failures = [outcome for outcome in outcomes if not isinstance(outcome, int)]
    needs = provider_state(NAMESPACES[0]).needs[0]
    if not failures:
        recording.complete(_WHAT, subscription, sum(outcome for outcome in outcomes if isinstance(outcome, int)))
        return
    alike = {(gap.status, gap.code) for gap in (gap_of(_WHAT, subscription, needs, one) for one in failures)}
    if len(failures) == len(outcomes) and len(alike) == 1:
        recording.gap(gap_of(_WHAT, subscription, needs, failures[0]))
        return
    recording.withdraw(_WHAT, subscription)
    for namespace, outcome in zip(NAMESPACES, outcomes, strict=True):
        scope = f"{subscription}/providers/{namespace}"
        if isinstance(outcome, int):
            recording.complete(_WHAT, scope, outcome)
        else:
            recording.gap(gap_of(_WHAT, scope, needs, outcome))


async def _read(reader: Reader, subscription: str, namespace: str) -> int | ReadFailed:
    """Record one provider's state; return how many records that made, or why none."""
    try:
        body = await reader.arm.get(f"{subscription}/providers/{namespace}", PROVIDERS_API)
    except ReadFailed as failure:
        return 0 if proves_empty(NO_SUCH_PROVIDER, failure) else failure
    return 0 if reader.recording.arm(body, _WHAT, subscription) is None else 1
