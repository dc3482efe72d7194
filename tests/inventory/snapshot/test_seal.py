"""The seal: a snapshot of any format is refused if it was cut off, changed or reordered."""

import random
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.inventory.reads import Gap, Read
from auditor.inventory.snapshot.files import BadSnapshot, load, save
from auditor.inventory.snapshot.records import By, Header, Link, ScanScope, arm_record, event_record, graph_record
from auditor.inventory.snapshot.snapshot import Snapshot
from tests.sampling import sampled

S = "/subscriptions/0a000000-0000-0000-0000-000000000001"
USER = "#microsoft.graph.user"
HEADER = Header(
    tenant_id="0d000000-0000-0000-0000-000000000001",
    collected_at=datetime(2026, 11, 23, 10, tzinfo=UTC),
    by=By("0e000000-0000-0000-0000-000000000001", "auditor"),
    tool="migaudit 0.1.0",
    scope=ScanScope((S.rpartition("/")[2],)),
)
SMALL = Snapshot.of(
    HEADER,
    arm=[arm_record({"id": S, "displayName": "One"}), arm_record({"id": f"{S}/resourceGroups/rg"}, deleted=True)],
    graph=[graph_record({"@odata.type": USER, "id": "0e1", "displayName": "Ada"})],
    links=[Link("owner", "0a1", "0e1"), Link("directoryRole", "0e1", "0b1", "/x")],
    events=[event_record({"eventDataId": "1"})],
    reads=[Read("Microsoft.Resources/resourceGroups", S, count=1), Read("graph/users", "/", count=1)],
    gaps=[Gap("Microsoft.KeyVault/vaults", S, 403, "AuthorizationFailed", "no", "Microsoft.KeyVault/vaults/read")],
)
IMPLIED = replace(SMALL, reads=None)
BY_HAND = replace(SMALL, header=msgspec.structs.replace(HEADER, tool="hand"))
FORMS = ("x.jsonl", "x.jsonl.zst", "x.yaml")
KEPT = [(name, snapshot) for name in FORMS for snapshot in (SMALL, BY_HAND)] + [("x.yaml", IMPLIED)]
KEPT_AS = [f"{name} {what}" for name in FORMS for what in ("ours", "by hand")] + ["x.yaml without reads"]


SEALED_IN_0_1 = b"""\
snapshot:
  tool: migaudit 0.1.0
  sealed: true
  snapshot: 1
  tenant_id: 0d000000-0000-0000-0000-000000000001
  cloud: AzureCloud
  collected_at: '2026-11-23T10:00:00Z'
  by:
    object_id: 0e000000-0000-0000-0000-000000000001
    name: auditor
    type: User
  scope:
    subscriptions:
    - 0a000000-0000-0000-0000-000000000001
    management_groups: []
arm:
- displayName: One
  id: /subscriptions/0a000000-0000-0000-0000-000000000001
deleted:
- id: /subscriptions/0a000000-0000-0000-0000-000000000001/resourceGroups/rg
graph:
- '@odata.type': '#microsoft.graph.user'
  displayName: Ada
  id: '0e1'
links:
- rel: directoryRole
  from: '0e1'
  to: '0b1'
  scope: /x
- rel: owner
  from: 0a1
  to: '0e1'
events:
- eventDataId: '1'
reads:
- what: Microsoft.Resources/resourceGroups
  scope: /subscriptions/0a000000-0000-0000-0000-000000000001
  status: complete
  count: 1
- what: graph/users
  scope: /
  status: complete
  count: 1
gaps:
- what: Microsoft.KeyVault/vaults
  scope: /subscriptions/0a000000-0000-0000-0000-000000000001
  status: 403
  code: AuthorizationFailed
  message: 'no'
  needs: Microsoft.KeyVault/vaults/read
end:
  records: 9
  digest: sha256:1a51cea9c2b131659beca02ff66a3449a342e1880eaac24621e91fd94082c053
"""


def loads(path: Path, data: bytes) -> Snapshot | None:
    """Return the snapshot in a file with the content `data`, or None where it is refused."""
    path.write_bytes(data)
    try:
        return load(path)
    except BadSnapshot:
        return None


@sampled("name, snapshot", KEPT, one_in=4, ids=KEPT_AS)
def test_a_file_that_was_cut_off_anywhere_is_refused(name: str, snapshot: Snapshot, tmp_path: Path) -> None:
    path = tmp_path / name
    save(snapshot, path)
    whole = path.read_bytes()
    assert [cut for cut in range(len(whole)) if loads(path, whole[:cut])] == []
    assert loads(path, whole) == snapshot


def flipped(data: bytes, bit: int) -> bytes:
    return data[: bit // 8] + bytes([data[bit // 8] ^ 1 << bit % 8]) + data[bit // 8 + 1 :]


@pytest.mark.parametrize(("name", "step"), [("x.jsonl", 7), ("x.jsonl.zst", 1)])  # 7: every bit of every eighth byte
def test_a_file_with_one_changed_bit_is_refused(name: str, step: int, tmp_path: Path) -> None:
    path = tmp_path / name
    save(SMALL, path)
    whole = path.read_bytes()
    assert [bit for bit in range(0, len(whole) * 8, step) if loads(path, flipped(whole, bit))] == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), bit=st.integers(0, 2**32))
def test_one_changed_bit_is_found_in_larger_compressed_files_too(tmp_path: Path, seed: int, bit: int) -> None:
    path = tmp_path / "x.jsonl.zst"
    lots = random.Random(seed)
    arm = [arm_record({"id": f"/subscriptions/{number}", "x": lots.choice("abc") * 9}) for number in range(300)]
    save(Snapshot.of(HEADER, arm=arm, reads=()), path)
    whole = path.read_bytes()
    assert loads(path, flipped(whole, bit % (len(whole) * 8))) is None


