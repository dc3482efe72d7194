"""Conditional Access policies of the tenant."""

from typing import Any, ClassVar

import msgspec

from auditor.inventory.resources.directory import DirectoryObject


class ConditionalAccessPolicy(DirectoryObject, frozen=True):
    """A Conditional Access policy; its conditions and controls stay as Graph returned them.

    What is not among the conditions and controls that the evaluation knows must make its result unknown, so the whole
    bodies are kept. `grant_controls` is null for a policy that only controls sessions.
    """

    kinds: ClassVar[tuple[str, ...]] = ("#microsoft.graph.conditionalAccessPolicy",)

    state: str | None = None
    conditions: dict[str, Any] | None = None
    grant_controls: dict[str, Any] | msgspec.UnsetType | None = msgspec.UNSET
