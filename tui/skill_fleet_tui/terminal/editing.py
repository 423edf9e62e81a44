"""Hands a text to the person's own editor and takes it back, with the terminal given away meanwhile."""

import os
import shlex
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.app import SuspendNotSupported

from skill_fleet_common.plan_text import PLAN, plan_text
from skill_fleet_common.prompts import ConfirmPrompt

if TYPE_CHECKING:
    from skill_fleet_tui.app import SkillFleetApp
    from skill_fleet_tui.store.answering import AnswerForm


class NoEditor(Exception):
    """There is no editor, or it cannot be run here; the message says what to do."""


async def edit_for(app: "SkillFleetApp", job_id: str, form: "AnswerForm", path: str) -> None:
    """Edit a file of the form's prompt, or the text of its step where `path` is empty."""
    from skill_fleet_tui.client.errors import ClientError
    from skill_fleet_tui.widgets.prompt_panel import PromptPanel

    try:
        before = await _text(app, job_id, form, path)
        after = _edited(app, before, "plan.md" if path == PLAN else Path(path).name or "answer.md")
    except (NoEditor, ClientError) as error:
        app.toast(str(error), wrong=True)
        return
    if after == before:
        app.toast("Nothing was changed.")
        return
    if path:
        form.edit(path, after, before)
    else:
        form.type(after.rstrip("\n"))
    for panel in app.screen.query(PromptPanel):
        panel.edited()


async def _text(app: "SkillFleetApp", job_id: str, form: "AnswerForm", path: str) -> str:
    if not path:
        return form.text
    if path in form.draft.edits:
        return form.draft.edits[path]
    prompt: Any = form.prompt
    if path == PLAN and isinstance(prompt, ConfirmPrompt):
        return plan_text(prompt.plan)
    file = next(file for file in prompt.files if file.path == path)
    if app.session is None:
        return file.text or ""
    return await app.session.read_file(job_id, path, file.revision)


def _edited(app: "SkillFleetApp", text: str, name: str) -> str:
    command = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
    with tempfile.TemporaryDirectory(prefix="skill-fleet-") as directory:
        file = Path(directory) / name
        file.write_text(text, encoding="utf-8")
        try:
            # The editor owns the terminal: the loop stands still with it, and the stream resumes afterwards.
            with app.suspend():
                code = subprocess.run([*command, str(file)], check=False).returncode  # noqa: S603 (the person's own)
        except SuspendNotSupported:
            raise NoEditor("An editor cannot be opened here; type the text instead.") from None
        except OSError as error:
            raise NoEditor(f"{command[0]} cannot be run: {error.strerror}. Set $EDITOR to your editor.") from None
        if code:
            raise NoEditor(f"{command[0]} ended with code {code}; nothing was changed.")
        return file.read_text(encoding="utf-8", errors="replace")
