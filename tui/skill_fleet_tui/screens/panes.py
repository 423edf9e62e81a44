"""Which pane has the keys, and which is shown where there is no room for all: moving, zoom, narrow terminals."""

from typing import TYPE_CHECKING, Final

from textual import events
from textual.geometry import Size

from skill_fleet_tui.screens.base import FleetScreen
from skill_fleet_tui.widgets.flat import FLAT_ROWS

if TYPE_CHECKING:
    from skill_fleet_tui.widgets.prompt_panel import PromptPanel

PANES: Final = ("jobs", "log", "preview")
PLACES: Final = (*PANES, "prompt")
"""Where the keys can go."""

WIDTHS: Final = [(0, "-narrow"), (80, "-medium"), (120, "-wide"), (160, "-huge")]
"""From how many columns on the screen wears which class."""


class Panes(FleetScreen):
    """The screen wears the class `-on-<place>` of where the keys are, and `-zoom`."""

    HORIZONTAL_BREAKPOINTS = WIDTHS

    prompt: "PromptPanel | None" = None
    """The question of the selected job; mounted after the first paint."""

    def expect_size(self, size: Size) -> None:
        """Look right from the first layout on: a class that came with it would style every widget once more."""
        self.add_class(max(width for width in WIDTHS if width[0] <= size.width)[1])
        self.set_class(size.height < FLAT_ROWS, "-flat")

    @property
    def pane(self) -> str:
        """Where the keys are."""
        return next((place for place in PLACES if self.has_class(f"-on-{place}")), "jobs")

    def show_pane(self, pane: str) -> None:
        """Give the keys to a pane or the question."""
        self._mark(pane)
        if pane == "prompt":
            self.take_up_question()
        else:
            self.query_one(f"#{self._shown_in(pane)}").focus()
        self.app.beat(urgent=True)

    def _shown_in(self, pane: str) -> str:
        """The id of the widget that fills a pane: the timeline takes the log's place."""
        return "timeline" if pane == "log" and self.has_class("-timeline") else pane

    def take_up_question(self) -> bool:
        """Let the keys go to the selected job's question; false if it asks nothing."""
        return self.prompt is not None and self.prompt.take_focus()

    def end_zoom(self) -> bool:
        """Show all panes again; false if they are."""
        if not self.has_class("-zoom"):
            return False
        self.action_zoom()
        return True

    def _mark(self, pane: str) -> None:
        for place in PLACES:
            self.set_class(place == pane, f"-on-{place}")

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Zoom and narrow terminals show the pane that has the focus."""
        for place in PLACES:
            if any(here in event.widget.ancestors_with_self for here in self.query(f"#{self._shown_in(place)}")):
                self._mark(place)

    def action_pane(self, by: int) -> None:
        """The next pane that there is at this width; the question is one."""
        panes = list(PANES)
        if self.has_class("-medium") and not self.has_class("-zoom"):
            panes.remove("preview")
        if self.prompt is not None and self.prompt.form is not None:
            panes.append("prompt")
        at = panes.index(self.pane) if self.pane in panes else 0
        self.show_pane(panes[(at + by) % len(panes)])

    def action_zoom(self) -> None:
        """One pane, or all of them."""
        self.toggle_class("-zoom")
        self.app.beat(urgent=True)
