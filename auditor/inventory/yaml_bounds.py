"""YAML that is safe to build: neither nested beyond any sense, nor multiplied by its own aliases."""

from typing import Any

import yaml

DEEPEST = 200
"""How deep lists and mappings may nest: far deeper than anything Azure answers, and than JSON may here."""

MOST_REPEATED = 8 * 1024 * 1024
"""What the aliases of a document may add, in characters; a few lines of aliases of aliases come to terabytes."""


def check_bounds(text: bytes | str, loader: Any) -> None:
    """Raise `yaml.MarkedYAMLError` with the place for a document that would exhaust stack or memory when it is built.

    Only events are looked at, so that nothing is built yet: the parser in C does not survive 100,000 open brackets.
    """
    sizes: dict[str, int] = {}
    opened: list[tuple[str | None, int]] = []
    written, repeated = 0, 0
    for event in yaml.parse(text, Loader=loader):
        if isinstance(event, yaml.CollectionStartEvent):
            opened.append((event.anchor, written + repeated))
            written += 1
            if len(opened) > DEEPEST:
                raise _refusal(event, f"nested deeper than {DEEPEST} levels")
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = opened.pop()
            if anchor is not None:
                sizes[anchor] = written + repeated - before
        elif isinstance(event, yaml.ScalarEvent):
            written += len(event.value) + 1
            if event.anchor is not None:
                sizes[event.anchor] = len(event.value) + 1
        elif isinstance(event, yaml.AliasEvent):
            if any(anchor == event.anchor for anchor, _ in opened):
                raise _refusal(event, f"`*{event.anchor}` stands inside what it stands for")
            repeated += sizes.get(event.anchor, 0)
            if repeated > MOST_REPEATED:
                raise _refusal(event, f"its aliases repeat more than {MOST_REPEATED // 1024 // 1024} MiB of text")


def _refusal(event: yaml.Event, problem: str) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)
