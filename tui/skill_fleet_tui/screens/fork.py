"""Choose from which of its steps on a job goes another way, and how. What was done before that step is shared."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol
from uuid import uuid4

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static, TextArea

from skill_fleet_common.actions import Action
from skill_fleet_common.api import ForkJob
from skill_fleet_common.prompts import AnswerBody
from skill_fleet_tui.client.errors import ClientError, Unreachable
from skill_fleet_tui.screens.create import Field
from skill_fleet_tui.store.draft import AnswerDraft
from skill_fleet_tui.store.forking import ASKED, ForkPoint, draft_of, fork_points, matches, nearest
from skill_fleet_tui.store.story import usage_parts
from skill_fleet_tui.text.clean import clean, clean_line

if TYPE_CHECKING:
    from skill_fleet_tui.app import SkillFleetApp
    from skill_fleet_tui.store.job import JobState

STEP_COLUMNS = 24
"""As many have the names of steps at least, so that what is said of them stands in a column."""


class Forks(Protocol):
    """Whoever knows a job's past, and can fork it."""

    async def read_past(self, job_id: str) -> list[Any]:
        """All events of a job so far."""
        ...

    async def fork(self, job_id: str, wish: ForkJob, key: str) -> str:
        """Begin the fork; returns its id."""
        ...


@dataclass(frozen=True)
class Forked:
    """The job that was begun."""

    job_id: str
    prompt_id: str = ""
    """The question that it asks again."""
    draft: AnswerDraft | None = None
    """What was answered there before."""


