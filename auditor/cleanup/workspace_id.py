"""Ids of workspaces, checked against Azure's naming rules before a plan deletes or a script prints one."""

import re
from dataclasses import dataclass

_GUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_GROUP = r"[\w()-](?:[\w().-]{0,88}[\w()-])?"
_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_SHAPE = re.compile(
    rf"/subscriptions/(?P<subscription>{_GUID})/resourceGroups/(?P<group>{_GROUP})"
    rf"/providers/Microsoft\.OperationalInsights/workspaces/(?P<name>{_NAME})",
    re.IGNORECASE,
)


class UnsafeId(ValueError):
    """A text that is not a valid id of a workspace, so that nothing may be done to it."""

    def __init__(self, text: str) -> None:
        super().__init__(f"`{text}` is not a valid id of a workspace")
        self.text = text


def is_guid(value: object) -> bool:
    """Return whether `value` is a GUID as text."""
    return isinstance(value, str) and re.fullmatch(_GUID, value) is not None


@dataclass(frozen=True, slots=True)
class WorkspaceId:
    """The id of a workspace, whose parts contain no special characters of shells, URLs or paths."""

    text: str
    subscription: str
    group: str
    name: str

    @classmethod
    def parse(cls, text: str) -> "WorkspaceId":
        """Return `text` as an id; raises `UnsafeId` for anything else, however similar."""
        found = _SHAPE.fullmatch(text)
        if found is None or ".." in text:
            raise UnsafeId(text)
        return cls(text, found["subscription"].lower(), found["group"], found["name"])

    @property
    def key(self) -> str:
        """The id in lower case."""
        return self.text.lower()

    @property
    def subscription_id(self) -> str:
        """The ARM id of its subscription."""
        return f"/subscriptions/{self.subscription}"

    @property
    def group_id(self) -> str:
        """The ARM id of its resource group."""
        return f"{self.subscription_id}/resourceGroups/{self.group}"
