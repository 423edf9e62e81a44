"""What can go wrong between a client and a server: a sentence, and what to do about it."""

from skill_fleet_common.problems import Problem
from skill_fleet_tui.text.clean import clean


class ClientError(Exception):
    """Something a person can act on."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(clean(message))
        self.hint = clean(hint)
        """What to do; may be empty."""

    @property
    def message(self) -> str:
        """What happened, in a sentence."""
        return str(self)


class Unreachable(ClientError):
    """No server answers at the address, or the connection was cut and stayed cut."""


class CannotStart(ClientError):
    """A local server was needed and could not be started."""


class NotUnderstood(ClientError):
    """What answered does not speak this client's version of the protocol, or is no Skill Fleet server."""


class Refused(ClientError):
    """The server said no, and why."""

    def __init__(self, problem: Problem, *, retry_after: float | None = None) -> None:
        super().__init__(_sentence(problem))
        self.problem = problem
        self.retry_after = retry_after
        """Seconds, if the server said when to come back."""

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.problem.status


class Unauthorized(Refused):
    """The token is missing, wrong, or not good for this."""

    def __init__(self, problem: Problem, *, retry_after: float | None = None) -> None:
        super().__init__(problem, retry_after=retry_after)
        self.hint = "Set SKILL_FLEET_TOKEN to the server's token (`token` in its data directory)."


def _sentence(problem: Problem) -> str:
    said = problem.detail or problem.title
    return "\n".join([said, *(f"{error.field}: {error.message}" for error in problem.errors)])


class UsageProblem(ClientError):
    """What a person gave cannot be used: a file, a flag, a value."""
