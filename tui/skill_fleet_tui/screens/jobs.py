"""What can be done with jobs: select, create, retry, cancel."""

from typing import TYPE_CHECKING

from skill_fleet_tui.commands.possible import possible
from skill_fleet_tui.screens.base import FleetScreen
from skill_fleet_tui.widgets.job_list import JobList

if TYPE_CHECKING:
    from skill_fleet_tui.screens.create import CreateDraft


class Jobs(FleetScreen):
    """Commands of jobs."""

    _draft: "CreateDraft | None" = None
    """What was typed and not yet started."""

    def on_job_list_selected(self, message: JobList.Selected) -> None:
        """Log, preview and question are the selected job's, at once."""
        self.select(message.job_id)

    def action_job(self, by: int) -> None:
        """The job above or below."""
        self.query_one(JobList).action_move(by)

    def action_create(self) -> None:
        """Describe a skill."""
        self.describe()

    def describe(self, text: str = "") -> None:
        """Describe a skill, going on with what was typed before; `text` is put in its place."""
        from skill_fleet_tui.screens.create import CreateDraft, CreateScreen

        self._draft = self._draft or CreateDraft()
        self._draft.description = text or self._draft.description

        def created(job_id: str | None) -> None:
            if job_id is not None:
                self.select(job_id)

        self.app.push_screen(CreateScreen(self._draft, self.app.session), created)

    def action_retry(self) -> None:
        """The connection if it is down, else the selected job if it has failed."""
        fleet, job, session = self.fleet, self.job, self.app.session
        if fleet is None:
            return
        if fleet.connection.link in ("waiting", "stopped"):
            if session is not None:
                session.retry_now()
            else:
                self.app.go_live()
        elif job is None or job.view.status != "failed":
            self.app.toast("There is nothing to retry: the selected job has not failed.")
        elif session is not None:
            session.retry(job.id)

    def action_fork(self) -> None:
        """Another way from one of the selected job's steps."""
        self.fork()

    def fork(self, step: str = "") -> None:
        """Choose where the selected job is to go another way, and how; `step` is looked for at first."""
        job, session = self.job, self.app.session
        if job is None or "steps" not in possible(self.fleet):
            self.app.toast("There is nothing to fork: no step of the selected job is finished yet.")
            return
        from skill_fleet_tui.screens.fork import Forked, ForkScreen

        def forked(made: Forked | None) -> None:
            if made is None or self.fleet is None:
                return
            if made.draft is not None:
                self.fleet.drafts[made.prompt_id] = made.draft
            self.select(made.job_id)

        self.app.push_screen(ForkScreen(job, session, step), forked)

    def action_origin(self) -> None:
        """The job that the selected one shares steps with."""
        fleet, origin = self.fleet, self.job.view.forked_from if self.job is not None else None
        if fleet is None or not origin:
            self.app.toast("The selected job was not forked from another.")
        elif origin in fleet.jobs:
            self.select(origin)
        else:
            fleet.wanted.add(origin)
            self.app.toast(f"It was forked from job {origin}, which is not in the list; it is looked for.")

    def action_cancel(self) -> None:
        """Cancel the selected job, after asking once more."""
        job = self.job
        if job is None or job.view.status.is_terminal:
            self.app.toast("There is nothing to cancel: the selected job is over.")
            return
        from skill_fleet_tui.screens.confirm import ConfirmScreen

        job_id = job.id

        def decided(yes: bool | None) -> None:
            if yes and self.app.session is not None:
                self.app.session.cancel(job_id)

        self.app.push_screen(ConfirmScreen(f"Cancel {job.title}? Nothing more will be written."), decided)
