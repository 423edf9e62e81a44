"""How wide the panes are: what suits the terminal, or what a person made of it, which is remembered."""

from typing import Final

from textual import events

from skill_fleet_tui.screens.panes import WIDTHS, Panes
from skill_fleet_tui.widgets.flat import FLAT_ROWS

LEAST_COLUMNS: Final = 24
"""The job list and what is beside it are never narrower."""
COLUMNS_A_STEP: Final = 2
PERCENT_A_STEP: Final = 4
LEAST_PERCENT: Final = 20
USUAL_PERCENT: Final = 55
"""What the log has of the room that it shares with the preview."""

_BESIDE: Final = WIDTHS[1][0]
_THREE: Final = WIDTHS[2][0]
"""From how many columns on there are two panes, and three."""


class Widths(Panes):
    """Moves the borders between the panes."""

    _changed = False

    def on_resize(self, event: events.Resize) -> None:
        """What was wide enough may not fit any more; few rows are used otherwise than many."""
        self.set_class(event.size.height < FLAT_ROWS, "-flat")
        self.apply_widths()

    def action_zoom(self) -> None:
        """One pane, or all of them, each as wide as it was made."""
        super().action_zoom()
        self.apply_widths()

    def action_border(self, by: int) -> None:
        """Move the border beside the pane that has the keys: the list's, else the one before the preview."""
        kept, columns = self.app.remembered, self.size.width
        if columns < _BESIDE or self.has_class("-zoom"):
            self.app.toast("There is one pane: it has the whole screen.")
            return
        if self.pane in ("log", "preview") and columns >= _THREE:
            share = (kept.log_share or USUAL_PERCENT) + by * PERCENT_A_STEP
            kept.log_share = min(max(share, LEAST_PERCENT), 100 - LEAST_PERCENT)
        else:
            now = kept.list_columns or self.query_one("#jobs").outer_size.width
            kept.list_columns = min(max(now + by * COLUMNS_A_STEP, LEAST_COLUMNS), columns - LEAST_COLUMNS)
        self.apply_widths()

    def apply_widths(self) -> None:
        """Make the panes as wide as a person made them, as far as there is room."""
        kept, columns = self.app.remembered, self.size.width
        if not (kept.list_columns or kept.log_share or self._changed):
            return
        self._changed = True
        free = columns < _BESIDE or self.has_class("-zoom") or self.has_class("-first")
        list_columns = 0 if free else min(kept.list_columns, columns - LEAST_COLUMNS)
        share = kept.log_share if not free and columns >= _THREE else 0
        self._make("#jobs", f"{list_columns}" if list_columns else None)
        self._make("#log, #timeline", f"{share}fr" if share else None)
        self._make("#preview", f"{100 - share}fr" if share else None)

    def _make(self, panes: str, width: str | None) -> None:
        for pane in self.query(panes):
            pane.styles.width = width
