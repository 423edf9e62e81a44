"""`skill-fleet evaluate` against a model that knows only what it is told."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from skill_fleet_server.evaluation.command import DONE, FAILED, USAGE, evaluated, parser
from skill_fleet_server.quality import skill_md
from tests.support.stub_llm import StubLLM, running_stub_llm

BODY = "# Log lines\n\n## Steps\n\n1. Bind the request id to the logger.\n2. See [more](references/more.md).\n"


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """What the runner logs goes nowhere: the output of the command is what is looked at."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory(), cache_logger_on_first_use=False)
    yield
    structlog.reset_defaults()


@pytest.fixture
async def stub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[StubLLM]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-not-a-real-key")
    async with running_stub_llm() as running:
        monkeypatch.setenv("SKILL_FLEET_API_BASE", running.api_base)
        monkeypatch.setenv("SKILL_FLEET_MODEL", "openai/stub-evaluate")
        yield running


@pytest.fixture
def paths(tmp_path: Path) -> tuple[Path, Path]:
    """A skill, and tasks of which the skill solves all but one."""
    skill = tmp_path / "log-lines"
    (skill / "references").mkdir(parents=True)
    (skill / "SKILL.md").write_text(skill_md("log-lines", "Logs. Use when logging.", BODY))
    (skill / "references/more.md").write_text("# More\n\nUse structlog.\n")
    words = ["request id", "logger", "structlog", "bind", "steps"]
    tasks: list[dict[str, Any]] = [
        {
            "id": f"task-{n}",
            "prompt": f"Log payment {n}.",
            "checks": [{"contains": word}, {"judged": "it binds the id"}],
        }
        for n, word in enumerate(words)
    ]
    tasks.append({"id": "plain", "prompt": "Say nothing of ids.", "checks": [{"lacks": "request id"}]})
    file = tmp_path / "tasks.yaml"
    file.write_text(json.dumps({"tasks": tasks}))
    return skill, file


def ran(words: list[str]) -> int:
    return evaluated(parser().parse_args(words))


def test_the_difference_is_measured_and_can_be_graded_again(
    stub: StubLLM, paths: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    skill, tasks = map(str, paths)
    kept = str(tmp_path / "runs.json")
    assert ran([skill, tasks, "--json", "--replies", kept]) == DONE
    first = json.loads(capsys.readouterr().out)
    assert first["difference"] == pytest.approx((5 - 1) / 6)
    assert first["worse"] == ["plain"]
    assert first["models"] == ["openai/stub-evaluate"]
    assert first["usage"]["calls"] == 6 * 5 * 2 + 5 * 5 * 2, "every reply, and a judge for what no code can check"
    assert ran([skill, tasks, "--json", "--again", kept]) == DONE
    again = json.loads(capsys.readouterr().out)
    assert again == first
    assert ran([skill, tasks, "--again", kept]) == DONE
    assert "worse       plain" in capsys.readouterr().out


def test_too_little_is_refused_before_anything_is_paid_for(
    stub: StubLLM, paths: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    skill, tasks = map(str, paths)
    assert ran([skill, tasks, "--runs", "4"]) == USAGE
    assert "too few to report" in capsys.readouterr().err
    short = tmp_path / "short.yaml"
    short.write_text(json.dumps({"tasks": json.loads(paths[1].read_text())["tasks"][:4]}))
    assert ran([skill, str(short)]) == USAGE
    assert "4 tasks are too few" in capsys.readouterr().err


def test_a_model_that_cannot_be_asked_leaves_nothing_measured(
    stub: StubLLM, paths: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    skill, tasks = map(str, paths)
    assert ran([skill, tasks, "--json", "--model", "openai/stub-401"]) == FAILED
    result = json.loads(capsys.readouterr().out)
    assert result["difference"] is None
    assert result["failures"] == 60
    assert "sk-test" not in json.dumps(result)


def test_the_demo_model_is_no_judge_of_skills(
    monkeypatch: pytest.MonkeyPatch, paths: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SKILL_FLEET_MODEL", raising=False)
    skill, tasks = map(str, paths)
    assert ran([skill, tasks]) == USAGE
    assert "demo model" in capsys.readouterr().err


def test_a_directory_without_a_skill_is_said(paths: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert ran([str(paths[0].parent), str(paths[1])]) == USAGE
    assert "SKILL.md" in capsys.readouterr().err
