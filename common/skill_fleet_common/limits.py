"""Bounds on what people may send, shared so that a client can say "too long" before the server has to."""

from typing import Final

TASK_CHARACTERS: Final = 10_000
"""Longest task description, in characters."""

SOURCES: Final = 40
"""Most sources a job takes."""

SOURCE_CHARACTERS: Final = 200_000
"""Longest single source, in characters."""

SOURCES_CHARACTERS: Final = 1_000_000
"""Most text all sources of one job may hold together, in characters."""

SOURCE_NAME_CHARACTERS: Final = 255
"""Longest name of a source, in characters."""

ANSWER_CHARACTERS: Final = 20_000
"""Longest free text in an answer: feedback, a text answer, an "other", in characters."""

EDIT_CHARACTERS: Final = 200_000
"""Longest text a person may put in place of a file, in characters."""

IMPORT_BYTES: Final = 64 * 1024 * 1024
"""Largest zip of skills that can be imported at once."""

FRAME_BYTES: Final = 64 * 1024
"""Largest frame of the stream. What does not fit is sent by reference."""

KEEPALIVE_SECONDS: Final = 3.0
"""A stream is never silent for longer than this."""
