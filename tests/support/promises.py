"""What must hold beyond the log itself: of answers, snapshots, text in flight and calls of the model.

As in `invariants`, each check returns what is broken, in words.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from skill_fleet_common.events import TERMINAL_TYPES, DurableEvent, parse_event
from skill_fleet_common.fold import fold
from skill_fleet_common.jobs import JobView
from tests.support.frames import Received

Json = dict[str, Any]
Logs = Mapping[str, Sequence[Json]]
Place = tuple[str, str, str]
"""Job, step and field."""


@dataclass(frozen=True)
class Given:
    """An answer that was sent to a prompt, and what the server said."""

    prompt_id: str
    key: str
    action: str
    status: int
    said: Json


def broken_answers(given: Iterable[Given], logs: Logs) -> list[str]:
    """At most one answer to each prompt was taken, it is the one in the log, and who lost was told so."""
    resolved = {
        event["data"]["prompt_id"]: event
        for log in logs.values()
        for event in log
        if event["type"] == "hitl_resolved"
    }  # fmt: skip
    taken: defaultdict[str, set[tuple[str, int]]] = defaultdict(set)
    found: list[str] = []
    for answer in given:
        event = resolved.get(answer.prompt_id)
        told = event["data"].get("action") if event else None
        match answer.status:
            case 200:
                taken[answer.prompt_id].add((answer.key, answer.said["position"]))
                if event is None or event["pos"] != answer.said["position"] or told != answer.action:
                    found.append(f"{answer.prompt_id}: the answer that was taken is not the one in the log")
            case 409:
                if told != answer.said["answer"]["action"]:
                    found.append(f"{answer.prompt_id}: who came too late was told of another answer than the log")
            case 410:
                pass
            case status:
                found.append(f"{answer.prompt_id}: an answer was met with {status}: {answer.said}")
    return found + [f"{prompt} took {len(answers)} answers" for prompt, answers in taken.items() if len(answers) > 1]


def broken_snapshots(snapshots: Iterable[tuple[int, Mapping[str, Json]]], logs: Logs) -> list[str]:
    """Each snapshot held every job that was not over at its position, as its log tells of it up to there."""
    found: list[str] = []
    for pos, views in snapshots:
        for job_id, log in logs.items():
            before = [event for event in log if event["pos"] <= pos]
            if before and before[-1]["type"] not in TERMINAL_TYPES and job_id not in views:
                found.append(f"the snapshot at {pos} lacks {job_id}")
            if job_id in views and (differing := _differing(views[job_id], before)):
                found.append(f"the snapshot at {pos} differs from the log of {job_id} in {', '.join(differing)}")
    return found


def broken_texts(frames: Iterable[Received], logs: Logs) -> list[str]:
    """What was sent of each field that a module wrote is how that field begins, without a hole."""
    outputs = {
        (job_id, event["data"]["step"], event["attempt"]): event["data"]["outputs"]
        for job_id, log in logs.items()
        for event in log
        if event["type"] == "module_end" and event["data"]["ok"]
    }
    texts = [frame for frame in frames if frame.event in ("hello", "token", "token_sync")]
    newest: dict[tuple[Place, int], int] = {}
    for frame in texts:
        if frame.event != "hello":
            at = _place(frame), frame.json["attempt"]
            newest[at] = max(newest.get(at, 0), frame.data["gen"])
    found: list[str] = []
    held: dict[Place, tuple[int, str]] = {}
    for frame in texts:
        if frame.event == "hello":
            held.clear()
            continue
        place, attempt, gen = _place(frame), frame.json["attempt"], frame.data["gen"]
        known, text = held.get(place, (0, ""))
        text = text if known == gen and frame.event == "token" else ""
        if frame.event == "token" and frame.data["off"] != len(text):
            found.append(f"{place}: text at {frame.data['off']} came after {len(text)} characters")
            continue
        text += frame.data["text"]
        held[place] = gen, text
        final = outputs.get((place[0], place[1], attempt), {}).get(place[2])
        if newest[place, attempt] == gen and isinstance(final, str) and not final.strip().startswith(text.strip()):
            found.append(f"{place}: the text that was sent is not what it became: {text[-40:]!r}")
    return found


def _place(frame: Received) -> Place:
    return frame.json["job_id"], frame.data["step"], frame.data["field"]


def broken_calls(calls: Mapping[str, int], logs: Logs) -> list[str]:
    """The provider was called no more often than the log tells: what had ended was never paid for again."""
    found: list[str] = []
    for job_id, log in logs.items():
        told = Counter(event["type"] for event in log if event["type"] in ("module_start", "module_retry"))
        if calls.get(job_id, 0) > told.total():
            found.append(f"{job_id}: the model was called {calls[job_id]} times, the log tells of {told.total()}")
        ended: set[str] = set()
        for event in log:
            if event["type"] == "module_end":
                ended.add(event["data"]["step"])
            elif event["type"] == "module_retry" and event["data"]["step"] in ended:
                found.append(f"{job_id}: {event['data']['step']} was begun again after its end")
    return found


def broken_secrecy(frames: Iterable[Received], may_read: Collection[str]) -> list[str]:
    """Nothing that names a job was shown to a client that may not read it."""
    shown = {(frame.event, job_id) for frame in frames if (job_id := frame.json.get("job_id")) is not None}
    return [f"{kind} of {job_id} was shown to a stranger" for kind, job_id in sorted(shown) if job_id not in may_read]


def _differing(view: Json, log: Sequence[Json]) -> list[str]:
    events = [parsed for event in log if isinstance(parsed := parse_event(json.dumps(event)), DurableEvent)]
    if not events:
        return ["everything"]
    folded = fold(None, events).model_dump(mode="json")
    shown = JobView.model_validate(view).model_dump(mode="json")
    return [name for name in folded if folded[name] != shown[name]]
