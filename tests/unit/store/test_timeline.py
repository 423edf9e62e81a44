"""What took how long, made of the events alone."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skill_fleet_common import events as ev
from skill_fleet_common.jobs import Phase
from skill_fleet_tui.store.timeline import Chart, Span, SpanKind, SpanState, Timeline
from tests.unit.store.builders import NOON, Log, clarify

LATER = NOON + timedelta(hours=1)


def story() -> Log:
    """One event a second, from 0 s on."""
    log = Log()
    log.created("a")  # 0, 1
    log.phase("a", Phase.UNDERSTANDING)  # 2
    log.begins("a", "gather_requirements")  # 3
    log.again("a", "gather_requirements")  # 4
    log.ends("a", "gather_requirements")  # 5
    log.asks("a", clarify("a"))  # 6
    log.resolved("a", clarify("a"), by="ann")  # 7
    log.begins("a", "analyze_intent")  # 8
    log.begins("a", "find_taxonomy_path")  # 9
    log.ends("a", "analyze_intent")  # 10
    log.ends("a", "find_taxonomy_path")  # 11
    log.add(ev.PhaseEnd(job_id="a", phase=Phase.UNDERSTANDING))  # 12
    log.phase("a", Phase.GENERATION)  # 13
    log.begins("a", "write_skill", Phase.GENERATION)  # 14
    return log


def chart(log: Log) -> Chart:
    timeline = Timeline()
    timeline.add(log.of("a"))
    return timeline.chart(NOON + timedelta(seconds=20))


def named(chart: Chart, name: str) -> Span:
    return next(span for span in chart.spans if span.name == name)


def test_every_span_has_its_beginning_and_its_end() -> None:
    drawn = chart(story())
    assert [(span.kind, span.name, span.begin, span.end) for span in drawn.spans] == [
        ("queue", "in queue", 0, 1),
        ("phase", "understanding", 2, 12),
        ("module", "gather_requirements", 3, 5),
        ("wait", "clarify", 6, 7),
        ("module", "analyze_intent", 8, 10),
        ("module", "find_taxonomy_path", 9, 11),
        ("phase", "generation", 13, 20),
        ("module", "write_skill", 14, 20),
    ]
    assert {span.name for span in drawn.spans if span.state is SpanState.OPEN} == {"generation", "write_skill"}


def test_further_attempts_are_marked_where_they_began() -> None:
    span = named(chart(story()), "gather_requirements")
    assert (span.cuts, span.note) == ((4.0,), "timeout")


def test_totals_are_what_was_waited_and_the_rest() -> None:
    drawn = chart(story())
    assert drawn.seconds == 20
    assert drawn.total(SpanKind.WAIT) == 1
    assert drawn.total(SpanKind.QUEUE) == 1
    assert drawn.working == 18


def test_a_phase_has_used_what_its_modules_have() -> None:
    drawn = chart(story())
    assert named(drawn, "understanding").usage.input_tokens == 1_800
    assert drawn.usage.input_tokens == 1_800
    assert named(drawn, "generation").usage.calls == 0


def test_who_answered_is_told_with_the_wait() -> None:
    assert named(chart(story()), "clarify").note == "answered by ann"


def test_a_job_that_is_over_no_longer_grows_and_what_ran_was_cut_off() -> None:
    log = story()
    log.failed("a")
    timeline = Timeline()
    timeline.add(log.of("a"))
    assert timeline.chart(LATER) == timeline.chart(LATER + timedelta(days=1))
    assert named(timeline.chart(LATER), "write_skill").state is SpanState.CUT_OFF
    assert timeline.chart(LATER).seconds == 15


def test_what_came_from_a_checkpoint_and_what_failed_say_so() -> None:
    log = story()
    log.ends("a", "write_skill", Phase.GENERATION, ok=False)
    log.begins("a", "attribute_sources", Phase.GENERATION)
    log.ends("a", "attribute_sources", Phase.GENERATION, replayed=True)
    assert named(chart(log), "write_skill").state is SpanState.FAILED
    assert named(chart(log), "attribute_sources").state is SpanState.REPLAYED


@pytest.mark.parametrize("waits", [True, False])
def test_time_in_which_the_server_was_stopped_is_not_work(waits: bool) -> None:
    log = story()
    if waits:
        log.asks("a", clarify("a"))
    resumed = log.add(ev.JobResumed(job_id="a", data=ev.JobResumedData(reason="restarted")))
    log.events[-1] = resumed.model_copy(update={"ts": LATER})
    timeline = Timeline()
    timeline.add(log.of("a"))
    drawn = timeline.chart(LATER)
    assert drawn.working < 20
    assert drawn.total(SpanKind.WAIT if waits else SpanKind.AWAY) > 3_500


def test_clocks_that_differ_never_make_time_run_back() -> None:
    timeline = Timeline()
    timeline.add(story().of("a"))
    assert timeline.chart(NOON - timedelta(hours=1)).seconds == 14


def test_nothing_known_is_an_empty_chart() -> None:
    assert Timeline().chart(LATER).spans == ()


@given(st.permutations(range(15)), st.lists(st.integers(0, 14)), st.integers(1, 15))
def test_the_order_in_which_events_come_and_how_often_changes_nothing(
    order: list[int], again: list[int], page: int
) -> None:
    events = story().of("a")
    whole, pieces = Timeline(), Timeline()
    whole.add(events)
    for first in range(0, 15, page):
        pieces.add(events[index] for index in order[first : first + page])
    pieces.add(events[index] for index in again)
    assert pieces.chart(LATER) == whole.chart(LATER)
