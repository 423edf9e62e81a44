"""What every frame of the stream has in common. Below the other modules of this package."""

from typing import Final

from pydantic import BaseModel, ConfigDict

VERSION: Final = 1
"""Of the envelope. A change that breaks clients counts it up."""


class Frame(BaseModel):
    """What every frame has. Frames are facts: they do not change."""

    model_config = ConfigDict(frozen=True)

    v: int = VERSION
    type: str


class NoData(BaseModel):
    """A type that says all by happening."""
