"""Sections of the page on the protocol: endpoints, frames, models, codes."""

import importlib
import inspect
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from tests.support.documentation.markdown import code, line, lowered, table
from tests.support.documentation.models import attribute_docs_of, classes_in, doc, fields_table, meaning


def endpoints() -> str:
    """Every endpoint."""
    from skill_fleet_server.api import events, health, hitl, jobs, library, skills, taxonomy

    rows = []
    for router in (module.router for module in (jobs, events, hitl, skills, library, taxonomy, health)):
        for route in router.routes:
            for method in sorted(getattr(route, "methods", ())):
                path, said = getattr(route, "path", ""), inspect.getdoc(getattr(route, "endpoint", None))
                rows.append((method, code(path), getattr(route, "summary", ""), line(said)))
    return table(("method", "path", "what", "in more words"), rows)


def event_types(names: Iterable[str]) -> str:
    """Types of frames: meaning, and the fields of their data."""
    rows = []
    for model in _frames(names):
        data = model.model_fields["data"].annotation
        rows.append((code(str(model.model_fields["type"].default)), doc(model), _data(data)))
    return table(("type", "meaning", "`data`"), rows)


def _frames(names: Iterable[str]) -> list[type[BaseModel]]:
    from skill_fleet_common import events

    wanted = list(names)
    models = {str(model.model_fields["type"].default): model for model in events.FRAMES}
    return [models[name] for name in wanted]


def frame_types() -> dict[str, list[str]]:
    """Every type by the group it belongs to, in the order in which they are listed."""
    from skill_fleet_common import events

    groups: dict[str, list[str]] = {"durable": [], "in flight": [], "control": []}
    for model in events.FRAMES:
        group = "durable" if issubclass(model, events.DurableEvent) else "control"
        group = "in flight" if issubclass(model, events.TextInFlight) else group
        groups[group].append(str(model.model_fields["type"].default))
    return groups


def _data(model: Any) -> str:
    names = []
    for name in model.model_fields:
        said = meaning(model, name)
        names.append(f"{code(name)}{f' ({lowered(said)})' if said else ''}")
    return ", ".join(names) or "–"


def models_tables(names: Iterable[str]) -> str:
    """Fields of models of `skill_fleet_common`, named as `module.Class`."""
    parts = []
    for name in names:
        module, _, attribute = name.rpartition(".")
        model = getattr(importlib.import_module(f"skill_fleet_common.{module}"), attribute)
        parts += [f"**{attribute}**: {doc(model)}", fields_table(model)]
    return "\n\n".join(parts)


def other_types() -> str:
    """Every model inside the others that has no table of its own elsewhere."""
    from skill_fleet_common import api, events, jobs, prompts

    shown: dict[type, None] = {}

    def visit(model: type[BaseModel]) -> None:
        for field in model.model_fields.values():
            for inner in classes_in(field.annotation):
                if issubclass(inner, BaseModel) and inner not in shown:
                    shown[inner] = None
                    visit(inner)

    roots = (jobs.JobView, events.JobCreatedData, prompts.ClarifyPrompt, prompts.StructureFixPrompt,
             prompts.ConfirmPrompt, prompts.PreviewPrompt, prompts.ValidatePrompt, api.CreateJob)  # fmt: skip
    for root in roots:
        visit(root)
    elsewhere = {*roots, api.Source, prompts.Question, prompts.Option}
    models = sorted((model for model in shown if model not in elsewhere), key=lambda model: model.__name__)
    return models_tables(
        [f"{model.__module__.removeprefix('skill_fleet_common.')}.{model.__name__}" for model in models]
    )


def library_types() -> str:
    """What the library's endpoints take and give, as far as no other part has it."""
    from skill_fleet_common import evidence, library

    models = [
        f"{module.__name__.rpartition('.')[2]}.{model.__name__}"
        for module in (library, evidence)
        for model in vars(module).values()
        if isinstance(model, type) and issubclass(model, BaseModel) and model.__module__ == module.__name__
    ]
    return models_tables(models)


def prompt_kinds() -> str:
    """The kinds of prompts, and what each adds."""
    from skill_fleet_common import prompts

    kinds = (
        prompts.ClarifyPrompt, prompts.StructureFixPrompt, prompts.ConfirmPrompt, prompts.PreviewPrompt,
        prompts.ValidatePrompt,
    )  # fmt: skip
    rows = []
    for model in kinds:
        own = [name for name in model.model_fields if name not in {*prompts.PromptBase.model_fields, "kind"}]
        rows.append((code(str(model.model_fields["kind"].default)), doc(model), ", ".join(map(code, own))))
    return table(("kind", "when", "fields of its own"), rows)


def problem_codes() -> str:
    """Every code of a problem."""
    from skill_fleet_server import errors
    from skill_fleet_server.api import problems

    known = {
        (one.status, one.code): one
        for one in (*vars(errors).values(), *vars(problems).values())
        if isinstance(one, type) and issubclass(one, errors.SkillFleetError)
        if one not in (errors.SkillFleetError, errors.CannotStart)
    }
    rows = [(str(status), code(name), doc(one)) for (status, name), one in sorted(known.items())]
    return table(("status", "code", "meaning"), rows)


def failure_codes() -> str:
    """Every code with which a module's attempt, and so a job, fails for reasons of its model."""
    from skill_fleet_server.programs import failures

    kinds = [value for value in vars(failures).values() if isinstance(value, failures._Kind)]
    rows = [(code(kind.code), f"The model … {kind.says.format(timeout=180)}.", kind.hint) for kind in kinds]
    return table(("code", "what is said", "what to try"), rows)


def limits_table() -> str:
    """Every bound on what may be sent."""
    from skill_fleet_common import limits

    docs = attribute_docs_of(Path(limits.__file__).read_text(encoding="utf-8"))
    rows = [(line(docs[name]), f"{getattr(limits, name):,}") for name in vars(limits) if name in docs]
    return table(("bound", "value"), rows)
