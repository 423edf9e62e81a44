"""The `[models]` table of the settings: which model does what, with what parameters, and what if it fails.

Pure pydantic, so that reading the settings never imports DSPy. Keys are not part of it: they come from
the environment only (`OPENAI_API_KEY`, `ANTHROPIC_API_KEY`, …).
"""

from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

DEMO_MODEL: Final = "demo/offline"
"""The model that needs neither a key nor a network; used when no other is configured."""

_SECRET_PARAMETERS: Final = frozenset({"api_key", "headers", "extra_headers", "azure_ad_token_provider"})
_OWN_PARAMETERS: Final = frozenset(
    {
        "api_base", "base_url", "timeout", "num_retries", "cache", "n", "stream", "engine", "async_engine", "model",
        "callbacks",
    }
)  # fmt: skip


def _check_model(name: str) -> str:
    provider, slash, model = name.partition("/")
    if not (provider and slash and model):
        raise ValueError(f"Write a model as provider/model, such as openai/gpt-5-mini; {name!r} has no provider.")
    return name


def _check_parameters(parameters: dict[str, Any]) -> dict[str, Any]:
    if secret := sorted(parameters.keys() & _SECRET_PARAMETERS):
        raise ValueError(f"Keys belong in the environment, not in the settings: remove {', '.join(secret)}.")
    if own := sorted(parameters.keys() & _OWN_PARAMETERS):
        raise ValueError(f"Not a generation parameter: {', '.join(own)}. See the [models] table's own settings.")
    return parameters


ModelName = Annotated[str, AfterValidator(_check_model)]
"""`provider/model`, as DSPy names models."""

Parameters = Annotated[dict[str, Any], AfterValidator(_check_parameters)]
"""Generation parameters passed with every call, such as `temperature` or `max_tokens`."""


class Role(StrEnum):
    """What kind of work a program is; a model can be chosen for each."""

    UNDERSTANDING = "understanding"
    WRITING = "writing"
    JUDGING = "judging"


class Price(BaseModel):
    """What a model costs, for models whose price is not in DSPy's list. US dollars per million tokens."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    input: float = Field(ge=0)
    """Of what the model reads."""
    output: float = Field(ge=0)
    """Of what it writes."""


class ModelChoice(BaseModel):
    """A model for one role or module. What is left out is taken from the next wider choice."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    model: ModelName | None = None
    """`provider/model`."""
    api_base: str | None = None
    """Where that model's provider is reached."""
    parameters: Parameters = {}
    """Merged over the wider choice's."""
    fallbacks: list[ModelName] | None = None
    """An empty list means none; left out means the wider choice's."""


class ModelsConfig(BaseModel):
    """Which model does what. A module's choice goes before its role's, and that before the default."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    default: ModelName | None = None
    """`provider/model` of what no other is chosen for. Without it, the demo model writes."""
    api_base: str | None = None
    """Where the default model's provider is reached, for an OpenAI-compatible server of one's own."""
    parameters: Parameters = {}
    """Generation parameters passed with every call, such as `temperature` or `max_tokens`."""
    fallbacks: list[ModelName] = []
    """Tried in order when a model cannot do it. The demo model is never one of its own accord."""
    roles: dict[Role, ModelChoice] = {}
    """Another choice for one kind of work."""
    modules: dict[str, ModelChoice] = {}
    """Another choice for one module, by its name, such as `write_skill`."""
    prices: dict[ModelName, Price] = {}
    """By model, where DSPy's list has none."""
    timeout_s: float = Field(default=180.0, gt=0)
    """Longest that one attempt may take, in seconds."""
    attempts: int = Field(default=3, ge=1, le=10)
    """Most attempts with one model before the next of the chain is tried."""
    backoff_s: float = Field(default=1.0, ge=0)
    """Seconds before the second attempt; doubled for each further one, and jittered."""
    candidates: int = Field(default=1, ge=1, le=8)
    """How many texts are written, each time one is, for the best by rules and measures to be kept. Each costs as much
    as the first."""
    concurrency: int = Field(default=48, ge=1)
    """Most model calls at one time, over all jobs."""
    breaker_failures: int = Field(default=5, ge=1)
    """Failures in a row after which a model is left alone for a while."""
    breaker_s: float = Field(default=30.0, gt=0)
    """How long it is left alone, in seconds."""
