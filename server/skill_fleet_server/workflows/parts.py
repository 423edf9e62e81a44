"""What the workflow needs of the server; the same for every job."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from skill_fleet_server.events.live import LiveText
from skill_fleet_server.hitl.prompts import Prompts
from skill_fleet_server.hitl.signals import Signals
from skill_fleet_server.library.catalog import Catalog
from skill_fleet_server.library.drafts import Drafts
from skill_fleet_server.library.taxonomy import Taxonomy
from skill_fleet_server.programs.runner import StepRunner


@dataclass(frozen=True)
class Parts:
    """Made by `services`, used by every `JobRun`."""

    live: LiveText
    prompts: Prompts
    signals: Signals
    runner: StepRunner
    catalog: Catalog
    taxonomy: Callable[[], Taxonomy]
    """Reads the taxonomy as it is now. Not for the event loop's thread."""
    drafts: Drafts
    is_fleet: bool = False
    """Whether other processes take up what this one leaves."""
    prompt_expiry: timedelta | None = None
    """How long a prompt waits for an answer; for ever by default."""
