"""Where nothing in scope could be read, every command says so first, with what to do, and ends with 3."""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from auditor.azure.bounds import Bounds
from auditor.azure.connection import Azure, connect
from auditor.azure.retry import Retry
from auditor.cli.environment.unreadable import MOST_PLACES, refuse_if_nothing_was_readable
from auditor.cli.exit_codes import ExitCode
from auditor.cli.failures import CommandFailed
from auditor.cli.options import ConnectionOptions
from auditor.emulator.options import Endpoints
from auditor.inventory.lists import LISTS, ScopeKind
from auditor.inventory.reads import Gap, Read
from auditor.inventory.snapshot.files import load, save
from auditor.inventory.snapshot.implied_reads import with_reads
from auditor.inventory.snapshot.records import ScanScope, arm_record
from auditor.inventory.snapshot.snapshot import Snapshot
from tests.cli.running import Run
from tests.sampling import sampled

EXIT = "0d1e2c3b-4a59-4687-9b10-c0a050000001"
PLATFORM = "0d1e2c3b-4a59-4687-9b10-c0a050000002"
GROUP = "/providers/Microsoft.Management/managementGroups/contoso"
QUESTION = ("--action", "Microsoft.Migrate/migrateProjects/write", "--scope", f"/subscriptions/{EXIT}")
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("scan",),
    ("scan", "--format", "json"),
    ("scan", "--strict", "--fail-on", "never"),
    ("cleanup", "plan"),
    ("cleanup", "plan", "--format", "json"),
    ("preflight", "--project", "contoso-dc-exit", "--account", "leeg@contoso.com"),
    ("preflight", "--project", "contoso-dc-exit", "--subscription", EXIT, "--account", "leeg@contoso.com"),
    ("can", "--account", "leeg@contoso.com", *QUESTION, "--format", "json"),
    ("who-can", *QUESTION),
)
NETWORK, STRANGE, AGAIN = (
    "HTTPS_PROXY, NO_PROXY) and the trusted certificates",
    "a proxy or a sign-in page",
    "read again",
)
ANSWERS = {
    Gap("", "", 0, "ConnectionBroken", "https://azure.test broke the connection"): ("ConnectionBroken: http", NETWORK),
    Gap("", "", 0, "UntrustedCertificate", "not trusted"): ("UntrustedCertificate: not", "SSL_CERT_FILE"),
    Gap("", "", 0, "Interrupted", "the scan was stopped before this was read"): ("Interrupted: the scan", AGAIN),
    Gap("", "", 200, "Malformed", "a null where a list belongs"): ("200 Malformed: a null", STRANGE),
    Gap("", "", 302, "Redirected", "not followed"): ("302 Redirected", STRANGE),
    Gap("", "", 401, "ExpiredAuthenticationToken", "expired"): ("401 Expired", "sign in again (`az login`"),
    Gap("", "", 403, "AuthorizationFailed", "no", "Microsoft.Gate/pass/read"): ("403 Auth", "\n  Microsoft.Gate/pass/"),
    Gap("", "", 404, "SubscriptionNotFound", "none"): ("404 SubscriptionNotFound", "check the id, `--tenant` and"),
    Gap("", "", 409, "ReadOnlyDisabledSubscription", "no"): ("409 ReadOnly", "whether the subscription is disabled"),
    Gap("", "", 429, "TooManyRequests", "slow down"): ("429 TooManyRequests", "wait some minutes"),
    Gap("", "", 503, "ServiceUnavailable", "busy"): ("503 ServiceUnavailable", "wait some minutes"),
}


@pytest.fixture(scope="module")
def whole(fixtures: Path) -> Snapshot:
    return with_reads(load(fixtures / "contoso.yaml"))


def unread(snapshot: Snapshot, answer: Gap, *subscriptions: str) -> Snapshot:
    """Return the snapshot with `answer` in place of every list of the subscriptions (default: all) and below them."""
    places = tuple(f"/subscriptions/{one}" for one in subscriptions or snapshot.header.scope.subscriptions)
    reads = snapshot.reads or ()
    lost = [one for one in reads if one.scope.lower().startswith(places)]
    told = [one for one in lost if one.what in {"Microsoft.Resources/providers", "Microsoft.Authorization/permissions"}]
    gaps = [msgspec.structs.replace(answer, what=one.what, scope=one.scope) for one in lost if one not in told]
    return replace(snapshot, reads=tuple(one for one in reads if one not in lost or one in told), gaps=tuple(gaps))


