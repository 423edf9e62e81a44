"""Every program by its name. The one place to look one up."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from skill_fleet_server.programs import generation, understanding, validation
from skill_fleet_server.programs.program import Program

PROGRAMS: Final[Mapping[str, Program]] = MappingProxyType(
    {program.name: program for program in (*understanding.PROGRAMS, *generation.PROGRAMS, *validation.PROGRAMS)}
)
"""By name, in the order of the workflow."""
