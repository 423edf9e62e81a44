"""Every request the client makes, as a method: models in, models out, errors that say what to do.

What is decoded is cleaned here, so that nothing behind this module has to. Requests that are safe to
repeat (reading, and writing under an idempotency key) are repeated when the connection is cut.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from types import TracebackType
from typing import IO, Any, Final, Self, TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ValidationError

from skill_fleet_common import __version__
from skill_fleet_common.actions import ActionKeywords
from skill_fleet_common.api import (
    AnswerAccepted,
    CancelAccepted,
    CreateJob,
    EventPage,
    ForkJob,
    Health,
    JobAccepted,
    JobDetail,
    JobPage,
    OpenPrompts,
    Prune,
    Pruned,
)
from skill_fleet_common.events import EVENT, Event, UnknownEvent
from skill_fleet_common.jobs import JobStatus
from skill_fleet_common.prompts import AnswerRequest, Prompt
from skill_fleet_tui.client.errors import ClientError, Refused
from skill_fleet_tui.client.responses import decoded, refusal, unreachable
from skill_fleet_tui.client.sse import StreamFrame, frames
from skill_fleet_tui.text.clean import clean

ROOT: Final = "/api/v1"
ATTEMPTS: Final = 3
"""How often a request is sent that is safe to repeat."""
PAUSE_SECONDS: Final = 0.2
"""Before the first repetition; doubled before each further one."""
PIECE_BYTES: Final = 256 * 1024
"""As much of a file is sent at once."""
TIMEOUT_SECONDS: Final = 15.0
CONNECT_SECONDS: Final = 5.0

_Model = TypeVar("_Model", bound=BaseModel)


class ApiClient:
    """A connection to one server. An async context manager; one per program is enough.

    Raises, from every method: `Unreachable`, `Unauthorized`, `Refused` or `NotUnderstood`.
    """

    def __init__(self, url: str, token: str = "", *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        timeout = httpx.Timeout(TIMEOUT_SECONDS, connect=CONNECT_SECONDS)
        # Proxies of the environment are for the world outside; a local server is not reached through them.
        self._http = httpx.AsyncClient(timeout=timeout, transport=transport, trust_env=not _is_local(_parse_url(url)))
        self.point_at(url, token)

    def point_at(self, url: str, token: str) -> None:
        """Send what follows to another address: a local server that was started again has a new port.

        Raises:
            ClientError: If `url` is not the address of a server.
        """
        parsed = _parse_url(url)
        self._url = str(parsed).rstrip("/")
        headers = {"User-Agent": f"skill-fleet/{__version__}"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self._headers = headers

    @property
    def url(self) -> str:
        """Where the server is, without the API's path."""
        return self._url

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close every connection."""
        await self._http.aclose()

    # --- jobs ---------------------------------------------------------------------------------------

    async def create_job(self, job: CreateJob, *, idempotency_key: str) -> JobAccepted:
        """Start a job. The same key finds the same job again."""
        return await self.post("/jobs", JobAccepted, job.model_dump(mode="json"), key=idempotency_key)

    async def jobs(
        self, *, status: JobStatus | None = None, q: str = "", limit: int | None = None, cursor: str | None = None
    ) -> JobPage:
        """One page of jobs, newest first."""
        asked = {"status": status, "q": q or None, "limit": limit, "cursor": cursor}
        return await self.get("/jobs", JobPage, asked)

    async def job(self, job_id: str) -> JobDetail:
        """One job, with its open prompt and text in flight."""
        return await self.get(f"/jobs/{segment(job_id)}", JobDetail)

    async def cancel(self, job_id: str) -> str:
        """Ask to cancel a job.

        Returns:
            The status it is in after that.
        """
        accepted = await self.post(f"/jobs/{segment(job_id)}/cancel", CancelAccepted, repeatable=True)
        return accepted.status

    async def retry(self, job_id: str, *, idempotency_key: str) -> JobAccepted:
        """Run a failed job again from its last good checkpoint."""
        return await self.post(f"/jobs/{segment(job_id)}/retry", JobAccepted, key=idempotency_key)

    async def fork(self, job_id: str, wish: ForkJob, *, idempotency_key: str) -> JobAccepted:
        """Begin a job that shares another's steps up to one of them."""
        return await self.post(
            f"/jobs/{segment(job_id)}/fork",
            JobAccepted,
            wish.model_dump(mode="json", exclude_none=True),
            key=idempotency_key,
        )

    async def prune(self, wish: Prune) -> int:
        """Forget old jobs; returns how many."""
        return (await self.post("/jobs/prune", Pruned, wish.model_dump(mode="json"))).jobs

    async def events(self, job_id: str, *, after: int = 0, limit: int = 500) -> EventPage:
        """One page of a job's events, oldest first."""
        return await self.get(f"/jobs/{segment(job_id)}/events", EventPage, {"after": after, "limit": limit})

    async def all_events(self, job_id: str, *, after: int = 0, limit: int = 500) -> AsyncIterator[Event]:
        """Every event of a job up to now, page by page."""
        more = True
        while more:
            page = await self.events(job_id, after=after, limit=limit)
            for event in page.events:
                yield _event(event)
            more, after = page.more and page.after > after, page.after

    async def file(self, job_id: str, path: str, revision: int | None = None) -> str:
        """A file of the job's skill, clean for showing; the newest revision if none is given."""
        return clean(await self.file_raw(job_id, path, revision))

    async def file_raw(self, job_id: str, path: str, revision: int | None = None) -> str:
        """A file of the job's skill as it is: for writing and editing, not for showing."""
        where = f"/jobs/{segment(job_id)}/files/{quote(path)}"
        asked = {"revision": revision}
        response = await self.send("GET", where, params=asked, repeatable=True, accept="text/plain")
        return response.text

    async def source(self, job_id: str, name: str) -> str:
        """A source that the job was given, clean for showing."""
        where = f"/jobs/{segment(job_id)}/sources"
        response = await self.send("GET", where, params={"name": name}, repeatable=True, accept="text/plain")
        return clean(response.text)

    # --- prompts ------------------------------------------------------------------------------------

    async def prompts(self) -> list[Prompt]:
        """Every open prompt, oldest first."""
        return (await self.get("/hitl", OpenPrompts)).prompts

    async def prompt(self, job_id: str) -> Prompt | None:
        """A job's open prompt, or `None` if it has none."""
        try:
            found = await self.get(f"/hitl/{segment(job_id)}/prompt", _AnyPrompt, wrap="prompt")
        except Refused as error:
            if error.status == httpx.codes.NOT_FOUND:
                return None
            raise
        return found.prompt

    async def answer(self, job_id: str, answer: AnswerRequest, *, idempotency_key: str) -> AnswerAccepted:
        """Answer a job's prompt. One key per person's act: a repetition under it changes nothing."""
        body = answer.model_dump(mode="json", exclude_none=True)
        return await self.post(f"/hitl/{segment(job_id)}/response", AnswerAccepted, body, key=idempotency_key)

    async def keywords(self) -> ActionKeywords:
        """The words from which the server reads actions."""
        return await self.get("/hitl/config", ActionKeywords)

    async def health(self) -> Health:
        """Whether a Skill Fleet server lives there. Needs no token and is sent once."""
        response = await self.send("GET", "/healthz", root="")
        return decoded(response, Health)

    # --- the stream ---------------------------------------------------------------------------------

    @asynccontextmanager
    async def open_stream(
        self, path: str, params: Mapping[str, Any], cursor: str | None
    ) -> AsyncGenerator[AsyncIterator[StreamFrame]]:
        """One connection to a stream, from `cursor` on. It may be silent for ever: the caller keeps the time."""
        headers = {**self._headers, "Accept": "text/event-stream", "Cache-Control": "no-store"}
        if cursor:
            headers["Last-Event-ID"] = cursor
        timeout = httpx.Timeout(CONNECT_SECONDS, read=None)
        try:
            async with self._http.stream(
                "GET", self._url + ROOT + path, params=_given(params), headers=headers, timeout=timeout
            ) as response:
                if response.status_code != httpx.codes.OK:
                    await response.aread()
                    raise refusal(response)
                arriving = frames(response)
                try:
                    yield arriving
                finally:
                    await arriving.aclose()
        except httpx.HTTPError as error:
            raise unreachable(self._url, error) from error

    # --- how ----------------------------------------------------------------------------------------

    async def get(
        self, path: str, model: type[_Model], params: Mapping[str, Any] | None = None, *, wrap: str = ""
    ) -> _Model:
        """What is at a path."""
        return decoded(await self.send("GET", path, params=params or {}, repeatable=True), model, wrap)

    async def post(
        self, path: str, model: type[_Model], body: Any = None, *, key: str = "", repeatable: bool = False
    ) -> _Model:
        """Have something done; under a key it is safe to repeat."""
        headers = {"Idempotency-Key": key} if key else {}
        response = await self.send("POST", path, body=body, headers=headers, repeatable=repeatable or bool(key))
        return decoded(response, model)

    async def send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
        content: IO[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool = False,
        accept: str = "application/json",
        root: str = ROOT,
        seconds: float = TIMEOUT_SECONDS,
    ) -> httpx.Response:
        """One request, sent again when the connection is cut and that is safe.

        Args:
            method: Of HTTP.
            path: Below `root`, its parts already quoted.
            params: Of the query; what is `None` is left out.
            body: What is sent as JSON.
            content: What is sent as it is, piece by piece.
            headers: Beside those that every request has.
            repeatable: Whether sending it again changes nothing.
            accept: What the answer should be.
            root: Where the path begins.
            seconds: How long the server may be silent.
        """
        sent = {**self._headers, "Accept": accept, **(headers or {})}
        for attempt in range(ATTEMPTS if repeatable else 1):
            if attempt:
                await asyncio.sleep(PAUSE_SECONDS * 2 ** (attempt - 1))
            try:
                response = await self._http.request(
                    method,
                    self._url + root + path,
                    params=_given(params or {}),
                    json=body,
                    content=_pieces(content) if content else None,
                    headers=sent,
                    timeout=httpx.Timeout(seconds, connect=CONNECT_SECONDS),
                )
            except httpx.TransportError as error:
                failure = unreachable(self._url, error)
                continue
            except httpx.HTTPError as error:
                raise unreachable(self._url, error) from error
            if response.is_success:
                return response
            raise refusal(response)
        raise failure


async def _pieces(file: IO[bytes]) -> AsyncGenerator[bytes]:
    while piece := await asyncio.to_thread(file.read, PIECE_BYTES):
        yield piece


class _AnyPrompt(BaseModel):
    prompt: Prompt


def _is_local(url: httpx.URL) -> bool:
    return url.host in ("127.0.0.1", "localhost", "::1")


def _parse_url(url: str) -> httpx.URL:
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise ClientError(f"{url} is not an address: {error}.", "Write it like http://127.0.0.1:8765.") from error
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise ClientError(f"{url} is not the address of a server.", "Write it like http://127.0.0.1:8765.")
    return parsed


def segment(text: str) -> str:
    """A text as one part of a path."""
    return quote(text, safe="")


def _given(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in params.items() if value is not None}


def _event(value: dict[str, Any]) -> Event:
    try:
        return EVENT.validate_python(value)
    except ValidationError:
        return UnknownEvent.model_validate(value)
