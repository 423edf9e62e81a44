"""The dashboard: one store, one tick, one session with a server.

The first paint imports neither httpx nor pydantic: what needs them is imported right after it (`_begin`).
"""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.worker import Worker, WorkerError, WorkerState

from skill_fleet_tui.commands.keymap import KeyMap
from skill_fleet_tui.screens.main import MainScreen
from skill_fleet_tui.screens.switching import TwoScreens
from skill_fleet_tui.setup.configured import Configured
from skill_fleet_tui.setup.remembered import Remembered, load, save
from skill_fleet_tui.terminal.alerts import Alerts
from skill_fleet_tui.terminal.leaving import crash_report, obey_signals
from skill_fleet_tui.text.clean import clean
from skill_fleet_tui.tick import Pulse, Tick, tick_for

if TYPE_CHECKING:
    from textual.command import Provider

    from skill_fleet_tui.running.librarian import Task
    from skill_fleet_tui.running.session import Session
    from skill_fleet_tui.store.answering import AnswerForm
    from skill_fleet_tui.store.fleet import FleetState

HEIGHTS = [(0, "-low"), (12, "-high")]
"""From how many rows on a screen wears which class."""
TOAST_SECONDS = 6.0
LONG_TOAST_SECONDS = 20.0
"""For what is said while a person is not looking yet: as the program starts."""

_ABOUT_THE_LIBRARY = ("list", "skill", "survey", "evidence", "text", "which", "promotions", "change")
LIBRARY_GROUPS = tuple(f"library-{each}" for each in _ABOUT_THE_LIBRARY)
"""Names of the tasks that ask something about the library."""

COPIED_CHARACTERS = 100
"""Longest copied text that is repeated in the toast."""


@dataclass(frozen=True)
class Options:
    """What was said on the command line."""

    url: str | None = None
    token_file: Path | None = None
    data_dir: Path | None = None
    job: str | None = None
    replay: Path | None = None
    theme: str | None = None


def _palette_commands() -> "type[Provider]":
    from skill_fleet_tui.commands.palette import FleetCommands

    return FleetCommands


def _palette_jobs() -> "type[Provider]":
    from skill_fleet_tui.commands.palette import FleetJobs

    return FleetJobs


