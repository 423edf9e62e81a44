"""Jobs as they go on, for a program without a screen: each event once, with the view it leads to.

What a snapshot stands for but does not tell (the events before it) is read from the job's log, so that a
follower hears the same story whenever it came and however often it was cut off.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass

from skill_fleet_common.events import DurableEvent, Event, Snapshot, UnknownEvent
from skill_fleet_common.fold import apply
from skill_fleet_common.jobs import JobView
from skill_fleet_tui.client.api import ApiClient
from skill_fleet_tui.client.states import Connecting, ConnectionState, Live, Stopped, Waiting
from skill_fleet_tui.client.stream import EventStream


@dataclass(frozen=True, slots=True)
class JobNews:
    """A job's view, and the event that led to it; no event where the view is all that is known."""

    view: JobView
    event: DurableEvent | UnknownEvent | None = None


News = JobNews | ConnectionState


class Follower:
    """Follows some jobs, or all. Remembers how far it is, so that it can stop and go on without repeating itself."""

    def __init__(self, jobs: Sequence[str] = ()) -> None:
        self.jobs = list(dict.fromkeys(jobs))
        """Of these; of all, if empty."""
        self.views: dict[str, JobView] = {}
        """The newest view of each job."""

    async def follow(
        self, api: ApiClient, *, locate: Callable[[], Awaitable[None]] | None = None
    ) -> AsyncGenerator[News, None]:
        """What happens, until the consumer has heard enough: of named jobs the whole story, of all jobs what comes.

        Args:
            api: Whom to ask.
            locate: What to do before trying a lost server again, as `EventStream` takes it.

        Raises:
            ClientError: If a named job does not exist, or the server refuses. A lost connection is only a state.
        """
        for job_id in self.jobs:
            async for news in self._catch_up(api, await api.job(job_id)):
                yield news
        stream = EventStream(api, jobs=self.jobs, locate=locate)
        arrived: asyncio.Queue[Event | ConnectionState | Exception] = asyncio.Queue()
        reading = asyncio.create_task(_read(stream, arrived))
        try:
            while True:
                item = await arrived.get()
                if isinstance(item, Exception):
                    raise item
                async for news in self._news(api, item):
                    yield news
        finally:
            reading.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await reading

    async def _news(self, api: ApiClient, item: Event | ConnectionState) -> AsyncGenerator[News, None]:
        match item:
            case Snapshot() if self.jobs or item.job_id in self.views:
                async for news in self._catch_up(api, item.data.job):
                    yield news
            case Snapshot():
                yield self._replace(item.data.job)
            case DurableEvent() | UnknownEvent():
                if news := self._apply(item):
                    yield news
            case Stopped() if item.error:
                raise item.error
            case Connecting() | Live() | Waiting() | Stopped():
                yield item

    async def _catch_up(self, api: ApiClient, now: JobView) -> AsyncGenerator[JobNews, None]:
        """The events between what is known of a job and what is true now."""
        known = self.views.get(now.job_id)
        if known and known.seq >= now.seq:
            return
        async for event in api.all_events(now.job_id, after=known.pos if known else 0):
            if isinstance(event, DurableEvent | UnknownEvent) and (news := self._apply(event)):
                yield news
        told = self.views.get(now.job_id)
        if told is None or told.seq < now.seq:  # the log is trimmed
            yield self._replace(now)

    def _apply(self, event: DurableEvent | UnknownEvent) -> JobNews | None:
        known = self.views.get(event.job_id or "")
        if not event.job_id or not event.seq or (known and event.seq <= known.seq):
            return None
        if known is None and event.type != "job_created":
            return None
        self.views[event.job_id] = view = apply(known, event)
        return JobNews(view, event)

    def _replace(self, view: JobView) -> JobNews:
        self.views[view.job_id] = view
        return JobNews(view)


async def _read(stream: EventStream, arrived: asyncio.Queue[Event | ConnectionState | Exception]) -> None:
    try:
        await stream.run(arrived.put_nowait, arrived.put_nowait)
    except Exception as error:  # raised again by who reads the queue
        arrived.put_nowait(error)
