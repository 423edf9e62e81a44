"""Which jobs the list shows, in which order: what needs a person on top, forks under the job they came from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

from skill_fleet_common.jobs import JobStatus, Phase
from skill_fleet_tui.store.job import JobState, Urgency

DEEPEST_LEAD: Final = 4
"""Forks of forks are set in by no more columns than these, and their own branch."""

STATES: Final[Mapping[JobStatus, tuple[str, ...]]] = {
    JobStatus.PENDING: ("queued", "pending"),
    JobStatus.RUNNING: ("running",),
    JobStatus.PENDING_HITL: ("asks", "waiting"),
    JobStatus.CANCELLING: ("cancelling",),
    JobStatus.COMPLETED: ("done", "completed"),
    JobStatus.PENDING_REVIEW: ("review",),
    JobStatus.FAILED: ("failed",),
    JobStatus.CANCELLED: ("cancelled",),
}
"""What people call a state, the word that the list shows first."""

UNREAD: Final = "unread"
"""A state that any job can have besides its own."""

TERMS: Final = (
    *(f"state:{words[0]}" for words in STATES.values()),
    f"state:{UNREAD}",
    *(f"phase:{phase}" for phase in Phase),
)
"""What a filter understands besides plain words."""

_TRUNKS: Final = {"": "", "└ ": "  ", "├ ": "│ "}
"""What stands below a branch, before the branches of what hangs on it."""

_RANK: Final = {urgency: rank for rank, urgency in enumerate(Urgency)}


class Entry(NamedTuple):
    """A row of the list."""

    job_id: str
    lead: str = ""
    """What stands before a fork's name: the branch it hangs on."""


@dataclass(frozen=True)
class JobFilter:
    """What a person typed to narrow the list; every word counts.

    A plain word is looked for in whatever is known of a job, its state and its phase included. `state:…` and
    `phase:…` look at one of these only, a `!` in front turns any of them around.
    """

    typed: str = ""

    def __bool__(self) -> bool:
        return bool(self._terms)

    def matches(self, job: JobState) -> bool:
        """Whether a job is listed."""
        return all(_holds(field, word, job) is not negated for negated, field, word in self._terms)

    @cached_property
    def _terms(self) -> list[tuple[bool, str, str]]:
        terms = []
        for typed in self.typed.casefold().split():
            word = typed.removeprefix("!")
            field, colon, value = word.partition(":")
            if colon and field in ("state", "phase"):
                term = (typed.startswith("!"), field, value)
            else:
                term = (typed.startswith("!"), "", word)
            # Half a term that is still being typed excludes nothing.
            if term[2]:
                terms.append(term)
        return terms


def arranged(jobs: Mapping[str, JobState], wanted: JobFilter | None = None) -> list[Entry]:
    """The rows of the list.

    Jobs that ask come first, then those that run, then the others; the newest first. A fork stands under the
    nearest job it descends from that is listed, and both move with the more urgent of them.
    """
    listed = {job.id: job for job in jobs.values() if not wanted or wanted.matches(job)}
    origins = {job_id: _origin(job, jobs, listed) for job_id, job in listed.items()}
    forks: dict[str, list[str]] = {}
    for job_id in sorted(listed, key=lambda job_id: (listed[job_id].view.created_at, job_id)):
        if origin := origins[job_id]:
            forks.setdefault(origin, []).append(job_id)
    families = [list(_family(job_id, forks)) for job_id, origin in origins.items() if not origin]
    families.sort(key=lambda family: max((listed[row.job_id].view.created_at, row.job_id) for row in family))
    families.reverse()
    families.sort(key=lambda family: min(_RANK[listed[row.job_id].urgency] for row in family))
    return [row for family in families for row in family]


def _origin(job: JobState, jobs: Mapping[str, JobState], listed: Mapping[str, JobState]) -> str:
    """The nearest listed job that this one descends from; none, for jobs that descend from each other in a ring."""
    found, above = "", [job.id]
    while (parent := jobs.get(jobs[above[-1]].view.forked_from or "")) is not None:
        if parent.id in above:
            return ""
        above.append(parent.id)
        found = found or (parent.id if parent.id in listed else "")
    return found


def _family(job_id: str, forks: Mapping[str, list[str]]) -> Iterable[Entry]:
    """A job and whatever descends from it, without recursion: a chain of retries may be long."""
    waiting = [(job_id, "", "")]
    while waiting:
        at, trunk, branch = waiting.pop()
        yield Entry(at, f"{trunk[-DEEPEST_LEAD:]}{branch}")
        below, trunk = forks.get(at, []), trunk + _TRUNKS[branch]
        waiting += [(fork, trunk, "└ " if fork == below[-1] else "├ ") for fork in reversed(below)]


def _holds(field: str, word: str, job: JobState) -> bool:
    states = (*STATES[job.view.status], *((UNREAD,) if job.unread else ()))
    match field:
        case "state":
            return any(state.startswith(word) for state in states)
        case "phase":
            return str(job.view.phase or "").startswith(word)
    view = job.view
    asked = str(view.prompt.kind) if view.prompt is not None else ""
    known = (job.title, view.job_id, view.task_description, view.phase or "", view.module or "", asked, *states)
    return any(word in part.casefold() for part in (*known, *view.source_names))
