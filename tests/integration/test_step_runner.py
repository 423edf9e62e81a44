"""The step runner through DSPy's real provider path, against a stub OpenAI-compatible server in another process."""

import asyncio
import pickle
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from skill_fleet_server.programs.failures import StepFailed
from skill_fleet_server.programs.registry import PROGRAMS
from skill_fleet_server.programs.runner import LONGEST_WAIT_S, StepResult, StepRunner
from tests.support.runs import ANSWERS, EXCERPTS, PLAN, REQUIREMENTS, TASK, Recorder, runner, write_skill_inputs
from tests.support.stub_llm import BODY, StubLLM, running_stub_llm

INPUTS: dict[str, dict[str, Any]] = {
    "gather_requirements": {"task": TASK, "excerpts": EXCERPTS, "went_wrong": []},
    "analyze_intent": {"task": TASK, "requirements": REQUIREMENTS, "answers": ANSWERS},
    "find_taxonomy_path": {"task": TASK, "requirements": REQUIREMENTS, "taxonomy": [{"path": "ops/logging"}]},
    "analyze_dependencies": {"task": TASK, "requirements": REQUIREMENTS, "library": []},
    "synthesize_plan": {
        "task": TASK, "requirements": REQUIREMENTS, "taxonomy_path": "ops", "dependencies": {}, "answers": ANSWERS,
        "intent": {"purpose": "p", "audience": "a", "value": "v"}, "excerpts": EXCERPTS, "existing": "", "feedback": "",
        "previous": None,
    },
    "write_skill": write_skill_inputs(),
    "write_resource": {"plan": PLAN, "path": "references/a.md", "purpose": "p", "excerpts": EXCERPTS, "body": BODY},
    "attribute_sources": {"instructions": [{"line": 3, "text": "Do it."}], "excerpts": EXCERPTS, "answers": ANSWERS},
    "generate_test_cases": {"requirements": {"domain": "logs", "topics": ["a", "b", "c"]}},
    "assess_quality": {"skill_md": BODY, "plan": PLAN, "excerpts": EXCERPTS, "findings": []},
    "refine_skill": {
        "body": BODY, "findings": [], "remarks": [], "measures": [], "excerpts": EXCERPTS, "feedback": "", "plan": PLAN,
    },
}  # fmt: skip


