"""What can be done from every screen: the command line, the palette, help, leaving, going to the other screen."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from skill_fleet_tui.commands.command import Command
from skill_fleet_tui.screens.base import StoreScreen
from skill_fleet_tui.terminal.leaving import unsent

if TYPE_CHECKING:
    from skill_fleet_tui.commands.typed import Argument
    from skill_fleet_tui.store.job import JobState

LOCAL = "local"
"""How the server of this machine is called in `/connect`."""

LINES_KEPT = 50


class Program(StoreScreen):
    """Commands of the program itself, and of the library where any screen has them."""

    # --- the command line -----------------------------------------------------------------------------

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

        history = self.app.remembered.typed
        self.app.push_screen(
            CommandScreen(self.commands(), self.arguments, history=history, typed=look_at, line=line), decided
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

    def arguments(self, command: Command) -> "Sequence[Argument]":
        """What is known of a command's argument."""
        from skill_fleet_tui.commands.typed import Argument

        match command.action:
            case "theme":
                return [Argument(name) for name in sorted(self.app.available_themes)]
            case "connect":
                servers = self.app.configured.servers.values()
                return [
                    Argument(LOCAL, "the server of this machine"),
                    *(Argument(one.name, one.url) for one in servers),
                ]
            case "promote":
                return [Argument(job.id, job.title) for job in self.drafts]
            case _:
                return []

    def action_palette(self) -> None:
        """Commands and jobs by some letters."""
        self.app.action_command_palette()

    def action_theme(self) -> None:
        """Themes by some letters."""
        self.app.action_change_theme()

    def action_connect(self) -> None:
        """The command line, with the servers."""
        self.action_command("/connect ")

    def typed_theme(self, name: str) -> None:
        """Choose the colours."""
        self.app.use_theme(name)

    def typed_connect(self, server: str) -> None:
        """Talk to another server."""
        self.app.connect(None if server == LOCAL else server)

    # --- the library ----------------------------------------------------------------------------------

    @property
    def drafts(self) -> "list[JobState]":
        """The finished jobs whose draft is not in the library."""
        fleet, library = self.fleet, self.app.library
        jobs = [fleet.jobs[job_id] for job_id in fleet.order()] if fleet is not None else []
        kept = library.promoted if library is not None else {}
        return [job for job in jobs if job.view.result is not None and job.id not in kept]

    def action_promote(self) -> None:
        """Keep the selected job's draft."""
        if self.job is not None:
            self.promote(self.job.id)

    def typed_promote(self, job_id: str) -> None:
        """Keep a job's draft."""
        self.promote(job_id)

    def promote(self, job_id: str) -> None:
        """Look at what rules found, and ask whether the draft shall be kept."""
        fleet, library = self.fleet, self.app.open_library()
        job = fleet.jobs.get(job_id) if fleet is not None else None
        if fleet is None or job is None or job.view.result is None or library is None:
            self.app.toast("There is no finished job with a draft of that name.")
            return
        from skill_fleet_tui.screens.promoting import PromoteScreen

        self.app.push_screen(PromoteScreen(job_id, job.view.result, library))

    def action_undo(self) -> None:
        """Take back the last change of the library."""
        if (library := self.app.open_library()) is not None:
            from skill_fleet_tui.running.librarian import undo

            self.app.tend("change", undo(library))

    # --- screens --------------------------------------------------------------------------------------

    def action_show_jobs(self) -> None:
        """The jobs."""
        self.app.show_jobs()

    def action_show_skills(self) -> None:
        """The skills."""
        self.app.show_skills()

    def action_help(self) -> None:
        """Every key."""
        from skill_fleet_tui.screens.help import HelpScreen

        self.app.push_screen(HelpScreen(self.focused, self.KIND))

    def action_quit(self) -> None:
        """Leave; an answer that was typed and not sent is asked about first."""
        names = unsent(self.app)
        if not names:
            self.app.leave()
            return
        from skill_fleet_tui.screens.confirm import ConfirmScreen

        def decided(yes: bool | None) -> None:
            if yes:
                self.app.leave()

        whose = names[0] if len(names) == 1 else f"{len(names)} jobs"
        question = f"Leave? An answer to {whose} is typed and not sent; it would be lost."
        self.app.push_screen(ConfirmScreen(question), decided)
