"""What the exit code of a command says. Scripts rely on it: a number never changes its meaning."""

from enum import IntEnum

from skill_fleet_common.jobs import JobStatus
from skill_fleet_tui.client.errors import CannotStart, ClientError, Refused, Unauthorized, Unreachable, UsageProblem


class Exit(IntEnum):
    """Why a command ended."""

    OK = 0
    """Done; the job, if it was waited for, is completed."""
    FAILED = 1
    """The job failed, or the server could not do what was asked."""
    USAGE = 2
    """What was given does not fit: arguments, files, an answer."""
    ASKS = 3
    """The job waits for an answer, and there is nobody here to ask."""
    CANCELLED = 4
    """The job was cancelled."""
    UNREACHABLE = 5
    """No server could be reached or started."""
    UNAUTHORIZED = 6
    """The server does not accept the token."""
    NOT_FOUND = 7
    """There is no such job, or no such file."""
    NEEDS_REVIEW = 8
    """The job finished with errors that nobody was asked about."""
    INTERRUPTED = 130
    """Interrupted from the keyboard. The job goes on."""


_BY_STATUS = {
    JobStatus.COMPLETED: Exit.OK,
    JobStatus.FAILED: Exit.FAILED,
    JobStatus.CANCELLED: Exit.CANCELLED,
    JobStatus.PENDING_REVIEW: Exit.NEEDS_REVIEW,
    JobStatus.PENDING_HITL: Exit.ASKS,
}
_WORST_FIRST = (Exit.FAILED, Exit.CANCELLED, Exit.NEEDS_REVIEW, Exit.ASKS)


def exit_for_status(status: JobStatus) -> Exit:
    """The code for a job that is left in this status."""
    return _BY_STATUS.get(status, Exit.OK)


def worst(exits: list[Exit]) -> Exit:
    """The code for several jobs: that of the one that went worst."""
    return next((code for code in _WORST_FIRST if code in exits), Exit.OK)


_TOO_MANY = 429
"""What was given fits, but there is no room for it now."""


def exit_for_error(error: ClientError) -> Exit:
    """The code for an error."""
    match error:
        case UsageProblem():
            return Exit.USAGE
        case Unauthorized():
            return Exit.UNAUTHORIZED
        case Refused(status=404):
            return Exit.NOT_FOUND
        case Refused() if error.status < 500 and error.status != _TOO_MANY:
            return Exit.USAGE
        case Unreachable() | CannotStart():
            return Exit.UNREACHABLE
        case _:
            return Exit.FAILED
