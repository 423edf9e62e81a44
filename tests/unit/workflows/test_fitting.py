"""A prompt fits its frame, whatever is in it, and keeps what can be kept."""

from skill_fleet_common.limits import FRAME_BYTES
from skill_fleet_common.prompts import PreviewPrompt, PromptFile, ValidatePrompt
from skill_fleet_common.skills import Finding, Origin, Provenance, Severity
from skill_fleet_server.workflows.fitting import fitted
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
