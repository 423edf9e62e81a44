"""What can go wrong, as the server says it.

Each error is raised where its cause is known and translated once at each border: to problem+json by
`api.problems`, to a `failed` event by the workflow, to an exit message by `process`.
"""

from typing import Any, ClassVar

from skill_fleet_common.problems import FieldError


class SkillFleetError(Exception):
    """An error a person can act on.

    `status`, `code` and `title` belong to the class; `detail` says what happened this time and what to do.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"
    title: ClassVar[str] = "Something went wrong"
    exit_code: ClassVar[int] = 1
    """Of a process that this keeps from running."""

    def __init__(self, detail: str = "", *, errors: list[FieldError] | None = None, **extra: Any) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        self.errors = errors or []
        self.extra = extra
        """Members of the problem that only this error has; JSON-ready."""


class NotFound(SkillFleetError):
    """What was asked for does not exist, or is not for this principal to see."""

    status = 404
    code = "not_found"
    title = "Not found"


class Invalid(SkillFleetError):
    """What was sent does not fit; `errors` says where."""

    status = 422
    code = "invalid"
    title = "The request does not fit"


class IdempotencyKeyReused(SkillFleetError):
    """The same key came with another request."""

    status = 422
    code = "idempotency_key_reuse"
    title = "This Idempotency-Key was used for another request"


class AlreadyAnswered(SkillFleetError):
    """Somebody else's answer won; the problem carries it."""

    status = 409
    code = "already_answered"
    title = "This prompt is already answered"


class VersionConflict(SkillFleetError):
    """The prompt changed since the client saw it; the problem carries the current one."""

    status = 409
    code = "version_conflict"
    title = "The prompt has changed"


class PromptGone(SkillFleetError):
    """The prompt expired or was withdrawn, or its job is over."""

    status = 410
    code = "prompt_gone"
    title = "This prompt is no longer open"


class JobStateConflict(SkillFleetError):
    """The job is not in a state that allows this."""

    status = 409
    code = "job_state"
    title = "The job is not in a state for this"


class TooMany(SkillFleetError):
    """A limit is reached; `retry_after_s` says when to come back."""

    status = 429
    code = "too_many"
    title = "There are too many of these"

    def __init__(self, detail: str, *, retry_after_s: int) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class JobOver(SkillFleetError):
    """The job has had its last event; nothing can be added to its log."""

    status = 410
    code = "job_over"
    title = "The job is over"


class NameTaken(SkillFleetError):
    """Another skill of the library, or another principal, has this name."""

    status = 409
    code = "name_taken"
    title = "The name is taken"


class NotPromotable(SkillFleetError):
    """The draft does not pass; the problem carries what is in the way."""

    status = 409
    code = "not_promotable"
    title = "The draft cannot be promoted"


class NotADraft(SkillFleetError):
    """The skill did not come from a draft, or its draft cannot take it back."""

    status = 409
    code = "not_a_draft"
    title = "The skill cannot become a draft again"


class StorageUnavailable(SkillFleetError):
    """The database is read-only, full, locked or gone. Nothing of the request was kept."""

    status = 503
    code = "storage_unavailable"
    title = "The database cannot be written"


class LibraryUnwritable(StorageUnavailable):
    """The library could not be changed. It is as it was."""

    code = "library_unwritable"
    title = "The library cannot be changed"


class ArchiveRefused(SkillFleetError):
    """The archive cannot be used; the library is as it was."""

    status = 422
    code = "archive_refused"
    title = "The archive cannot be imported"


class TaxonomyUnreadable(SkillFleetError):
    """The library's own list of categories cannot be used as it is."""

    status = 409
    code = "taxonomy_unreadable"
    title = "The taxonomy cannot be read"


class ModelNotConfigured(SkillFleetError):
    """The model named in a request or in the settings cannot be used as things are."""

    status = 422
    code = "model_not_configured"
    title = "The model is not configured"


class CannotStart(SkillFleetError):
    """The server cannot start; `detail` says what to do about it."""

    code = "cannot_start"
    title = "The server cannot start"
