"""Text in flight for the other processes of a fleet: what a model writes there is seen here.

Pieces travel as notifications, which nobody keeps. Each says at which offset it goes, so one that is missing
shows, and who misses something asks for the whole. What is heard becomes text in flight of this process
(`LiveText`), for the same connections and in the same frames as its own.
"""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import psycopg
import structlog

from skill_fleet_common.jobs import Phase
from skill_fleet_server.events.live import LiveStep, LiveText
from skill_fleet_server.events.live_field import StepIdentity

CHANNEL: Final = "skill_fleet_text"

FLUSH_S: Final = 0.1
"""How long pieces are gathered before they go out together."""

_PIECE: Final = 1_200
"""Most characters in one notification, which holds 7,999 bytes: even where each of them is escaped."""

_ASK_AGAIN_S: Final = 1.0
_SILENT_S: Final = 60.0
"""After so long without a word a step is taken to have died with its process."""

_AGAIN_S: Final = 0.5
_REMEMBERED: Final = 4_096

_log = structlog.get_logger(__name__)

StepKey = tuple[str, str, int]
"""Job, step, attempt."""


@dataclass
class _Heard:
    """A step that runs elsewhere."""

    step: LiveStep
    heard_at: float
    asked_at: float = 0.0
    held: dict[tuple[int, str], int] = field(default_factory=dict)
    """Characters held, by reply and field."""


class Relay:
    """Tells other processes what models write here, and hears what they write there. `run` and the listener are owned
    by the server's life cycle.

    Args:
        live: This process's text in flight.
        executor: Names this process.
        dsn: Of the database through which the processes talk.
    """

    def __init__(self, live: LiveText, executor: str, dsn: str) -> None:
        self._live = live
        self._executor = executor
        self._dsn = dsn
        self._outgoing: list[str] = []
        self._heard: dict[StepKey, _Heard] = {}
        self._newest: dict[tuple[str, str], int] = {}
        """The newest attempt that was heard of each step: one before it, told again, is void."""
        live.relay = self

    async def run(self) -> None:
        """Send what is said, until cancelled. What cannot be sent is dropped: who misses it will ask."""
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(self._dsn, autocommit=True) as connection:
                    while True:
                        await asyncio.sleep(FLUSH_S)
                        self._forget_silent()
                        said, self._outgoing = self._outgoing, []
                        if said:
                            await connection.execute(
                                "SELECT pg_notify(%s, said) FROM unnest(%s::text[]) AS said", (CHANNEL, said)
                            )
            except psycopg.Error as error:
                _log.warning("relay_interrupted", error=type(error).__name__)
                self._outgoing.clear()
                await asyncio.sleep(_AGAIN_S)

    # --- what is written here -------------------------------------------------------------------------

    def wrote(self, of: StepIdentity, gen: int, name: str, offset: int, text: str) -> None:
        """A model has written more of a field."""
        if (of.job_id, of.step, of.attempt) in self._heard:
            return
        about = {
            "phase": of.phase, "module": of.module, "after": of.after, "gen": gen, "field": name
        }  # fmt: skip
        for at in range(0, len(text), _PIECE):
            self._say(of, **about, off=offset + at, text=text[at : at + _PIECE])

    def ended(self, of: StepIdentity) -> None:
        """A model is done with an attempt."""
        if self._heard.pop((of.job_id, of.step, of.attempt), None) is None:
            self._say(of, end=True)

    def _say(self, of: StepIdentity, **what: Any) -> None:
        said = {"from": self._executor, "job": of.job_id, "step": of.step, "attempt": of.attempt, **what}
        self._outgoing.append(json.dumps(said, ensure_ascii=False, separators=(",", ":")))

    # --- what is written elsewhere --------------------------------------------------------------------

    def listening(self) -> None:
        """From now on everything is heard: ask for all that was said before."""
        self._outgoing.append(json.dumps({"from": self._executor, "ask_all": True}))

    def hear(self, payload: str) -> None:
        """Take in what another process says."""
        try:
            said = json.loads(payload)
            if said["from"] != self._executor:
                self._hear(said)
        except (ValueError, KeyError, TypeError):
            _log.warning("relay_not_understood")

    def _hear(self, said: dict[str, Any]) -> None:
        if said.get("ask_all"):
            self._tell_all(None)
            return
        key: StepKey = (said["job"], said["step"], said["attempt"])
        if said.get("ask"):
            self._tell_all(key)
        elif said.get("end"):
            self._end(key)
        else:
            self._take(key, said)

    def _take(self, key: StepKey, said: dict[str, Any]) -> None:
        if said["attempt"] < self._newest.get(key[:2], 0):
            return
        heard = self._heard.get(key) or self._begin(key, said)
        heard.heard_at = self._live.time()
        at = (said["gen"], said["field"])
        held, offset, text = heard.held.get(at, 0), said["off"], said["text"]
        if offset > held:
            self._ask(key, heard)
            return
        new = text[held - offset :]
        if new:
            heard.held[at] = held + len(new)
            heard.step.write(said["gen"], said["field"], new)

    def _begin(self, key: StepKey, said: dict[str, Any]) -> _Heard:
        job_id, step, attempt = key
        self._newest[key[:2]] = attempt
        if len(self._newest) > _REMEMBERED:
            del self._newest[next(iter(self._newest))]
        for older in [other for other in self._heard if other[:2] == key[:2]]:
            self._end(older)
        phase = Phase(said["phase"]) if said["phase"] else None
        live = self._live.begin(
            job_id=job_id, phase=phase, module=said["module"], step=step, attempt=attempt, after=said["after"]
        )
        heard = self._heard[key] = _Heard(live, self._live.time())
        return heard

    def _end(self, key: StepKey) -> None:
        if heard := self._heard.get(key):
            heard.step.end()
            self._heard.pop(key, None)

    def _ask(self, key: StepKey, heard: _Heard) -> None:
        now = self._live.time()
        if now - heard.asked_at >= _ASK_AGAIN_S:
            heard.asked_at = now
            self._say(heard.step.identity, ask=True)

    def _tell_all(self, key: StepKey | None) -> None:
        """Say again all that was written of a step, if it runs here; of every one that does, if none is named."""
        for step in self._own_steps(key):
            for text in step.texts.values():
                self.wrote(step.identity, text.gen, text.name, 0, text.text())

    def _own_steps(self, key: StepKey | None) -> Iterator[LiveStep]:
        for step in self._live.steps():
            of = step.identity
            own: StepKey = (of.job_id, of.step, of.attempt)
            if key in (own, None) and own not in self._heard and not step.ended:
                yield step

    def _forget_silent(self) -> None:
        limit = self._live.time() - _SILENT_S
        for key in [key for key, heard in self._heard.items() if heard.heard_at < limit]:
            self._end(key)
