"""Who is taken for dead, whatever the clocks say."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from skill_fleet_server.fleet.silence import LEFT, LOOK_S, SILENCE_S, Watch

_BEAT_S = 1.5
_BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def test_one_that_is_not_heard_of_again_is_dead_after_the_silence_and_not_before() -> None:
    watch = Watch()
    heard = [(now, watch.look({"dead": _BEGAN}, now)) for now in range(12)]
    assert [now for now, dead in heard if dead] == [now for now in range(12) if now >= SILENCE_S]


@given(st.lists(st.integers(-86_400, 86_400), min_size=30, max_size=30))
def test_one_that_beats_is_alive_wherever_its_clock_jumps(jumps: list[int]) -> None:
    watch = Watch()
    clock = _BEGAN
    for turn, jump in enumerate(jumps):
        clock += timedelta(seconds=jump, microseconds=1 + turn)
        assert watch.look({"alive": clock}, turn * _BEAT_S) == []


@given(st.floats(SILENCE_S, 1e6))
def test_who_was_away_itself_buries_nobody_before_it_has_looked_again(away_s: float) -> None:
    watch = Watch()
    watch.look({"quiet": _BEGAN}, 0.0)
    assert watch.look({"quiet": _BEGAN}, away_s) == []
    assert watch.look({"quiet": _BEGAN + timedelta(seconds=1)}, away_s + LOOK_S) == []


def test_who_looks_seldom_finds_the_dead_all_the_same() -> None:
    watch = Watch()
    assert any(watch.look({"dead": _BEGAN}, look * 10 * LOOK_S) for look in range(10))


def test_one_that_left_is_not_waited_for() -> None:
    assert Watch().look({"gone": LEFT, "there": _BEGAN}, 0.0) == ["gone"]


def test_one_that_came_back_is_waited_for_anew() -> None:
    watch = Watch()
    watch.look({"back": _BEGAN}, 0.0)
    watch.look({}, _BEAT_S)
    assert [watch.look({"back": _BEGAN}, now) for now in (3.0, 6.0, 9.0)] == [[], [], []]
