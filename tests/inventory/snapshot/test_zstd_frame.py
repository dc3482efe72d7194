"""Compressed snapshots: one frame, checked to its last bit, and read with the memory of one line."""

import subprocess
import sys
from pathlib import Path

import pytest
import zstandard

from auditor.inventory.reads import Read
from auditor.inventory.snapshot.files import BadSnapshot, load, save
from auditor.inventory.snapshot.snapshot import Snapshot
from tests.inventory.snapshot.sealed import sealed
from tests.inventory.snapshot.test_seal import HEADER, SMALL

HEAD = b'{"tool":"hand","snapshot":1,"tenant_id":"t","collected_at":"2026-11-23T10:00:00Z"}\n'
LINK = b'{"link":{"rel":"owner","from":"a","to":"b"}}\n'
SKIPPED = b"\x50\x2a\x4d\x18\x04\x00\x00\x00abcd"
MIB = 1024 * 1024


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "x.jsonl.zst"


def plain(snapshot: Snapshot, folder: Path) -> bytes:
    save(snapshot, folder / "plain.jsonl")
    return (folder / "plain.jsonl").read_bytes()


def refusal(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    with pytest.raises(BadSnapshot) as bad:
        load(path)
    return bad.value.reason


def test_any_tool_unpacks_what_we_pack(path: Path, tmp_path: Path) -> None:
    save(SMALL, path)
    packed = path.read_bytes()
    assert zstandard.get_frame_parameters(packed).has_checksum
    for across in (False, True):
        with zstandard.ZstdDecompressor().stream_reader(packed, read_across_frames=across) as reader:
            assert reader.read() == plain(SMALL, tmp_path)


@pytest.mark.parametrize("level", [-5, 1, 3, 19])
@pytest.mark.parametrize("checksum", [True, False])
def test_what_another_tool_packed_is_read_and_stands_or_falls_with_the_digest(
    level: int, checksum: bool, path: Path, tmp_path: Path
) -> None:
    packer = zstandard.ZstdCompressor(level=level, write_checksum=checksum)
    whole = plain(SMALL, tmp_path)
    once, streamed = packer.compress(whole), packer.compressobj()
    for data in (once, streamed.compress(whole) + streamed.flush()):
        path.write_bytes(data)
        assert load(path) == SMALL
    for bit in range(0, len(once) * 8, 11):
        changed = once[: bit // 8] + bytes([once[bit // 8] ^ 1 << bit % 8]) + once[bit // 8 + 1 :]
        path.write_bytes(changed)
        try:
            assert load(path) == SMALL
        except BadSnapshot:
            continue
    for cut in range(1, len(once)):
        refusal(path, once[:cut])


@pytest.mark.parametrize("ours", [True, False])
@pytest.mark.parametrize("behind", [b"\x00", b"more", SKIPPED, zstandard.compress(b""), zstandard.compress(LINK), LINK])
def test_nothing_follows_the_frame(ours: bool, behind: bytes, path: Path, tmp_path: Path) -> None:
    save(SMALL, path)
    data = path.read_bytes() if ours else zstandard.compress(plain(SMALL, tmp_path))
    assert "follows" in refusal(path, data + behind)


def test_nothing_stands_before_the_frame_or_between_it_and_its_seal(path: Path) -> None:
    save(SMALL, path)
    data = path.read_bytes()
    refusal(path, SKIPPED + data)
    refusal(path, zstandard.compress(b"") + data)
    refusal(path, data[:-40] + SKIPPED + data[-40:])
    refusal(path, data[:-40])
    refusal(path, data[:-40] + data[-40:] * 2)


def test_several_frames_are_refused(path: Path, tmp_path: Path) -> None:
    lines = plain(SMALL, tmp_path).splitlines(keepends=True)
    assert "follows its first frame" in refusal(path, b"".join(map(zstandard.compress, lines)))


def test_a_window_that_takes_much_memory_is_refused(path: Path, tmp_path: Path) -> None:
    large = zstandard.ZstdCompressionParameters.from_level(3, window_log=24)
    streamed = zstandard.ZstdCompressor(compression_params=large).compressobj()
    data = streamed.compress(plain(SMALL, tmp_path)) + streamed.flush()
    assert "a window of more than 8 MiB" in refusal(path, data)


def test_a_frame_of_nothing_is_an_empty_file(path: Path) -> None:
    assert "empty" in refusal(path, zstandard.compress(b""))


def packed(path: Path, *parts: tuple[bytes, int]) -> Path:
    streamed = zstandard.ZstdCompressor().compressobj()
    with path.open("wb") as file:
        for part, times in parts:
            file.writelines(streamed.compress(part) for _ in range(times))
        file.write(streamed.flush())
    return path


PEAK = """
import resource, sys
from pathlib import Path
from auditor.inventory.snapshot.files import BadSnapshot, load
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    load(Path(sys.argv[1]))
except BadSnapshot as bad:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, bad.line, bad.reason)
"""


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ([(b'{"arm":{"id":"/subscriptions/x","x":"', 1), (b"a" * MIB, 1024)], "2 the line is longer than 64 MiB"),
        ([(b'{"arm":{"id":"/subscriptions/x","x":[', 1), (b"[]," * MIB, 20)], "2 the line holds more than"),
        ([(LINK * 20_000, 300)], "3 duplicate `link`"),
        ([(b'{"event":{"x":1}}\n' * 20_000, 300)], "3 duplicate `event`"),
        ([(b"\n" * MIB, 300)], "2 the line is no JSON object"),
    ],
    ids=["one long line", "one line of many values", "one link many times", "one event many times", "empty lines"],
)
def test_what_is_small_only_packed_takes_little_memory(path: Path, parts: list[tuple[bytes, int]], said: str) -> None:
    packed(path, (HEAD, 1), *parts)
    done = subprocess.run(
        [sys.executable, "-c", PEAK, str(path)], capture_output=True, text=True, check=True, timeout=120
    )
    kibibytes, reason = done.stdout.split(" ", 1)
    assert reason.startswith(said)
    assert int(kibibytes) < 200 * 1024


def test_a_long_but_sensible_line_is_read(path: Path) -> None:
    text = b"x" * (20 * MIB)
    path.write_bytes(zstandard.compress(sealed(HEAD + b'{"arm":{"id":"/subscriptions/x","x":"%b"}}\n' % text)))
    assert len(load(path).arm[0].body) > len(text)


def test_many_records_survive_packing(path: Path) -> None:
    reads = [Read("Microsoft.X/things", f"/subscriptions/{number}") for number in range(20_000)]
    snapshot = Snapshot.of(HEADER, reads=reads)
    save(snapshot, path)
    assert load(path) == snapshot
