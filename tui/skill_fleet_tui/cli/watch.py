"""Follows jobs: a live line per job on a terminal, plain lines in a pipe, JSON lines for programs."""

from collections.abc import Callable, Sequence
from contextlib import aclosing
from typing import Protocol, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from skill_fleet_common.jobs import JobStatus, JobView
from skill_fleet_tui.cli.exits import Exit, exit_for_status, worst
from skill_fleet_tui.cli.lines import event_line, job_position, job_title, local_time
from skill_fleet_tui.cli.session import Session
from skill_fleet_tui.client.api import ApiClient
from skill_fleet_tui.client.follow import Follower, JobNews, News
from skill_fleet_tui.client.states import Waiting

_HIDDEN_EVENTS = frozenset({"job_created"})
"""On a terminal the command has just said it."""


def watch(session: Session, jobs: Sequence[str]) -> Exit:
    """Follow these jobs until all are over, or all jobs until interrupted."""
    if len(jobs) == 1:
        session.job_id = jobs[0]
    follower = Follower(jobs)
    follow_until(session, follower, all_over if jobs else lambda _: False)
    return worst([exit_for_status(view.status) for view in follower.views.values()])


def all_over(follower: Follower) -> bool:
    """Whether nothing will happen any more to any job that is followed."""
    return bool(follower.views) and all(
        (view := follower.views.get(job_id)) is not None and view.status.is_terminal for job_id in follower.jobs
    )


def follow_until(session: Session, follower: Follower, enough: Callable[[Follower], bool]) -> None:
    """Tell what happens until it is enough."""

    async def tell(api: ApiClient) -> None:
        with _teller(session, follower) as teller:
            async with aclosing(follower.follow(api, locate=lambda: session.relocate(api))) as heard:
                async for news in heard:
                    teller.tell(news)
                    if enough(follower):
                        return

    session.request(tell)


class _Teller(Protocol):
    def tell(self, news: News) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, *_: object) -> None: ...


def _teller(session: Session, follower: Follower) -> _Teller:
    if session.json:
        return _JsonLines(session)
    if session.out.is_terminal:
        return _Terminal(session.out, several=len(follower.jobs) != 1)
    return _Lines(session, several=len(follower.jobs) != 1)


class _JsonLines:
    """Each event as it is on the wire; a job of which only the view is known, as `{"type": "job"}`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...

    def tell(self, news: News) -> None:
        if not isinstance(news, JobNews):
            return
        if news.event is None:
            self._session.document(job_document(news.view))
        else:
            self._session.document(news.event)


class _Lines:
    """A line per event."""

    def __init__(self, session: Session, *, several: bool) -> None:
        self._session = session
        self._several = several

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...

    def tell(self, news: News) -> None:
        if isinstance(news, JobNews):
            if line := _line(news, several=self._several):
                self._session.line(line)
        elif isinstance(news, Waiting):
            self._session.note(f"{news.reason} Trying again.")


class _Terminal:
    """Lines that scroll away above one live line per job."""

    def __init__(self, console: Console, *, several: bool) -> None:
        columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(20), TimeElapsedColumn())
        self._progress = Progress(*columns, console=console, transient=True)
        self._several = several
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def tell(self, news: News) -> None:
        if isinstance(news, JobNews):
            self._show(news.view)
            hidden = news.event is not None and news.event.type in _HIDDEN_EVENTS and not self._several
            if not hidden and (line := _line(news, several=self._several)):
                self._progress.console.print(line)
        elif isinstance(news, Waiting):
            self._progress.console.print(f"{news.reason} Trying again.", style="dim")

    def _show(self, view: JobView) -> None:
        if view.status.is_terminal:
            if (task := self._tasks.pop(view.job_id, None)) is not None:
                self._progress.remove_task(task)
            return
        if view.job_id not in self._tasks:
            self._tasks[view.job_id] = self._progress.add_task("", total=None)
        words = f"{job_title(view, 32)} · {job_position(view) or 'waiting to begin'}"
        self._progress.update(
            self._tasks[view.job_id],
            description=words,
            total=None if view.progress is None else 1.0,
            completed=view.progress or 0.0,
        )


def job_document(view: JobView) -> dict[str, object]:
    """A job's view among JSON lines, told from events by its type."""
    return {"type": "job", "job": view.model_dump(mode="json", exclude_none=True)}


def _line(news: JobNews, *, several: bool) -> str | None:
    if news.event is None:
        return f"{news.view.job_id}  {job_title(news.view)} · {job_position(news.view)}" if several else None
    if (said := event_line(news.event)) is None:
        return None
    name = f"{job_title(news.view, 24):<24}  " if several else ""
    hint = f"  → skill-fleet answer {news.view.job_id}" if news.view.status is JobStatus.PENDING_HITL else ""
    return f"{local_time(news.event.ts)}  {name}{said}{hint if news.event.type == 'hitl_pause' else ''}"
