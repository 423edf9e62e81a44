"""Commands of the jobs screen by their names: what is typed after them, and going to a job by some letters of it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from skill_fleet_tui.commands.command import Command
from skill_fleet_tui.commands.possible import ended_steps
from skill_fleet_tui.screens.finding import Finding
from skill_fleet_tui.screens.jobs import Jobs
from skill_fleet_tui.screens.program import Program

if TYPE_CHECKING:
    from skill_fleet_tui.commands.typed import Argument


class Commanding(Finding, Jobs, Program):
    """What is typed after the names of the jobs' commands."""

    def arguments(self, command: Command) -> "Sequence[Argument]":
        """What is known of a command's argument."""
        from skill_fleet_tui.commands.typed import Argument

        match command.action:
            case "open" if self.fleet is not None:
                jobs = (self.fleet.jobs[job_id] for job_id in self.fleet.order())
                return [Argument(job.id, job.title) for job in jobs]
            case "fork" if self.job is not None:
                return [Argument(step) for step in ended_steps(self.job.view)]
            case "filter":
                from skill_fleet_tui.store.listing import TERMS

                return [Argument(term) for term in TERMS]
            case _:
                return super().arguments(command)

    def action_open(self) -> None:
        """Jobs by some letters."""
        from skill_fleet_tui.commands.palette import job_palette

        self.app.push_screen(job_palette())

    # --- with something after it ----------------------------------------------------------------------

    def typed_create(self, text: str) -> None:
        """Describe a skill, beginning with this."""
        self.describe(text)

    def typed_answer(self, text: str) -> None:
        """Put it into the question where that asks for a text; a digit or letter takes a choice."""
        panel = self.prompt
        form = panel.form if panel is not None else None
        if panel is None or form is None or not self.take_up_question():
            self.app.toast("The selected job asks nothing.")
        elif form.step.kind == "text":
            form.type(text)
            panel.edited()
        elif len(text) == 1 and form.answers_to(text):
            form.press(text)
            panel.edited()
        else:
            self.app.toast("This question offers choices: type the digit or the letter of one.")

    def typed_open(self, text: str) -> None:
        """Go to the job that fits best."""
        from textual.fuzzy import FuzzySearch

        fleet, search = self.fleet, FuzzySearch()
        jobs = [fleet.jobs[job_id] for job_id in fleet.order()] if fleet is not None else []
        scored = [(search.match(text, f"{job.title} {job.view.task_description} {job.id}")[0], job.id) for job in jobs]
        exact = [job.id for job in jobs if job.id == text]
        score, job_id = max(scored, default=(0.0, ""))
        if exact or score > 0:
            self.select(exact[0] if exact else job_id)
        else:
            self.app.toast(f"No job has these letters: {text}")

    def typed_filter(self, words: str) -> None:
        """List only the jobs that match."""
        self.filter_jobs(words)

    def typed_fork(self, step: str) -> None:
        """Fork the selected job, beginning with this step."""
        self.fork(step)
