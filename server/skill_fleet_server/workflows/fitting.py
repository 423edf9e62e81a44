"""Making a prompt fit the frame it travels in, by leaving out first what can be fetched by reference."""

from typing import Final

from skill_fleet_common.limits import FRAME_BYTES
from skill_fleet_common.prompts import PreviewPrompt, Prompt, ValidatePrompt

_BYTES: Final = FRAME_BYTES - 2_048
"""Room for a prompt in a frame, beside the envelope."""


_SHORTER: Final = 20
_SHORTEST: Final = 5
"""How much of its lists a prompt keeps when all of them do not fit."""


def fitted(prompt: Prompt) -> Prompt:
    """The prompt, with texts of files, then the diff, then the tails of its lists left out as far as needed."""
    for shorten in (_without_texts, _without_diff, _with_shorter_lists, _with_shortest_lists, _with_shorter_body):
        if len(prompt.model_dump_json().encode()) <= _BYTES:
            break
        prompt = shorten(prompt)
    return prompt


def _without_texts(prompt: Prompt) -> Prompt:
    if not isinstance(prompt, PreviewPrompt | ValidatePrompt):
        return prompt
    files = [file.model_copy(update={"text": None}) for file in prompt.files]
    return prompt.model_copy(update={"files": files})


def _without_diff(prompt: Prompt) -> Prompt:
    return prompt.model_copy(update={"diff": ""}) if isinstance(prompt, PreviewPrompt | ValidatePrompt) else prompt


def _with_shorter_lists(prompt: Prompt) -> Prompt:
    return _with_lists_of(prompt, _SHORTER)


def _with_shortest_lists(prompt: Prompt) -> Prompt:
    return _with_lists_of(prompt, _SHORTEST)


def _with_lists_of(prompt: Prompt, size: int) -> Prompt:
    match prompt:
        case PreviewPrompt():
            return prompt.model_copy(update={"provenance": prompt.provenance[:size]})
        case ValidatePrompt():
            shorter = {"findings": prompt.findings[:size], "remarks": prompt.remarks[:size]}
            return prompt.model_copy(update=shorter)
    return prompt


def _with_shorter_body(prompt: Prompt) -> Prompt:
    return prompt.model_copy(update={"body": prompt.body[:2_000]})
