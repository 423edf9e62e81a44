"""What is said about what ended an attempt."""

import pickle

import dspy
import pytest

from skill_fleet_common.jobs import Usage
from skill_fleet_server.errors import ModelNotConfigured
from skill_fleet_server.lm.breaker import BreakerOpen
from skill_fleet_server.programs.failures import EXPECTED, Malformed, Next, StepFailed, is_unhealthy, judge

MODEL = "openai/gpt-x"


def code(error: Exception) -> str:
    assert isinstance(error, EXPECTED)
    return judge(error, MODEL, 60).failure.code


@pytest.mark.parametrize(
    ("error", "expected", "then", "unhealthy"),
    [
        (dspy.LMRateLimitError("m"), "rate_limit", Next.RETRY, False),
        (TimeoutError(), "timeout", Next.RETRY, True),
        (dspy.LMTimeoutError("m"), "timeout", Next.RETRY, True),
        (dspy.LMServerError("m"), "server_error", Next.RETRY, True),
        (dspy.LMTransportError("m"), "unreachable", Next.RETRY, True),
        (dspy.LMStreamAssemblyError("m"), "unreachable", Next.RETRY, True),
        (Malformed("stop"), "malformed", Next.REFORMAT, False),
        (Malformed("length"), "malformed", Next.FALL_BACK, False),
        (Malformed("content_filter"), "refused", Next.FALL_BACK, False),
        (dspy.LMAuthError("m"), "auth", Next.FALL_BACK, False),
        (dspy.LMBillingError("m"), "billing", Next.FALL_BACK, False),
        (dspy.ContextWindowExceededError(), "context_length", Next.FALL_BACK, False),
        (dspy.LMInvalidRequestError("m"), "invalid_request", Next.FALL_BACK, False),
        (dspy.LMNotConfiguredError("m"), "not_configured", Next.FALL_BACK, False),
        (ModelNotConfigured("Set OPENAI_API_KEY."), "not_configured", Next.FALL_BACK, False),
        (BreakerOpen(MODEL), "breaker_open", Next.FALL_BACK, False),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_each_cause_has_its_code_and_what_follows(error: Exception, expected: str, then: Next, unhealthy: bool) -> None:
    verdict = judge(error, MODEL, 60)
    assert code(error) == expected
    assert verdict.then is then
    assert verdict.hint.endswith(".")
    assert verdict.failure.message.endswith(".")
    assert is_unhealthy(error) is unhealthy


def test_a_mistake_of_ours_is_not_a_models() -> None:
    assert not isinstance(KeyError("x"), EXPECTED)
    assert not is_unhealthy(KeyError("x"))


def test_a_providers_own_words_are_quoted_short_and_without_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROQ_API_KEY", "odd-but-secret")
    detail = "Bad key sk-abcdefghijklmnop\x1b[31m\n odd-but-secret" + "x" * 5000
    message = judge(dspy.LMInvalidRequestError(detail), MODEL, 60).failure.message
    assert "Bad key …" in message
    assert "sk-" not in message
    assert "odd-but" not in message
    assert "\x1b" not in message
    assert len(message) < 350


def test_a_time_out_names_the_limit() -> None:
    assert judge(TimeoutError(), MODEL, 60.0).failure.message == "The model openai/gpt-x did not answer within 60 s."


def test_what_a_provider_asks_to_wait_is_kept() -> None:
    assert judge(dspy.LMRateLimitError("m", retry_after=7.5), MODEL, 60).retry_after_s == 7.5


def test_a_failed_step_survives_a_checkpoint() -> None:
    error = StepFailed("timeout", "It did not answer.", "Retry.", MODEL, True, Usage(calls=3))
    copy = pickle.loads(pickle.dumps(error))
    assert vars(copy) == vars(error)
    assert str(copy) == "It did not answer."
