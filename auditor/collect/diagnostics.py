"""The reader of diagnostic settings: no list returns those that send to a workspace, so every resource is asked."""

from collections.abc import Iterator
from functools import partial

from msgspec.structs import replace

from auditor.azure.errors import ReadFailed
from auditor.collect.arm_ids import placed
from auditor.collect.catalogue import TRACKED
from auditor.collect.comparison import COMPARED, doubt_unlike
from auditor.collect.listing import Body, Rest
from auditor.collect.progress import Progress, Stage
from auditor.collect.reader import Reader, gap_of, says
from auditor.collect.readers.workspace_uses import DIAGNOSTIC_SETTINGS
from auditor.collect.versions import NoSuchType
from auditor.collect.workers import Workers
from auditor.inventory.arm_id import ArmId
from auditor.inventory.lists import ANY_RESOURCE, KEY_VAULTS, RESOURCES, WORKSPACES
from auditor.inventory.reads import MALFORMED, ONLY_READABLE, Gap
from auditor.inventory.resources.resource import check_reference

_RESOURCES = Rest("{scope}/resources", ("2021-04-01",))
_LISTED = (WORKSPACES, KEY_VAULTS)
"""Types with a list of their own, which shows whether one of their resources is missing from the list of all."""

_STORAGE = "microsoft.storage/storageaccounts"
_SERVICES = {
    "blobstorage": ("blobServices",),
    "blockblobstorage": ("blobServices",),
    "filestorage": ("fileServices",),
}
_EVERY_SERVICE = ("blobServices", "fileServices", "queueServices", "tableServices")
"""Services of a storage account, by the account's kind. Each has its own settings, is called `default`, and is not in
the list of resources. Premium accounts of other kinds have blobs only."""


