"""Who gets colour, notes and progress."""

import io
import sys

import pytest

from auditor.cli.environment.progress import watching
from auditor.cli.terminal import Terminal, to_stderr, to_stdout
from auditor.collect.progress import Progress, Stage


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("screen", "no_color", "environment", "colours"),
    [
        (True, False, {}, True),
        (True, False, {"NO_COLOR": "1"}, False),
        (True, False, {"NO_COLOR": ""}, True),
        (True, True, {}, False),
        (True, False, {"TERM": "dumb"}, False),
        (False, False, {}, False),
        (False, False, {"FORCE_COLOR": "1"}, True),
        (False, False, {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_colour(
    screen: bool, no_color: bool, environment: dict[str, str], colours: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert Terminal(no_color=no_color).colours(Screen() if screen else io.StringIO()) is colours


def test_quiet_says_nothing_and_verbose_more(capsys: pytest.CaptureFixture[str]) -> None:
    for terminal in (Terminal(quiet=True, verbose=True), Terminal(), Terminal(verbose=True)):
        terminal.note("saved")
        terminal.detail("asked")
    assert capsys.readouterr().err == "saved\nsaved\nasked\n"


def test_messages_are_inert(capsys: pytest.CaptureFixture[str]) -> None:
    to_stderr("error: no project `\x1b[2Jx`\nsee help")
    assert capsys.readouterr().err == "error: no project `\\u{1b}[2Jx`\nsee help\n"


@pytest.mark.parametrize("screen", [True, False])
def test_notes_on_a_screen_are_broken_between_words_and_commands(screen: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", stream := Screen() if screen else io.StringIO())
    monkeypatch.setenv("COLUMNS", "40")
    to_stderr("  sign in with `az login` here, then run `migaudit scan --all`\nshort")
    broken = "  sign in with `az login` here, then run\n  `migaudit scan --all`\nshort\n"
    assert stream.getvalue() == (broken if screen else broken.replace("run\n ", "run"))


def test_a_stderr_that_is_gone_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = io.StringIO()
    gone.close()
    monkeypatch.setattr(sys, "stderr", gone)
    to_stderr("hello")


@pytest.mark.parametrize(
    ("chosen", "encoding", "written"),
    [
        (False, "cp1252", "Größe 😀\n".encode()),
        (False, "utf-8", "Größe 😀\n".encode()),
        (True, "ascii", b"Gr\\u00f6\\u00dfe \\ud83d\\ude00\n"),
        (True, "cp1252", b"Gr\xf6\xdfe \\ud83d\\ude00\n"),
    ],
)
def test_a_redirected_result_is_utf8_unless_another_encoding_was_chosen(
    chosen: bool, encoding: str, written: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHONIOENCODING", raising=False)
    if chosen:
        monkeypatch.setenv("PYTHONIOENCODING", encoding)
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding, newline="\r\n"))
    to_stdout(["Größe 😀\n"])
    assert raw.getvalue() == written


def watch(terminal: Terminal) -> None:
    with watching(terminal) as progress:
        _some_work(progress)


def _some_work(progress: Progress) -> None:
    progress.started(Stage.SUBSCRIPTIONS, 2)
    progress.advanced(Stage.SUBSCRIPTIONS)
    progress.started(Stage.SUBSCRIPTIONS, 3)
    progress.advanced(Stage.SUBSCRIPTIONS, 2)
    progress.finished(Stage.SUBSCRIPTIONS)


def test_a_log_gets_no_progress_unless_asked(capsys: pytest.CaptureFixture[str]) -> None:
    watch(Terminal())
    watch(Terminal(quiet=True, verbose=True))
    assert capsys.readouterr() == ("", "")
    watch(Terminal(verbose=True))
    assert capsys.readouterr() == ("", "reading subscriptions: 2 to read\nread subscriptions: 3 answers\n")


def test_a_person_sees_what_is_read_and_how_much(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("NO_COLOR", "1")
    watch(Terminal())
    assert "read subscriptions" in screen.getvalue()
    assert "3/3" in screen.getvalue()
