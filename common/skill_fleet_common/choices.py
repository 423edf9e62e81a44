"""What a person decides beside the questions: about single instructions of a draft (cut them, or vouch for them), and
about an overlap (extend the other skill). Pure; read by `prompts`."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from skill_fleet_common.problems import FieldError
from skill_fleet_common.skills import Origin, Provenance

CUT: Final = "cut"
"""In the `answers` to a preview or a report: ids of instructions (`Provenance.id`) to take out of the text."""
CONFIRM: Final = "confirm"
"""The same: ids of instructions from the model's general knowledge that the person vouches for."""

OVERLAP: Final = "overlap"
"""The question of a plan that asks what to do about a skill that covers the same."""
EXTEND: Final = "extend:"
"""Begins its answer that extends a skill; the skill's name follows."""


def extended(answer: Any) -> str:
    """The skill that is to be extended by the answer to `OVERLAP`; empty for a new one."""
    return answer.removeprefix(EXTEND) if isinstance(answer, str) and answer.startswith(EXTEND) else ""


def check_choices(
    provenance: Sequence[Provenance], answers: Mapping[str, Any]
) -> tuple[dict[str, Any], list[FieldError]]:
    """The choices that fit what was shown, as lists of ids, and what is wrong with the others. Both may be left out."""
    listed = {each.id: each for each in provenance if each.id}
    checked: dict[str, Any] = {}
    errors: list[FieldError] = []
    for name, ids in answers.items():
        if problem := _problem(name, ids, listed):
            errors.append(FieldError(field=f"answers.{name}", message=problem))
        else:
            checked[name] = list(dict.fromkeys(str(each) for each in ids))
    if both := sorted(set(checked.get(CUT, [])) & set(checked.get(CONFIRM, []))):
        errors.append(FieldError(field=f"answers.{CUT}", message=f"Cut or confirm, not both: {', '.join(both)}."))
    return checked, errors


def _problem(name: str, ids: Any, listed: Mapping[str, Provenance]) -> str | None:
    if name not in (CUT, CONFIRM):
        return f"Here only {CUT} and {CONFIRM} can be answered."
    if not isinstance(ids, list) or any(str(each) not in listed for each in ids):
        return "Give a list of ids of instructions, as `provenance` has them."
    if name == CONFIRM and any(listed[str(each)].origin is not Origin.MODEL for each in ids):
        return "Only what comes from the model's general knowledge needs to be confirmed."
    return None
