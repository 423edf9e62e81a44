"""The `[models]` table of the settings."""

import pytest
from pydantic import ValidationError

from skill_fleet_server.lm.config import ModelsConfig, Role


def test_says_which_model_does_what() -> None:
    config = ModelsConfig.model_validate(
        {
            "default": "openai/gpt-x",
            "fallbacks": ["anthropic/claude-x"],
            "roles": {"judging": {"model": "gemini/gemini-x"}},
            "modules": {"write_skill": {"parameters": {"max_tokens": 9000}}},
        }
    )
    assert config.roles[Role.JUDGING].model == "gemini/gemini-x"
    assert config.modules["write_skill"].parameters == {"max_tokens": 9000}


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"default": "gpt-x"}, "provider/model"),
        ({"fallbacks": ["openai/"]}, "provider/model"),
        ({"parameters": {"api_key": "sk-1"}}, "environment"),
        ({"roles": {"judging": {"parameters": {"extra_headers": {}}}}}, "environment"),
        ({"parameters": {"num_retries": 5}}, "generation parameter"),
        ({"roles": {"singing": {"model": "openai/gpt-x"}}}, "judging"),
        ({"api_keys": {"openai": "sk-1"}}, "not permitted"),
        ({"attempts": 0}, "greater than or equal to 1"),
    ],
)
def test_refuses_what_it_does_not_mean(settings: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        ModelsConfig.model_validate(settings)