@pytest.fixture
def saved(tmp_path: Path) -> Callable[[Snapshot], Path]:
    def write(snapshot: Snapshot) -> Path:
        file = tmp_path / "world.jsonl"
        save(snapshot, file)
        return file

    return write


@sampled("answer", list(ANSWERS), one_in=4, ids=lambda gap: gap.code)
def test_each_way_of_not_answering_has_its_cure(
    migaudit: Run, whole: Snapshot, saved: Callable[[Snapshot], Path], answer: Gap
) -> None:
    done = migaudit("scan", "--snapshot", saved(unread(whole, answer)))
    assert (done.code, done.out) == (ExitCode.UNREADABLE, "")
    assert done.err.startswith(f"error: nothing could be read in `Contoso Datacenter Exit` ({EXIT}), `Contoso Shared")
    for said in ANSWERS[answer]:
        assert said in done.err


@sampled("command", COMMANDS, one_in=3, ids=" ".join)
def test_no_command_answers_from_a_snapshot_in_which_nothing_was_read(
    migaudit: Run, whole: Snapshot, saved: Callable[[Snapshot], Path], command: tuple[str, ...]
) -> None:
    done = migaudit(*command, "--snapshot", saved(unread(whole, Gap("", "", 0, "ConnectionBroken", "broken"))))
    assert (done.code, done.out) == (ExitCode.UNREADABLE, "")
    assert "error: nothing could be read in" in done.err
    assert " × ConnectionBroken: broken\n" in done.err


@sampled("command", COMMANDS, one_in=3, ids=" ".join)
def test_a_part_that_could_not_be_read_is_named_first_beside_the_usual_answer(
    migaudit: Run, whole: Snapshot, saved: Callable[[Snapshot], Path], command: tuple[str, ...]
) -> None:
    asked = (*command, "--snapshot", saved(unread(whole, Gap("", "", 503, "ServiceUnavailable", "busy"), PLATFORM)))
    done = migaudit(*asked)
    assert done.code not in {ExitCode.UNREADABLE, ExitCode.INTERNAL, ExitCode.USAGE}
    about_one = EXIT in " ".join(command)
    named = f"nothing could be read in `Contoso Shared Platform` ({PLATFORM}): everything in it is unknown"
    assert (named in done.err.partition("\n")[0]) is not about_one
    if "json" in command:
        assert json.loads(done.out)
    assert "nothing could be read" not in migaudit(*asked, "--quiet").err


@pytest.mark.parametrize(
    ("subscription", "readable"), [(EXIT, True), (PLATFORM, False), ("Contoso Shared Platform", False)]
)
def test_of_a_snapshot_only_the_part_that_is_asked_about_counts(
    migaudit: Run, whole: Snapshot, saved: Callable[[Snapshot], Path], subscription: str, readable: bool
) -> None:
    file = saved(unread(whole, Gap("", "", 403, "AuthorizationFailed", "no"), PLATFORM))
    done = migaudit("scan", "--snapshot", file, "--subscription", subscription)
    assert (done.code != ExitCode.UNREADABLE) is readable
    assert (done.out != "") is readable
    assert ("nothing could be read" in done.err) is not readable


def test_a_question_about_the_unread_part_has_no_answer(
    migaudit: Run, whole: Snapshot, saved: Callable[[Snapshot], Path]
) -> None:
    file = saved(unread(whole, Gap("", "", 403, "AuthorizationFailed", "no"), EXIT))
    done = migaudit("who-can", *QUESTION, "--snapshot", file)
    assert (done.code, done.out) == (ExitCode.UNREADABLE, "")


def test_answers_are_told_by_number(whole: Snapshot) -> None:
    broken = unread(whole, Gap("", "", 0, "Timeout", "no answer in time"))
    refused = [msgspec.structs.replace(one, status=403, code="AuthorizationFailed") for one in broken.gaps[:2]]
    with pytest.raises(CommandFailed) as caught:
        refuse_if_nothing_was_readable(replace(broken, gaps=(*refused, *broken.gaps[2:])))
    lines = caught.value.text.splitlines()
    assert lines[0].endswith(f": {len(broken.gaps):,} lists were not read completely")
    assert lines[1] == f"  {len(broken.gaps) - 2:,} × Timeout: no answer in time"
    assert lines[2] == "  2 × 403 AuthorizationFailed: no answer in time"
    assert "SSL_CERT_FILE" in lines[3]
    assert lines[4].startswith("give `")


