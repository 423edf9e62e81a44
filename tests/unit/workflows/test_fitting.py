"""A prompt fits its frame, whatever is in it, and keeps what can be kept."""

from skill_fleet_common.events import TracedData
from skill_fleet_common.limits import FRAME_BYTES
from skill_fleet_common.prompts import PreviewPrompt, PromptFile, ValidatePrompt
from skill_fleet_common.skills import Finding, Origin, Provenance, Severity
from skill_fleet_server.workflows.fitting import fitted, fitted_provenance
from tests.support.events import NOON


def file(text: str) -> PromptFile:
    return PromptFile(path="SKILL.md", size=len(text.encode()), sha256="", revision=1, text=text)


def preview(text: str, *, diff: str = "", instructions: int = 0) -> PreviewPrompt:
    provenance = [Provenance(text="漢" * 200, line=i, origin=Origin.MODEL) for i in range(instructions)]
    return PreviewPrompt(
        prompt_id="j.preview.1",
        job_id="j",
        title="?",
        created_at=NOON,
        files=[file(text)],
        diff=diff,
        provenance=provenance,
    )


def test_a_prompt_that_fits_is_left_alone() -> None:
    prompt = preview("short", diff="+ short")
    assert fitted(prompt) == prompt


def test_texts_go_by_reference_before_the_diff_is_cut() -> None:
    prompt = fitted(preview("漢" * 22_000, diff="+ short"))
    assert isinstance(prompt, PreviewPrompt)
    assert prompt.files[0].text is None
    assert prompt.diff == "+ short"


def test_the_worst_prompt_fits_a_frame() -> None:
    finding = Finding(rule="N01", severity=Severity.ERROR, message="漢" * 400, text="漢" * 200)
    for prompt in (
        preview("漢" * 20_000, diff="漢" * 20_000, instructions=100),
        ValidatePrompt(
            prompt_id="j.validate.1",
            job_id="j",
            title="?",
            created_at=NOON,
            files=[file("漢" * 20_000)],
            findings=[finding] * 100,
            measures=[],
            diff="漢" * 20_000,
        ),
    ):
        assert len(fitted(prompt).model_dump_json().encode()) < FRAME_BYTES


def instruction(line: int, origin: Origin, text: str = "漢" * 160) -> Provenance:
    return Provenance(id=str(line), text=text, line=line, origin=origin, reference="guide.md:1-4", quote=text)


def size(provenance: list[Provenance]) -> int:
    return len(TracedData(revision=1, provenance=provenance).model_dump_json().encode())


def test_what_is_known_of_a_usual_skill_is_said_whole() -> None:
    provenance = [instruction(line, Origin.SOURCE, "Call hooks at the top level.") for line in range(1, 60)]
    assert fitted_provenance(provenance) == provenance


def test_of_a_skill_with_too_much_to_say_quotes_are_left_out_before_instructions() -> None:
    provenance = [instruction(line, Origin.SOURCE) for line in range(1, 90)]
    shown = fitted_provenance(provenance)
    assert [each.line for each in shown] == [each.line for each in provenance]
    assert {each.quote for each in shown} == {""}
    assert size(shown) < FRAME_BYTES


def test_what_is_the_models_own_is_kept_longest() -> None:
    sourced = [instruction(line, Origin.SOURCE) for line in range(1, 400)]
    own = [instruction(line, Origin.MODEL) for line in range(400, 410)]
    shown = fitted_provenance([*sourced, *own])
    assert [each for each in shown if each.origin is Origin.MODEL] == [
        each.model_copy(update={"quote": ""}) for each in own
    ]
    assert size(shown) < FRAME_BYTES
