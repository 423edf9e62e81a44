"""DSPy's chat format, with the part of a prompt that never changes written once. May import DSPy; for the runner."""

from functools import lru_cache

import dspy


class MemoisingChatAdapter(dspy.ChatAdapter):
    """`ChatAdapter` that remembers each signature's system message.

    DSPy writes it anew for each call, JSON schemas included, which is a third of the time a call costs us.
    """

    def __init__(self) -> None:
        # A second try in JSON is an attempt of its own in the runner, announced like any other.
        super().__init__(use_json_adapter_fallback=False)
        self.format_system_message = lru_cache(maxsize=256)(super().format_system_message)
