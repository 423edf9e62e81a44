"""Describe a skill and start a job. What was typed stays when the screen is left."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import uuid4

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Button, Checkbox, Static, TextArea

from skill_fleet_tui.running.slowness import said_when_slow

if TYPE_CHECKING:
    from skill_fleet_common.api import CreateJob
    from skill_fleet_tui.running.session import Session


@dataclass
class CreateDraft:
    """What was typed, kept until the job is created."""

    description: str = ""
    sources: str = ""
    auto_approve: bool = False
    key: str = field(default_factory=lambda: uuid4().hex)
    """Idempotency key: starting again after a lost reply does not start twice."""


class Field(TextArea):
    """Several lines; tab goes on to the next field."""

    def __init__(self, text: str, *, id: str) -> None:  # noqa: A002 (Textual's name)
        super().__init__(text, soft_wrap=True, tab_behavior="focus", show_line_numbers=False, id=id)
        self.cursor_blink = False


class Box(Checkbox):
    """On or off, plain to see without colours, too."""

    @property
    def _button(self) -> Content:
        # Textual draws the same cross for both, in two greys.
        return Content("[x]" if self.value else "[ ]")


class CreateScreen(Screen[str | None]):
    """A form of three fields; the answer is the new job's id."""

    DEFAULT_CSS = """
    CreateScreen {
        background: $background;
        & > VerticalScroll { padding: 0 1; max-width: 120; }
        & .label { text-style: bold; margin-top: 1; }
        & .hint { color: $text-muted; }
        & .problem { color: $text-error; display: none; &.-shown { display: block; } }
        & Field { border: tall $border-blurred; &:focus { border: tall $border; } }
        & #description { height: 1fr; min-height: 5; max-height: 14; }
        & #sources { height: 6; min-height: 3; }
        & Horizontal { height: 3; margin-top: 1; }
        & Button { margin-right: 2; }
        & Checkbox { border: none; background: transparent; margin-top: 1; }
    }
    """
    AUTO_FOCUS = "#description"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "start", "Start", id="create.start"),
        # With priority, what is typed right after a tab is in the next field already.
        Binding("tab", "app.focus_next", "Next field", show=False, priority=True, id="create.next"),
        Binding("shift+tab", "app.focus_previous", "Field before", show=False, priority=True, id="create.previous"),
        Binding("escape", "leave", "Back, keep it", id="create.leave"),
    ]

    def __init__(self, draft: CreateDraft, session: "Session | None") -> None:
        super().__init__()
        self._draft = draft
        self._session = session
        self._starting = False

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        draft = self._draft
        with VerticalScroll(can_focus=False):
            yield _text("What skill do you want?", "label")
            yield _text(
                "In your own words, as long as you like: what an agent should do, and how your team does it.", "hint"
            )
            yield Field(draft.description, id="description")
            yield Static(classes="problem", id="description-problem", markup=False)
            yield _text("Sources (optional)", "label")
            yield _text("Files or folders to work from, one path per line.", "hint")
            yield Field(draft.sources, id="sources")
            yield Static(classes="problem", id="sources-problem", markup=False)
            yield Box("Auto-approve: take every question's default", draft.auto_approve, id="auto")
            yield Static(classes="problem", id="start-problem", markup=False)
            with Horizontal():
                yield Button("Start  ^s", variant="primary", id="start")
                yield Button("Back  esc", id="leave")

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Keep it, and take back what was said about it."""
        if event.text_area.id == "description":
            self._draft.description = event.text_area.text
        elif event.text_area.id == "sources":
            self._draft.sources = event.text_area.text
        self._say(f"{event.text_area.id}-problem", "")
        self._say("start-problem", "")

    def on_checkbox_changed(self, event: Checkbox.Changed) -> None:
        """Keep it."""
        self._draft.auto_approve = event.value

    def on_descendant_blur(self, event: Any) -> None:
        """Sources are looked at when their field is left."""
        if getattr(event.widget, "id", "") == "sources" and self._draft.sources.strip():
            self.run_worker(self._read(), group="sources", exclusive=True, exit_on_error=False)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Start, or back."""
        if event.button.id == "start":
            self.action_start()
        else:
            self.action_leave()

    def action_leave(self) -> None:
        """Back; what was typed stays."""
        self.dismiss(None)

    def action_start(self) -> None:
        """Check, and start the job."""
        if not self._starting:
            self.run_worker(self._start(), group="create", exclusive=True, exit_on_error=False)

    async def _read(self) -> list[Any] | None:
        """The sources, or `None` with what is wrong said below their field."""
        from skill_fleet_tui.client.errors import UsageProblem
        from skill_fleet_tui.client.sources import read_sources

        def read() -> Any:
            lines = (line.strip() for line in self._draft.sources.splitlines())
            return read_sources([Path(line).expanduser() for line in lines if line])

        try:
            sources = await asyncio.to_thread(read)
        except UsageProblem as problem:
            self._say("sources-problem", str(problem))
            return None
        self._say("sources-problem", "")
        return sources.read

    async def _start(self) -> None:
        from pydantic import ValidationError

        from skill_fleet_common.api import CreateJob
        from skill_fleet_tui.client.errors import ClientError, Refused

        self._starting = True
        try:
            sources = await self._read()
            if sources is None:
                return
            draft = self._draft
            job = CreateJob(task_description=draft.description, sources=sources, auto_approve=draft.auto_approve)
            if self._session is None:
                self._say("start-problem", "There is no server yet; wait a moment.")
                return
            job_id = await self._create(self._session, job)
        except ValidationError as invalid:
            for error in invalid.errors():
                self._refuse(".".join(str(part) for part in error["loc"]), error["msg"].removeprefix("Value error, "))
        except Refused as refused:
            for error in refused.problem.errors:
                self._refuse(error.field, error.message)
            if not refused.problem.errors:
                self._say("start-problem", refused.message)
        except ClientError as error:
            self._say("start-problem", f"{error.message} {error.hint}".strip())
        else:
            self._draft.description = self._draft.sources = ""
            self._draft.key = uuid4().hex
            self.dismiss(job_id)
        finally:
            self._starting = False

    async def _create(self, session: "Session", job: "CreateJob") -> str:
        def slow() -> None:
            self._say("start-problem", "The server does not answer. Wait for it, or press esc: what you typed is kept.")

        self._say("start-problem", "Starting…")
        try:
            async with said_when_slow(slow):
                return await session.create(job, self._draft.key)
        finally:
            self._say("start-problem", "")

    def _refuse(self, name: str, message: str) -> None:
        known = {"task_description": "description-problem", "sources": "sources-problem"}
        self._say(known.get(name.split(".")[0], "start-problem"), message)

    def _say(self, where: str, said: str) -> None:
        line = self.query_one(f"#{where}", Static)
        line.update(Content(said))
        line.set_class(bool(said), "-shown")


def _text(said: str, classes: str) -> Static:
    return Static(Content(said), classes=classes, markup=False)
