"""A file that a browser saved, read: a capture (HAR) or the log of its console, whatever the file is called."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from auditor.audit.explain.pasted_text import LARGEST, decoded
from auditor.files import content, opened, why
from auditor.har.addresses import address_of, cut
from auditor.har.answers.said import LONGEST_BODY
from auditor.har.calls import Call, Calls
from auditor.har.capture import BadCapture, Capture, ensure_no_capture
from auditor.har.console import LONGEST, calls_in_log, failed_elsewhere, long_lines
from auditor.har.groups import FailureGroup, FailureGroups
from auditor.har.removed_secrets import SecretRemover
from auditor.har.services import Service, cloud_of

_FIRST = 4_096
_GUID = r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
_TENANT = re.compile(rf"/({_GUID})/(?:oauth2|saml2|reprocess|login)", re.IGNORECASE)
SUBSCRIPTION = re.compile(rf"/subscriptions/({_GUID})(?:/|$)", re.IGNORECASE)
"""The subscription in the path of a call to Resource Manager."""
_MOST_NAMED = 1_000


@dataclass(slots=True)
class CaptureRead:
    """What a file holds. `broken` says where it ended too early, `left_out` what of it was not looked at."""

    path: Path
    is_log: bool = False
    creator: str = ""
    entries: int = 0
    groups: tuple[FailureGroup, ...] = ()
    looked_at: Counter[Service] = field(default_factory=Counter)
    others: int = 0
    others_failed: Counter[str] = field(default_factory=Counter)
    """Requests to other hosts that failed or got no answer."""
    broken: str = ""
    left_out: tuple[str, ...] = ()
    pages: dict[str, str] = field(default_factory=dict)
    """The titles of pages, by their ids in the capture."""
    first: datetime | None = None
    last: datetime | None = None
    clouds: Counter[str] = field(default_factory=Counter)
    tenants: Counter[str] = field(default_factory=Counter)
    subscriptions: set[str] = field(default_factory=set)

    @property
    def cloud(self) -> str:
        """The name of the cloud that most calls went to."""
        return next((name for name, _ in self.clouds.most_common(1)), "")

    @property
    def tenant(self) -> str:
        """The tenant that most sign-ins were for; empty where none names one."""
        return next((name for name, _ in self.tenants.most_common(1)), "")


_SNAPSHOT = re.compile(r"^snapshot:\s*$\s+(snapshot|tool|cloud|tenant_id|collected_at|by|scope)\b", re.MULTILINE)
"""The head of a snapshot in YAML, whose words would be taken for those of errors."""


def read_file(path: Path) -> CaptureRead:
    """Return what a file holds; raises `BadCapture` for one in which nothing can be read."""
    return _log(path) if _is_log(path) else _har(path)


def _is_log(path: Path) -> bool:
    try:
        with opened(path) as file:
            beginning = file.read(_FIRST)
    except OSError:
        return False  # the reader of captures says why
    if b"\0" in beginning and not beginning.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    text = decoded(beginning).strip()
    return bool(text) and not text.startswith("{") and not beginning.startswith(b"\x1f\x8b")


def _har(path: Path) -> CaptureRead:
    read, groups, calls, secrets = CaptureRead(path), FailureGroups(), Calls(), SecretRemover()
    with Capture(path) as capture:
        for entry in capture.entries():
            if _note(read, groups, calls.of(entry)):
                secrets.learn(entry)
            else:
                secrets.learn_sent(entry)
            if secrets.is_full:
                _clean(groups, secrets)
                secrets.forget()
        _note(read, groups, calls.unfinished())
        _clean(groups, secrets)
        groups.merge()
        read.entries, read.broken = capture.count, capture.broken
        read.pages = {name: secrets.cleaned(title) for name, title in _pages(capture.log.get("pages"))}
        read.creator = secrets.cleaned(_creator(capture.log))
        left_out = [*capture.left_out]
    if calls.odd:
        left_out.append(f"{calls.odd:,} entries have no request, or no address that can be read")
    if calls.binary:
        left_out.append(f"the answers of {calls.binary:,} failed calls are binary, and say nothing that can be read")
    if calls.cut:
        left_out.append(f"the answers of {calls.cut:,} failed calls after their first {LONGEST_BODY:,} characters")
    if calls.unread:
        words = "answer of success is" if calls.unread == 1 else "answers of success are"
        left_out.append(f"{calls.unread:,} {words} missing, cut or no JSON: what that says of a failure is unknown")
    return _finished(read, groups, calls, left_out)


def _log(path: Path) -> CaptureRead:
    try:
        text = decoded(content(path, LARGEST))
    except OSError as refused:
        raise BadCapture(f"cannot read `{path}`: {why(refused)}; give the part of the log with the error") from refused
    ensure_no_capture(path, text, is_binary="\0" in text)
    if _SNAPSHOT.search(text[:_FIRST]):
        raise BadCapture(
            f"`{path}` is a snapshot of migaudit, not what a browser saved: name it with `--snapshot`, and the capture "
            "as FILE"
        )
    read, groups, calls = CaptureRead(path, is_log=True, creator="the console of a browser"), FailureGroups(), Calls()
    for call in calls_in_log(text):
        calls.looked_at[call.service] += 1
        _note(read, groups, [call])
    calls.others_failed = failed_elsewhere(text)
    secrets = SecretRemover()
    secrets.learn_text(text)
    _clean(groups, secrets)
    groups.merge()
    left_out = [f"errors after its first {LONGEST:,} characters"] if len(text) > LONGEST else []
    if count := long_lines(text):
        left_out.append(f"{count:,} lines are so long that requests further on in them were not looked for")
    return _finished(read, groups, calls, left_out)


def _finished(read: CaptureRead, groups: FailureGroups, calls: Calls, left_out: list[str]) -> CaptureRead:
    if groups.left_out:
        left_out.append(f"{groups.left_out:,} more failing calls are not shown one by one")
    read.groups, read.left_out = tuple(groups), tuple(left_out)
    read.looked_at, read.others, read.others_failed = calls.looked_at, calls.others, calls.others_failed
    return read


def _clean(groups: FailureGroups, secrets: SecretRemover) -> None:
    secrets.ready()
    groups.clean(secrets.cleaned)


def _note(read: CaptureRead, groups: FailureGroups, calls: Iterable[Call]) -> bool:
    """Note calls; returns whether any of them failed as none before."""
    is_new = False
    for call in calls:
        is_new = groups.add(call) or is_new
        if call.at is not None:
            read.first = min(read.first or call.at, call.at)
            read.last = max(read.last or call.at, call.at)
        if cloud := cloud_of(call.address.host):
            read.clouds[cloud] += 1
        named = SUBSCRIPTION.match(call.address.path)
        if named and len(read.subscriptions) < _MOST_NAMED:
            read.subscriptions.add(named[1].lower())
        tenant = _TENANT.match(call.address.path) if call.service is Service.SIGN_IN else None
        if tenant and len(read.tenants) < _MOST_NAMED:
            read.tenants[tenant[1].lower()] += 1
    return is_new


def _pages(rows: Any) -> Iterable[tuple[str, str]]:
    """Yield the id and the title of each page; a title that is an address is kept without its parameters."""
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict) and isinstance(row.get("title"), str):
            address = address_of(row["title"])
            yield str(row.get("id", ""))[:200], address.text if address is not None else cut(row["title"], 200)


def _creator(log: dict[str, Any]) -> str:
    named = (log.get("browser"), log.get("creator"))
    found = next((one for one in named if isinstance(one, dict) and isinstance(one.get("name"), str)), None)
    return cut(f"{found['name']} {found.get('version') or ''}".strip(), 100) if found is not None else ""
