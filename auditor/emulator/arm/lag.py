"""The types and api-versions that a cloud lacks: sovereign clouds get new ones later than the public cloud."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from auditor.emulator.arm.catalogue import ArmType, order
from auditor.emulator.arm.target import Target, ancestry
from auditor.inventory.reads import Gap
from auditor.inventory.versions import answered_version

NOTHING = ""
"""The newest api-version of a type that a cloud does not have at all."""


class Lag:
    """The newest api-version of types in one cloud: given for a whole cloud, or recorded by a scan of one.

    A scan records in gaps which lists and resources an older version answered.
    """

    def __init__(self, newest: Mapping[str, str], gaps: Iterable[Gap] = ()) -> None:
        self._newest = {type_.lower(): version for type_, version in newest.items()}
        self._recorded: dict[tuple[str, str], str] = {}
        for gap in gaps:
            version = answered_version(gap)
            if version is not None:
                self._recorded[gap.what.lower(), gap.scope.lower().rstrip("/")] = version

    def newest(self, target: Target) -> str | None:
        """Return the newest api-version for `target`, `NOTHING` for a type that is missing, None without a limit."""
        if target.type in self._newest or not self._recorded:
            return self._newest.get(target.type)
        places = ancestry(target.container if target.is_list else target.key)
        return next((held for place in places if (held := self._recorded.get((target.type, place)))), None)

    def of_cloud(self, kind: ArmType) -> ArmType | None:
        """Return a type with the api-versions that the cloud has of it, or None if it has none."""
        newest = self._newest.get(kind.name.lower())
        return kind if newest is None else None if newest == NOTHING else up_to(kind, newest)


def up_to(kind: ArmType, newest: str) -> ArmType:
    """Return a type without the api-versions after `newest`."""
    kept = tuple(version for version in kind.versions if order(version) <= order(newest))
    return replace(kind, versions=kept, last=newest)