def test_names_and_answers_are_inert_and_bounded(whole: Snapshot) -> None:
    many = [f"00000000-0000-4000-8000-{number:012}" for number in range(MOST_PLACES + 5)]
    hostile = [
        arm_record(
            {"id": f"/subscriptions/{one}", "type": "Microsoft.Resources/subscriptions", "displayName": "a\n\x1b[2J"}
        )
        for one in many
    ]
    gaps = [Gap("Microsoft.KeyVault/vaults", f"/subscriptions/{one}", 500, "E\nF", "x\ry" * 2_000) for one in many]
    header = msgspec.structs.replace(whole.header, scope=ScanScope(tuple(many), ()))
    with pytest.raises(CommandFailed) as caught:
        refuse_if_nothing_was_readable(replace(whole, header=header, arm=tuple(hostile), reads=(), gaps=tuple(gaps)))
    text = caught.value.text
    assert "`a\\u{a}\\u{1b}[2J` (" in text
    assert " and 5 more: 15 lists" in text
    assert "15 × 500 E\\u{a}F: x y" in text
    assert "\r" not in text
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) < 2_000
    assert len(text.splitlines()) == 3


@pytest.mark.parametrize("what", ["Microsoft.Resources/providers", "Microsoft.Authorization/permissions", None])
def test_lists_that_tell_nothing_of_a_subscription_do_not_make_it_readable(whole: Snapshot, what: str | None) -> None:
    held = [Read(what, f"/subscriptions/{EXIT}", count=9)] if what else []
    tenant = [one for one in whole.reads or () if not one.scope.startswith("/subscriptions/")]
    blind = replace(whole, reads=(*tenant, *held), gaps=())
    with pytest.raises(CommandFailed, match="no list in it was asked for"):
        refuse_if_nothing_was_readable(blind)
    seeing = replace(blind, reads=(*tenant, Read("Microsoft.KeyVault/vaults", f"/SUBSCRIPTIONS/{EXIT.upper()}/")))
    assert f"/subscriptions/{EXIT}" not in refuse_if_nothing_was_readable(seeing)


def test_where_reads_are_left_out_every_list_without_a_gap_counts_as_read(fixtures: Path) -> None:
    world = load(fixtures / "contoso.yaml")
    assert world.reads is None
    assert refuse_if_nothing_was_readable(world) == ()
    kinds = [kind.what for kind in LISTS.values() if kind.scope is ScopeKind.SUBSCRIPTION]
    gaps = [Gap(what, f"/subscriptions/{one}", 500, "E") for one in world.header.scope.subscriptions for what in kinds]
    with pytest.raises(CommandFailed, match="nothing could be read"):
        refuse_if_nothing_was_readable(replace(world, gaps=tuple(gaps)))
    assert refuse_if_nothing_was_readable(replace(world, gaps=tuple(gaps[1:]))) != ()


@pytest.mark.parametrize(
    ("gaps", "groups", "said"),
    [
        ([Gap("Microsoft.Resources/subscriptions", "/", 503, "Busy", "later")], (), "1 list was not read completely"),
        (
            [Gap("Microsoft.Management/managementGroups/descendants", GROUP, 0, "Timeout")],
            ("contoso",),
            "  1 × Timeout\n",
        ),
        ([], ("contoso",), "sees no subscription below the management group `contoso`"),
        ([], (), "sees no subscription in tenant 72c0a7b1"),
    ],
)
def test_nothing_in_scope_is_the_same_case(
    migaudit: Run,
    whole: Snapshot,
    saved: Callable[[Snapshot], Path],
    gaps: list[Gap],
    groups: tuple[str, ...],
    said: str,
) -> None:
    header = msgspec.structs.replace(whole.header, scope=ScanScope((), groups))
    done = migaudit("scan", "--snapshot", saved(replace(whole, header=header, gaps=tuple(gaps))))
    assert (done.code, done.out) == (ExitCode.UNREADABLE, "")
    assert said in done.err


def test_a_management_group_whose_subscriptions_are_hidden_is_named_beside_what_was_read(
    migaudit: Run, whole: Snapshot, saved: Callable[[Snapshot], Path]
) -> None:
    header = msgspec.structs.replace(
        whole.header, scope=msgspec.structs.replace(whole.header.scope, management_groups=("contoso",))
    )
    gap = Gap("Microsoft.Management/managementGroups/descendants", GROUP, 403, "AuthorizationFailed")
    done = migaudit("scan", "--snapshot", saved(replace(whole, header=header, gaps=(gap,))))
    assert done.err.startswith(
        "the list of subscriptions could not be read completely: more may be in scope (1 × 403 Auth"
    )


# Live: the real wire against an emulated Azure at which something is broken.

