"""The dashboard's life with a server: finding it, the stream, and every request that a person causes.

Writes into the store, knows no widget. Every task it starts is its own and ends with it.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any
from uuid import uuid4

from skill_fleet_common.api import CreateJob, ForkJob
from skill_fleet_common.jobs import JobView
from skill_fleet_common.prompts import AnswerRequest
from skill_fleet_tui.client.api import ApiClient
from skill_fleet_tui.client.errors import ClientError, Refused
from skill_fleet_tui.client.local import Connection, find_or_start
from skill_fleet_tui.client.states import Connecting, ConnectionState, Live, Stopped, Waiting
from skill_fleet_tui.client.stream import EventStream
from skill_fleet_tui.running.sending import send_answer
from skill_fleet_tui.setup.settings import ClientSettings
from skill_fleet_tui.store.connection import Link
from skill_fleet_tui.store.files import SOURCE
from skill_fleet_tui.store.fleet import FleetState

HISTORY_PAGE = 200
"""Past events that are put into a log at once."""

HISTORY_PAUSE_SECONDS = 2.0
"""Before a job's past is asked for again."""

FILE_PAUSE_SECONDS = 1.0
"""Before a file is asked for again."""

GONE = 404
"""The status of an answer that will not become another one by asking again."""

LOCAL = "local"
"""What the server of this machine is called where servers are told apart."""

Say = Callable[[str, bool], None]
"""Tells a person a sentence; true for one about something that went wrong."""


