"""`answer` and `prompt`: what a job asks, and the answer from a person, from flags, or from a program."""

import json
import sys
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from skill_fleet_common.actions import Action
from skill_fleet_common.choices import CONFIRM, CUT
from skill_fleet_common.plan_text import plan_text
from skill_fleet_common.prompts import (
    AnswerRequest,
    ConfirmPrompt,
    PreviewPrompt,
    Prompt,
    PromptFile,
    Question,
    QuestionType,
    ValidatePrompt,
)
from skill_fleet_tui.cli.ask import Asker
from skill_fleet_tui.cli.exits import Exit
from skill_fleet_tui.cli.lines import status_word
from skill_fleet_tui.cli.prompt_text import prompt_lines, question_lines, questions_of
from skill_fleet_tui.cli.session import Session
from skill_fleet_tui.client.api import ApiClient
from skill_fleet_tui.client.errors import Refused, Unauthorized, UsageProblem

_OTHER = "other:"
_BOOLEANS: Mapping[str, bool] = {"true": True, "yes": True, "y": True, "false": False, "no": False, "n": False}


@dataclass(frozen=True)
class GivenAnswer:
    """An answer as the flags say it."""

    action: Action | None = None
    text: str = ""
    feedback: str = ""
    values: Sequence[str] = field(default_factory=list)
    """`question=value`; a question with several values is given several times, or with commas."""
    edits: Sequence[str] = field(default_factory=list)
    """`path=file`: the new text of a file of the skill, or of a field, is read from a file."""

    def __bool__(self) -> bool:
        return bool(self.action or self.text or self.feedback or self.values or self.edits)


def show_prompt(session: Session, job_id: str, *, plan: bool = False) -> Exit:
    """Show what a job asks; with `plan`, only its plan, as text that can be edited and given back."""
    prompt = _open_prompt(session, job_id)
    if plan:
        if not isinstance(prompt, ConfirmPrompt):
            raise UsageProblem(f"The job {job_id} shows no plan now: it asks to {prompt.kind.value.replace('_', ' ')}.")
        for line in plan_text(prompt.plan).splitlines():
            session.line(line)
        return Exit.OK
    if session.json:
        session.document(prompt)
        return Exit.OK
    for line in prompt_lines(prompt):
        session.line(line)
    for question in questions_of(prompt):
        session.line()
        for line in question_lines(question):
            session.line(f"{line}  ({question.id}, {question.type.value})" if line == question.text else line)
    session.line(f"\nAnswer with: skill-fleet answer {job_id}")
    return Exit.OK


def answer(session: Session, job_id: str, given: GivenAnswer) -> Exit:
    """Answer what a job asks."""
    prompt = _open_prompt(session, job_id)
    if given:
        request = request_from_flags(prompt, given)
    elif not sys.stdin.isatty():
        request = _request_from_json(prompt, sys.stdin.read())
    elif session.can_ask:
        return Exit.OK if ask_and_send(session, prompt) else Exit.ASKS
    else:
        raise UsageProblem("No answer was given.", "Use --action, --text or --set, or send JSON on the standard input.")
    _send(session, prompt, request)
    return Exit.OK


def ask_and_send(session: Session, prompt: Prompt) -> bool:
    """Ask the person at the terminal until an answer is taken, here or elsewhere; `False` to answer later."""

    def fetch(file: PromptFile) -> str:
        return session.request(lambda api: api.file_raw(prompt.job_id, file.path, file.revision))

    asker = Asker(session.line, fetch=fetch)
    while True:
        try:
            request = asker.ask(prompt)
        except EOFError:
            request = None
        if request is None:
            session.note(f"Answer later with: skill-fleet answer {prompt.job_id}")
            return False
        try:
            _send(session, prompt, request)
        except Unauthorized:
            raise
        except Refused as error:
            if error.status >= 500 or error.status == 404:
                raise
            session.note(error.message, "yellow")
            if error.status in (409, 410):
                return True
        else:
            return True


