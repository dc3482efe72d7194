"""The resource groups that a question means by a name of theirs, or of a project inside."""

from collections.abc import Collection, Iterator
from contextlib import suppress

from auditor.collect.readers.environment import RESOURCE_GROUPS
from auditor.collect.readers.migrate import PROJECTS
from auditor.collect.recording import Recording
from auditor.inventory.arm_id import ArmId, MalformedArmId


def named_groups(recording: Recording, groups: Collection[str], projects: Collection[str]) -> tuple[str, ...]:
    """Return the ids of the groups called one of `groups`, and of those with a project called one of `projects`.

    Names are compared without case; only what was recorded is found.
    """
    found = (*_called(recording, RESOURCE_GROUPS.what, groups), *_called(recording, PROJECTS.what, projects))
    ids = (str(one.resource_group_id) for one in found if one.resource_group_id is not None)
    return tuple(sorted({one.lower(): one for one in ids}.values()))


def _called(recording: Recording, what: str, names: Collection[str]) -> Iterator[ArmId]:
    wanted = {name.casefold() for name in names}
    for body in recording.bodies(what) if wanted else ():
        with suppress(MalformedArmId):  # told as a gap of its list
            identity = ArmId.parse(str(body["id"]))
            if identity.name.casefold() in wanted:
                yield identity