@pytest.fixture
async def stub(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[StubLLM]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-not-a-real-key")
    for variable in ("OPENAI_API_BASE", "OPENAI_BASE_URL"):
        monkeypatch.delenv(variable, raising=False)
    async with running_stub_llm() as running:
        yield running


def runner_on(stub: StubLLM, behaviour: str = "stub", **settings: Any) -> StepRunner:
    return runner(default=f"openai/{behaviour}", api_base=stub.api_base, **settings)


async def write(running: StepRunner, seen: Recorder, **options: Any) -> StepResult:
    try:
        return await running.run(PROGRAMS["write_skill"], write_skill_inputs(), seen, **options)
    finally:
        await running.aclose()


async def until(condition: Callable[[], Awaitable[bool]], deadline_s: float = 5) -> None:
    async with asyncio.timeout(deadline_s):
        while not await condition():  # noqa: ASYNC110 - what is waited for is in another process
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("behaviour", ["stub", "stub-garbagex1"], ids=["as chat", "as JSON"])
async def test_every_program_gets_outputs_that_fit(stub: StubLLM, behaviour: str) -> None:
    for name, program in PROGRAMS.items():
        running = runner_on(stub, f"{behaviour}-{name}")
        result = await running.run(program, INPUTS[name], Recorder())
        assert program.outputs.model_validate(result.outputs).model_dump(mode="json") == result.outputs, name
        await running.aclose()


async def test_what_streams_is_what_comes_out(stub: StubLLM) -> None:
    seen = Recorder()
    result = await write(runner_on(stub), seen)
    assert result.outputs == {"body": BODY.strip()}
    assert seen.texts == {(1 << 8, "body"): BODY.strip()}
    assert (result.model, result.attempt, result.degraded) == ("openai/stub", 1, False)
    assert (result.usage.calls, result.usage.input_tokens, result.usage.output_tokens) == (1, 100, 20)
    assert result.usage.unpriced_calls == 1


async def test_candidates_are_written_at_temperatures_of_their_own_and_the_first_as_configured(stub: StubLLM) -> None:
    running = runner_on(stub, "stub-candidates", parameters={"temperature": 0.2})
    for candidate in range(4):
        await running.run(PROGRAMS["write_skill"], write_skill_inputs(), Recorder(), candidate=candidate)
    await running.aclose()
    temperatures = (await stub.stats())["temperatures"]
    assert temperatures[0] == 0.2
    assert temperatures[1] == 1.0, "which models that reason take, too"
    assert len(set(temperatures)) == 4


async def test_a_configured_price_makes_a_cost(stub: StubLLM) -> None:
    prices = {"openai/stub": {"input": 10.0, "output": 50.0}}
    result = await write(runner_on(stub, prices=prices), Recorder())
    assert result.usage.cost == pytest.approx(0.002)
    assert result.usage.unpriced_calls == 0


async def test_what_a_provider_thinks_is_reasoning_and_not_output(stub: StubLLM) -> None:
    seen = Recorder()
    result = await write(runner_on(stub, "stub-think"), seen)
    assert result.reasoning == seen.last("reasoning") == "let me think about it"
    assert result.outputs == {"body": BODY.strip()}


async def test_the_reasoning_a_program_asks_for_streams_too(stub: StubLLM) -> None:
    seen, running = Recorder(), runner_on(stub)
    result = await running.run(PROGRAMS["gather_requirements"], INPUTS["gather_requirements"], seen)
    await running.aclose()
    assert result.reasoning == seen.last("reasoning")
    assert result.reasoning.startswith("The value of reasoning")
    assert "reasoning" not in result.outputs
    assert {field for _, field in seen.texts} == {"reasoning"}, "structured fields arrive whole"


@pytest.mark.parametrize(
    ("behaviour", "code"), [("stub-429x2", "rate_limit"), ("stub-500x2", "server_error"), ("stub-cutx2", "unreachable")]
)
async def test_what_passes_is_tried_again(stub: StubLLM, behaviour: str, code: str) -> None:
    seen = Recorder()
    result = await write(runner_on(stub, behaviour), seen)
    assert result.attempt == 3
    assert seen.failures == [code, code]
    assert [start.number for start in seen.starts] == [1, 2, 3]
    assert seen.texts[3 << 8, "body"] == result.outputs["body"] == BODY.strip()


async def test_text_of_a_broken_reply_keeps_its_own_generation(stub: StubLLM) -> None:
    seen = Recorder()
    await write(runner_on(stub, "stub-cutx1"), seen)
    broken, whole = seen.texts[1 << 8, "body"], seen.texts[2 << 8, "body"]
    assert broken
    assert whole.startswith(broken)


async def test_the_wait_before_a_retry_is_announced(stub: StubLLM) -> None:
    seen, running = Recorder(), runner_on(stub, "stub-500x1", backoff_s=0.2)
    began = time.monotonic()
    await write(running, seen)
    assert 0.15 <= seen.starts[1].delay_s <= 0.25
    assert time.monotonic() - began >= seen.starts[1].delay_s


async def test_a_malformed_reply_is_asked_for_again_as_json(stub: StubLLM) -> None:
    seen = Recorder()
    result = await write(runner_on(stub, "stub-garbagex1"), seen)
    assert seen.failures == ["malformed"]
    assert result.outputs == {"body": BODY}
    assert not any(gen >> 8 == 2 for gen, _ in seen.texts), "the second try does not stream"
    assert result.usage.calls == 2


@pytest.mark.parametrize(
    ("behaviour", "code", "calls"),
    [
        ("stub-401", "auth", 1),
        ("stub-402", "billing", 1),
        ("stub-400", "invalid_request", 1),
        ("stub-ctx", "context_length", 1),
        ("stub-refuse", "refused", 1),
        ("stub-length", "malformed", 1),
        ("stub-garbage", "malformed", 2),
        ("stub-429", "rate_limit", 3),
        ("stub-500", "server_error", 3),
        ("stub-cut", "unreachable", 3),
    ],
)
async def test_what_does_not_pass_fails_and_then_falls_back(
    stub: StubLLM, behaviour: str, code: str, calls: int
) -> None:
    seen = Recorder()
    with pytest.raises(StepFailed) as failed:
        await write(runner_on(stub, behaviour), seen)
    error = failed.value
    assert error.code == code
    assert f"openai/{behaviour}" in error.message
    assert error.message.endswith(".")
    assert error.hint
    assert "sk-" not in error.message, "no key, whole or shortened"
    assert "weather" not in error.message, "no reply"
    assert (await stub.stats())["calls"][behaviour] == calls
    copy = pickle.loads(pickle.dumps(error))
    assert (copy.code, copy.message, copy.usage) == (error.code, error.message, error.usage)

    seen = Recorder()
    result = await write(runner_on(stub, behaviour, fallbacks=["openai/stub-spare"]), seen)
    assert (result.model, result.degraded) == ("openai/stub-spare", True)
    assert result.outputs == {"body": BODY.strip()}
    assert seen.starts[-1].failure is not None
    assert (seen.starts[-1].failure.code, seen.starts[-1].failure.model) == (code, f"openai/{behaviour}")


async def test_a_model_that_hangs_times_out_and_the_request_is_aborted(stub: StubLLM) -> None:
    with pytest.raises(StepFailed) as failed:
        await write(runner_on(stub, "stub-hang", timeout_s=0.3, attempts=2), Recorder())
    assert failed.value.code == "timeout"
    assert failed.value.message == "The model openai/stub-hang did not answer within 0.3 s, twice."
    assert failed.value.retryable
    assert failed.value.usage.unpriced_calls == 2, "what interrupted replies cost is not known"

    async def aborted() -> bool:
        return (await stub.stats())["aborted"] == ["stub-hang", "stub-hang"]

    await until(aborted)


async def test_a_server_that_is_not_there_is_unreachable(stub: StubLLM) -> None:
    running = runner(default="openai/stub", api_base="http://127.0.0.1:9/v1", attempts=1)
    with pytest.raises(StepFailed) as failed:
        await write(running, Recorder())
    assert failed.value.code == "unreachable"


@pytest.mark.parametrize("behaviour", ["stub-drip", "stub-hang"])
async def test_cancelling_aborts_the_request(stub: StubLLM, behaviour: str) -> None:
    seen, running = Recorder(), runner_on(stub, behaviour)
    task = asyncio.create_task(running.run(PROGRAMS["write_skill"], write_skill_inputs(), seen))

    async def called() -> bool:
        return (await stub.stats())["in_flight"] == 1

    await until(called)
    if behaviour == "stub-drip":
        await seen.began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    async def aborted() -> bool:
        stats = await stub.stats()
        return stats["aborted"] == [behaviour] and stats["in_flight"] == 0

    await until(aborted, deadline_s=1)
    await running.aclose()


@pytest.mark.parametrize("behaviour", ["stub-500", "stub-later"])
async def test_a_wait_between_attempts_is_bounded_and_can_be_cancelled(stub: StubLLM, behaviour: str) -> None:
    seen, running = Recorder(), runner_on(stub, behaviour, backoff_s=1000.0 if behaviour == "stub-500" else 0.0)
    task = asyncio.create_task(running.run(PROGRAMS["write_skill"], write_skill_inputs(), seen))

    async def waiting() -> bool:
        return len(seen.starts) == 2

    await until(waiting)
    assert seen.starts[1].delay_s == LONGEST_WAIT_S
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 1)
    await running.aclose()