class Session:
    """One dashboard and its server.

    Args:
        fleet: The store to write into.
        settings: Which server.
        say: Tells a person what became of what they did.
        at_server: Told which server it is, before anything comes from it.
    """

    def __init__(
        self,
        fleet: FleetState,
        settings: ClientSettings,
        say: Say,
        at_server: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._fleet = fleet
        self._settings = settings
        self._say = say
        self._at_server = at_server
        self._api: ApiClient | None = None
        self._stream: EventStream | None = None
        self._cursor: str | None = None
        self._followed: str | None = None
        self._again = asyncio.Event()
        self._tasks: dict[str, asyncio.Task[None]] = {}

    @property
    def api(self) -> ApiClient | None:
        """For what is asked apart from the jobs; `None` before the first connection."""
        return self._api

    # --- the connection -------------------------------------------------------------------------------

    async def run(self) -> None:
        """Stay connected until cancelled. What cannot be mended alone is said, and waits for `retry_now`."""
        try:
            while True:
                try:
                    await self._connected()
                except ClientError as error:
                    self._stopped(error)
                self._again.clear()
                await self._again.wait()
        finally:
            await self._close()

    def retry_now(self) -> None:
        """Connect now."""
        self._again.set()
        if self._stream is not None:
            self._stream.retry_now()

    async def _connected(self) -> None:
        connection = self._fleet.connection
        connection.become(Link.STARTING, "looking for a server…")
        found = await find_or_start(self._settings, on_progress=self._progress, as_set=self._api is None)
        if self._api is None:
            self._api = ApiClient(found.url, found.token)
        self._moved(found)
        self._stream = EventStream(self._api, cursor=self._cursor, locate=self._locate)
        self._stream.follow(self._fleet.selected)
        self._followed = self._fleet.selected
        try:
            await self._stream.run(self._fleet.apply, self._state)
        finally:
            self._cursor, self._stream = self._stream.cursor, None

    async def _locate(self) -> None:
        """A local server that is gone is started again, perhaps at another port."""
        found = await find_or_start(self._settings, on_progress=self._progress)
        self._moved(found)

    def _moved(self, found: Connection) -> None:
        assert self._api is not None
        self._api.point_at(found.url, found.token)
        self._fleet.data_dir = found.data_dir
        self._fleet.connection.server = self._settings.server or found.url.partition("://")[2].rstrip("/")
        # A server of this machine has another port every time.
        self._at_server(self._settings.server or (LOCAL if found.data_dir else found.url))

    def _progress(self, said: str) -> None:
        self._fleet.connection.become(Link.STARTING, said)
        self._fleet.heard()

    def _stopped(self, error: ClientError) -> None:
        said = " ".join(f"{error.message} {error.hint}".split())
        self._fleet.connection.become(Link.STOPPED, said)
        self._fleet.heard()

    def _state(self, state: ConnectionState) -> None:
        connection = self._fleet.connection
        self._fleet.heard()
        match state:
            case Connecting(attempt=attempt):
                connection.become(Link.CONNECTING, "connecting…", attempt=attempt)
            case Live():
                connection.become(Link.LIVE)
            case Waiting(attempt=attempt, retry_at=retry_at, reason=reason):
                connection.become(Link.WAITING, reason, attempt=attempt, retry_at=retry_at)
            case Stopped(reason=reason, error=error):
                hint = f" {error.hint}" if error is not None and error.hint else ""
                connection.become(Link.STOPPED, " ".join(f"{reason}{hint}".split()))

    async def _close(self) -> None:
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._api is not None:
            await self._api.aclose()

    # --- what the screen needs ------------------------------------------------------------------------

    def attend(self) -> None:
        """Called with every slow beat: follow the selected job, fetch what is missing."""
        fleet = self._fleet
        if self._stream is not None and fleet.selected != self._followed:
            self._followed = fleet.selected
            self._stream.follow(fleet.selected)
        if self._api is None or fleet.connection.link is not Link.LIVE:
            return
        for job_id in list(fleet.wanted):
            self._start(f"view {job_id}", self._view(self._api, job_id))
        job = fleet.current
        if job is not None and job.history_missing:
            self._start(f"history {job.id}", self._history(self._api, job.id))

    def fetch_file(self, ref: tuple[str, str, int], failed: Callable[[], None]) -> None:
        """Fetch the text of a file or a source into the store."""
        if self._api is not None:
            self._start(f"file {ref}", self._file(self._api, ref, failed))

    async def read_file(self, job_id: str, path: str, revision: int) -> str:
        """The text of a file as it is, for editing.

        Raises:
            ClientError: If it cannot be had.
        """
        if self._api is None:
            raise ClientError("There is no connection to the server.")
        return await self._api.file_raw(job_id, path, revision)

    async def read_events(self, job_id: str) -> str:
        """All events of a job so far, as JSON lines: what `--replay` plays.

        Raises:
            ClientError: If they cannot be had.
        """
        return "".join([f"{event.model_dump_json()}\n" for event in await self.read_past(job_id)])

    async def read_past(self, job_id: str) -> list[Any]:
        """All events of a job so far.

        Raises:
            ClientError: If they cannot be had.
        """
        if self._api is None:
            raise ClientError("There is no connection to the server.")
        return [event async for event in self._api.all_events(job_id)]

    # --- what a person causes -------------------------------------------------------------------------

    def answer(self, job_id: str, request: AnswerRequest) -> None:
        """Send an answer; its draft says what becomes of it."""
        if self._api is None:
            self._say("There is no connection to the server yet.", True)
            return
        draft = self._fleet.drafts[request.prompt_id]
        self._start(f"answer {request.prompt_id}", send_answer(self._api, job_id, request, draft))

    def take_back(self, prompt_id: str) -> None:
        """Do not send an answer any more that has not arrived yet."""
        if (task := self._tasks.get(f"answer {prompt_id}")) is not None:
            task.cancel()
            self._fleet.drafts[prompt_id].take_back()

    async def create(self, job: CreateJob, key: str) -> str:
        """Start a job.

        Returns:
            Its id.

        Raises:
            ClientError: With what is wrong.
        """
        if self._api is None:
            raise ClientError(
                "There is no connection to the server yet.", "Wait for it, or press r on the main screen."
            )
        accepted = await self._api.create_job(job, idempotency_key=key)
        self._fleet.adopt(accepted.job)
        return accepted.job.job_id

    async def fork(self, job_id: str, wish: ForkJob, key: str) -> str:
        """Begin a job that shares another's steps up to one of them.

        Returns:
            Its id.

        Raises:
            ClientError: With what is wrong.
        """
        if self._api is None:
            raise ClientError("There is no connection to the server.")
        accepted = await self._api.fork(job_id, wish, idempotency_key=key)
        self._fleet.adopt(accepted.job)
        return accepted.job.job_id

    def cancel(self, job_id: str) -> None:
        """Ask the server to cancel a job."""
        self._do(f"cancel {job_id}", self._cancel(job_id))

    def retry(self, job_id: str) -> None:
        """Run a failed job again."""
        self._do(f"retry {job_id}", self._retry(job_id, uuid4().hex))

    # --- inside ---------------------------------------------------------------------------------------

    def _do(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        if self._api is None:
            work.close()
            self._say("There is no connection to the server yet.", True)
        else:
            self._start(name, self._said(work))

    def _start(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Run something once at a time."""
        if name in self._tasks:
            work.close()
            return
        task = self._tasks[name] = asyncio.create_task(work, name=name)
        task.add_done_callback(lambda _: self._done(name))

    def _done(self, name: str) -> None:
        self._tasks.pop(name, None)
        self._fleet.heard()

    async def _said(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except ClientError as error:
            self._say(f"{error.message} {error.hint}".strip(), True)

    async def _cancel(self, job_id: str) -> None:
        assert self._api is not None
        await self._api.cancel(job_id)

    async def _retry(self, job_id: str, key: str) -> None:
        assert self._api is not None
        accepted = await self._api.retry(job_id, idempotency_key=key)
        self._fleet.adopt(accepted.job)
        self._fleet.select(accepted.job.job_id)

    async def _view(self, api: ApiClient, job_id: str) -> None:
        try:
            detail = await api.job(job_id)
            self._fleet.adopt(JobView(**{name: getattr(detail, name) for name in JobView.model_fields}))
            for sync in detail.live:
                self._fleet.apply(sync)
        except ClientError as error:
            self._fleet.wanted.discard(job_id)
            self._say(error.message, True)

    async def _history(self, api: ApiClient, job_id: str) -> None:
        job = self._fleet.jobs[job_id]
        job.loading = True
        batch: list[Any] = []
        try:
            async for event in api.all_events(job_id):
                batch.append(event)
                if len(batch) >= HISTORY_PAGE:
                    self._fleet.add_history(job_id, batch)
                    batch = []
            self._fleet.add_history(job_id, batch)
        except ClientError as error:
            self._say(f"The job's past could not be read: {error.message}", True)
            await asyncio.sleep(HISTORY_PAUSE_SECONDS)
        finally:
            job.loading = False

    async def _file(self, api: ApiClient, ref: tuple[str, str, int], failed: Callable[[], None]) -> None:
        job_id, path, revision = ref
        try:
            asked = api.source(job_id, path) if revision == SOURCE else api.file(job_id, path, revision)
            self._fleet.keep_file(ref, await asked)
            return
        except Refused as refused:
            if refused.status == GONE:
                self._fleet.file_problems[ref] = refused.message
                return
        except ClientError:
            pass
        await asyncio.sleep(FILE_PAUSE_SECONDS)
        failed()
