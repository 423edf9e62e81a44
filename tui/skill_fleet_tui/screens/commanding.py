"""Commands by their names: the command line, the palette, and what is typed after a command's name."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from skill_fleet_tui.commands.possible import ended_steps, possible
from skill_fleet_tui.commands.registry import Command, offered
from skill_fleet_tui.screens.finding import Finding
from skill_fleet_tui.screens.jobs import Jobs

if TYPE_CHECKING:
    from skill_fleet_tui.commands.typed import Argument

LOCAL = "local"
"""How the server of this machine is called in `/connect`."""

LINES_KEPT = 50


class Commanding(Finding, Jobs):
    """`:`, `^p`, and going to a job by some letters of it."""

    def action_command(self, line: str = "/") -> None:
        """Type a command."""
        from skill_fleet_tui.screens.command import CommandScreen

        theme = self.app.theme

        def look_at(typed: str | None) -> None:
            """A theme is looked at while its name stands in the line."""
            name = (typed or "").removeprefix("/").removeprefix("theme ").strip()
            self.app.theme = name if name in self.app.available_themes else theme

        def decided(answer: tuple[Command, str] | None) -> None:
            if answer is not None:
                self.app.theme = theme
                self.run_typed(*answer)

        commands = offered(possible(self.fleet))
        history = self.app.remembered.typed
        self.app.push_screen(
            CommandScreen(commands, self._arguments, history=history, typed=look_at, line=line), decided
        )

    def run_typed(self, command: Command, text: str) -> None:
        """Do a command with what was typed after its name."""
        history = self.app.remembered.typed
        history.append(f"/{command.name} {text}".rstrip())
        del history[:-LINES_KEPT]
        if text:
            getattr(self, f"typed_{command.action}")(text)
        else:
            self.app.run_command(command.action)

    def _arguments(self, command: Command) -> "Sequence[Argument]":
        from skill_fleet_tui.commands.typed import Argument

        fleet = self.fleet
        match command.action:
            case "theme":
                return [Argument(name) for name in sorted(self.app.available_themes)]
            case "connect":
                servers = self.app.configured.servers.values()
                return [
                    Argument(LOCAL, "the server of this machine"),
                    *(Argument(one.name, one.url) for one in servers),
                ]
            case "open" if fleet is not None:
                jobs = (fleet.jobs[job_id] for job_id in fleet.order())
                return [Argument(job.id, job.title) for job in jobs]
            case "fork" if self.job is not None:
                return [Argument(step) for step in ended_steps(self.job.view)]
            case "filter":
                from skill_fleet_tui.store.listing import TERMS

                return [Argument(term) for term in TERMS]
            case _:
                return []

    # --- with nothing after the name ------------------------------------------------------------------

    def action_palette(self) -> None:
        """Commands and jobs by some letters."""
        self.app.action_command_palette()

    def action_open(self) -> None:
        """Jobs by some letters."""
        from skill_fleet_tui.commands.palette import job_palette

        self.app.push_screen(job_palette())

    def action_theme(self) -> None:
        """Themes by some letters."""
        self.app.action_change_theme()

    def action_connect(self) -> None:
        """The command line, with the servers."""
        self.action_command("/connect ")

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

    def typed_theme(self, name: str) -> None:
        """Choose the colours."""
        self.app.use_theme(name)

    def typed_connect(self, server: str) -> None:
        """Talk to another server."""
        self.app.connect(None if server == LOCAL else server)
