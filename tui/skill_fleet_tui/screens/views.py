"""What can be done with the log and the timeline, and copying."""

from skill_fleet_tui.screens.panes import Panes
from skill_fleet_tui.widgets.log_view import LogView


class Views(Panes):
    """Commands of the log and the timeline, and copying."""

    def action_follow(self) -> None:
        """Follow the log's end, or stay."""
        log = self.query_one(LogView)
        log.set_follow(not log.follow)
        self.app.remembered.follow = log.follow

    def action_details(self) -> None:
        """Reasoning and outputs."""
        self.query_one(LogView).turn_details()
        self.app.beat(urgent=True)

    def action_timeline(self) -> None:
        """What took how long, in the log's place; or the log again."""
        self.toggle_class("-timeline")
        self.show_pane("log")

    def end_timeline(self) -> bool:
        """Show the log again; false if it is shown, or another pane has the keys."""
        if self.pane != "log" or not self.has_class("-timeline"):
            return False
        self.action_timeline()
        return True

    def action_copy(self) -> None:
        """What is selected; else where the draft is, or which job it is."""
        if selected := self.get_selected_text():
            self.app.copy(selected)
            return
        fleet, job = self.fleet, self.job
        if fleet is None or job is None:
            return
        draft = job.view.draft_path
        self.app.copy(str(fleet.data_dir / draft) if draft and fleet.data_dir else draft or job.id)
