"""The places in a cleanup plan: subscriptions with the names that the plan holds, and resource groups."""

import re
from collections.abc import Mapping
from typing import Any

from auditor.report.place import NOWHERE, NamedId

_PLACE = re.compile(r"/subscriptions/([^/]+)(?:/resourceGroups/([^/]+))?", re.IGNORECASE)


class PlanPlaces:
    """The places of one plan in the published format `migaudit/cleanup-plan/1`."""

    def __init__(self, plan: Mapping[str, Any]) -> None:
        """Take the names from `plan`; a plan of an older migaudit has none."""
        self._names: Mapping[str, str] = plan.get("subscription_names", {})

    def subscription(self, identity: str) -> NamedId:
        """Return a subscription, by its id, with its name where that was read."""
        return NamedId(identity, self._names.get(identity.lower(), ""))

    def of(self, arm_id: str) -> tuple[NamedId, str]:
        """Return the subscription and the resource group that an ARM id is in; empty where it is in none."""
        found = _PLACE.match(arm_id)
        return (self.subscription(found[1]), found[2] or "") if found else (NOWHERE, "")

    def words(self, arm_id: str) -> str:
        """Return the resource group and the subscription of an ARM id in words; an empty text if it is in none."""
        subscription, group = self.of(arm_id)
        return ", ".join(filter(None, (group, subscription.short)))

    def named(self, arm_id: str) -> str:
        """Return an ARM id with the name of its subscription behind it, where that was read."""
        name = self.of(arm_id)[0].name
        return f"{arm_id} ({name})" if name else arm_id

    def last(self, arm_id: str) -> str:
        """Return the last part of an ARM id; for a subscription with its name."""
        tail = arm_id.rstrip("/").rpartition("/")[2]
        subscription, group = self.of(arm_id)
        return subscription.text if not group and subscription.id == tail else tail
