"""Documentation page generated from the catalogue of errors and questions."""

from collections.abc import Iterator
from pathlib import Path

from auditor.audit.catalogue import TOPICS, CatalogueEntry, catalogue


def pages() -> dict[Path, str]:
    """Return the text of the generated page by its path below docs/."""
    return {Path("catalogue.md"): "\n\n".join(_parts()) + "\n"}


def _parts() -> Iterator[str]:
    yield "# Catalogue"
    yield (
        "The questions of Microsoft's troubleshooting page of 2019 with current answers, the errors and checks that\n"
        "today's pages document, and the refusals of Azure that stand behind them: the meaning, the causes that a\n"
        "rule detects, the causes that Azure does not show, the steps to take, what has changed since 2019, and as\n"
        "of which month the sources are.\n"
        "`migaudit explain 802` shows the same offline; `migaudit explain` lists everything.\n"
        "[Errors and rules](errors.md) lists the rules by error id."
    )
    for topic, title in TOPICS.items():
        yield f"## {title}"
        for entry in catalogue().entries:
            if entry.topic == topic:
                yield from _entry(entry)
    yield "<!-- generated from rules/catalogue/ by `make generate`: change it there -->"


def _entry(entry: CatalogueEntry) -> Iterator[str]:
    yield f"### {entry.heading} {{#{entry.id}}}"
    yield entry.meaning.strip()
    seen = [cause for cause in entry.causes if cause.rules]
    if seen:
        yield "Causes that Azure shows:"
        yield "\n".join(f"- {cause.text} {_rules(cause.rules)}" for cause in seen)
    counted = [cause for cause in entry.causes if cause.counted]
    if counted:
        yield "Causes that Azure shows with each machine:"
        yield "\n".join(f"- {cause.text} *{cause.counted}*" for cause in counted)
    unseen = [cause for cause in entry.causes if cause.unseen]
    if unseen:
        yield "Causes that Azure does not show:"
        yield "\n".join(f"- {cause.text} *{cause.unseen}*" for cause in unseen)
    yield "What to do, the least harmful first:"
    yield "\n".join(f"{number}. {step}" for number, step in enumerate(entry.steps, start=1))
    if entry.changed:
        yield f"Since 2019: {entry.changed.strip()}"
    dated = f" (as of {entry.dated})" if entry.dated else ""
    yield "See " + ", ".join(f"<{reference}>" for reference in entry.references) + f"{dated}."


def _rules(ids: tuple[str, ...]) -> str:
    return ", ".join(f"[`{rule}`](rules/{rule}.md)" for rule in ids)
