import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.inventory.reads import Gap, Read
from auditor.inventory.snapshot.arm_records import DuplicateRecord
from auditor.inventory.snapshot.files import BadSnapshot, load, save
from auditor.inventory.snapshot.implied_reads import with_reads
from auditor.inventory.snapshot.records import By, Header, Link, ScanScope, arm_record, event_record, graph_record
from auditor.inventory.snapshot.snapshot import Snapshot
from auditor.inventory.snapshot.yaml import LARGEST_FILE
from tests.inventory.snapshot.sealed import sealed
from tests.report.steering import STEERING

S = "/subscriptions/0a000000-0000-0000-0000-000000000001"
HEADER = Header(
    tenant_id="0d000000-0000-0000-0000-000000000001",
    collected_at=datetime(2026, 11, 23, 10, tzinfo=UTC),
    by=By("0e000000-0000-0000-0000-000000000001", "auditor", "ServicePrincipal"),
    tool="migaudit 0.1.0",
    scope=ScanScope((S.rpartition("/")[2],)),
)
ENCODINGS = ("x.jsonl", "x.jsonl.zst", "x.yaml")

_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.sampled_from(
        ["true", "~", "1e5", "0x1F", "2026-11-23", "yes", "012", "<<", "- a", "\u202e", "\x85", "\ufeff"]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
_names = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Zs", "Zl", "Zp")), min_size=1, max_size=12).map(
    lambda name: name.replace("/", "-").replace("?", "-").replace("#", "-").replace(".", "-")
)


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    names = draw(st.lists(_names, max_size=4, unique_by=str.lower))
    arm = [
        arm_record(
            {"id": f"{S}/resourceGroups/rg/providers/Microsoft.X/things/{name}", "properties": draw(_json)},
            deleted=draw(st.booleans()),
        )
        for name in names
    ]
    graph = [
        graph_record(
            {"@odata.type": "#microsoft.graph.user", "id": name, "displayName": draw(_json)},
            deleted=draw(st.booleans()),
        )
        for name in draw(st.lists(_names, max_size=3, unique_by=str.lower))
    ]
    return Snapshot.of(
        HEADER,
        arm=arm,
        graph=graph,
        links=[Link("transitiveMemberOf", name, "group") for name in names] + [Link("directoryRole", "a", "b", "/x")],
        events=[event_record({"eventDataId": name, "x": draw(_json)}) for name in names],
        reads=[Read("Microsoft.X/things", S, count=len(names))],
        gaps=[
            Gap("graph/users", "/", 403, "Denied", draw(st.text(max_size=20)), draw(st.none() | st.text(max_size=5)))
        ],
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(snapshot=snapshots())
@pytest.mark.parametrize("name", ENCODINGS)
def test_what_is_saved_is_loaded(name: str, tmp_path: Path, snapshot: Snapshot) -> None:
    path = tmp_path / name
    save(snapshot, path)
    first = path.read_bytes()
    assert load(path) == snapshot
    save(load(path), path)
    assert path.read_bytes() == first


@pytest.mark.parametrize("name", ENCODINGS)
def test_files_are_private_and_leave_nothing_beside(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text("old")
    save(Snapshot.of(HEADER, reads=()), path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == [name]


def test_a_failing_write_keeps_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text("old")
    broken = Snapshot(HEADER, arm=(None,))  # type: ignore[arg-type] # on purpose
    with pytest.raises(AttributeError):
        save(broken, path)
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.jsonl"]


def test_yaml_without_reads_means_everything_was_read(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(
        f"snapshot: {{snapshot: 1, tenant_id: t, collected_at: 2026-11-23T10:00:00Z, tool: hand}}\n"
        f"arm:\n- {{id: {S}, displayName: One}}\n- {{id: {S}/resourceGroups/rg}}\n"
        f"gaps:\n- {{what: Microsoft.KeyVault/vaults, scope: {S}, status: 403}}\n"
    )
    snapshot = load(path)
    assert snapshot.reads is None
    save(snapshot, tmp_path / "y.jsonl")
    spelt = load(tmp_path / "y.jsonl")
    assert spelt.reads is not None
    reads = {(read.what, read.scope): read.count for read in spelt.reads}
    assert reads["Microsoft.Resources/resourceGroups", S] == 1
    assert reads["Microsoft.Resources/subscriptions", "/"] == 1
    assert reads["Microsoft.Authorization/roleDefinitions", "/"] == 0
    assert ("Microsoft.KeyVault/vaults", S) not in reads
    save(snapshot, tmp_path / "z.yaml")
    assert load(tmp_path / "z.yaml") == snapshot


def test_the_applications_that_sites_name_count_as_looked_up() -> None:
    identity = {"applicationId": "AB1D0005-7C3F-4E58-B6A2-C0A050000005", "x": 1}
    site = {"id": f"{S}/resourceGroups/rg/providers/Microsoft.OffAzure/VMwareSites/s", "properties": {"spn": identity}}
    reads = with_reads(Snapshot.of(HEADER, arm=[arm_record(site)])).reads or ()
    assert {read.what for read in reads if read.scope == "ab1d0005-7c3f-4e58-b6a2-c0a050000005"} == {
        "graph/applications",
        "graph/servicePrincipals",
        "graph/owners",
    }


HEAD = '{"snapshot":1,"tenant_id":"t","collected_at":"2026-11-23T10:00:00Z"}\n'
ONE = f'{{"arm":{{"id":"{S}"}}}}\n'
LINK = '{"link":{"rel":"owner","from":"a","to":"b"}}\n'


def _sealed(text: str) -> str:
    return sealed(text.encode()).decode()


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("", 0, "empty"),
        (HEAD, 1, "end record is missing"),
        (HEAD + ONE, 2, "end record is missing"),
        (HEAD + ONE + '{"end":{"records":2}}\n', 3, "not complete"),
        (HEAD + ONE + '{"end":{"records":1}}\n', 3, "an older migaudit wrote the file, or it was changed"),
        (HEAD + ONE + '{"end":{"records":1,"digest":"sha256:00"}}\n', 3, "changed or damaged"),
        (HEAD + ONE + '{"end":{"records":1,"digest":17}}\n', 3, "malformed"),
        (HEAD + ONE + '{"end":{"records":true}}\n', 3, "malformed"),
        (HEAD + ONE + '{"end":7}\n', 3, "malformed"),
        (_sealed(HEAD + ONE).replace('"digest"', '"more":1,"digest"'), 3, "malformed"),
        (_sealed(HEAD + ONE)[:-1], 3, "cut off"),
        (HEAD + ONE[:-5], 2, "cut off"),
        (HEAD + "{]\n", 2, "no JSON object"),
        (HEAD + "[1]\n", 2, "no JSON object"),
        (_sealed(HEAD) + ONE, 3, "follows the end"),
        (HEAD + LINK + LINK, 3, "duplicate `link`"),
        (HEAD + '{"event":{"a":1,"b":2}}\n' + '{"event":{"b":2,"a":1}}\n', 3, "duplicate `event`"),
        (HEAD + '{"read":{"what":"a","scope":"/"}}\n' * 2, 3, "duplicate `read`"),
        (HEAD + '{"gap":{"what":"a","scope":"/","status":403}}\n' * 2, 3, "duplicate `gap`"),
        (HEAD + ONE + ONE.upper().replace("ARM", "arm").replace("ID", "id"), 3, "duplicate resource"),
        (HEAD.replace(":1,", ":2,", 1), 1, "version 2 is unknown"),
        (ONE, 1, "first record must be the header"),
        (HEAD.replace("2026-11-23T10:00:00Z", "yesterday"), 1, "no timestamp"),
        (HEAD.replace('"t"', "17"), 1, "header is malformed"),
        (HEAD + '{"arm":{}}\n', 2, "no `id`"),
        (HEAD + '{"arm":7}\n', 2, "must hold an object"),
        (HEAD + '{"graph":{"id":"x"}}\n', 2, "@odata.type"),
        (HEAD + '{"link":{"rel":"likes","from":"a","to":"b"}}\n', 2, "is no relation"),
        (HEAD + '{"link":{"rel":"owner"}}\n', 2, "malformed `link`"),
        (HEAD + '{"read":{"what":"a","scope":"/","status":"partial"}}\n', 2, "`complete`"),
        (HEAD + '{"gap":{"what":"a","scope":"/","status":"x"}}\n', 2, "malformed `gap`"),
        (HEAD + '{"gap":{"what":"a","scope":"/","status":-1}}\n', 2, "malformed `gap`"),
        (HEAD + '{"read":{"what":"a","scope":"/","count":-1}}\n', 2, "malformed `read`"),
        (HEAD + '{"end":{"records":0},"arm":{"id":"/subscriptions/s"}}\n', 2, "beside `end`"),
        (HEAD.replace(":1,", ":1.0,", 1), 1, "version 1.0 is unknown"),
        (HEAD + "\n", 2, "no JSON object"),
        (HEAD + '{"thing":{}}\n', 2, "exactly one of"),
        (HEAD + '{"arm":{"id":"/subscriptions/s"},"state":"gone"}\n', 2, "`state` can be"),
        (HEAD + '{"link":{"rel":"owner","from":"a","to":"b"},"state":"deleted"}\n', 2, "`state` can be"),
        (HEAD + '{"arm":{"id":"nonsense"}}\n', 2, "is not an ARM resource id"),
    ],
)
def test_a_file_that_is_not_right_is_refused_with_its_line(text: str, line: int, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(text)
    with pytest.raises(BadSnapshot) as refused:
        load(path)
    assert refused.value.line == line
    assert reason in refused.value.reason
    assert str(path) in str(refused.value)


def test_what_an_anchor_holds_can_be_overridden(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(f"{YAML_HEAD}x-one: &one {{kind: a, name: b}}\narm:\n- {{<<: *one, id: {S}, name: c}}\n")
    assert load(path).arm[0].body == f'{{"id":"{S}","kind":"a","name":"c"}}'.encode()


LAUGHS = "x-0: &l0 []\n" + "".join(f"x-{n}: &l{n} [{f'*l{n - 1}, ' * 10}]\n" for n in range(1, 10))
"""Ten lines whose aliases expand to a thousand million lists."""

YAML_HEAD = "snapshot: {snapshot: 1, tenant_id: t, collected_at: 2026-11-23T10:00:00Z, tool: hand}\n"


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("- a\n", 1, "is a mapping"),
        ("arm: []\n", 1, "header is missing"),
        (YAML_HEAD + "arm:\n- id: [\n", 4, "no valid YAML"),
        (YAML_HEAD + "things: []\n", 2, "no section"),
        (YAML_HEAD + "arm: []\narm: []\n", 3, "stands twice"),
        (YAML_HEAD + "arm: 7\n", 2, "must be a list"),
        (YAML_HEAD + f"arm:\n- id: {S}\n- id: {S}\n", 4, "duplicate resource"),
        (YAML_HEAD + "arm:\n- {}\n", 3, "no `id`"),
        (YAML_HEAD + "arm:\n- !!python/object:os.system {}\n", 3, "no valid YAML"),
        (YAML_HEAD + f"arm:\n- id: {S}\n  tags: {{a: b}}\n  tags: {{c: d}}\n", 5, "`tags` stands twice"),
        (YAML_HEAD + f"arm:\n- id: {S}\n  x: !!set {{a, b}}\n", 4, "no valid YAML"),
        (YAML_HEAD + f"arm:\n- id: {S}\n  x: !!binary aGVsbG8=\n", 4, "no valid YAML"),
        (YAML_HEAD.replace("snapshot: 1", "snapshot: 9"), 1, "version 9 is unknown"),
        (f"{YAML_HEAD}{LAUGHS}arm:\n- id: {S}\n  x: *l9\n", 9, "aliases repeat more than 8 MiB"),
        (f"{YAML_HEAD}x-long: &long {'x' * 2**20}\narm:\n- id: {S}\n  x: [{'*long, ' * 9}]\n", 5, "more than 8 MiB"),
        (YAML_HEAD + f"arm:\n- id: {S}\n  x: {'[' * 300}{']' * 300}\n", 4, "nested deeper than 200"),
        (YAML_HEAD + f"arm:\n- id: {S}\n  x: {'[' * 100_000}\n", 4, "nest"),  # libyaml has a bound too since 0.2.6
        (YAML_HEAD + f"arm:\n- id: {S}\n  x: &x [*x]\n", 4, "`*x` stands inside what it stands for"),
    ],
)
def test_yaml_that_is_not_right_is_refused_with_its_line(text: str, line: int, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(text)
    with pytest.raises(BadSnapshot) as refused:
        load(path)
    assert (refused.value.line, reason in refused.value.reason) == (line, True), str(refused.value)


def test_compression_is_told_by_the_data(tmp_path: Path) -> None:
    snapshot = Snapshot.of(HEADER, reads=())
    save(snapshot, tmp_path / "x.jsonl")
    (tmp_path / "packed.jsonl").write_bytes(zstandard.compress((tmp_path / "x.jsonl").read_bytes()))
    assert load(tmp_path / "packed.jsonl") == snapshot


def test_an_unknown_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSnapshot, match="ends with"):
        load(tmp_path / "x.txt")


def test_a_resource_stands_once() -> None:
    with pytest.raises(DuplicateRecord):
        Snapshot.of(HEADER, arm=[arm_record({"id": "/subscriptions/A"}), arm_record({"id": "/subscriptions/a"})])


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_yaml_that_people_look_at_does_not_steer_them(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    path = tmp_path_factory.mktemp("inert") / "x.yaml"
    body = {
        "id": f"{S}/resourceGroups/rg",
        "type": "Microsoft.Resources/resourceGroups",
        "tags": {name: f"{name}\u202e"},
    }
    snapshot = Snapshot.of(HEADER, arm=[arm_record(body)])
    save(snapshot, path)
    assert load(path) == snapshot
    assert not STEERING.search(path.read_bytes().decode())


def test_a_huge_yaml_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    with path.open("wb") as stream:
        stream.truncate(LARGEST_FILE + 1)
    with pytest.raises(BadSnapshot, match="larger than 256 MiB"):
        load(path)
