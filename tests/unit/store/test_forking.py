"""From where a job can be forked, as its events tell it."""

from typing import Any

import pytest

from skill_fleet_common.actions import Action
from skill_fleet_common.events import HitlResolved, HitlResolvedData
from skill_fleet_common.jobs import Usage
from skill_fleet_common.prompts import check_answer
from skill_fleet_tui.store.forking import ForkPoint, draft_of, fork_points, nearest
from skill_fleet_tui.store.requests import request_of
from tests.unit.store.builders import Log, clarify, confirm

ANSWERS = {"version": {"other": "React 17"}, "parts": ["forms", "hooks"], "strict": False, "words": "loader"}


def story() -> Log:
    """A question, two modules side by side, another question, and a module that still runs."""
    log = Log()
    log.created("a")
    log.begins("a", "gather_requirements")
    log.ends("a", "gather_requirements")
    log.asks("a", clarify("a"))
    log.resolved("a", clarify("a"), answers=ANSWERS)
    log.begins("a", "analyze_intent")
    log.begins("a", "find_taxonomy_path")
    log.ends("a", "find_taxonomy_path")
    log.ends("a", "analyze_intent")
    log.asks("a", confirm("a"))
    log.resolved("a", confirm("a"), by="ann", feedback="Only two\nsections.")
    log.begins("a", "synthesize_plan")
    return log


def points(log: Log | None = None) -> dict[str, ForkPoint]:
    return {point.step: point for point in fork_points((log or story()).events)}


def test_what_has_ended_is_listed_in_the_order_it_began() -> None:
    assert list(points()) == [
        "gather_requirements", "ask/clarify.1", "analyze_intent", "find_taxonomy_path", "ask/confirm.1",
    ]  # fmt: skip


def test_what_ended_before_is_shared_and_what_began_after_is_done_anew() -> None:
    found = points()
    assert [(point.shared, point.anew) for point in found.values()] == [(0, 4), (1, 3), (2, 1), (2, 1), (4, 0)]
    assert found["ask/confirm.1"].spared == Usage(calls=3, input_tokens=1800, output_tokens=636)
    assert found["gather_requirements"].spared == Usage()


def test_steps_side_by_side_say_so_for_which_is_shared_only_the_workflow_knows() -> None:
    found = points()
    assert found["analyze_intent"].beside == ("find_taxonomy_path",)
    assert found["find_taxonomy_path"].beside == ("analyze_intent",)
    assert found["ask/confirm.1"].beside == ()


def test_a_question_says_what_was_asked_and_answered() -> None:
    assert points()["ask/confirm.1"].said == "The plan is ready → proceed “Only two sections.”"
    assert points()["ask/clarify.1"].said == "Three things are open → proceed"


def test_a_question_that_nobody_was_asked_is_no_step() -> None:
    log = Log()
    log.created("a", auto_approve=True)
    log.begins("a", "gather_requirements")
    log.ends("a", "gather_requirements")
    log.add(HitlResolved(job_id="a", data=HitlResolvedData(prompt_id="a.clarify.1", outcome="auto")))
    assert list(points(log)) == ["gather_requirements"]


def test_only_questions_that_take_feedback_can_be_answered_with_it() -> None:
    log = Log()
    log.asks("a", clarify("a").model_copy(update={"actions": [Action.PROCEED, Action.CANCEL]}))
    log.resolved("a", clarify("a"))
    assert not points(log)["ask/clarify.1"].can_revise
    assert points()["ask/confirm.1"].can_revise
    assert not points()["analyze_intent"].can_revise


def test_what_was_answered_is_filled_in_as_it_was() -> None:
    point = points()["ask/clarify.1"]
    draft = draft_of(point)
    request = request_of(clarify("b"), draft, Action.PROCEED)
    assert check_answer(clarify("b"), request).answers == ANSWERS
    assert draft.cursor["question:strict"] == 1
    assert draft_of(points()["ask/confirm.1"]).texts == {"feedback": "Only two\nsections."}


@pytest.mark.parametrize(
    ("words", "step"),
    [
        ("ask/clarify.1", "ask/clarify.1"),
        ("plan ready", "ask/confirm.1"),
        ("", "ask/confirm.1"),
        ("intent", "analyze_intent"),
    ],
)  # fmt: skip
def test_a_step_is_found_by_its_name_or_some_words(words: str, step: str) -> None:
    found = fork_points(story().events)
    at = nearest(found, words)
    assert at is not None
    assert found[at].step == step


def test_words_that_no_step_has_find_none() -> None:
    assert nearest(fork_points(story().events), "write_skill") is None


def test_events_of_types_from_another_time_change_nothing() -> None:
    events: list[Any] = [object(), *story().events]
    assert list(points()) == [point.step for point in fork_points(events)]
