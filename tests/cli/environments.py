"""One environment asked in two ways: as a saved snapshot, and live from an Azure that serves it."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from auditor.emulator.options import Endpoints
from auditor.inventory.snapshot.files import load, save
from auditor.inventory.snapshot.records import arm_record, graph_record
from auditor.inventory.snapshot.snapshot import Snapshot

Body = Mapping[str, object]
SAVED, LIVE = "saved", "live"


def with_more(world: Path, *, arm: Sequence[Body] = (), graph: Sequence[Body] = ()) -> Snapshot:
    """Return a saved environment with further resources and directory objects; of two with one id the new one."""
    held = load(world)
    new = {str(body["id"]).lower() for body in (*arm, *graph)}
    return Snapshot.of(
        held.header,
        arm=[*(one for one in held.arm if one.id.lower() not in new), *map(arm_record, arm)],
        graph=[*(one for one in held.graph if one.id.lower() not in new), *map(graph_record, graph)],
        links=held.links,
        events=held.events,
        gaps=held.gaps,
    )


def bodies(snapshot: Snapshot) -> Iterator[dict[str, object]]:
    """Yield the bodies of the directory's live objects."""
    yield from (json.loads(record.body) for record in snapshot.graph if not record.deleted)


@dataclass(frozen=True)
class Asking:
    """How an environment is asked: `way` is `saved` or `live`."""

    way: str
    folder: Path
    serve: Callable[..., Endpoints]

    def of(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Return the options that ask `snapshot`."""
        if self.way == LIVE:
            return ("--cloud", self.serve(snapshot).arm, "--auth", "environment", "--format", "json")
        file = self.folder / "asked.jsonl"
        save(snapshot, file)
        return ("--snapshot", str(file), "--format", "json")
