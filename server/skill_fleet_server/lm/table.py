"""Which models a program may use, in which order. Built from the settings once; owns the models' connections."""

import json
import os
from typing import Any

import dspy
from dspy.clients.engines.lm15_engine import LM15Engine
from dspy.lm15 import LM15Error, Resolution, RouterConfig
from pydantic import BaseModel, ValidationError

from skill_fleet_server.errors import ModelNotConfigured
from skill_fleet_server.lm.config import DEMO_MODEL, ModelChoice, ModelsConfig, Role
from skill_fleet_server.lm.demo.engine import demo_lm
from skill_fleet_server.lm.metered import MeteredLM

_LITELLM_PROVIDERS = frozenset({"bedrock", "vertex_ai", "mistral", "together_ai", "fireworks_ai", "zai", "cohere"})
"""Providers that DSPy reaches through LiteLLM only. It finds their keys, and costs seconds at its first call."""


_GRACE_S = 5.0
"""How much longer than an attempt its connection may be silent, so that it is the attempt that times out."""


class TableDescription(BaseModel):
    """What the table says, for people."""

    default: list[str]
    """The default model and its fallbacks."""
    choices: dict[str, list[str]] = {}
    """The same for each role and module that has a choice of its own."""
    notes: list[str] = []
    """What a person may want to know about it."""


