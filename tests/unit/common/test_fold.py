"""The fold: a snapshot and the events after it give the view that a fresh snapshot would."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skill_fleet_common.events import DurableEvent, UnknownEvent, parse_event
from skill_fleet_common.fold import apply, fold
from skill_fleet_common.jobs import JobStatus, JobView, ModuleStatus
from tests.support.events import NOON, created, endings, one_of_each


def stamped(events: list[DurableEvent]) -> list[DurableEvent]:
    return [event.model_copy(update={"pos": 10 + i, "seq": i, "ts": NOON}) for i, event in enumerate(events, 1)]


middles = st.lists(st.sampled_from(one_of_each()), max_size=12)
stories = st.builds(lambda middle, end: stamped([created(), *middle, end]), middles, st.sampled_from(endings()))


@given(stories, st.data())
def test_a_snapshot_and_later_events_give_what_all_events_give(story: list[DurableEvent], data: st.DataObject) -> None:
    cut = data.draw(st.integers(1, len(story)))
    snapshot = JobView.model_validate_json(fold(None, story[:cut]).model_dump_json())
    assert fold(snapshot, story[cut:]) == fold(None, story)


@given(stories, st.data())
def test_events_seen_twice_change_nothing(story: list[DurableEvent], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(story)))
    view = fold(None, story)
    assert fold(view, story[cut:]) == view


@given(stories)
def test_events_survive_the_wire(story: list[DurableEvent]) -> None:
    assert [parse_event(event.model_dump_json()) for event in story] == story


def test_an_unknown_event_moves_the_view_forward_and_nothing_else() -> None:
    view = fold(None, stamped([created()]))
    after = apply(view, UnknownEvent(type="novelty", pos=99, seq=2, job_id="job-1", ts=NOON))
    assert after == view.model_copy(update={"seq": 2, "pos": 99, "updated_at": NOON})


def test_a_job_waits_while_its_prompt_is_open_and_runs_again_after() -> None:
    story = stamped([created(), *one_of_each()])
    asked = next(i for i, event in enumerate(story, 1) if event.type == "hitl_pause")
    assert fold(None, story[:asked]).status is JobStatus.PENDING_HITL
    assert fold(None, story[:asked]).prompt is not None
    assert fold(None, story[: asked + 1]).status is JobStatus.RUNNING
    assert fold(None, story[: asked + 1]).prompt is None


@pytest.mark.parametrize("ending", endings(), ids=lambda event: event.type)
def test_nothing_runs_in_a_job_that_is_over(ending: DurableEvent) -> None:
    cut_off = [event for event in one_of_each() if event.type != "module_end"]
    view = fold(None, stamped([created(), *cut_off, ending]))
    assert [run.status for run in view.modules] == [ModuleStatus.CUT_OFF]
