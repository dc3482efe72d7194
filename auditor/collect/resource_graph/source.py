"""The choice between the two sources of a scan, in words, and how much came from which."""

from collections.abc import Collection
from typing import Literal

from auditor.collect.request import Request
from auditor.collect.resource_graph.survey import Survey

MANY = 40
"""The number of subscriptions above which `auto` takes Resource Graph; every list of one takes over 20 requests."""


def takes_graph(request: Request, unnamed: Collection[str]) -> bool:
    """Return whether the subscriptions that the request does not name one by one are looked for in Resource Graph.

    What is about access is read with every list.
    """
    if request.access or not unnamed:
        return False
    return request.source == "graph" or (request.source == "auto" and len(unnamed) > MANY)


def choice_in_words(request: Request, unnamed: Collection[str]) -> str:
    """Return what `auto` chose and why; empty where there was nothing to choose."""
    if request.source != "auto" or request.access or not unnamed:
        return ""
    number = f"{len(unnamed):,} subscription{'s' if len(unnamed) != 1 else ''}"
    if takes_graph(request, unnamed):
        return (
            f"{number}, more than {MANY}: Azure Resource Graph tells in which of them anything of Azure Migrate is, "
            "and every list is read only there; `--source arm` reads everything"
        )
    return f"{number}, no more than {MANY}: every list is read; `--source graph` asks Azure Resource Graph first"


def outcome_in_words(survey: Survey, unnamed: Collection[str]) -> str:
    """Return in how many subscriptions no list is read, and whether Resource Graph did not answer everywhere."""
    reason = ""
    if survey.failures:
        first = survey.failures[0]
        reason = f"Resource Graph did not answer everywhere ({first.status or 'no answer'} {first.code}); "
    if not survey.found.left:
        return f"{reason}every list of {len(unnamed):,} subscription{'s' if len(unnamed) != 1 else ''} is read"
    number = f"{len(survey.found.left):,} of {len(unnamed):,} subscriptions"
    return f"{reason}Resource Graph shows nothing of Azure Migrate in {number}, so they are not read list by list"


def origin(survey: Survey | None) -> Literal["arm", "graph", "mixed"]:
    """Return where the inventory came from: Resource Manager, Resource Graph, or both as the latter failed in part."""
    if survey is None or (survey.failures and not survey.found.left):
        return "arm"
    return "mixed" if survey.failures else "graph"