class DiagnosticsReader:
    """The reader of the diagnostic settings of every resource in some subscriptions.

    The list counts as read for a subscription if all its resources are known and were asked. A resource that could not
    be read leaves a gap at its own id; where the account may read none of them, there is one gap at the subscription.
    `shown` holds which resources each subscription has, for the comparison with the other lists.
    """

    def __init__(self, reader: Reader, progress: Progress) -> None:
        self._reader = reader
        self._recording = reader.recording
        self._progress = progress
        self.shown: dict[str, dict[str, set[str]]] = {}
        self._counts: dict[str, int] = {}
        self._refused: dict[str, list[Gap]] = {}
        self._denied: dict[str, list[Gap]] = {}

    async def read(self, subscriptions: tuple[str, ...]) -> None:
        """Record the settings of all resources in `subscriptions`; their number is reported before the first one."""
        what = DIAGNOSTIC_SETTINGS.what
        for subscription in subscriptions:
            self._recording.plan(what, subscription)
        found: dict[str, list[str]] = {}
        await Workers().run(partial(self._find, subscription, found) for subscription in subscriptions)
        doubt_unlike(self._recording, self.shown)
        total = sum(len(resources) for resources in found.values())
        self._progress.started(Stage.DIAGNOSTICS, total)
        jobs = (
            partial(self._ask, subscription, resource)
            for subscription, resources in found.items()
            for resource in resources
        )
        await Workers().run(jobs)
        for subscription, resources in found.items():
            self._record_end(subscription, asked=len(resources))
        self._progress.finished(Stage.DIAGNOSTICS)

    async def _find(self, subscription: str, found: dict[str, list[str]]) -> None:
        """Put the ids to ask in a subscription into `found`: its own and those of all its resources."""
        resources: dict[str, str] = {}
        shown: dict[str, set[str]] = {}
        try:
            async for page in self._reader.pages(RESOURCES, _RESOURCES, subscription, ANY_RESOURCE):
                for body in page:
                    self._note(body, shown)
                    if self._can_be_asked(body, subscription):
                        resources |= {identity.lower(): identity for identity in _ids_to_ask(body)}
        except ReadFailed as failure:
            needs = DIAGNOSTIC_SETTINGS.needs[-1]
            self._recording.gap(gap_of(DIAGNOSTIC_SETTINGS.what, subscription, needs, failure))
            return
        if not self._shows_everything(subscription, resources):
            message = "the list of resources shows only what the account may read, so not every resource was asked"
            self._record_gap(subscription, ONLY_READABLE, message)
        self.shown[subscription] = shown
        found[subscription] = [subscription, *resources.values()]

    def _note(self, resource: Body, shown: dict[str, set[str]]) -> None:
        """Record that a resource is there, and put its id into `shown` if other lists of its type are read."""
        identity, kind = str(resource["id"]).lower().rstrip("/"), str(resource["type"]).lower()
        self._recording.answered(kind)
        self._recording.shown(identity, kind)
        if kind in COMPARED:
            shown.setdefault(kind, set()).add(identity)

    def _can_be_asked(self, resource: Body, subscription: str) -> bool:
        """Return whether a listed resource has a well-formed id; one whose id and type differ leaves a gap as well."""
        identity, kind = str(resource["id"]), str(resource["type"])
        try:
            check_reference(identity)
            kind_in_id = ArmId.parse(identity).type
        except ValueError as malformed:
            self._record_gap(subscription, MALFORMED, f"`{identity}` in the list of resources: {malformed}")
            return False
        if kind_in_id.lower() != kind.lower():
            self._record_gap(subscription, MALFORMED, f"`{identity}` is listed as a resource of the type `{kind}`")
        return True

    def _record_gap(self, subscription: str, code: str, message: str) -> None:
        """Record a gap at a subscription, as not all its resources were asked."""
        listing = DIAGNOSTIC_SETTINGS
        self._recording.gap(Gap(listing.what, subscription, 200, code, message, listing.needs[-1]))

    def _shows_everything(self, subscription: str, resources: dict[str, str]) -> bool:
        doubts = (self._recording.gap_at(kind.what, subscription) for kind in TRACKED)
        if any(gap is not None and gap.code == ONLY_READABLE for gap in doubts):
            return False
        inside = f"{subscription.lower()}/"
        known = (str(body.get("id")).lower() for body in self._recording.bodies(*_LISTED))
        return all(identity in resources for identity in known if identity.startswith(inside))

    def _record_end(self, subscription: str, *, asked: int) -> None:
        """Record the list of a subscription with its gaps; where all `asked` ids were refused with a 403, only its own.

        Where every answer denies the type, the cloud does not have it.
        """
        gaps = self._refused.get(subscription, [])
        denied = self._denied.get(subscription, [])
        if denied and len(denied) == asked:
            self._recording.absent(replace(denied[0], scope=subscription))
            return
        gaps += denied
        if len(gaps) == asked and all(gap.status == 403 for gap in gaps):
            gaps = [gap for gap in gaps if gap.scope == subscription]
        for gap in gaps:
            self._recording.gap(gap)
        self._recording.complete(DIAGNOSTIC_SETTINGS.what, subscription, self._counts.get(subscription, 0))

    async def _ask(self, subscription: str, resource: str) -> None:
        listing, count = DIAGNOSTIC_SETTINGS, 0
        try:
            async for page in self._reader.pages(listing.what, listing.source, resource):
                count += len(page)
                for body in page:
                    self._recording.arm(placed(body, listing.what, resource), listing.what, resource)
        except NoSuchType as denial:
            self._denied.setdefault(subscription, []).append(gap_of(listing.what, resource, None, denial))
        except ReadFailed as failure:
            if count or not says(listing.empty_on, failure):
                gap = gap_of(listing.what, resource, listing.needs[0], failure)
                self._refused.setdefault(subscription, []).append(gap)
        self._counts[subscription] = self._counts.get(subscription, 0) + count
        self._progress.advanced(Stage.DIAGNOSTICS)


def _ids_to_ask(resource: Body) -> Iterator[str]:
    """Yield the ids whose settings belong to one resource."""
    identity = str(resource["id"])
    yield identity
    if str(resource["type"]).lower() == _STORAGE:
        yield from (f"{identity}/{service}/default" for service in _services(resource))


def _services(account: Body) -> tuple[str, ...]:
    sku = account.get("sku")
    tier = sku.get("tier") if isinstance(sku, dict) else None
    blobs_alone = _SERVICES["blobstorage"] if str(tier).lower() == "premium" else _EVERY_SERVICE
    return _SERVICES.get(str(account.get("kind")).lower(), blobs_alone)
