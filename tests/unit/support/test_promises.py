"""The checker of what clients were told: silent about what is lawful, and catching each fault by its name."""

import copy
import json
from typing import Any

import pytest

from skill_fleet_common.events import (
    DurableEvent,
    HitlResolved,
    HitlResolvedData,
    ModuleEnd,
    ModuleEndData,
    parse_event,
)
from skill_fleet_common.fold import fold
from tests.support.events import NOON, created, endings, one_of_each
from tests.support.frames import Received
from tests.support.promises import (
    Given,
    Json,
    broken_answers,
    broken_calls,
    broken_secrecy,
    broken_snapshots,
    broken_texts,
)

BODY = "# A title\n\nAnd a sentence."
PROMPT = "one.clarify.1"


def story(job_id: str, first: int) -> list[Json]:
    """A job's log from a position on: one module of two attempts, one prompt with its answer."""
    events: list[DurableEvent] = [created(job_id)]
    for event in one_of_each(job_id):
        match event:
            case ModuleEnd():
                data = ModuleEndData(step=event.data.step, outputs={"body": BODY})
                events.append(event.model_copy(update={"data": data}))
            case HitlResolved():
                data = HitlResolvedData(prompt_id=event.data.prompt_id, outcome="answered", action="proceed", by="ada")
                events.append(event.model_copy(update={"data": data}))
            case _:
                events.append(event)
    events.append(endings(job_id)[0])
    return [
        event.model_copy(update={"pos": first + index, "seq": index + 1, "ts": NOON}).model_dump(mode="json")
        for index, event in enumerate(events)
    ]


LOGS = {"one": story("one", 1), "two": story("two", 101)}


def view_at(job_id: str, pos: int) -> Json:
    events = [parse_event(json.dumps(event)) for event in LOGS[job_id] if event["pos"] <= pos]
    return fold(None, [event for event in events if isinstance(event, DurableEvent)]).model_dump(mode="json")


# --- answers ----------------------------------------------------------------------------------------

RESOLVED = next(event for event in LOGS["one"] if event["type"] == "hitl_resolved")
TAKEN = Given(PROMPT, "a", "proceed", 200, {"position": RESOLVED["pos"]})
TOO_LATE = Given(PROMPT, "b", "revise", 409, {"answer": {"action": "proceed"}})


def test_one_answer_repeated_and_one_that_came_too_late_break_nothing() -> None:
    assert broken_answers([TAKEN, TAKEN, TOO_LATE], LOGS) == []


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ([TAKEN, Given(PROMPT, "b", "proceed", 200, TAKEN.said)], "took 2 answers"),
        ([Given(PROMPT, "a", "revise", 200, TAKEN.said)], "not the one in the log"),
        ([Given(PROMPT, "a", "proceed", 200, {"position": 1})], "not the one in the log"),
        ([Given("one.clarify.2", "a", "proceed", 200, TAKEN.said)], "not the one in the log"),
        ([Given(PROMPT, "b", "revise", 409, {"answer": {"action": "cancel"}})], "told of another answer"),
        ([Given(PROMPT, "a", "proceed", 500, {"code": "internal"})], "met with 500"),
    ],
)
def test_an_answer_that_cannot_be_is_caught(given: list[Given], says: str) -> None:
    assert says in "\n".join(broken_answers(given, LOGS))


# --- snapshots --------------------------------------------------------------------------------------


@pytest.mark.parametrize("pos", [5, 8, 104])
def test_a_snapshot_that_is_what_the_logs_tell_breaks_nothing(pos: int) -> None:
    views = {job: view_at(job, pos) for job in LOGS if LOGS[job][0]["pos"] <= pos < LOGS[job][-1]["pos"]}
    assert broken_snapshots([(pos, views)], LOGS) == []


def test_a_snapshot_without_a_job_or_its_open_prompt_is_caught() -> None:
    asked = next(event["pos"] for event in LOGS["one"] if event["type"] == "hitl_pause")
    assert broken_snapshots([(asked, {})], LOGS) == [f"the snapshot at {asked} lacks one"]
    [found] = broken_snapshots([(asked, {"one": {**view_at("one", asked), "prompt": None}})], LOGS)
    assert "in prompt" in found


def test_a_snapshot_of_another_moment_is_caught() -> None:
    assert "differs from the log" in broken_snapshots([(5, {"one": view_at("one", 6)})], LOGS)[0]


# --- text in flight ---------------------------------------------------------------------------------


def text(kind: str, words: str, off: int = 0, gen: int = 512, **more: Any) -> Received:
    data = {"step": "gather_requirements", "field": "body", "gen": gen, "off": off, "text": words}
    return Received(None, kind, None, {"type": kind, "job_id": "one", "attempt": gen >> 8, "data": data} | more)


HELLO = Received(None, "hello", None, {"type": "hello", "data": {}})
HALF = BODY[:10]
SENT = [HELLO, text("token_sync", HALF), text("token", BODY[10:20], 10), HELLO, text("token_sync", BODY)]


def test_text_that_came_in_pieces_over_two_connections_breaks_nothing() -> None:
    assert broken_texts(SENT, LOGS) == []


def test_the_text_of_an_attempt_that_failed_may_be_anything() -> None:
    assert broken_texts([HELLO, text("token", "something else", gen=256), text("token", HALF)], LOGS) == []


@pytest.mark.parametrize(
    ("frames", "says"),
    [
        ([HELLO, text("token", BODY[:5]), text("token", BODY[7:9], 7)], "text at 7 came after 5"),
        ([HELLO, text("token", BODY[:5]), text("token", BODY[:5])], "text at 0 came after 5"),
        ([HELLO, text("token", BODY[:5]), HELLO, text("token", BODY[5:9], 5)], "text at 5 came after 0"),
        ([HELLO, text("token_sync", "# Another title")], "not what it became"),
    ],
)
def test_text_with_a_hole_a_repetition_or_of_another_attempt_is_caught(frames: list[Received], says: str) -> None:
    assert says in "\n".join(broken_texts(frames, LOGS))


# --- calls ------------------------------------------------------------------------------------------


def test_a_call_for_each_attempt_that_the_log_tells_breaks_nothing() -> None:
    assert broken_calls({"one": 2, "two": 1}, LOGS) == []


def test_a_call_that_was_paid_for_twice_is_caught() -> None:
    assert "called 3 times" in broken_calls({"one": 3}, LOGS)[0]


def test_a_module_that_begins_again_after_its_end_is_caught() -> None:
    log = copy.deepcopy(LOGS["one"])
    retry = next(event for event in log if event["type"] == "module_retry")
    assert "begun again after its end" in broken_calls({}, {"one": [*log, retry]})[0]


# --- who may read -----------------------------------------------------------------------------------


def test_what_a_stranger_was_shown_of_a_job_is_caught_whatever_it_is() -> None:
    assert broken_secrecy(SENT, may_read={"one"}) == []
    assert broken_secrecy([HELLO], may_read=()) == []
    assert broken_secrecy(SENT, may_read={"two"}) == [
        "token of one was shown to a stranger",
        "token_sync of one was shown to a stranger",
    ]
