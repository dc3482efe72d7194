"""Which part of a saved snapshot `--subscription` and `--management-group` mean, and which subjects lie there."""

from collections.abc import Iterable, Iterator

from auditor.cli.failures import UsageFailed
from auditor.facts.subject import Subject
from auditor.inventory.inventory import Inventory
from auditor.inventory.resources.subscriptions import ManagementGroup, Subscription
from auditor.nearest import no_such

_SUBSCRIPTION = "/subscriptions/"


def meant(inventory: Inventory, names: tuple[str, ...], groups: tuple[str, ...]) -> frozenset[str]:
    """Return the subscriptions (ids, lower case) that are named or below a named group.

    Raises `UsageFailed` for a subscription or management group that the snapshot does not hold, or for a name that
    several subscriptions bear.
    """
    named = {_subscription(inventory, name) for name in names}
    return frozenset(named.union(*(_below(inventory, _group(inventory, group)) for group in groups)))


def narrowed(every: Iterable[Subject], subscriptions: frozenset[str]) -> Iterator[Subject]:
    """Yield the subjects in the subscriptions, and those that lie in none (accounts, applications)."""
    return (subject for subject in every if _subscription_of(subject) in {"", *subscriptions})


def _subscription_of(subject: Subject) -> str:
    """The subscription in a subject's id, which is an ARM id, or an account's id before one."""
    return subject.id.lower().partition(_SUBSCRIPTION)[2].partition("/")[0]


def _subscription(inventory: Inventory, text: str) -> str:
    held = inventory.all(Subscription)
    wanted = text.strip().lower().removeprefix(_SUBSCRIPTION)
    found = {one.arm_id.name.lower() for one in held if wanted in {one.arm_id.name.lower(), one.display_name.lower()}}
    found |= {wanted} & inventory.scanned
    if len(found) > 1:
        raise UsageFailed(f"more than one subscription is called `{text}`; name one of {', '.join(sorted(found))}")
    if not found:
        raise UsageFailed(no_such("subscription", text, [*(one.display_name for one in held), *inventory.scanned]))
    return found.pop()


def _group(inventory: Inventory, text: str) -> str:
    held = {one.arm_id.name.lower(): one for one in inventory.all(ManagementGroup)}
    found = held.get(text.strip().lower().rpartition("/")[2])
    if found is None:
        raise UsageFailed(no_such("management group", text, held))
    return found.id


def _below(inventory: Inventory, parent: str) -> Iterator[str]:
    children: Iterable[str] = (link.from_ for link in inventory.links_to("parent", parent))
    for child in children:
        if child.lower().startswith(_SUBSCRIPTION):
            yield child.lower().removeprefix(_SUBSCRIPTION)
        else:
            yield from _below(inventory, child)
