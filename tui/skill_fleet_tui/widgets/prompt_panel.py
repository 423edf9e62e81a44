"""The selected job's open question, docked at the bottom. It never takes the focus by itself."""

from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from skill_fleet_tui.text.styled import Line
from skill_fleet_tui.text.wrap import wrap
from skill_fleet_tui.widgets.answer_text import AnswerText
from skill_fleet_tui.widgets.choice_list import ChoiceList
from skill_fleet_tui.widgets.line_view import LineView

if TYPE_CHECKING:
    from skill_fleet_tui.store.answering import AnswerForm
    from skill_fleet_tui.store.fleet import FleetState

HINTS = {
    "choice": "⏎ choose · digits and letters too · ← back · pgdn reads on · z zoom · esc later",
    "multi": "space takes · ⏎ go on · ← back · esc later",
    "text": "⏎ send · ^j new line · ^g editor · esc back",
}
BODY_SHARE = 0.32
"""Of the screen's height, how much a prompt's text may take; `z` gives it all."""

TALL = 36
"""From this many rows on, a question that nobody is answering yet has as much room as one that is."""

AWAY_SHARE = 0.15
"""Its share below that."""

AWAY = "⏎ or n to answer"


class PromptBody(LineView):
    """What the prompt has to say; as high as it needs, within bounds."""

    DEFAULT_CSS = """
    PromptBody {
        height: auto; overflow-y: auto; padding: 0 1; background: transparent;
        scrollbar-background: $surface-lighten-1;
        & > .line--question { text-style: bold; }
        & > .line--heading { color: $text-accent; text-style: bold; }
        & > .line--quote, & > .line--fence { color: $text-muted; }
        & > .line--strong { text-style: bold; }
        & > .line--code, & > .line--added, & > .line--good { color: $text-success; }
        & > .line--removed, & > .line--bad { color: $text-error; }
        & > .line--marker { color: $text-accent; }
        & > .line--link { color: $text-primary; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"line--{name}"
        for name in (
            "question", "heading", "quote", "fence", "strong", "code", "added", "good",
            "removed", "bad", "marker", "link",
        )
    }  # fmt: skip
    can_focus = False

    def tell(self, lines: list[Line]) -> None:
        """Show other lines, and be as high as they are."""
        self.show(lines)
        self.flush()
        self.refresh(layout=True)

    def get_content_height(self, container: Any, viewport: Any, width: int) -> int:
        """The rows that the lines take, and no more than a share of the screen."""
        rows = sum(len(wrap(line.text, max(width - 1, 1) - line.indent)) for line in self.lines)
        answering = self.screen.focused is not None and self.parent in self.screen.focused.ancestors
        share = BODY_SHARE if answering or viewport.height >= TALL else AWAY_SHARE
        return min(rows, max(int(viewport.height * share), 2))


class OneLine(Widget):
    """A line of content."""

    DEFAULT_CSS = "OneLine { height: 1; padding: 0 1; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id)
        self._content = Content("")

    def say(self, content: Content) -> None:
        """Show this."""
        if content != self._content:
            self._content = content
            self.refresh()

    def render(self) -> Content:
        """The line."""
        return self._content


class PromptPanel(Vertical):
    """Head, what there is to read, what can be chosen or typed, and what keys do."""

    DEFAULT_CSS = """
    PromptPanel {
        display: none; height: auto; max-height: 80vh;
        border-top: solid $warning; background: $surface;
        &.-open { display: block; }
        &:focus-within { border-top: solid $warning-lighten-2; background: $surface-lighten-1; }
        & > #prompt-hint { color: $text-muted; }
        & > #prompt-problem { color: $text-error; display: none; &.-shown { display: block; } }
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

    class EditorWanted(Message):
        """A file of the prompt, or the text that is being typed (`path` is empty), is to be edited."""

        def __init__(self, job_id: str, form: "AnswerForm", path: str) -> None:
            super().__init__()
            self.job_id, self.form, self.path = job_id, form, path

    class Left(Message):
        """The panel no longer wants the keys."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id)
        self.form: AnswerForm | None = None
        self._job_id = ""
        self._job_title = ""
        self._drawn: tuple[object, ...] = ()
        self._fleet: FleetState | None = None

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield OneLine(id="prompt-head")
        yield PromptBody(id="prompt-body")
        yield ChoiceList()
        yield AnswerText(id="prompt-text")
        yield OneLine(id="prompt-problem")
        yield OneLine(id="prompt-hint")

    # --- what is asked --------------------------------------------------------------------------------

    def sync(self, fleet: "FleetState") -> None:
        """Show the selected job's question, or nothing."""
        self._fleet = fleet
        job = fleet.current
        prompt = job.view.prompt if job else None
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
        self.form = AnswerForm(prompt, self._fleet.draft(prompt))
        self.query_one(ChoiceList).form = self.form
        self._drawn = ()
        self.add_class("-open")

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
        drawn = (form.prompt.prompt_id, form.prompt.version, form.draft.version, form.step.key, self.has_focus_within)
        if drawn == self._drawn:
            return
        moved = drawn[:2] + drawn[3:4] != self._drawn[:2] + self._drawn[3:4]
        self._drawn = drawn
        self._draw_head(form)
        self._draw_step(form, moved)
        self._draw_problem(form)

    def _draw_head(self, form: "AnswerForm") -> None:
        number, count = form.place
        place = f" ({number} of {count})" if count > 1 else ""
        kind = str(form.prompt.kind).replace("_", " ")
        self.query_one("#prompt-head", OneLine).say(
            Content.assemble(
                (" ".join(self._job_title.split())[:40], "bold $text-warning"),
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
        self.query_one(PromptBody).tell(body_lines(form))
        text.display, choices.display = is_text, not is_text
        busy = form.draft.sending or form.draft.closed or form.draft.accepted
        text.read_only = busy
        if moved and is_text and text.text != form.text:
            text.text = form.text
            text.move_cursor(text.document.end)
        choices.refresh(layout=True)
        if moved and focused:
            self.take_focus()
        hint = HINTS[str(form.step.kind)] if focused else AWAY
        self.query_one("#prompt-hint", OneLine).say(Content("esc closes this" if form.draft.closed else hint))

    def _draw_problem(self, form: "AnswerForm") -> None:
        draft = form.draft
        said = (
            "sending…"
            if draft.sending
            else "answered; the job goes on"
            if draft.accepted
            else draft.notice or form.problem
        )
        if not said and draft.errors:
            said = "; ".join(draft.errors.values())
        line = self.query_one("#prompt-problem", OneLine)
        line.say(Content(" ".join(said.split())))
        line.set_class(bool(said), "-shown")

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

    def on_text_area_changed(self, message: AnswerText.Changed) -> None:
        """Keep what is typed with the job."""
        message.stop()
        if self.form is not None and self.form.step.kind == "text" and not self.form.draft.closed:
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
        draft = form.draft
        if outcome is not None and not (draft.sending or draft.accepted or draft.closed):
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
        if self.form is not None:
            self.form.back()
            self._draw()

    def action_leave(self) -> None:
        """From a text to the choices it came from, else away: the question waits."""
        if self.form is not None and self.form.step.kind == "text" and self.form.back():
            self._draw()
            return
        closed = self.form is not None and self.form.draft.closed
        self.post_message(self.Left())
        if closed:
            self._close()

    def action_read(self, by: int) -> None:
        """Scroll what there is to read."""
        self.query_one(PromptBody).action_page(by)
