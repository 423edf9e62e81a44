"""The frame of a job's view, kept within what a frame may hold."""

from typing import Any

from skill_fleet_common.events import Snapshot, SnapshotData
from skill_fleet_common.jobs import JobView
from skill_fleet_common.limits import FRAME_BYTES
from skill_fleet_common.prompts import PreviewPrompt, ValidatePrompt
from skill_fleet_server.events.frames import encode


def snapshot_frame(view: JobView) -> bytes:
    """A job's view as a frame. Where it is too large, the texts of the prompt's files go by reference."""
    frame = _encode(view)
    if len(frame) > FRAME_BYTES and isinstance(view.prompt, PreviewPrompt | ValidatePrompt):
        return _encode(view.model_copy(update={"prompt": _by_reference(view.prompt)}))
    return frame


def _by_reference(prompt: PreviewPrompt | ValidatePrompt) -> PreviewPrompt | ValidatePrompt:
    changes: dict[str, Any] = {"files": [file.model_copy(update={"text": None}) for file in prompt.files], "diff": ""}
    return prompt.model_copy(update=changes)


def _encode(view: JobView) -> bytes:
    return encode(Snapshot(job_id=view.job_id, seq=view.seq, data=SnapshotData(job=view)))