def request_from_flags(prompt: Prompt, given: GivenAnswer) -> AnswerRequest:
    """What flags say, in the shapes that the prompt's questions ask for.

    Raises:
        UsageProblem: If a flag names no question of the prompt, or a value has the wrong shape.
    """
    says_more = bool(given.values or given.edits)
    return AnswerRequest(
        prompt_id=prompt.prompt_id,
        version=prompt.version,
        action=given.action or (Action.PROCEED if says_more and not given.text else _action_of_feedback(given)),
        text=given.text,
        feedback=given.feedback,
        answers=_answers(prompt, given.values),
        edits={path: _read_edit(Path(file)) for path, file in (_pair(each, "--edit") for each in given.edits)},
    )


def _action_of_feedback(given: GivenAnswer) -> Action | None:
    return Action.REVISE if given.feedback and not given.text else None


def _answers(prompt: Prompt, values: Sequence[str]) -> dict[str, Any]:
    questions = {question.id: question for question in questions_of(prompt)}
    answers: dict[str, Any] = {}
    for name, value in (_pair(each, "--set") for each in values):
        if name in (CUT, CONFIRM) and isinstance(prompt, PreviewPrompt | ValidatePrompt):
            answers[name] = [*answers.get(name, []), *(each.strip() for each in value.split(",") if each.strip())]
            continue
        question = questions.get(name)
        if question is None:
            asked = ", ".join(questions) or "none"
            raise UsageProblem(f"--set {name}: there is no such question in this prompt; it asks {asked}.")
        read = _value(question, value)
        if question.type is QuestionType.MULTI:
            read = [*answers.get(name, []), *read]
        answers[name] = read
    return answers


def _value(question: Question, said: str) -> Any:
    if question.type is QuestionType.MULTI:
        if said.startswith(_OTHER):
            return [{"other": said.removeprefix(_OTHER).strip()}]
        return [part.strip() for part in said.split(",") if part.strip()]
    if said.startswith(_OTHER) and question.type is not QuestionType.TEXT:
        return {"other": said.removeprefix(_OTHER).strip()}
    if question.type is QuestionType.BOOLEAN:
        value = _BOOLEANS.get(said.strip().casefold())
        if value is None:
            raise UsageProblem(f"--set {question.id}: answer with true or false.")
        return value
    return said


def _pair(text: str, flag: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise UsageProblem(f"{flag} {text} is not of the form name=value.")
    return name.strip(), value


def _read_edit(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise UsageProblem(f"{path} is not UTF-8 text.") from None
    except OSError as error:
        raise UsageProblem(f"{path} cannot be read: {error.strerror}.") from error


def _request_from_json(prompt: Prompt, text: str) -> AnswerRequest:
    try:
        said = json.loads(text)
        if not isinstance(said, dict):
            raise UsageProblem("An answer is a JSON object.", 'Such as {"action": "proceed", "answers": {}}.')
        return AnswerRequest.model_validate({"prompt_id": prompt.prompt_id, "version": prompt.version, **said})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UsageProblem(f"The answer does not fit: {where}: {first['msg']}.") from error
    except ValueError as error:
        raise UsageProblem(
            "What came on the standard input is not JSON.", "Give an answer with flags, or as JSON such as "
            '{"action": "proceed", "answers": {}}.'
        ) from error  # fmt: skip


def _open_prompt(session: Session, job_id: str) -> Prompt:
    async def find(api: ApiClient) -> Prompt:
        prompt = await api.prompt(job_id)
        if prompt is None:
            job = await api.job(job_id)
            raise UsageProblem(f"The job {job_id} asks nothing: it is {status_word(job.status)}.")
        return prompt

    return session.request(find)


def _send(session: Session, prompt: Prompt, request: AnswerRequest) -> None:
    key = str(uuid.uuid4())
    accepted = session.request(lambda api: api.answer(prompt.job_id, request, idempotency_key=key))
    if session.json:
        session.document(accepted)
    else:
        session.line("Answered.")
