"""The three things a person can do with a prompt, and how they are read from free text."""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum

from pydantic import BaseModel


class Action(StrEnum):
    """What an answer does with the job that asked."""

    PROCEED = "proceed"
    REVISE = "revise"
    CANCEL = "cancel"


class ActionKeywords(BaseModel):
    """The words from which an action is read, and their version. The server's copy is the one source of truth."""

    version: int
    keywords: Mapping[Action, Sequence[str]]


DEFAULT_KEYWORDS = ActionKeywords(
    version=1,
    keywords={
        Action.PROCEED: (
            "proceed", "yes", "y", "ok", "okay", "accept", "approve", "approved", "confirm", "continue",
            "go", "go ahead", "looks good", "lgtm", "ship it",
        ),
        Action.REVISE: ("revise", "change", "refine", "edit", "modify", "rework", "redo", "fix"),
        Action.CANCEL: ("cancel", "abort", "stop", "quit", "exit", "discard"),
    },
)  # fmt: skip
"""Bundled with every client, for use before the server has been asked."""

_TRAILING_POLITENESS = re.compile(r"[\s,]*(?:please|thanks|thank you)?[\s.!]*$", re.IGNORECASE)


class DetectedAction(BaseModel):
    """An action read from free text, and what the rest of the text says."""

    action: Action
    feedback: str = ""


def detect_action(text: str, keywords: ActionKeywords = DEFAULT_KEYWORDS) -> DetectedAction | None:
    """Read an action from what a person typed.

    Only a text that says nothing else proceeds or cancels: "ok" proceeds, "ok but shorten it" asks for a
    revision, and "don't proceed" is never read as its opposite. Anything else is feedback for a revision.

    Returns:
        The action and the feedback, or `None` for a text without content.
    """
    said = text.strip()
    if not said:
        return None
    bare = _TRAILING_POLITENESS.sub("", said).casefold()
    for action in (Action.PROCEED, Action.CANCEL):
        if bare in keywords.keywords.get(action, ()):
            return DetectedAction(action=action)
    for keyword in sorted(keywords.keywords.get(Action.REVISE, ()), key=len, reverse=True):
        if bare == keyword:
            return DetectedAction(action=Action.REVISE)
        if match := re.match(rf"{re.escape(keyword)}\s*:\s*", said, re.IGNORECASE):
            return DetectedAction(action=Action.REVISE, feedback=said[match.end() :])
    return DetectedAction(action=Action.REVISE, feedback=said)
