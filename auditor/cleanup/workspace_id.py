"""Ids of workspaces as strict as Azure's own naming rules: what a plan may delete and a script may print."""

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
    """A text that is not the id of a workspace as Azure names them; nothing may be done to it."""

    def __init__(self, text: str) -> None:
        super().__init__(f"`{text}` is not the id of a workspace as Azure names them")
        self.text = text


def is_guid(value: object) -> bool:
    """Say whether `value` is a text that spells a GUID."""
    return isinstance(value, str) and re.fullmatch(_GUID, value) is not None


@dataclass(frozen=True, slots=True)
class WorkspaceId:
    """The id of a workspace: its parts are free of anything that a shell, a URL or a path could take for more."""

    text: str
    subscription: str
    group: str
    name: str

    @classmethod
    def parse(cls, text: str) -> "WorkspaceId":
        """Return the id that `text` spells; raises `UnsafeId` for anything else, however close."""
        found = _SHAPE.fullmatch(text)
        if found is None or ".." in text:
            raise UnsafeId(text)
        return cls(text, found["subscription"].lower(), found["group"], found["name"])

    @property
    def key(self) -> str:
        """The id without regard to case."""
        return self.text.lower()

    @property
    def subscription_id(self) -> str:
        """The ARM id of its subscription."""
        return f"/subscriptions/{self.subscription}"

    @property
    def group_id(self) -> str:
        """The ARM id of its resource group."""
        return f"{self.subscription_id}/resourceGroups/{self.group}"