class Points(OptionList):
    """The steps, the newest last."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", "Down", show=False, id="fork.down"),
        Binding("k", "cursor_up", "Up", show=False, id="fork.up"),
        Binding("g", "first", "First", show=False, id="fork.first"),
        Binding("G", "last", "Last", show=False, id="fork.last"),
    ]


class ForkScreen(ModalScreen[Forked | None]):
    """A list of steps, and below it what the fork is told at the one that is chosen.

    Args:
        job: To be forked.
        forks: Knows its past; `None` while there is no server.
        step: To begin with: a step's name, or words that are in what is shown of it.
    """

    app: "SkillFleetApp"

    DEFAULT_CSS = """
    ForkScreen {
        align: center middle;
        & > VerticalScroll {
            width: 96; max-width: 96%; height: auto; max-height: 96%; padding: 0 1;
            border: round $accent; background: $surface;
        }
        & Static { height: auto; }
        & Points {
            height: auto; max-height: 30vh; min-height: 1; border: none; padding: 0; background: $surface;
            text-wrap: nowrap; text-overflow: ellipsis;
        }
        & Input { display: none; &.-shown { display: block; } }
        & #about { color: $text-muted; }
        & #about, & #label { margin-top: 1; }
        & Field { height: 5; min-height: 3; border: tall $border-blurred; &:focus { border: tall $border; } }
        & .problem { color: $text-error; }
    }
    """
    AUTO_FOCUS = "#points"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "fork", "Fork", id="fork.fork", tooltip="Begin the fork."),
        Binding("slash", "find", "Find", id="fork.find", tooltip="List only the steps that match words."),
        Binding("tab", "app.focus_next", "Next field", show=False, priority=True, id="fork.next"),
        Binding("shift+tab", "app.focus_previous", "Field before", show=False, priority=True, id="fork.previous"),
        Binding("escape", "leave", "Back", id="fork.leave", tooltip="Forget the words, then back."),
    ]

    def __init__(self, job: "JobState", forks: Forks | None, step: str = "") -> None:
        super().__init__()
        self._job, self._forks, self._step = job, forks, step
        self._points: list[ForkPoint] = []
        self._listed: list[ForkPoint] = []
        self._shown: ForkPoint | None = None
        self._given = ""
        """The text that was filled in."""
        self._texts: dict[str, str] = {}
        """What was typed, by step."""
        self._sending = False
        self._wish: ForkJob | None = None
        self._key = uuid4().hex

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        with VerticalScroll(can_focus=False) as frame:
            frame.border_title = Content(f"Fork {clean_line(self._job.title)}")
            frame.border_subtitle = Content("^s fork · tab next field · / find · esc back")
            yield Static(Content("From which step on should it go another way?"), markup=False)
            yield Input(placeholder="words of a step", compact=True, id="words")
            yield Points(id="points", markup=False, compact=True)
            yield Static(id="about", markup=False)
            yield Static(id="label", markup=False)
            yield Field("", id="text")
            yield Static(id="problem", classes="problem", markup=False)

    async def on_mount(self) -> None:
        """Nothing to fill in before it is known what there is."""
        for field in ("#about", "#label", "#text", "#problem"):
            self.query_one(field).display = False
        self.run_worker(self._read(), group="past", exit_on_error=False)

    async def _read(self) -> None:
        try:
            if self._forks is None:
                raise ClientError("There is no server yet; wait a moment.")
            self._points = fork_points(await self._forks.read_past(self._job.id))
        except ClientError as error:
            self._say(f"{error.message} {error.hint}".strip())
            return
        if not self._points:
            self._say("No step of this job is finished yet: there is nothing to share.")
            return
        at = nearest(self._points, self._step)
        self._list("", at)
        if at is None:
            self._say(f"It has no finished step {clean_line(self._step)}.")

    # --- the steps ------------------------------------------------------------------------------------

    @property
    def _point(self) -> ForkPoint | None:
        at = self.query_one(Points).highlighted
        return self._listed[at] if at is not None and at < len(self._listed) else None

    def _list(self, words: str, at: int | None = None) -> None:
        self._listed = [point for point in self._points if matches(point, words)]
        points = self.query_one(Points)
        points.set_options(
            Content.assemble(f"{clean_line(one.step):<{STEP_COLUMNS}} ", (clean_line(one.said), "dim"))
            for one in self._listed
        )
        points.highlighted = (len(self._listed) - 1 if at is None else at) if self._listed else None
        self._show()

    def on_option_list_option_highlighted(self, _: OptionList.OptionHighlighted) -> None:
        """Another step, other fields."""
        self._show()

    def on_option_list_option_selected(self, _: OptionList.OptionSelected) -> None:
        """On to what it is told there."""
        self.app.action_focus_next()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow the list."""
        self._list(event.value)

    def on_input_submitted(self, _: Input.Submitted) -> None:
        """Back to the list."""
        self.query_one(Points).focus()

    def action_find(self) -> None:
        """Type words."""
        words = self.query_one(Input)
        words.add_class("-shown")
        words.focus()

    def on_key(self, event: events.Key) -> None:
        """Up and down go through the list while words are typed."""
        if self.focused is self.query_one(Input) and event.key in ("up", "down"):
            event.stop()
            points = self.query_one(Points)
            points.action_cursor_up() if event.key == "up" else points.action_cursor_down()

    # --- what it is told ------------------------------------------------------------------------------

    def _show(self) -> None:
        point = self._point
        if point is self._shown:
            return
        text, label, about = self.query_one(Field), self.query_one("#label", Static), self.query_one("#about", Static)
        if self._shown is not None:
            self._texts[self._shown.step] = text.text
        self._shown = point
        about.display = label.display = point is not None
        text.display = point is not None and (point.prompt is None or point.can_revise)
        if point is None:
            return
        about.update(Content("\n").join(Content(line) for line in _shares(point)))
        self._given = "" if point.prompt is not None else self._job.view.task_description
        text.text = self._texts.get(point.step, self._given)
        text.move_cursor(text.document.end)
        label.update(Content(_label(point)))
        self._say("")

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Take back what was said about it."""
        if event.text_area.text != self._given:
            self._say("")

    def action_fork(self) -> None:
        """Check, and begin the fork."""
        if self._point is not None and not self._sending:
            self.run_worker(self._send(self._point), group="fork", exclusive=True, exit_on_error=False)

    def action_leave(self) -> None:
        """Forget the words, then back."""
        words = self.query_one(Input)
        if words.has_class("-shown"):
            words.value = ""
            words.remove_class("-shown")
            self.query_one(Points).focus()
        else:
            self.dismiss(None)

    def _wished(self, point: ForkPoint) -> ForkJob:
        text = self.query_one(Field).text
        if point.prompt is None:
            task = None if text.strip() == self._given.strip() else text
            return ForkJob(from_step=point.step, task_description=task)
        if not (point.can_revise and text.strip()):
            return ForkJob(from_step=point.step)
        return ForkJob(from_step=point.step, answer=AnswerBody(action=Action.REVISE, feedback=text))

    async def _send(self, point: ForkPoint) -> None:
        from pydantic import ValidationError

        self._sending = True
        try:
            wish = self._wished(point)
            if wish != self._wish:
                self._wish, self._key = wish, uuid4().hex
            self._say("")
            assert self._forks is not None
            job_id = await self._forks.fork(self._job.id, wish, self._key)
        except ValidationError as invalid:
            self._say(" ".join(error["msg"].removeprefix("Value error, ") for error in invalid.errors()))
        except ClientError as error:
            # A request that may have arrived goes again under its key; one that was refused is another.
            self._wish = self._wish if isinstance(error, Unreachable) else None
            self._say(f"{error.message} {error.hint}".strip())
        else:
            self.dismiss(_forked(job_id, point, wish))
        finally:
            self._sending = False

    def _say(self, said: str) -> None:
        line = self.query_one("#problem", Static)
        line.update(Content(clean(said)))
        line.display = bool(said)
        if said:
            line.call_after_refresh(line.scroll_visible)


def _forked(job_id: str, point: ForkPoint, wish: ForkJob) -> Forked:
    if point.prompt is None or wish.answer is not None:
        return Forked(job_id)
    return Forked(job_id, f"{job_id}.{point.step.removeprefix(ASKED)}", draft_of(point))


def _shares(point: ForkPoint) -> list[str]:
    spared = usage_parts(point.spared)
    costs = f": nothing of {' · '.join(spared)} is paid again" if spared else ", and costs nothing"
    shared = f"Shared: {_steps(point.shared)} before it{costs}" if point.shared else "Shared: nothing, it is the first"
    after = f"this step and the {_steps(point.anew)} after it" if point.anew else "this step and what comes after it"
    lines = [shared, f"Done anew: {after}"]
    if point.beside:
        lines.append(f"Beside it, shared if begun before it: {clean_line(', '.join(point.beside))}")
    return lines


def _steps(count: int) -> str:
    return "1 step" if count == 1 else f"{count} steps"


def _label(point: ForkPoint) -> str:
    if point.prompt is None:
        return "What is asked for; you may change it for the steps that are done anew:"
    asked = "You are asked again, with your answer filled in."
    return f"{asked} Or say here what should change:" if point.can_revise else asked