class ModelTable:
    """The models of one server process. Safe to use from any number of tasks of one event loop."""

    def __init__(self, config: ModelsConfig, *, demo_delay: float) -> None:
        """`demo_delay` is in seconds per word of the demo model."""
        self.config = config
        self._models: dict[str, MeteredLM] = {}
        self._demo_delay = demo_delay

    @property
    def default(self) -> str:
        """The name of the model that does what no other is chosen for."""
        return self.config.default or DEMO_MODEL

    @property
    def is_demo(self) -> bool:
        """Whether the demo model writes when nobody says otherwise."""
        return self.default == DEMO_MODEL

    def chosen(self, module: str, role: Role, override: str | None = None) -> str:
        """The name of the model that should run a program, whether or not it can be used."""
        return str(self._choose(module, role, override).model)

    def chain(self, module: str, role: Role, override: str | None = None) -> list[MeteredLM]:
        """The models a program may use: the chosen one, then its fallbacks.

        Args:
            module: The program's name.
            role: Its role.
            override: A job's own model. It takes every module's place, so that a job is written by what was asked for.

        Raises:
            ModelNotConfigured: If none of them can be used. Otherwise those that cannot be are left out.
        """
        choice = self._choose(module, role, override)
        usable: dict[str, MeteredLM] = {}
        problems: list[ModelNotConfigured] = []
        for name in self._names(choice):
            try:
                usable.setdefault(name, self._model(name, choice))
            except ModelNotConfigured as problem:
                problems.append(problem)
        if not usable:
            raise problems[0]
        return list(usable.values())

    def check(self, model: str) -> None:
        """See whether a model could be called: its provider is known and its key is there.

        Raises:
            ModelNotConfigured: With what to do about it.
        """
        self._model(model, self._own(model))

    def describe(self) -> TableDescription:
        """The table for people: no keys, no addresses."""
        choices = {
            **{
                str(role): self._names(self._narrow(self._base(), choice)) for role, choice in self.config.roles.items()
            },
            **{
                module: self._names(self._narrow(self._base(), choice))
                for module, choice in self.config.modules.items()
            },
        }
        notes = []
        if self.is_demo:
            notes.append("No model is configured: the demo model only rearranges what it is given.")
        writer, judge = (self._choose("", role, None).model or "" for role in (Role.WRITING, Role.JUDGING))
        if not self.is_demo and _family(writer) == _family(judge):
            notes.append("The model that judges is of the same family as the one that writes; another sees more.")
        return TableDescription(default=self._names(self._base()), choices=choices, notes=notes)

    async def aclose(self) -> None:
        """Close every model's connections."""
        for lm in self._models.values():
            await lm.aclose()
        self._models.clear()

    def _base(self) -> ModelChoice:
        return self._own(self.default)

    def _own(self, model: str) -> ModelChoice:
        """A choice of nothing but the model. The demo model has no fallbacks: it fails only when asked to."""
        fallbacks = [] if model == DEMO_MODEL else self.config.fallbacks
        try:
            return ModelChoice(model=model, parameters=self.config.parameters, fallbacks=fallbacks)
        except ValidationError:
            raise ModelNotConfigured(
                f"Write a model as provider/model, such as openai/gpt-5-mini; {model!r} is not of that form."
            ) from None

    def _choose(self, module: str, role: Role, override: str | None) -> ModelChoice:
        if override:
            return self._own(override)
        choice = self._base()
        for narrower in (self.config.roles.get(role), self.config.modules.get(module)):
            if narrower is not None:
                choice = self._narrow(choice, narrower)
        return choice

    @staticmethod
    def _narrow(wider: ModelChoice, choice: ModelChoice) -> ModelChoice:
        return ModelChoice(
            model=choice.model or wider.model,
            api_base=choice.api_base or (wider.api_base if choice.model is None else None),
            parameters={**wider.parameters, **choice.parameters},
            fallbacks=wider.fallbacks if choice.fallbacks is None else choice.fallbacks,
        )

    @staticmethod
    def _names(choice: ModelChoice) -> list[str]:
        return [str(choice.model), *(choice.fallbacks or [])]

    def _model(self, name: str, choice: ModelChoice) -> MeteredLM:
        api_base = (choice.api_base if name == choice.model else None) or self._api_base(name)
        key = json.dumps([name, api_base, choice.parameters], sort_keys=True, default=str)
        if key not in self._models:
            self._models[key] = self._build(name, api_base, choice.parameters)
        return self._models[key]

    def _api_base(self, name: str) -> str | None:
        """Where the provider is reached: the configured place for the default's provider, else the environment's."""
        provider = name.partition("/")[0]
        if self.config.api_base and provider == (self.config.default or name).partition("/")[0]:
            return self.config.api_base
        # DSPy's native engine ignores these variables, which everything else honours.
        prefixes = (provider.upper(), provider.upper().removesuffix("_CHAT"))
        variables = [f"{prefix}_{suffix}" for prefix in prefixes for suffix in ("API_BASE", "BASE_URL")]
        return next((os.environ[variable] for variable in variables if os.environ.get(variable)), None)

    def _build(self, name: str, api_base: str | None, parameters: dict[str, Any]) -> MeteredLM:
        if name == DEMO_MODEL:
            return demo_lm(self._demo_delay)
        options = dict(parameters)
        if api_base:
            options["api_base"] = api_base
        if name.partition("/")[0] in _LITELLM_PROVIDERS:
            engine = "auto"
        else:
            engine = "lm15"
            _check_key(name, api_base, options)
        try:
            lm = MeteredLM(
                name, engine=engine, cache=False, num_retries=0, timeout=self.config.timeout_s + _GRACE_S, **options
            )
        except (dspy.LMError, ValueError, TypeError) as error:
            raise ModelNotConfigured(f"The model {name} cannot be used with these parameters: {error}") from None
        lm.price = self.config.prices.get(name)
        return lm


def _check_key(name: str, api_base: str | None, options: dict[str, Any]) -> None:
    """See that the key is there; a server of one's own gets a placeholder when there is none."""
    resolution = _resolve(name)
    if resolution.credential_policy != "key" or resolution.placeholder_key or not resolution.env_key:
        return
    if os.environ.get(resolution.env_key):
        return
    if api_base:
        options["api_key"] = "none"
        return
    raise ModelNotConfigured(
        f"The model {name} needs a key: set {resolution.env_key} in the environment of the server and start it again."
    )


def _resolve(name: str) -> Resolution:
    try:
        return LM15Engine(RouterConfig(env=dict(os.environ)), model_type="chat").resolve(name)
    except LM15Error:
        raise ModelNotConfigured(
            f"There is no provider {name.partition('/')[0]!r}. Use one such as openai/…, anthropic/…, gemini/… or "
            "ollama_chat/…."
        ) from None


def _family(model: str) -> str:
    """Models of one line see alike: the provider, and the first part of the name, such as `openai/gpt`."""
    provider, _, name = model.partition("/")
    return f"{provider}/{name.split('/')[0].split('-')[0]}"
