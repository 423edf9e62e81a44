"""What a person has typed and chosen for a prompt. It outlives forms, connections and other people's answers."""

from dataclasses import dataclass, field
from uuid import uuid4


@dataclass
class AnswerDraft:
    """What a person has typed and chosen for one prompt, and how sending it goes."""

    choices: dict[str, list[str]] = field(default_factory=dict)
    """Chosen values by step."""
    texts: dict[str, str] = field(default_factory=dict)
    """Typed text by step."""
    edits: dict[str, str] = field(default_factory=dict)
    """New text by file or field."""
    originals: dict[str, str] = field(default_factory=dict)
    """The text of each edited file as it was."""
    at: str = ""
    """The step that is being answered; empty before the first."""
    trail: list[str] = field(default_factory=list)
    """Steps gone through to get there, for going back."""
    cursor: dict[str, int] = field(default_factory=dict)
    """The highlighted choice by step."""
    errors: dict[str, str] = field(default_factory=dict)
    """What the server, or the check before sending, said about a field."""
    notice: str = ""
    """What became of sending it."""
    sending: bool = False
    accepted: bool = False
    """The server has taken it; the job goes on any moment."""
    closed: bool = False
    """Somebody else answered, or the prompt is gone: nothing can be sent any more."""
    key: str = field(default_factory=lambda: uuid4().hex)
    """Idempotency key, the same until it is known what became of the answer."""
    version: int = 0
    """Counts up with every change."""

    @property
    def typed(self) -> str:
        """Everything that was written in words, to be copied when it can no longer be sent."""
        return "\n\n".join(text for text in (*self.texts.values(), *self.edits.values()) if text.strip())

    def touch(self) -> None:
        """Note that something changed."""
        self.version += 1

    def take_back(self) -> None:
        """Sending it was given up: it may be changed, and is sent under another key then."""
        self.sending, self.key = False, uuid4().hex
        self.notice = "Taken back, unless it has arrived already. Change it, or send it again."
        self.touch()

    def close(self, notice: str) -> None:
        """Nothing can be sent any more; what was typed stays to be read."""
        self.closed, self.sending, self.notice = True, False, notice
        self.touch()