LIVE: tuple[tuple[str, ...], ...] = (
    ("scan", "--all"),
    ("scan", "--subscription", EXIT),
    ("scan", "--management-group", "contoso"),
    ("cleanup", "plan", "--all", "--format", "json"),
    ("preflight", "--subscription", EXIT, "--project", "contoso-dc-exit", "--account", "leeg@contoso.com"),
    ("can", "--account", "leeg@contoso.com", *QUESTION, "--format", "json"),
    ("can", "--account", "leeg@contoso.com", *QUESTION[:2], "--scope", GROUP, "--format", "json"),
    ("who-can", *QUESTION),
)
IN_SUBSCRIPTIONS = r"^/subscriptions/[^/]+/|^/providers/Microsoft.Management/managementGroups/[^/]+/providers"
AFTER_SIGN_IN = r"^/(subscriptions|providers|tenants)"
Fault = Mapping[str, object]


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection as it is, but it waits little between attempts and for what hangs."""

    async def at_once(_seconds: float) -> None:
        return

    def quick(options: ConnectionOptions) -> AbstractAsyncContextManager[Azure]:
        return connect(
            options.cloud,
            options.auth,
            options.tenant,
            bounds=Bounds(attempt=1),
            retry=Retry(attempts=2, bound=5, sleep=at_once),
        )

    monkeypatch.setattr("auditor.cli.environment.reading.connected", quick)


def asked(endpoints: Endpoints) -> Sequence[str]:
    return ("--cloud", endpoints.arm, "--auth", "environment")


@pytest.mark.parametrize("path", [IN_SUBSCRIPTIONS, AFTER_SIGN_IN], ids=["in subscriptions", "everywhere"])
@sampled("command", LIVE, one_in=3, ids=" ".join)
@pytest.mark.usefixtures("hasty")
def test_no_command_answers_where_azure_does_not(
    migaudit: Run, fixtures: Path, serve: Callable[..., Endpoints], command: tuple[str, ...], path: str
) -> None:
    fault = {"path": path, "status": 401, "code": "ExpiredAuthenticationToken", "message": "expired"}
    done = migaudit(*command, *asked(serve(load(fixtures / "contoso.yaml"), [fault])))
    assert (done.code, done.out) == (ExitCode.UNREADABLE, "")
    assert "401 ExpiredAuthenticationToken" in done.err
    assert "sign in again (`az login`" in done.err


@sampled(
    "fault, said",
    [
        ({"reset": True}, ("× ConnectionBroken: https://127.0.0.1", NETWORK)),
        ({"cut": 0.0, "status": 200}, ("× ", "HTTPS_PROXY")),
        ({"hang": True}, ("× Timeout: https://127.0.0.1", NETWORK)),
        ({"status": 403, "code": "AuthorizationFailed"}, ("× 403 AuthorizationFailed", "the role `Reader`")),
        ({"status": 404, "code": "SubscriptionNotFound"}, ("× 404 SubscriptionNotFound", "`--tenant`")),
        ({"status": 503, "code": "ServiceUnavailable"}, ("× 503 ServiceUnavailable", "wait some minutes")),
        ({"status": 200, "body": "<html>sign in</html>"}, ("× 200 NotJson", STRANGE)),
    ],
    one_in=3,
    ids=str,
)
@pytest.mark.usefixtures("hasty")
def test_whatever_comes_instead_of_lists_is_no_clean_scan(
    migaudit: Run, fixtures: Path, serve: Callable[..., Endpoints], fault: Fault, said: tuple[str, str]
) -> None:
    endpoints = serve(load(fixtures / "contoso.yaml"), [{**fault, "path": IN_SUBSCRIPTIONS}])
    done = migaudit("scan", "--subscription", EXIT, "--format", "json", *asked(endpoints))
    assert (done.code, done.out) == (ExitCode.UNREADABLE, "")
    for text in said:
        assert text in done.err
    assert "Traceback" not in done.err


@pytest.mark.usefixtures("hasty")
def test_one_readable_subscription_of_two_is_scanned_and_the_other_named(
    migaudit: Run, fixtures: Path, serve: Callable[..., Endpoints]
) -> None:
    fault = {"path": f"^/subscriptions/{PLATFORM}/", "status": 403, "code": "AuthorizationFailed"}
    endpoints = serve(load(fixtures / "contoso.yaml"), [fault])
    both = ("--subscription", EXIT, "--subscription", PLATFORM)
    done = migaudit("scan", *both, "--format", "json", "--fail-on", "never", *asked(endpoints))
    assert done.code == ExitCode.CLEAN
    assert json.loads(done.out)["findings"]
    assert done.err.startswith(f"nothing could be read in `Contoso Shared Platform` ({PLATFORM}): everything in it is")
