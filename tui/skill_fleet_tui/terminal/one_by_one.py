"""Keys are dealt with one by one: the next goes to whoever has the keys after what came before it has been done.

Textual gives every key to the widget that has the focus when it arrives, and lets it come back up before it runs what
is bound to it. What is typed right behind a key that opens a screen would go to the screen below, or to one that
cannot take it yet, and be lost. May import Textual; knows no widget.
"""

from collections import deque
from typing import Final

from textual import events
from textual.app import App
from textual.dom import DOMNode
from textual.message import Message
from textual.screen import Screen

AGAIN_SECONDS: Final = 0.25
"""When to send another `Through`, because the last may have been lost with a screen that was closed."""


ROUNDS: Final = 4
"""How often a `Through` goes the way before a key counts as dealt with. A key may set a message going, that another,
and that moves the focus: each is behind the `Through` of its round and before that of the next."""


class Through(Message):
    """Goes the way of the key before it, and so comes back once that has been dealt with."""

    def __init__(self, number: int, screen: Screen[object]) -> None:
        super().__init__()
        self.number = number
        self.screen = screen


class OneByOne(App[None]):
    """An app that holds what is typed until what was typed before has been dealt with."""

    def __init__(self) -> None:
        super().__init__()
        self._typed: deque[events.Key | events.Paste] = deque()
        self._number = 0
        """Of the key that was passed on last."""
        self._under_way = False
        self._rounds = 0
        """That are left for the key."""

    async def on_event(self, event: events.Event) -> None:
        """Hold keys; pass on everything else."""
        if not isinstance(event, events.Key | events.Paste) or event.is_forwarded:
            await super().on_event(event)
            return
        self._typed.append(event)
        if not self._under_way:
            await self._next()
        elif len(self._typed) == 1:
            self._watch()

    async def on_through(self, message: Through) -> None:
        """The key has been dealt with, and the screen it has opened takes keys: on to the next."""
        message.stop()
        if message.number != self._number or not self._under_way or not self._screen_stack:
            # It was sent again, or the last screen has been taken down meanwhile.
            return
        self._rounds -= 1
        if message.screen is self.screen and self._rounds <= 0:
            await self._next()
        else:
            self._follow()

    async def _next(self) -> None:
        self._under_way = bool(self._typed)
        if self._typed:
            self._number += 1
            self._rounds = ROUNDS
            await super().on_event(self._typed.popleft())
            self._follow()

    def _follow(self) -> None:
        if self._screen_stack:
            at: DOMNode = self.focused or self.screen
            at.post_message(Through(self._number, self.screen))

    def _watch(self) -> None:
        number = self._number

        def check() -> None:
            if self._under_way and self._number == number:
                self._follow()
                self._watch()

        self.set_timer(AGAIN_SECONDS, check)
