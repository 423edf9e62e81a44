"""What can end an attempt, in our words: a code, a sentence, and what to do next. May import DSPy and `lm`.

DSPy's errors stay in here: they cannot be pickled, and carry replies and sometimes keys.
"""

import os
import re
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

import dspy

from skill_fleet_common.jobs import Usage
from skill_fleet_server.errors import ModelNotConfigured
from skill_fleet_server.lm.breaker import BreakerOpen

_DETAIL_CHARACTERS = 200
_SECRET = re.compile(r"(?:\b(?:sk|pk|rk)-|\bAIza|\bBearer\s+)[\w*.-]{8,}")
_SECRET_CHARACTERS = 8
"""Shortest value that is taken for a secret."""
_SECRET_VARIABLES = ("_KEY", "_TOKEN", "_SECRET")


class Next(Enum):
    """What follows a failed attempt."""

    RETRY = auto()
    """The same model again, after a wait."""
    REFORMAT = auto()
    """The same model again at once, asked for JSON."""
    FALL_BACK = auto()
    """The next model of the chain."""


@dataclass(frozen=True)
class AttemptFailure:
    """What ended an attempt."""

    code: str
    message: str
    """A sentence for a person."""
    model: str


@dataclass(frozen=True)
class Verdict:
    """An attempt's failure with what the runner needs to know about it."""

    failure: AttemptFailure
    then: Next
    hint: str
    """What a person can try when nothing else helps."""
    retryable: bool
    """Whether the same call may succeed later without anybody changing anything."""
    retry_after_s: float | None = None
    """What the provider asked to wait."""


class StepFailed(Exception):
    """No model of the chain could do it. Plain data, so that a durable workflow can keep it."""

    def __init__(self, code: str, message: str, hint: str, model: str, retryable: bool, usage: Usage) -> None:
        super().__init__(code, message, hint, model, retryable, usage)
        self.code = code
        self.message = message
        """A sentence for a person: what happened, and how often."""
        self.hint = hint
        """What to try."""
        self.model = model
        """The model that failed last."""
        self.retryable = retryable
        self.usage = usage
        """Of all attempts."""

    def __str__(self) -> str:
        return self.message


class Malformed(Exception):
    """The reply is not whole, or its values do not fit the program's outputs."""

    def __init__(self, finish_reason: str | None = None) -> None:
        super().__init__()
        self.finish_reason = finish_reason
        """Why the model stopped."""


@dataclass(frozen=True)
class _Kind:
    code: str
    says: str
    """Follows "The model x ", with the provider's own words after it where `quotes`."""
    hint: str
    then: Next = Next.FALL_BACK
    retryable: bool = False
    quotes: bool = False


_RATE_LIMIT: Final = _Kind(
    "rate_limit", "is busy: its provider limits how often it may be called",
    "Retry in a few minutes, or set a fallback.", Next.RETRY, retryable=True,
)  # fmt: skip
_TIMEOUT: Final = _Kind(
    "timeout", "did not answer within {timeout:g} s", "Retry, raise `timeout_s`, or set a fallback.",
    Next.RETRY, retryable=True,
)  # fmt: skip
_SERVER: Final = _Kind(
    "server_error", "failed at its provider", "Retry in a few minutes, or set a fallback.", Next.RETRY, retryable=True
)
_UNREACHABLE: Final = _Kind(
    "unreachable", "could not be reached, or the connection broke", "Check the network and `api_base`, then retry.",
    Next.RETRY, retryable=True,
)  # fmt: skip
_MALFORMED: Final = _Kind(
    "malformed", "answered in a form that could not be read", "Retry, or choose a more capable model for this module.",
    Next.REFORMAT, retryable=True,
)  # fmt: skip
_CUT: Final = _Kind(
    "malformed", "was cut off at its length limit", "Raise `max_tokens` in the model's parameters.", Next.FALL_BACK
)
_REFUSED: Final = _Kind("refused", "refused to answer", "Reword the request, or choose another model.")
_AUTH: Final = _Kind("auth", "refused the key", "Check the provider's key in the server's environment.")
_BILLING: Final = _Kind("billing", "refused the call for reasons of billing", "Check the account at the provider.")
_CONTEXT: Final = _Kind(
    "context_length",
    "cannot read that much at once",
    "Give fewer or shorter sources, or choose a model that reads more.",
)
_INVALID: Final = _Kind(
    "invalid_request", "did not accept the request", "Check the model's name and its parameters.", quotes=True
)
_NOT_CONFIGURED: Final = _Kind("not_configured", "is not configured", "Set the model and its key; see the settings.")
_OPEN: Final = _Kind(
    "breaker_open", "has failed repeatedly and is left alone for a while", "Retry in a minute, or set a fallback.",
    retryable=True,
)  # fmt: skip

