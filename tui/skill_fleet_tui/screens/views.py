"""What can be done with the log and the timeline: reading it here or in a pager, copying, saving."""

from skill_fleet_tui.screens.panes import Panes
from skill_fleet_tui.widgets.log_view import LogView


class Views(Panes):
    """Commands of the log and the timeline."""

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

    def action_pager(self) -> None:
        """The whole log in the person's own pager."""
        if (job := self.job) is None:
            return
        from skill_fleet_tui.store.log_text import log_text
        from skill_fleet_tui.terminal.exporting import plain_name
        from skill_fleet_tui.terminal.paging import NoPager, page

        try:
            page(self.app, log_text(job), f"{plain_name(job.title)}.log.txt")
        except NoPager as error:
            self.app.toast(str(error), wrong=True)

    def action_export(self) -> None:
        """Save something to a file, after asking what."""
        from skill_fleet_tui.screens.export import ExportScreen
        from skill_fleet_tui.terminal.exporting import export

        job = self.job

        def decided(kind: str | None) -> None:
            if kind:
                self.app.run_worker(export(self.app, job, kind), name="export", group="export", exit_on_error=False)

        self.app.push_screen(ExportScreen(), decided)