class SkillFleetApp(TwoScreens):
    """Wires the parts together.

    Args:
        options: From the command line.
        configured: What the settings file says about the dashboard.
        state: Where choices are kept from one time to the next; `None` keeps them nowhere.
        clock: Monotonic seconds.
        wall: The time of day, in UTC.
        live: False for tests, which give a store and drive the tick themselves.
    """

    TITLE = "Skill Fleet"
    CSS_PATH = Path(__file__).with_name("app.tcss")
    ENABLE_COMMAND_PALETTE = True
    VERTICAL_BREAKPOINTS = HEIGHTS
    COMMANDS = {_palette_commands, _palette_jobs}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", "Quit", show=False, id="app.leave", priority=True)
    ]

    def __init__(
        self,
        options: Options | None = None,
        *,
        configured: Configured | None = None,
        state: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
        live: bool = True,
    ) -> None:
        super().__init__()
        self.options = options or Options()
        self.fleet: FleetState | None = None
        self.session: Session | None = None
        self.keys = KeyMap()
        """The keys that hold."""
        self._clock, self._wall, self._live = clock, wall, live
        self.configured = configured or Configured()
        self.remembered, self._forgotten = load(state) if state is not None else (Remembered(), "")
        self._state = state
        settings = self.configured.settings
        self._tick: Tick = tick_for(os.environ, ssh_beats=settings.ssh_beats)
        self._pulse = Pulse(self._tick, self.beat)
        self._main = MainScreen(pane=settings.pane, compact=settings.density == "compact")
        self._alerts = Alerts(
            self._write_to_terminal,
            clock,
            when=settings.alerts,
            bell=settings.bell,
            notice=settings.notice,
            titled=settings.title,
        )
        self._link_seen = -1
        self._said: dict[str, float] = {}
        """Sentences that are on the screen, and until when."""
        self._server = ""
        self._theme_at_start = self.theme
        self.animation_level = "none"

    def get_default_screen(self) -> MainScreen:
        """The jobs, at once: Textual would make, lay out and draw an empty screen below them first."""
        self._main.expect_size(self.size)
        return self._main

    def on_mount(self) -> None:
        """Paint, and only then fetch what takes time."""
        theme = self.options.theme or self.configured.settings.theme or self.remembered.theme
        if theme:
            self.use_theme(theme)
        self._theme_at_start = self.theme
        if self._live:
            obey_signals(self.leave)
            self.call_after_refresh(self._begin)

    def use_theme(self, name: str) -> None:
        """Choose the colours."""
        if name in self.available_themes:
            self.theme = name
        else:
            self.toast(f"There is no theme {name}; there are {', '.join(sorted(self.available_themes))}.", wrong=True)

    # --- beginning and end ----------------------------------------------------------------------------

    async def _begin(self) -> None:
        self._use_configured()
        await self._main.complete()
        from skill_fleet_tui.store.fleet import FleetState

        self.fleet = FleetState(self._clock, self._pulse.hear)
        if self.options.job:
            self.fleet.selected = self.options.job
        self._pulse.begin(self)
        self.go_live()

    def _use_configured(self) -> None:
        """A person's own keys, and what is wrong with their settings."""
        problems = [*self.configured.problems, *([self._forgotten] if self._forgotten else [])]
        if self.configured.keys:
            from skill_fleet_tui.commands.own_keys import read_keys

            self.keys, wrong = read_keys(self.configured.keys)
            self.set_keymap(dict(self.keys.changed))
            problems += [f"{self.configured.at('dashboard', 'keys', name)}: {said}" for name, said in wrong]
        if problems:
            self.toast("\n".join(problems), wrong=True, seconds=LONG_TOAST_SECONDS)

    def go_live(self) -> None:
        """Talk to the server that the options name, from the beginning."""
        from skill_fleet_tui.running.starting import live_on

        if self.fleet is not None:
            self.run_worker(
                live_on(self, self.fleet), name="session", group="session", exclusive=True, exit_on_error=False
            )

    def connect(self, server: str | None) -> None:
        """Talk to another server: by its address or its name; `None` is this machine's."""
        self.run_worker(self._connect(server), name="connect", group="connect", exclusive=True, exit_on_error=False)

    async def _connect(self, server: str | None) -> None:
        from skill_fleet_tui.store.fleet import FleetState

        self.remember()
        for group in ("session", *LIBRARY_GROUPS):
            for worker in self.workers.cancel_group(self, group):
                with suppress(WorkerError):
                    await worker.wait()
        self.options = replace(self.options, url=server, token_file=None, job=None, replay=None)
        self.session, self.fleet, self.library, self._server = None, FleetState(self._clock, self._pulse.hear), None, ""
        self.beat(urgent=True)
        self.go_live()

    def come_to(self, server: str) -> None:
        """It is known which server this is: the job that was selected there last is selected again."""
        self._server = server
        if self.fleet is not None and self.fleet.selected is None:
            self.fleet.select(self.remembered.jobs.get(server))

    def remember(self) -> None:
        """Keep the choices made in the dashboard itself."""
        if self.fleet is not None:
            self.remembered.select(self._server, self.fleet.selected)
        if self.theme != self._theme_at_start:
            self.remembered.theme = self.theme
        if self._state is not None:
            save(self.remembered, self._state)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A task that dies says so instead of taking the screen with it."""
        if event.state is WorkerState.ERROR:
            self.toast(f"{event.worker.name}: {event.worker.error}", wrong=True)

    def leave(self, code: int = 0) -> None:
        """End the program."""
        self.exit(return_code=code)

    async def action_quit(self) -> None:
        """As `q` does, from wherever the keys are."""
        self._main.action_quit()

    def _fatal_error(self) -> None:
        # Textual's own report shows the values of variables, and among those may be a token.
        self._exit_renderables.append(Text(crash_report(self._exception or Exception())))
        self._close_messages_no_wait()

    def on_unmount(self) -> None:
        """Leave the terminal as it was."""
        self.remember()
        self._alerts.close()

    # --- the tick -------------------------------------------------------------------------------------

    async def on_event(self, event: events.Event) -> None:
        """What a person does may let something look different, as what comes does."""
        if isinstance(event, events.InputEvent | events.Paste):
            self._pulse.hear()
        await super().on_event(event)

    def beat(self, *, urgent: bool = False) -> None:
        """Bring the screen up to date with the store."""
        fleet = self.fleet
        # The timer still ticks while the screen is taken down.
        if fleet is None or not self.is_running or not self._main.is_mounted:
            return
        self._say_why_stopped(fleet)
        edges = fleet.take_edges()
        slow = self._tick.is_slow(self._clock(), urgent=urgent or bool(edges))
        if (shown := self.shown).is_mounted:
            shown.paint(fleet, self._now(fleet), slow=slow)
        for edge in edges:
            if edge.kind == "hitl_pause":
                self._alerts.asked(edge.job_id)
        if slow:
            asking = {job.id: job.title for job in fleet.jobs.values() if job.view.prompt is not None}
            self._alerts.title(len(asking))
            self._alerts.beat(asking, focused=self.app_focus)
            if self.session is not None:
                self.session.attend()

    def _now(self, fleet: "FleetState") -> datetime:
        """The time of day; in a recording, that of the last thing in it, so that it looks as it did then."""
        told = fleet.told_at if fleet.connection.link == "replay" else None
        return told or self._wall()

    def _say_why_stopped(self, fleet: "FleetState") -> None:
        """The status line has room for the beginning; the reason a connection is given up for is said whole, once."""
        connection = fleet.connection
        if connection.version != self._link_seen:
            self._link_seen = connection.version
            if connection.link == "stopped" and connection.detail:
                self.toast(f"{connection.detail} Press r to try again.", wrong=True)

    # --- what screens ask for -------------------------------------------------------------------------

    def toast(self, said: str, *, wrong: bool = False, seconds: float = TOAST_SECONDS) -> None:
        """Say a sentence, unless it still stands there. The one way to do so: text is never markup here."""
        now = self._clock()
        self._said = {one: until for one, until in self._said.items() if until > now}
        if said not in self._said:
            self._said[said] = now + seconds
            self.notify(clean(said), severity="error" if wrong else "information", timeout=seconds, markup=False)

    def answer(self, job_id: str, request: Any) -> None:
        """Send an answer."""
        if self.session is not None:
            self.session.answer(job_id, request)
        else:
            self.toast("There is no server to send this to.", wrong=True)

    def fetch_file(self, ref: tuple[str, str, int], failed: Callable[[], None]) -> None:
        """Fetch the text of a file."""
        if self.session is not None:
            self.session.fetch_file(ref, failed)
        elif self.fleet is not None and self.options.replay is not None:
            self.fleet.file_problems[ref] = "This text is not in the recording, and there is no server to ask for it."

    def edit(self, job_id: str, form: "AnswerForm", path: str) -> None:
        """Edit a file of a prompt, or the text that is being typed."""
        from skill_fleet_tui.terminal.editing import edit_for

        self.run_worker(edit_for(self, job_id, form, path), name="editor", group="editor", exit_on_error=False)

    def copy(self, text: str) -> None:
        """To the terminal's clipboard, as far as the terminal lets us."""
        self.copy_to_clipboard(text)
        lines = text.count("\n") + 1
        said = text if lines == 1 and len(text) <= COPIED_CHARACTERS else f"{lines} lines, {len(text)} characters"
        self.toast(f"Copied {said} (through the terminal, OSC 52).")

    def tend(self, group: str, task: "Task") -> None:
        """Ask the server something about the library; of most groups one thing at a time, the newest.

        Args:
            group: One of `LIBRARY_GROUPS`, without its `library-`.
            task: What to do with a connection.
        """
        from skill_fleet_tui.running.librarian import attempted

        self.run_worker(
            partial(attempted, self, task, changes=group == "change"),
            name="library",
            group=f"library-{group}",
            exclusive=group not in ("change", "text"),
            exit_on_error=False,
        )

    def _write_to_terminal(self, sequence: str) -> None:
        if self._driver is not None and not self.is_headless:
            self._driver.write(sequence)
