"""The exit codes of these commands: those of `skill-fleet`, which a test compares."""

from enum import IntEnum


class Exit(IntEnum):
    """Why a command ended."""

    OK = 0
    """Done; nothing is wrong."""
    FAILED = 1
    """Something could not be done: a file not written, a worker lost."""
    USAGE = 2
    """What was given does not fit."""
    NOT_FOUND = 7
    """There is no such file or directory."""
    NEEDS_REVIEW = 8
    """Errors were found."""
    INTERRUPTED = 130
    """Interrupted from the keyboard."""
