"""Which models a program may use, in which order, and what is said when one cannot be."""

from typing import Any

import pytest

from skill_fleet_server.errors import ModelNotConfigured
from skill_fleet_server.lm.config import DEMO_MODEL, ModelsConfig, Role
from skill_fleet_server.lm.table import ModelTable

KEYS = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY", "OPENAI_API_BASE", "OPENAI_BASE_URL")
SECRET = "sk-very-secret-0123456789"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in KEYS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)


def table(**settings: Any) -> ModelTable:
    return ModelTable(ModelsConfig.model_validate(settings), demo_delay=0)


def names(
    of: ModelTable, module: str = "write_skill", role: Role = Role.WRITING, override: str | None = None
) -> list[str]:
    return [lm.model for lm in of.chain(module, role, override)]


def test_without_a_model_the_demo_model_does_everything_alone() -> None:
    demo = table(fallbacks=["openai/gpt-x"])
    assert demo.is_demo
    assert names(demo) == [DEMO_MODEL]
    assert "demo model" in demo.describe().notes[0]


def test_a_module_goes_before_its_role_and_that_before_the_default() -> None:
    models = table(
        default="openai/gpt-default",
        fallbacks=["openai/gpt-spare"],
        roles={"writing": {"model": "openai/gpt-writer", "fallbacks": []}, "judging": {"model": "ollama_chat/judge"}},
        modules={"refine_skill": {"model": "openai/gpt-refiner"}},
    )
    assert names(models, "gather_requirements", Role.UNDERSTANDING) == ["openai/gpt-default", "openai/gpt-spare"]
    assert names(models, "write_skill", Role.WRITING) == ["openai/gpt-writer"]
    assert names(models, "refine_skill", Role.WRITING) == ["openai/gpt-refiner"]
    assert names(models, "assess_quality", Role.JUDGING) == ["ollama_chat/judge", "openai/gpt-spare"]
    assert models.describe().choices["judging"] == ["ollama_chat/judge", "openai/gpt-spare"]


def test_a_jobs_own_model_takes_every_place() -> None:
    models = table(
        default="openai/gpt-default", fallbacks=["openai/gpt-spare"], modules={"write_skill": {"model": "openai/w"}}
    )
    assert names(models, override="openai/gpt-own") == ["openai/gpt-own", "openai/gpt-spare"]
    assert names(models, override=DEMO_MODEL) == [DEMO_MODEL]


def test_parameters_are_merged_from_wide_to_narrow() -> None:
    models = table(
        default="openai/gpt-default",
        parameters={"temperature": 0.2, "max_tokens": 100},
        modules={"write_skill": {"parameters": {"max_tokens": 9000}}},
    )
    (writer,) = models.chain("write_skill", Role.WRITING)
    assert (writer.kwargs["temperature"], writer.kwargs["max_tokens"]) == (0.2, 9000)
    assert models.chain("write_skill", Role.WRITING)[0] is writer, "one model object, so one pool of connections"


def test_the_address_is_the_default_providers_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", SECRET)
    monkeypatch.setenv("GEMINI_API_BASE", "https://gemini.example")
    monkeypatch.setenv("GEMINI_API_KEY", SECRET)
    models = table(
        default="openai/gpt-x", api_base="http://gpu:8000/v1", fallbacks=["anthropic/claude-x", "gemini/gemini-x"]
    )
    addresses = [lm.kwargs.get("api_base") for lm in models.chain("write_skill", Role.WRITING)]
    assert addresses == ["http://gpu:8000/v1", None, "https://gemini.example"]


def test_a_server_of_ones_own_needs_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    table(default="openai/qwen", api_base="http://gpu:8000/v1").check("openai/qwen")


def test_a_fallback_that_cannot_be_used_is_left_out() -> None:
    assert names(table(default="openai/gpt-x", fallbacks=["anthropic/no-key", "openai/gpt-spare"])) == [
        "openai/gpt-x",
        "openai/gpt-spare",
    ]


def test_fallbacks_stand_in_for_a_model_without_a_key_and_without_any_it_is_said() -> None:
    assert names(table(default="anthropic/no-key", fallbacks=["openai/gpt-spare"])) == ["openai/gpt-spare"]
    with pytest.raises(ModelNotConfigured, match="ANTHROPIC_API_KEY"):
        names(table(default="anthropic/no-key", fallbacks=["gemini/no-key"]))


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("nonsense/gpt-x", "no provider 'nonsense'"),
        ("gpt-x", "provider/model"),
        ("anthropic/claude-x", "ANTHROPIC_API_KEY"),
        ("gemini/gemini-x", "GEMINI_API_KEY"),
    ],
)
def test_a_model_that_cannot_be_used_is_refused_with_what_to_do(model: str, said: str) -> None:
    with pytest.raises(ModelNotConfigured, match=said):
        table().check(model)


def test_parameters_a_model_cannot_take_are_refused() -> None:
    with pytest.raises(ModelNotConfigured, match="max_tokens"):
        table(default="openai/gpt-5-mini", parameters={"max_tokens": 10}).check("openai/gpt-5-mini")


@pytest.mark.parametrize("model", ["openai/gpt-x", "ollama_chat/llama", "demo/offline"])
def test_models_that_can_be_used_pass(model: str) -> None:
    table().check(model)


def test_a_judge_of_the_writers_family_is_noted() -> None:
    same = table(default="openai/gpt-x")
    other = table(default="openai/gpt-x", roles={"judging": {"model": "ollama_chat/llama"}})
    assert any("same family" in note for note in same.describe().notes)
    assert other.describe().notes == []


async def test_no_key_is_in_anything_that_is_shown() -> None:
    models = table(default="openai/gpt-x")
    (lm,) = models.chain("write_skill", Role.WRITING)
    shown = f"{models.config!r} {models.config.model_dump()} {models.describe()} {lm!r} {lm.kwargs} {lm.dump_state()}"
    assert SECRET not in shown
    await models.aclose()
