"""The dashboard at a real terminal (a pty): keys, sizes, hostile bytes, and the terminal as it was."""

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from pathlib import Path

import pytest

from tests.unit.store.builders import Log, clarify, snapshot, token

HOSTILE = "evil \x1b]0;PWNED\x07\x1b[31mRED\x1b[0m \x9b5n \x1b]52;c;UFdORUQ=\x07 [/INST]"
LEFT = b"\x1b[?1049l"
"""Back from the alternate screen."""
ENTERED = b"\x1b[?1049h"


class Tty:
    """A dashboard on a pty; everything it wrote is kept as bytes."""

    def __init__(
        self, *arguments: str, columns: int = 100, rows: int = 30, program: tuple[str, ...] = ("-m", "skill_fleet_tui")
    ) -> None:
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
            os.execv(sys.executable, [sys.executable, *program, *arguments])
        self.written = b""
        self.resize(columns, rows)

    def resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def press(self, keys: str) -> None:
        os.write(self._fd, keys.encode())

    def until(self, text: bytes, *, within: float = 20.0) -> None:
        start = len(self.written)
        deadline = time.monotonic() + within
        while text not in self.written[start:]:
            assert time.monotonic() < deadline, f"{text!r} was not shown; the end was {self.written[-600:]!r}"
            self._read()

    def ended(self, *, within: float = 20.0) -> int:
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            self._read()
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._read()
                return os.waitstatus_to_exitcode(status)
        os.kill(self.pid, 9)
        raise AssertionError(f"it did not end: {self.written[-600:]!r}")

    def hang_up(self) -> None:
        """As when its window is closed."""
        os.close(self._fd)

    def gone(self, *, within: float = 20.0) -> int:
        """The exit code of a program without a terminal."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.05)
        os.kill(self.pid, 9)
        raise AssertionError("it outlived its terminal")

    def _read(self) -> None:
        readable, _, _ = select.select([self._fd], [], [], 0.1)
        if readable:
            try:
                self.written += os.read(self._fd, 65_536)
            except OSError:
                return


def recording(path: Path) -> Path:
    log = Log()
    log.created("a", f"Hostile {HOSTILE}")
    log.says("a", HOSTILE, name=HOSTILE)
    log.begins("a", "write_skill")
    log.asks("a", clarify("a").model_copy(update={"title": HOSTILE, "body": HOSTILE}))
    frames = [*snapshot(log, 0, []), *log.events, token(f"# Title {HOSTILE}", job="a")]
    path.write_text("\n".join(frame.model_dump_json() for frame in frames))
    return path


def test_it_starts_obeys_resizes_and_leaves_the_terminal_as_it_was(tmp_path: Path) -> None:
    tty = Tty("--replay", str(recording(tmp_path / "events.jsonl")), columns=140)
    tty.until(b"replay")
    tty.until(b"Which React")
    tty.press("n")
    tty.until(b"choose")
    tty.press("\x1b")
    tty.resize(60, 20)
    tty.until(b"Jobs")
    tty.press("?")
    tty.until(b"type to narrow")
    tty.press("\x1b")
    tty.until(b"Hostile")
    tty.press("q")
    assert tty.ended() == 0
    assert LEFT in tty.written
    for obeyed in (b"\x1b]0;PWNED", b"\x1b[31mRED", "\x9b5n".encode(), b"\x1b]52;c;UFdORUQ="):
        assert obeyed not in tty.written
    assert b"[/INST]" in tty.written


def test_a_recording_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    tty = Tty("--replay", str(tmp_path / "nothing.jsonl"), columns=140)
    tty.until(b"cannot be read")
    tty.press("q")
    assert tty.ended() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_gives_the_terminal_back(tmp_path: Path, number: signal.Signals) -> None:
    tty = Tty("--replay", str(recording(tmp_path / "events.jsonl")), columns=140)
    tty.until(b"replay")
    os.kill(tty.pid, number)
    assert tty.ended() == 128 + number
    assert tty.written.rindex(LEFT) > tty.written.rindex(b"\x1b[?1049h")
    assert b"\x1b[?25h" in tty.written[tty.written.rindex(LEFT) :]


def test_it_ends_with_its_terminal(tmp_path: Path) -> None:
    tty = Tty("--replay", str(recording(tmp_path / "events.jsonl")), columns=140)
    tty.until(b"replay")
    tty.hang_up()
    assert tty.gone() == 128 + signal.SIGHUP


def test_the_editor_gets_the_terminal_and_gives_it_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    editor = tmp_path / "editor.py"
    editor.write_text("import sys; print('EDITING'); open(sys.argv[1], 'w').write('from the editor')")
    monkeypatch.setenv("VISUAL", f"{sys.executable} {editor}")
    tty = Tty("--replay", str(recording(tmp_path / "events.jsonl")), columns=140)
    tty.until(b"Which React")
    tty.press("n")
    tty.until(b"choose")
    tty.press("e")
    tty.until(b"from the editor")
    edited = tty.written.index(b"EDITING")
    assert tty.written.rindex(LEFT, 0, edited) > tty.written.rindex(ENTERED, 0, edited)
    assert tty.written.index(ENTERED, edited) < tty.written.index(b"from the editor")
    tty.press("\x11")
    tty.until(b"would be lost")
    tty.press("y")
    assert tty.ended() == 0


CRASHES = """
import sys
from skill_fleet_tui.__main__ import main
from skill_fleet_tui.screens.main import MainScreen

def crash(self):
    token = "hush" "hush"
    raise RuntimeError("no")

MainScreen.action_zoom = crash
main(sys.argv[1:])
"""


def test_a_crash_gives_the_terminal_back_and_tells_no_secret(tmp_path: Path) -> None:
    tty = Tty("--replay", str(recording(tmp_path / "events.jsonl")), columns=140, program=("-c", CRASHES))
    tty.until(b"Which React")
    tty.press("z")
    assert tty.ended() == 1
    after = tty.written[tty.written.rindex(LEFT) :]
    assert b"The dashboard has crashed (RuntimeError)" in after
    assert b"hushhush" not in tty.written


def test_a_storm_of_resizes_ends_well(tmp_path: Path) -> None:
    tty = Tty("--replay", str(recording(tmp_path / "events.jsonl")), columns=140)
    tty.until(b"Which React")
    for step in range(60):
        tty.resize(20 + step * 37 % 380, 5 + step * 11 % 115)
    tty.resize(140, 30)
    tty.press("?")
    tty.until(b"type to narrow")
    tty.press("\x11")
    assert tty.ended() == 0


def test_a_command_that_is_typed_at_once_is_taken_whole(tmp_path: Path) -> None:
    tty = Tty("--replay", str(recording(tmp_path / "events.jsonl")), columns=140)
    tty.until(b"Which React")
    tty.press(":exit\r")
    assert tty.ended() == 0