_BY_ERROR: Final[tuple[tuple[type[BaseException], _Kind], ...]] = (
    (BreakerOpen, _OPEN),
    (Malformed, _MALFORMED),
    (dspy.LMRateLimitError, _RATE_LIMIT),
    (dspy.LMTimeoutError, _TIMEOUT),
    (dspy.LMServerError, _SERVER),
    (dspy.LMTransportError, _UNREACHABLE),
    (dspy.LMStreamAssemblyError, _UNREACHABLE),
    (dspy.LMAuthError, _AUTH),
    (dspy.LMBillingError, _BILLING),
    (dspy.ContextWindowExceededError, _CONTEXT),
    (dspy.LMInvalidRequestError, _INVALID),
    (dspy.LMUnsupportedFeatureError, _INVALID),
    (dspy.LMConfigurationError, _NOT_CONFIGURED),
    (ModelNotConfigured, _NOT_CONFIGURED),
    (TimeoutError, _TIMEOUT),
    (dspy.LMError, _SERVER),
)
"""The first that fits counts: subclasses before their bases."""

_BY_FINISH_REASON: Final = {"content_filter": _REFUSED, "length": _CUT}

_UNHEALTHY: Final = frozenset({_TIMEOUT.code, _SERVER.code, _UNREACHABLE.code})

EXPECTED: Final = tuple(error for error, _ in _BY_ERROR)
"""Every error that ends an attempt in the ordinary way. Any other is a mistake of ours."""


def is_unhealthy(error: Exception) -> bool:
    """Whether an error says that the model itself is in trouble, and so counts for its breaker."""
    kind = _kind(error)
    return kind is not None and kind.code in _UNHEALTHY


def judge(error: Exception, model: str, timeout_s: float) -> Verdict:
    """Say what ended an attempt.

    Args:
        error: One of `EXPECTED`.
        model: The model of the attempt.
        timeout_s: The attempt's time limit.
    """
    kind = _kind(error) or _SERVER
    message = f"The model {model} {kind.says.format(timeout=timeout_s)}"
    if kind.quotes and (detail := _harmless(str(getattr(error, "message", "") or ""))):
        message += f": {detail}"
    if isinstance(error, ModelNotConfigured):
        message = error.detail.rstrip(".")
    return Verdict(
        failure=AttemptFailure(kind.code, message + ".", model),
        then=kind.then,
        hint=kind.hint,
        retryable=kind.retryable,
        retry_after_s=getattr(error, "retry_after", None),
    )


def _kind(error: Exception) -> _Kind | None:
    if isinstance(error, Malformed):
        return _BY_FINISH_REASON.get(error.finish_reason or "", _MALFORMED)
    return next((kind for cause, kind in _BY_ERROR if isinstance(error, cause)), None)


def _harmless(detail: str) -> str:
    """The provider's own words, on one line, shortened, without anything that looks like a key."""
    for name, value in os.environ.items():
        if name.endswith(_SECRET_VARIABLES) and len(value) >= _SECRET_CHARACTERS:
            detail = detail.replace(value, "…")
    line = _SECRET.sub("…", " ".join(detail.split())).rstrip(".")
    printable = "".join(char for char in line if char.isprintable())
    return printable if len(printable) <= _DETAIL_CHARACTERS else printable[:_DETAIL_CHARACTERS] + "…"
