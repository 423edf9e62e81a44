"""What there is for commands to work on: decides which are offered. Knows the store, no Textual."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from skill_fleet_common.jobs import JobView
    from skill_fleet_tui.store.fleet import FleetState


def possible(fleet: "FleetState | None") -> frozenset[str]:
    """What is there now, in the words that a command's `needs` uses."""
    if fleet is None:
        return frozenset()
    job, found = fleet.current, set()
    if job is not None:
        found.add("job")
        if job.view.prompt is not None:
            found.add("question")
        if not job.view.status.is_terminal:
            found.add("alive")
        if job.view.files:
            found.add("files")
        if job.view.forked_from:
            found.add("origin")
        if str(fleet.connection.link) != "replay" and ended_steps(job.view):
            found.add("steps")
        if job.view.status == "failed":
            found.add("retry")
    if str(fleet.connection.link) in ("waiting", "stopped"):
        found.add("retry")
    if fleet.next_question() is not None:
        found.add("questions")
    return frozenset(found)


def ended_steps(job: "JobView") -> list[str]:
    """The modules' steps that a fork can begin with."""
    return [run.step for run in job.modules if run.status in ("done", "failed")]
