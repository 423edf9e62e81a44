"""What a program is: a named DSPy module with typed inputs and outputs. May import DSPy, `lm.config` and `common`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, cast

import dspy
from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from skill_fleet_common.jobs import Phase
from skill_fleet_server.lm.config import Role

REASONING: Final = "reasoning"
"""The field of a model's reasoning: never an output, always shown apart."""


@dataclass(frozen=True)
class Program:
    """One program of the workflow. Process-wide and stateless: any number of jobs use it at once."""

    name: str
    """The module's name in events, settings and code."""
    phase: Phase
    role: Role
    module: dspy.Module
    outputs: type[BaseModel]
    """Validates and describes the outputs, by field."""
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Signature field to input name, where DSPy forbids the name: `instructions`, or one that is an output, too."""

    @cached_property
    def signature(self) -> type[dspy.Signature]:
        """The signature of its predictor, with the reasoning field where it has one."""
        (predictor,) = self.module.predictors()
        return cast("type[dspy.Signature]", predictor.signature)

    @cached_property
    def inputs(self) -> type[BaseModel]:
        """Validates the inputs, by field."""
        fields: dict[str, Any] = {
            name: (info.annotation, Field(alias=self.aliases.get(name, name)))
            for name, info in self.signature.input_fields.items()
        }
        return create_model(f"{self.outputs.__name__}Inputs", __config__=ConfigDict(extra="forbid"), **fields)

    def check_inputs(self, values: dict[str, Any]) -> dict[str, Any]:
        """The inputs as the typed values of the signature, by its fields.

        Raises:
            TypeError: If they do not fit the signature: a mistake of the caller, not of a person or a model.
        """
        try:
            checked = self.inputs.model_validate(values)
        except ValidationError as error:
            raise TypeError(f"{self.name}: the inputs do not fit the signature: {error}") from error
        return {name: getattr(checked, name) for name in self.inputs.model_fields}
