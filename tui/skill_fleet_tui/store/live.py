"""Text that models are writing right now, per step and field, by the rules of generations and offsets."""

from dataclasses import dataclass, field

from skill_fleet_common.events import Token, TokenSync


@dataclass
class LiveText:
    """One field in flight."""

    module: str
    step: str
    field: str
    gen: int
    attempt: int = 1
    gap: bool = False
    """Something was missed: what follows is thrown away until the whole text comes."""
    settled: bool = False
    """The module has ended; the text stays until what it became has arrived."""
    version: int = 0
    began: float | None = None
    """Monotonic seconds at the generation's first text, for the rate."""
    latest: float | None = None
    """Monotonic seconds when text came last."""
    _parts: list[str] = field(default_factory=list)
    _length: int = 0

    @property
    def text(self) -> str:
        """The whole text so far."""
        if len(self._parts) > 1:
            self._parts = ["".join(self._parts)]
        return self._parts[0] if self._parts else ""

    @property
    def length(self) -> int:
        """In characters."""
        return self._length

    def take(self, token: Token, now: float) -> None:
        """Append a piece, if it is the next one."""
        data = token.data
        if data.gen < self.gen:
            return
        if data.gen > self.gen and not (self.gap and data.off):
            self._begin(data.gen, token.attempt)
        if self.gap or data.off + len(data.text) <= self._length:
            return
        if data.off > self._length:
            self.gap = True
            self.version += 1
            return
        self._append(data.text[self._length - data.off :], now)

    def replace(self, sync: TokenSync, now: float) -> None:
        """Take the whole text so far."""
        if sync.data.gen < self.gen:
            return
        self._begin(sync.data.gen, sync.attempt)
        self._append(sync.data.text, now)

    def doubt(self) -> None:
        """A new connection begins, perhaps to a new process: wait for the whole text, of whatever generation."""
        self.gen, self.gap = -1, True

    def _begin(self, gen: int, attempt: int) -> None:
        self.gen, self.attempt = gen, attempt
        self.gap = self.settled = False
        self._parts, self._length, self.began, self.latest = [], 0, None, None
        self.version += 1

    def _append(self, text: str, now: float) -> None:
        self.began, self.latest = now if self.began is None else self.began, now
        self._parts.append(text)
        self._length += len(text)
        self.version += 1


class LiveFields:
    """Every field of a job that is in flight."""

    def __init__(self) -> None:
        self.version = 0
        """Counts up with every change to any of them."""
        self._fields: dict[tuple[str, str], LiveText] = {}
        self._void: dict[str, int] = {}
        """By step, the newest generation whose text counts for nothing."""
        self._ended: set[str] = set()
        """Steps that write nothing until they begin again, whatever still comes."""

    def take(self, frame: Token | TokenSync, now: float) -> None:
        """Take in a frame of text in flight, unless it comes too late."""
        key = (frame.data.step, frame.data.field)
        if frame.data.step in self._ended or frame.data.gen <= self._void.get(frame.data.step, -1):
            return
        held = self._fields.get(key)
        if held is None:
            held = LiveText(frame.module, frame.data.step, frame.data.field, frame.data.gen, frame.attempt)
            self._fields[key] = held
        if isinstance(frame, TokenSync):
            held.replace(frame, now)
        else:
            held.take(frame, now)
        self.version += 1

    def begin(self, step: str) -> None:
        """The step begins, or begins again in another process."""
        self._void.pop(step, None)
        self._ended.discard(step)
        self._drop(step)

    def go_on(self, step: str) -> None:
        """The step is at work, whatever was said of it before."""
        self._ended.discard(step)

    def void(self, step: str) -> None:
        """The step begins another attempt: its text counts for nothing."""
        self._ended.discard(step)
        gens = [held.gen for (of, _), held in self._fields.items() if of == step]
        if gens:
            self._void[step] = max(gens)
        self._drop(step)

    def doubt(self) -> None:
        """A new connection begins: what is still in flight will be sent whole."""
        self._void.clear()
        for held in self._fields.values():
            held.doubt()

    def settle(self, step: str) -> None:
        """The step has ended: its text is what it will stay, until it begins again."""
        self._ended.add(step)
        for (of, _), held in self._fields.items():
            if of == step:
                held.settled = True
        self.version += 1

    def _drop(self, step: str) -> None:
        for key in [key for key in self._fields if key[0] == step]:
            del self._fields[key]
        self.version += 1

    def of_step(self, step: str) -> list[LiveText]:
        """The step's fields that are still being written, in the order they began."""
        return [held for (of, _), held in self._fields.items() if of == step and not held.settled]

    def all(self) -> list[LiveText]:
        """Every field held, settled ones too, in the order they began."""
        return list(self._fields.values())
