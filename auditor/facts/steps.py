"""The steps of bringing an appliance to life and what each needs, read from `steps.yaml`."""

from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib.resources import files


class At(Enum):
    """Where an action is asked."""

    PROJECT = "project"
    RESOURCE_GROUP = "resource_group"
    SUBSCRIPTION = "subscription"


class EntraNeed(Enum):
    """What a signed-in user needs in Microsoft Entra."""

    CREATE_APPLICATION = "create-application"
    CONTROL_APPLICATION = "control-application"


@dataclass(frozen=True, slots=True)
class Need:
    """Control-plane actions of which any one will do; mostly there is just one."""

    at: At
    one_of: tuple[str, ...]

    @property
    def label(self) -> str:
        """The action, or the actions of which one is needed, in words."""
        return " or ".join(self.one_of)


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its id, its title and everything it needs."""

    id: str
    title: str
    needs: tuple[Need, ...]
    providers: tuple[str, ...]
    vault: tuple[str, ...]
    entra: EntraNeed | None


@cache
def steps() -> dict[str, Step]:
    """Return the steps by id, in their order."""
    import yaml

    listed = yaml.safe_load(files("auditor.facts").joinpath("steps.yaml").read_text(encoding="utf-8"))
    return {step_id: _step(step_id, fields) for step_id, fields in listed.items()}


def _step(step_id: str, fields: dict[str, list[dict[str, object]]]) -> Step:
    needs: list[Need] = []
    for row in fields["needs"]:
        at = At(row["at"])
        needs.extend(Need(at, (action,)) for action in _texts(row.get("actions")))
        if "one_of" in row:
            needs.append(Need(at, _texts(row["one_of"])))
    entra = fields.get("entra")
    return Step(
        step_id,
        str(fields["title"]),
        tuple(needs),
        _texts(fields.get("providers")),
        _texts(fields.get("vault")),
        EntraNeed(entra) if entra else None,
    )


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, list) else ()
