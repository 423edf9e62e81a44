"""The selected job's open question, docked at the bottom. It never takes the focus by itself."""

from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message

from skill_fleet_tui.widgets.answer_text import AnswerText
from skill_fleet_tui.widgets.choice_list import ChoiceList
from skill_fleet_tui.widgets.one_line import OneLine
from skill_fleet_tui.widgets.prompt_view import PromptView

if TYPE_CHECKING:
    from skill_fleet_tui.store.answering import AnswerForm
    from skill_fleet_tui.store.fleet import FleetState

HINTS = {
    "choice": ("⏎ choose", "← back", "esc later", "z zoom"),
    "multi": ("space takes", "⏎ go on", "← back", "esc later", "z zoom"),
    "text": ("⏎ send", "^j new line", "^g editor", "esc back"),
}
READ_ON = "pgdn reads on"
MORE = "pgdn ↓"
"""The same, where there is no room for it."""
COPY, TAKE_BACK = "y", "u"
CLOSED_HINTS = ("esc closes this",)
AWAY = "⏎ or n to answer"
MOST_OF_TITLE = 40
"""Characters of a job's title: what it asks has to fit beside it."""


class PromptPanel(Vertical):
    """Head, what there is to read, what can be chosen or typed, and what keys do."""

    DEFAULT_CSS = """
    PromptPanel {
        display: none; height: auto; max-height: 80vh;
        border-top: solid $warning; background: $surface;
        &.-open { display: block; }
        &:focus-within { border-top: solid $warning-lighten-2; background: $surface-lighten-1; }
        & > #prompt-hint { color: $text-muted; }
        & > #prompt-problem {
            color: $text-error; display: none; height: auto; max-height: 4; text-wrap: wrap;
            &.-shown { display: block; } &.-well { color: $text-success; }
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Later", show=False, id="answer.later"),
        Binding("left", "back", "Back", show=False, id="answer.back"),
        Binding("pagedown", "read(1)", "Read on", show=False, id="answer.page-down"),
        Binding("pageup", "read(-1)", "Read back", show=False, id="answer.page-up"),
    ]

    class Answered(Message):
        """An answer is to be sent."""

        def __init__(self, job_id: str, request: Any) -> None:
            super().__init__()
            self.job_id = job_id
            self.request = request

    class TakenBack(Message):
        """An answer that has not arrived yet is not to be sent any more."""

        def __init__(self, prompt_id: str) -> None:
            super().__init__()
            self.prompt_id = prompt_id

    class EditorWanted(Message):
        """A file of the prompt, or the text that is being typed (`path` is empty), is to be edited."""

        def __init__(self, job_id: str, form: "AnswerForm", path: str) -> None:
            super().__init__()
            self.job_id, self.form, self.path = job_id, form, path

    class Left(Message):
        """The panel no longer wants the keys; `put_off` is the prompt that shall wait, if one shall."""

        def __init__(self, put_off: str = "") -> None:
            super().__init__()
            self.put_off = put_off

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id)
        self.form: AnswerForm | None = None
        self._job_id = ""
        self._job_title = ""
        self._drawn: tuple[object, ...] = ()
        self._fleet: FleetState | None = None
        self._copied = False

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield OneLine(id="prompt-head")
        yield PromptView(id="prompt-body")
        yield ChoiceList()
        yield AnswerText(id="prompt-text")
        yield OneLine(id="prompt-problem")
        yield OneLine(id="prompt-hint")

    # --- what is asked --------------------------------------------------------------------------------

    def sync(self, fleet: "FleetState") -> None:
        """Show the selected job's question, or nothing."""
        self._fleet = fleet
        job = fleet.current
        prompt = fleet.question(job) if job else None
        if self.form is not None and self._held_open(prompt):
            pass
        elif job is None or prompt is None:
            self._close()
            return
        elif self.form is None or (self.form.prompt.prompt_id, self.form.prompt.version) != (
            prompt.prompt_id,
            prompt.version,
        ):
            self._open(prompt)
        if job is not None:
            self._job_id, self._job_title = job.id, job.title
        self._draw()

    def _held_open(self, prompt: Any) -> bool:
        """A question that vanished under somebody's fingers stays until they leave: keys must not become commands."""
        assert self.form is not None
        gone = prompt is None or prompt.prompt_id != self.form.prompt.prompt_id
        current = self._fleet.current if self._fleet else None
        same_job = current is not None and current.id == self._job_id
        return gone and same_job and self.has_focus_within and self.form.draft.closed

    def _open(self, prompt: Any) -> None:
        from skill_fleet_tui.store.answering import AnswerForm

        assert self._fleet is not None
        if self._follows_on(prompt):
            # A key that was meant for the last question must not answer the one that takes its place.
            self.post_message(self.Left())
        self.form = AnswerForm(prompt, self._fleet.draft(prompt))
        self.query_one(ChoiceList).form = self.form
        self._drawn, self._copied = (), False
        self.add_class("-open")

    def _follows_on(self, prompt: Any) -> bool:
        held = self.form.prompt if self.form is not None and self.has_focus_within else None
        return held is not None and held.job_id == prompt.job_id and held.prompt_id != prompt.prompt_id

    def _close(self) -> None:
        if self.form is None:
            return
        had_focus = self.has_focus_within
        self.form = self.query_one(ChoiceList).form = None
        self._drawn = ()
        self.remove_class("-open")
        if had_focus:
            self.post_message(self.Left())

    @property
    def has_focus_within(self) -> bool:
        """Whether the keys go here."""
        focused = self.screen.focused if self.is_attached else None
        return focused is not None and self in focused.ancestors_with_self

    def takes(self, key: str) -> bool:
        """Whether a key that is a command elsewhere is a choice or a letter here."""
        if self.form is None or not self.has_focus_within or len(key) != 1:
            return False
        return self.form.step.kind == "text" or self.form.answers_to(key)

    def take_focus(self) -> bool:
        """Let the keys go here. False when nothing is asked."""
        if self.form is None:
            return False
        text = self.form.step.kind == "text"
        (self.query_one(AnswerText) if text else self.query_one(ChoiceList)).focus()
        return True

    # --- drawing --------------------------------------------------------------------------------------

    def _draw(self) -> None:
        form = self.form
        if form is None:
            return
        drawn = (
            form.prompt.prompt_id, form.prompt.version, form.step.key,
            form.draft.version, self.has_focus_within, self._copied, self.size.width,
        )  # fmt: skip
        if drawn == self._drawn:
            return
        moved = drawn[:3] != self._drawn[:3]
        self._drawn = drawn
        self._draw_head(form)
        self._draw_step(form, moved)
        self._draw_problem(form)

    def _draw_head(self, form: "AnswerForm") -> None:
        number, count = form.place
        place = f" ({number} of {count})" if count > 1 else ""
        kind = str(form.prompt.kind).replace("_", " ")
        title = " ".join(self._job_title.split())
        if len(title) > MOST_OF_TITLE:
            title = f"{title[: MOST_OF_TITLE - 1].rstrip()}…"
        self.query_one("#prompt-head", OneLine).say(
            Content.assemble(
                (title, "bold $text-warning"),
                (f" asks{place}", "$text-warning"),
                (f" · {kind} · ", "dim"),
                (" ".join(form.prompt.title.split()), "bold"),
            )
        )

    def _draw_step(self, form: "AnswerForm", moved: bool) -> None:
        from skill_fleet_tui.widgets.prompt_body import body_lines

        text, choices = self.query_one(AnswerText), self.query_one(ChoiceList)
        is_text = form.step.kind == "text"
        focused = self.has_focus_within
        view = self.query_one(PromptView)
        view.tell(body_lines(form, view.line_width))
        text.display, choices.display = is_text, not is_text
        text.read_only = form.busy
        if moved and is_text and text.text != form.text:
            text.text = form.text
            text.move_cursor(text.document.end)
        choices.refresh(layout=True)
        if moved and focused:
            self.take_focus()
        self.query_one("#prompt-hint", OneLine).say(Content(self._hint(form) if focused else AWAY))

    def _hint(self, form: "AnswerForm") -> str:
        """What keys do now; as many as there is room for."""
        draft = form.draft
        if draft.closed or draft.sending:
            copies = (f"{COPY} copies what you typed",) if draft.typed else ()
            parts = (
                (*copies, *CLOSED_HINTS) if draft.closed else (f"{TAKE_BACK} takes it back", *copies, "esc leaves it")
            )
        else:
            parts = HINTS[str(form.step.kind)]
            if self.query_one(PromptView).overflows:
                parts = (parts[0], READ_ON, *parts[1:])
        said = parts[0]
        if READ_ON in parts and len(f"{said} · {READ_ON}") > self.size.width - 2:
            parts = tuple(MORE if part == READ_ON else part for part in parts)
        for part in parts[1:]:
            if len(said) + len(part) + 3 <= self.size.width - 2:
                said += f" · {part}"
        return said

    def _draw_problem(self, form: "AnswerForm") -> None:
        draft = form.draft
        parts = ["sending…"] if draft.sending else ["answered; the job goes on"] if draft.accepted else []
        parts += [draft.notice or form.problem or "; ".join(draft.errors.values())]
        parts += ["Copied (through the terminal, OSC 52)."] if self._copied else []
        said = " ".join(" ".join(part.split()) for part in parts if part)
        line = self.query_one("#prompt-problem", OneLine)
        line.say(Content(said))
        line.set_class(bool(said), "-shown")
        line.set_class(draft.accepted or (draft.sending and not draft.notice), "-well")

    # --- what a person does ---------------------------------------------------------------------------

    def on_choice_list_pressed(self, message: ChoiceList.Pressed) -> None:
        """A choice was made."""
        message.stop()
        self._after(message.outcome)

    def on_answer_text_sent(self, message: AnswerText.Sent) -> None:
        """Enter in the text field."""
        message.stop()
        if self.form is not None:
            self.form.type(self.query_one(AnswerText).text)
            self._after(self.form.enter())

    def on_key(self, event: events.Key) -> None:
        """While nothing can be changed, no letter becomes a command; what was typed can be copied or taken back."""
        form = self.form
        if form is None or not form.busy or not event.is_printable:
            return
        event.stop()
        event.prevent_default()
        if event.character == COPY and form.draft.typed:
            self.app.copy_to_clipboard(form.draft.typed)
            self._copied = True
        elif event.character == TAKE_BACK and form.draft.sending:
            self.post_message(self.TakenBack(form.prompt.prompt_id))
        self._draw()

    def on_text_area_changed(self, message: AnswerText.Changed) -> None:
        """Keep what is typed with the job."""
        message.stop()
        if self.form is not None and self.form.step.kind == "text" and not self.form.busy:
            self.form.type(self.query_one(AnswerText).text)

    def on_answer_text_editor_wanted(self, message: AnswerText.EditorWanted) -> None:
        """Write the text in the editor."""
        message.stop()
        if self.form is not None:
            self.post_message(self.EditorWanted(self._job_id, self.form, ""))

    def _after(self, outcome: Any) -> None:
        form = self.form
        if form is None:
            return
        if outcome is not None and not form.busy:
            if hasattr(outcome, "path"):
                self.post_message(self.EditorWanted(self._job_id, form, outcome.path))
            else:
                self.post_message(self.Answered(self._job_id, outcome))
        self._draw()

    def edited(self) -> None:
        """The editor has come back with a text."""
        self._drawn = ()
        self._draw()

    def action_back(self) -> None:
        """One step back."""
        if self.form is not None and not self.form.busy:
            self.form.back()
            self._draw()

    def action_leave(self) -> None:
        """From a text to the choices it came from, else away: the question waits."""
        form = self.form
        if form is not None and form.step.kind == "text" and not form.busy and form.back():
            self._draw()
            return
        if form is not None and form.draft.closed and self._fleet is not None:
            if (job := self._fleet.jobs.get(self._job_id)) is not None:
                self._fleet.dismiss(job)
            self._close()
        else:
            self.post_message(self.Left(form.prompt.prompt_id if form is not None and not form.busy else ""))

    def action_read(self, by: int) -> None:
        """Scroll what there is to read."""
        self.query_one(PromptView).action_page(by)


if __name__ == "__main__":
    from skill_fleet_tui.widgets.looking import look

    look(PromptPanel(), lambda panel, fleet, _: (panel.sync(fleet), panel.has_focus_within or panel.take_focus()))
