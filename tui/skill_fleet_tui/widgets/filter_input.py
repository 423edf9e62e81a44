"""The line in which the list of jobs is narrowed."""

from textual.suggester import Suggester
from textual.widgets import Input

from skill_fleet_tui.store.listing import TERMS

PLACEHOLDER = "words · state:asks · phase:generation · !not · → completes · esc shows all"


class TermSuggester(Suggester):
    """Completes the last word to a term of the filter."""

    async def get_suggestion(self, value: str) -> str | None:
        """The whole line with its last word completed, if one term begins like it."""
        before, word = value[: value.rfind(" ") + 1], value[value.rfind(" ") + 1 :]
        sign = "!" if word.startswith("!") else ""
        term = word.removeprefix("!")
        found = next((term_ for term_ in TERMS if term and term_.startswith(term)), None)
        return f"{before}{sign}{found}" if found else None


class FilterInput(Input):
    """Hidden until it is asked for."""

    DEFAULT_CSS = "FilterInput { display: none; height: 1; border: none; &.-open { display: block; } }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(placeholder=PLACEHOLDER, suggester=TermSuggester(case_sensitive=False), id=id)
