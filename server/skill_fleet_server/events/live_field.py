"""One field of a model's reply while it is written: what was added, cut into frames that all connections share.

Below `events.live`, which says when a frame goes out, and `events.live_reader`, which says to whom.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from skill_fleet_common.events import Token, TokenData, TokenSync
from skill_fleet_common.jobs import Phase
from skill_fleet_server.events.frames import encode

FRAME_FULL: Final = 1024
"""As many bytes of new text go out at once."""

_PIECE: Final = 8_192
"""Most characters in one frame: even where each of them is escaped, the frame stays within its limit."""

_RECENT: Final = 32
"""Frames kept per field for connections that keep up: 1.6 s of a fast model."""


@dataclass(frozen=True, slots=True)
class StepIdentity:
    """Which attempt of which step a text belongs to."""

    job_id: str
    phase: Phase | None
    module: str
    step: str
    attempt: int
    after: int
    """Position of the event that began the attempt: no connection gets the text before it got that event."""


class LiveField:
    """One field of one reply. A model's next reply makes another."""

    def __init__(self, identity: StepIdentity, gen: int, name: str, number: int) -> None:
        self.identity = identity
        self.gen = gen
        self.name = name
        self.number = number
        """Rises over all texts of the process."""
        self.length = 0
        """Characters that have been published."""
        self.recent: deque[tuple[int, int, bytes]] = deque(maxlen=_RECENT)
        """Offset, end and frame of what was published last."""
        self._pieces: list[str] = []
        self._pending: list[str] = []
        self._pending_bytes = 0
        self._whole: tuple[int, list[bytes]] = (0, [])

    @property
    def has_pending(self) -> bool:
        """Whether something was added that is in no frame yet."""
        return bool(self._pending)

    @property
    def is_full(self) -> bool:
        """Whether what is in no frame yet is enough for one."""
        return self._pending_bytes >= FRAME_FULL

    def add(self, text: str) -> None:
        """Take in what the model wrote next; `publish` makes frames of it."""
        # Half a surrogate pair, as a model's escapes may give, has no UTF-8.
        raw = text.encode("utf-8", "replace")
        self._pending.append(raw.decode())
        self._pending_bytes += len(raw)

    def publish(self) -> str:
        """Make frames of what was added since the last time, and return it."""
        text = "".join(self._pending)
        self._pending.clear()
        self._pending_bytes = 0
        for piece in _cut(text):
            end = self.length + len(piece)
            self.recent.append((self.length, end, encode(self._token(self.length, piece))))
            self.length = end
        self._pieces.append(text)
        return text

    def text(self) -> str:
        """All that was published."""
        if len(self._pieces) > 1:
            self._pieces = ["".join(self._pieces)]
        return self._pieces[0] if self._pieces else ""

    def sync(self) -> TokenSync:
        """All that was published, as one frame."""
        return self._token_sync(self.text())

    def since(self, offset: int | None) -> list[bytes]:
        """Frames that bring a connection from an offset to the end; `None` when it holds nothing of the text."""
        if offset == self.length:
            return []
        if offset is not None and self.recent and self.recent[0][0] <= offset:
            return [frame for start, _, frame in self.recent if start >= offset]
        return self._sync_frames()

    def _sync_frames(self) -> list[bytes]:
        if self._whole[0] != self.length:
            frames: list[bytes] = []
            offset = 0
            for piece in _cut(self.text()):
                frames.append(encode(self._token(offset, piece) if frames else self._token_sync(piece)))
                offset += len(piece)
            self._whole = (self.length, frames)
        return self._whole[1]

    def _token(self, offset: int, piece: str) -> Token:
        of = self.identity
        return Token(
            job_id=of.job_id, phase=of.phase, module=of.module, attempt=of.attempt, data=self._data(offset, piece)
        )

    def _token_sync(self, text: str) -> TokenSync:
        of = self.identity
        return TokenSync(
            job_id=of.job_id, phase=of.phase, module=of.module, attempt=of.attempt, data=self._data(0, text)
        )

    def _data(self, offset: int, text: str) -> TokenData:
        return TokenData(step=self.identity.step, gen=self.gen, field=self.name, off=offset, text=text)


def _cut(text: str) -> Iterator[str]:
    return (text[at : at + _PIECE] for at in range(0, len(text), _PIECE))
