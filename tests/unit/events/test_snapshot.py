"""A job's view as a frame: whole if it fits, with its texts by reference if it does not."""

import json

from skill_fleet_common.events import Snapshot, parse_event
from skill_fleet_common.jobs import JobView
from skill_fleet_common.limits import FRAME_BYTES
from skill_fleet_common.prompts import PreviewPrompt, PromptFile
from skill_fleet_server.events.snapshot import snapshot_frame
from tests.support.events import NOON


def view(text: str) -> JobView:
    file = PromptFile(path="SKILL.md", size=len(text), sha256="0", revision=1, text=text)
    prompt = PreviewPrompt(prompt_id="p", job_id="job-1", title="Good?", created_at=NOON, files=[file], diff="+ a line")
    return JobView(job_id="job-1", created_at=NOON, updated_at=NOON, seq=7, pos=9, prompt=prompt)


def read(frame: bytes) -> Snapshot:
    event = parse_event(json.dumps(json.loads(frame.split(b"data: ")[1])))
    assert isinstance(event, Snapshot)
    return event


def test_a_view_that_fits_is_whole() -> None:
    assert read(snapshot_frame(view("short"))).data.job == view("short")


def test_a_view_that_does_not_fit_leaves_its_prompts_texts_to_be_fetched() -> None:
    frame = snapshot_frame(view("long " * FRAME_BYTES))
    assert len(frame) <= FRAME_BYTES
    prompt = read(frame).data.job.prompt
    assert isinstance(prompt, PreviewPrompt)
    assert prompt.files[0].text is None
    assert prompt.files[0].path == "SKILL.md"
    assert read(frame).seq == 7