@sampled("snapshot, step", [(BY_HAND, 5), (IMPLIED, 5), (SMALL, 1)], one_in=3, ids=["by hand", "without reads", "ours"])
def test_a_yaml_file_with_one_changed_byte_says_the_same_or_is_refused(
    snapshot: Snapshot, step: int, tmp_path: Path
) -> None:
    path = tmp_path / "x.yaml"
    save(snapshot, path)
    whole = path.read_bytes()
    for at in range(0, len(whole), step):
        for other in {whole[at] ^ 1, *b" #\n"} - {whole[at]}:
            loaded = loads(path, whole[:at] + bytes([other]) + whole[at + 1 :])
            assert loaded in (None, snapshot), (at, other)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
@pytest.mark.parametrize("name", ["x.jsonl", "x.yaml"])
def test_a_file_without_some_of_its_lines_is_refused(name: str, tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / name
    save(SMALL, path)
    lines = path.read_bytes().splitlines(keepends=True)
    gone = data.draw(st.sets(st.sampled_from(range(len(lines))), min_size=1))
    loaded = loads(path, b"".join(line for number, line in enumerate(lines) if number not in gone))
    assert loaded in (None, SMALL) if name.endswith("yaml") else loaded is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_lines_in_another_order_are_refused(tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / "x.jsonl"
    save(SMALL, path)
    lines = path.read_bytes().splitlines(keepends=True)
    shuffled = data.draw(st.permutations(lines))
    assert loads(path, b"".join(shuffled)) == (SMALL if shuffled == lines else None)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_items_of_a_yaml_section_and_sections_in_another_order_say_the_same(
    tmp_path: Path, data: st.DataObject
) -> None:
    path = tmp_path / "x.yaml"
    save(SMALL, path)
    head, *sections = path.read_text().replace("\n- ", "\n@- ").split("\n@")
    items = [f"{head}\n", *(f"{section}\n" for section in sections)]
    # An item belongs to the last section name before it.
    groups: list[list[str]] = []
    for part in "".join(items).rstrip("\n").split("\n"):
        if not part.startswith((" ", "-")):
            groups.append([part])
        elif part.startswith("- "):
            groups[-1].append(part)
        else:
            groups[-1][-1] += f"\n{part}"
    texts = ["\n".join([name, *data.draw(st.permutations(listed))]) for name, *listed in groups]
    assert loads(path, ("\n".join(data.draw(st.permutations(texts))) + "\n").encode()) == SMALL


def test_both_forms_have_the_same_digest_and_it_tells_left_out_reads_from_none(tmp_path: Path) -> None:
    def digest(snapshot: Snapshot, name: str) -> str:
        save(snapshot, tmp_path / name)
        last = (tmp_path / name).read_text().splitlines()[-1]
        return last[last.index("sha256:") :].rstrip('"}')

    assert digest(SMALL, "x.jsonl") == digest(SMALL, "x.yaml")
    assert digest(IMPLIED, "x.yaml") != digest(replace(SMALL, reads=()), "x.yaml")
    assert digest(IMPLIED, "x.yaml") != digest(SMALL, "x.yaml")


def test_what_stands_in_no_order_is_sealed_as_it_is_loaded(tmp_path: Path) -> None:
    for name in FORMS:
        save(replace(SMALL, arm=SMALL.arm[::-1], links=SMALL.links[::-1]), tmp_path / name)
        assert load(tmp_path / name) == SMALL


def test_what_an_earlier_version_sealed_is_still_whole(tmp_path: Path) -> None:
    """Load a file of an older version: if the bytes of a record changed, files that people keep would be refused."""
    assert loads(tmp_path / "x.yaml", SEALED_IN_0_1) == SMALL


def yaml_with(header: str, end: str = "") -> bytes:
    return f"snapshot: {{snapshot: 1, tenant_id: t, collected_at: 2026-11-23T10:00:00Z{header}}}\n{end}".encode()


@pytest.mark.parametrize(
    "header", ["", ", tool: ''", ", tool: migaudit", ", tool: Migaudit 2.0", ", tool: hand, sealed: no"]
)
def test_only_what_another_tool_wrote_goes_without_an_end(header: str, tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(yaml_with(header))
    with pytest.raises(BadSnapshot, match="the end is missing"):
        load(path)


@pytest.mark.parametrize(
    ("end", "said"),
    [
        ("end: {records: 1}\n", "1 records, but the file has 0"),
        ("end: {records: 0}\n", "no digest"),
        ("end: {records: 0, digest: sha256:00}\n", "changed or damaged"),
        ("end: {records: many}\n", "malformed"),
        ("end: [0]\n", "malformed"),
        ("end:\n", "malformed"),
    ],
)
def test_an_end_that_is_there_is_checked_whoever_wrote_the_file(end: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(yaml_with(", tool: hand", end))
    with pytest.raises(BadSnapshot, match=said) as bad:
        load(path)
    assert bad.value.line == 2


def test_the_tool_stands_first_in_the_header(tmp_path: Path) -> None:
    save(SMALL, tmp_path / "x.jsonl")
    save(SMALL, tmp_path / "x.yaml")
    assert (tmp_path / "x.jsonl").read_bytes().startswith(b'{"tool":"migaudit 0.1.0",')
    assert (tmp_path / "x.yaml").read_bytes().startswith(b"snapshot:\n  tool: migaudit 0.1.0\n")
