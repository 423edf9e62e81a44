"""Who looks elsewhere is told once, quietly, and by nothing that a job could write itself."""

from typing import Any

import pytest

from skill_fleet_tui.terminal.alerts import COLLECT_SECONDS, QUIET_SECONDS, Alerts
from tests.unit.dashboard.stage import Stage, staged
from tests.unit.store.builders import Log, clarify, hello, preview, snapshot

BELL = "\x07"


class Ear:
    """A terminal nobody looks at, and a clock moved by hand."""

    def __init__(self, **settings: Any) -> None:
        self.heard: list[str] = []
        self.now = 0.0
        self.alerts = Alerts(self.heard.append, lambda: self.now, **settings)

    def asked(self, *names: str) -> None:
        for name in names:
            self.alerts.asked(name)

    def later(self, *asking: str, seconds: float = COLLECT_SECONDS, focused: bool = False) -> None:
        self.now += seconds
        self.alerts.beat({name: name for name in asking}, focused=focused)

    @property
    def notices(self) -> list[str]:
        return [heard.removeprefix("\x1b]9;skill-fleet: ").removesuffix(BELL) for heard in self.heard if heard != BELL]


def test_the_title_says_how_many_ask_and_is_written_when_it_changes() -> None:
    ear = Ear()
    for asking in (0, 0, 2, 2):
        ear.alerts.title(asking)
    ear.alerts.close()
    assert "".join(ear.heard) == "\x1b]0;skill-fleet\x07\x1b]0;(2?) skill-fleet\x07\x1b]0;\x07"


def test_a_question_is_one_bell_and_one_notice() -> None:
    ear = Ear()
    ear.asked("react-hooks")
    for _ in range(5):
        ear.later("react-hooks")
    assert ear.heard == [BELL, "\x1b]9;skill-fleet: react-hooks asks\x07"]


def test_five_questions_at_once_are_one_alert() -> None:
    ear = Ear()
    for number in range(5):
        ear.asked(f"job-{number}")
        ear.later(*(f"job-{asked}" for asked in range(number + 1)), seconds=COLLECT_SECONDS / 10)
    ear.later(*(f"job-{number}" for number in range(5)))
    assert ear.heard.count(BELL) == 1
    assert ear.notices == ["5 jobs ask: job-0, job-1, job-2 and 2 more"]


def test_the_next_alert_waits_until_it_has_been_quiet_for_a_while() -> None:
    ear = Ear()
    ear.asked("a")
    ear.later("a")
    ear.asked("b")
    ear.later("a", "b")
    assert ear.notices == ["a asks"]
    ear.later("a", "b", seconds=QUIET_SECONDS)
    assert ear.notices == ["a asks", "b asks"]


def test_who_looks_is_not_told_and_not_afterwards_either() -> None:
    ear = Ear()
    ear.asked("a")
    ear.later("a", focused=True)
    ear.later("a", seconds=QUIET_SECONDS)
    assert ear.heard == []


def test_a_question_that_was_answered_meanwhile_is_no_news() -> None:
    ear = Ear()
    ear.asked("a")
    ear.later()
    ear.later("a", seconds=QUIET_SECONDS)
    assert ear.heard == []


@pytest.mark.parametrize(
    ("settings", "focused", "heard"),
    [
        ({"when": "never"}, False, 0),
        ({"when": "always"}, True, 2),
        ({"bell": False}, False, 1),
        ({"notice": False}, False, 1),
        ({"bell": False, "notice": False}, False, 0),
    ],
)
def test_a_person_says_when_and_how(settings: dict[str, Any], focused: bool, heard: int) -> None:
    ear = Ear(**settings)
    ear.asked("a")
    ear.later("a", focused=focused)
    assert len(ear.heard) == heard


def test_a_name_cannot_write_to_the_terminal() -> None:
    ear = Ear()
    evil = "evil\x07\x1b]0;x\x07\n\x9b5n name"
    ear.asked(evil)
    ear.later(evil)
    assert ear.heard[0] == BELL
    (notice,) = ear.notices
    assert not set(notice) & {chr(code) for code in [*range(32), *range(127, 160)]}


class Listening(Stage):
    """The dashboard on a terminal that has no focus."""

    def __init__(self, log: Log) -> None:
        self.written: list[str] = []
        super().__init__(log)

    def _write_to_terminal(self, sequence: str) -> None:
        self.written.append(sequence)

    def take_later(self, *frames: Any) -> None:
        self.app_focus = False
        self.take(*frames)
        self.seconds += COLLECT_SECONDS
        self.beat(urgent=True)

    @property
    def bells(self) -> int:
        return self.written.count(BELL)


def two_jobs() -> Log:
    log = Log()
    log.created("a")
    log.created("b")
    log.asks("a", clarify("a"))
    return log


async def test_questions_that_were_open_before_ring_neither_at_the_start_nor_after_a_reconnection() -> None:
    log = two_jobs()
    stage = Listening(log)
    async with staged(stage):
        stage.take_later(*snapshot(log, len(log.events), ["a", "b"]))
        stage.take_later(hello("resumed"))
        stage.take_later(hello("reset", epoch="other"), *snapshot(log, len(log.events), ["a", "b"])[1:])
        assert stage.bells == 0
        assert "\x1b]0;(1?) skill-fleet\x07" in stage.written


async def test_a_question_that_appeared_while_the_connection_was_away_rings_once() -> None:
    log = two_jobs()
    stage = Listening(log)
    async with staged(stage):
        log.asks("b", preview("b"))
        for _ in range(2):
            stage.take_later(*snapshot(log, len(log.events), ["a", "b"]))
        assert stage.bells == 1
        assert stage.fleet is not None
        assert stage.fleet.jobs["b"].unread