async def test_fifty_at_once_stay_apart_and_within_the_limit(stub: StubLLM) -> None:
    running = runner_on(stub, "stub-drip", concurrency=20)
    seen = [Recorder() for _ in range(50)]
    results = await asyncio.gather(
        *(running.run(PROGRAMS["analyze_dependencies"], INPUTS["analyze_dependencies"], one) for one in seen)
    )
    assert all(one.last("reasoning") == result.reasoning for one, result in zip(seen, results, strict=True))
    assert 1 < (await stub.stats())["most_in_flight"] <= 20
    await running.aclose()


async def test_a_model_that_keeps_failing_is_left_alone(stub: StubLLM) -> None:
    running = runner_on(stub, "stub-500", attempts=1, breaker_failures=2, breaker_s=60.0)
    codes = []
    for _ in range(4):
        with pytest.raises(StepFailed) as failed:
            await running.run(PROGRAMS["write_skill"], write_skill_inputs(), Recorder())
        codes.append(failed.value.code)
    assert codes == ["server_error", "server_error", "breaker_open", "breaker_open"]
    assert (await stub.stats())["calls"]["stub-500"] == 2
    await running.aclose()


async def test_a_model_that_was_left_alone_is_called_again_after_a_while(stub: StubLLM) -> None:
    running = runner_on(stub, "stub-500x2", attempts=1, breaker_failures=2, breaker_s=0.2)

    async def answered() -> bool:
        try:
            await running.run(PROGRAMS["write_skill"], write_skill_inputs(), Recorder())
        except StepFailed as failed:
            codes.append(failed.code)
            return False
        return True

    codes: list[str] = []
    await until(answered)
    assert codes[:3] == ["server_error", "server_error", "breaker_open"]
    assert set(codes[2:]) == {"breaker_open"}
    await running.aclose()


async def test_a_model_left_alone_has_its_fallback_do_it_at_once(stub: StubLLM) -> None:
    running = runner_on(
        stub, "stub-500", attempts=1, breaker_failures=1, breaker_s=60.0, fallbacks=["openai/stub-spare"]
    )
    recorders = Recorder(), Recorder()
    for seen in recorders:
        await running.run(PROGRAMS["write_skill"], write_skill_inputs(), seen)
    assert [seen.failures for seen in recorders] == [["server_error"], ["breaker_open"]]
    await running.aclose()


async def test_cancelled_calls_do_not_open_the_breaker(stub: StubLLM) -> None:
    running = runner_on(stub, "stub-slow", breaker_failures=1, breaker_s=60.0)
    task = asyncio.create_task(running.run(PROGRAMS["write_skill"], write_skill_inputs(), Recorder()))

    async def called() -> bool:
        return (await stub.stats())["in_flight"] == 1

    await until(called)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    result = await write(running, Recorder())
    assert result.attempt == 1


async def test_attempts_go_on_counting_after_an_interruption(stub: StubLLM) -> None:
    seen = Recorder()
    result = await write(runner_on(stub), seen, first_attempt=4)
    assert result.attempt == 4
    assert seen.starts[0].failure is None
    assert list(seen.texts) == [(4 << 8, "body")]


async def test_a_jobs_own_model_takes_the_place_of_the_configured_one(stub: StubLLM) -> None:
    running = runner_on(stub, "stub-500", modules={"write_skill": {"model": "openai/stub-401"}})
    result = await write(running, Recorder(), model="openai/stub-own")
    assert result.model == "openai/stub-own"
