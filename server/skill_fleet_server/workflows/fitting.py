"""Making prompts, and what is known of a skill's instructions, fit the frame they travel in: the dispensable goes."""

from collections.abc import Sequence
from typing import Final

from skill_fleet_common.limits import FRAME_BYTES
from skill_fleet_common.prompts import PreviewPrompt, Prompt, ValidatePrompt
from skill_fleet_common.skills import Origin, Provenance

_BYTES: Final = FRAME_BYTES - 2_048
"""Room for a prompt in a frame, beside the envelope."""


MOST_PROVENANCE: Final = 120
"""Most instructions whose origin a prompt lists; it counts all of them."""
_SHORTER: Final = 20
_SHORTEST: Final = 5
"""How much of its lists a prompt keeps when all of them do not fit."""


def fitted(prompt: Prompt) -> Prompt:
    """The prompt, with texts of files, then the diff, then the tails of its lists left out as far as needed."""
    for shorten in _WAYS:
        if len(prompt.model_dump_json().encode()) <= _BYTES:
            break
        prompt = shorten(prompt)
    return prompt


def fitted_provenance(provenance: Sequence[Provenance]) -> list[Provenance]:
    """As many as travel in a frame of their own: quotes are left out before any of them is."""
    whole = shown_provenance(provenance)
    unquoted = _unquoted(whole)
    for shown in (whole, unquoted, shown_provenance(unquoted, _SHORTER)):
        if sum(len(each.model_dump_json().encode()) for each in shown) <= _BYTES:
            return shown
    return shown_provenance(unquoted, _SHORTEST)


def _without_texts(prompt: Prompt) -> Prompt:
    if not isinstance(prompt, PreviewPrompt | ValidatePrompt):
        return prompt
    files = [file.model_copy(update={"text": None}) for file in prompt.files]
    return prompt.model_copy(update={"files": files})


def _without_diff(prompt: Prompt) -> Prompt:
    return prompt.model_copy(update={"diff": ""}) if isinstance(prompt, PreviewPrompt | ValidatePrompt) else prompt


def _without_quotes(prompt: Prompt) -> Prompt:
    if not isinstance(prompt, PreviewPrompt | ValidatePrompt):
        return prompt
    return prompt.model_copy(update={"provenance": _unquoted(prompt.provenance)})


def _unquoted(provenance: Sequence[Provenance]) -> list[Provenance]:
    return [each.model_copy(update={"quote": ""}) for each in provenance]


def _with_shorter_lists(prompt: Prompt) -> Prompt:
    return _with_lists_of(prompt, _SHORTER)


def _with_shortest_lists(prompt: Prompt) -> Prompt:
    return _with_lists_of(prompt, _SHORTEST)


def _with_lists_of(prompt: Prompt, size: int) -> Prompt:
    match prompt:
        case PreviewPrompt():
            return prompt.model_copy(update={"provenance": shown_provenance(prompt.provenance, size)})
        case ValidatePrompt():
            shorter = {
                "findings": prompt.findings[:size],
                "remarks": prompt.remarks[:size],
                "provenance": shown_provenance(prompt.provenance, size),
                "routing": prompt.routing[:size],
                "refinements": prompt.refinements[-size:],
            }
            return prompt.model_copy(update=shorter)
    return prompt


def _with_shorter_body(prompt: Prompt) -> Prompt:
    return prompt.model_copy(update={"body": prompt.body[:2_000]})


def shown_provenance(provenance: Sequence[Provenance], most: int = MOST_PROVENANCE) -> list[Provenance]:
    """As many as fit, in order; what comes from the model's general knowledge first, because it is to be decided on."""
    open_first = sorted(range(len(provenance)), key=lambda index: (provenance[index].origin is not Origin.MODEL, index))
    kept = set(open_first[:most])
    return [each for index, each in enumerate(provenance) if index in kept]


_WAYS: Final = (
    _without_texts,
    _without_diff,
    _without_quotes,
    _with_shorter_lists,
    _with_shortest_lists,
    _with_shorter_body,
)
"""What is left out, the dispensable first."""
