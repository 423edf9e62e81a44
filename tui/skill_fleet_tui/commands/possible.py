"""What there is for commands to work on: decides which are offered. Knows the store, no Textual."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from skill_fleet_common.jobs import JobView
    from skill_fleet_tui.store.fleet import FleetState
    from skill_fleet_tui.store.library import LibraryState


def possible(fleet: "FleetState | None", library: "LibraryState | None" = None) -> frozenset[str]:
    """What is there on the jobs screen now, in the words that a command's `needs` uses."""
    if fleet is None:
        return frozenset()
    job, found = fleet.current, {"home", *_anywhere(fleet, library)}
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
        if job.view.result is not None and not (library is not None and job.id in library.promoted):
            found.add("draft")
    return frozenset(found)


def possible_with_skills(fleet: "FleetState | None", library: "LibraryState | None", *, disk: bool) -> frozenset[str]:
    """What is there on the Skills screen now.

    Args:
        fleet: The jobs.
        library: The skills.
        disk: Whether files of this machine are the person's own: not in a browser.
    """
    if fleet is None or library is None:
        return frozenset({"elsewhere"})
    found = {"elsewhere", *_anywhere(fleet, library), *({"disk"} if disk else ())}
    if library.skills:
        found.add("skills")
    if library.trash:
        found.add("trash")
    if any(job.view.result is not None and job.id not in library.promoted for job in fleet.jobs.values()):
        found.add("draft")
    if library.current is not None:
        found |= {"skill", "own-skill"} if disk else {"skill"}
    if (detail := library.detail) is not None:
        found.add("files")
        if library.provenance:
            found.add("origins")
        if detail.findings:
            found.add("findings")
        if detail.job_id in fleet.jobs:
            found.add("made")
    return frozenset(found)


def _anywhere(fleet: "FleetState", library: "LibraryState | None") -> set[str]:
    found: set[str] = set()
    if str(fleet.connection.link) in ("waiting", "stopped"):
        found.add("retry")
    if fleet.next_question() is not None:
        found.add("questions")
    if library is not None and library.undo is not None:
        found.add("undo")
    return found


def ended_steps(job: "JobView") -> list[str]:
    """The modules' steps that a fork can begin with."""
    return [run.step for run in job.modules if run.status in ("done", "failed")]
