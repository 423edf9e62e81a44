"""The line at the bottom in which one types what to look for: in the job list, or in the view that has the focus."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.suggester import Suggester
from textual.widgets import Input

from skill_fleet_tui.store.listing import TERMS

JOBS_HINT = "words · state:asks · phase:generation · !not · → completes · esc shows all"


class TermSuggester(Suggester):
    """Completes the last word to a term of the job list's filter."""

    async def get_suggestion(self, value: str) -> str | None:
        """The whole line with its last word completed, if one term begins like it."""
        before, word = value[: value.rfind(" ") + 1], value[value.rfind(" ") + 1 :]
        sign = "!" if word.startswith("!") else ""
        term = word.removeprefix("!")
        found = next((term_ for term_ in TERMS if term and term_.startswith(term)), None)
        return f"{before}{sign}{found}" if found else None


class FindLine(Input):
    """One line, shown while it is used. What is typed works at once."""

    DEFAULT_CSS = """
    FindLine { display: none; height: 1; border: none; &.-open { display: block; } &:focus { border: none; } }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Stop", show=False, id="find.leave")]

    class Typed(Message):
        """The words are others."""

        def __init__(self, words: str) -> None:
            super().__init__()
            self.words = words

    class Left(Message):
        """Nothing is typed any more; `kept` if what was typed shall go on to work."""

        def __init__(self, *, kept: bool) -> None:
            super().__init__()
            self.kept = kept

    def open_for_jobs(self, words: str) -> None:
        """Narrow the job list, beginning with the words that narrow it already."""
        self.open(words, JOBS_HINT, TermSuggester(case_sensitive=False))

    def open(self, words: str, hint: str, suggester: Suggester | None = None) -> None:
        """Begin with words that are looked for already."""
        self.suggester = suggester
        with self.prevent(Input.Changed):
            self.value = words
        self.placeholder = hint
        self.add_class("-open")
        self.focus()
        self.action_select_all()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Look for what is typed so far."""
        event.stop()
        self.post_message(self.Typed(event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Look at what was found; nothing typed looks for nothing."""
        event.stop()
        self._leave(kept=bool(event.value))

    def action_leave(self) -> None:
        """Look for nothing, and go back to where it began."""
        self._leave(kept=False)

    def _leave(self, *, kept: bool) -> None:
        self.remove_class("-open")
        self.post_message(self.Left(kept=kept))
