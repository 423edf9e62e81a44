"""Asks the person at the terminal what a prompt asks. Plain lines in, plain lines out; nothing is sent here."""

from collections.abc import Callable
from typing import Any, Final

from skill_fleet_common.actions import Action
from skill_fleet_common.plan_text import PLAN, PlanTextInvalid, plan_text, read_plan
from skill_fleet_common.prompts import (
    AnswerRequest,
    ConfirmPrompt,
    PreviewPrompt,
    Prompt,
    PromptFile,
    Question,
    QuestionType,
    StructureFixPrompt,
    ValidatePrompt,
)
from skill_fleet_tui.cli.editor import edit
from skill_fleet_tui.cli.prompt_text import prompt_lines, question_lines, questions_of
from skill_fleet_tui.client.errors import UsageProblem

_ACTION_KEYS: Final = {"p": Action.PROCEED, "r": Action.REVISE, "X": Action.CANCEL}
_EDITABLE: Final = (ConfirmPrompt, PreviewPrompt, ValidatePrompt)
_TEXT_HINT: Final = "Several lines; a line with only a dot ends, a line with only e opens your editor."


class Asker:
    """One person at one terminal."""

    def __init__(
        self,
        say: Callable[[str], None],
        *,
        read: Callable[[str], str] = input,
        edit: Callable[..., str] = edit,
        fetch: Callable[[PromptFile], str],
    ) -> None:
        """Prepare to ask.

        Args:
            say: Shows a line.
            read: Shows some words and reads a line after them.
            edit: Lets the person edit a text.
            fetch: The text of a file that was too large to come with its prompt.
        """
        self._say, self._read, self._edit, self._fetch = say, read, edit, fetch

    def ask(self, prompt: Prompt) -> AnswerRequest | None:
        """The person's answer, or `None` if they want to answer later."""
        for line in prompt_lines(prompt):
            self._say(line)
        request = AnswerRequest(prompt_id=prompt.prompt_id, version=prompt.version)
        while True:
            match self._choose(prompt):
                case None:
                    return None
                case "e" if isinstance(prompt, PreviewPrompt | ValidatePrompt):
                    self._edit_file(prompt, request.edits)
                    continue
                case "e" if isinstance(prompt, ConfirmPrompt):
                    self._edit_plan(prompt, request.edits)
                    continue
                case Action.PROCEED:
                    request.answers = {
                        question.id: self._question(question, prompt) for question in questions_of(prompt)
                    }
                    if isinstance(prompt, StructureFixPrompt):
                        request.edits = self._fixes(prompt)
                    request.action = Action.PROCEED
                case Action.REVISE:
                    request.action, request.edits = Action.REVISE, {}
                    request.feedback = self._text("What should change?")
                case Action.CANCEL:
                    if self._read("Cancel the whole job? [y/N] ").strip().casefold() not in ("y", "yes"):
                        continue
                    request.action, request.edits = Action.CANCEL, {}
            return request

    def _choose(self, prompt: Prompt) -> Action | str | None:
        offered = {key: action for key, action in _ACTION_KEYS.items() if action in prompt.actions}
        words = [f"{key} {action.value}" for key, action in offered.items()]
        editable = isinstance(prompt, _EDITABLE) and Action.PROCEED in prompt.actions
        if editable:
            words.append(f"e edit {'the plan' if isinstance(prompt, ConfirmPrompt) else 'a file'}")
        self._say("")
        while True:
            said = self._read(f"{' · '.join(words)} · l later [p]: ").strip() or "p"
            word = said.casefold()
            if word in ("l", "later"):
                return None
            if editable and word in ("e", "edit"):
                return "e"
            for key, action in offered.items():
                if said == key or word in (key, action.value):
                    return action
            self._say("Type one of the letters.")

    def _edit_file(self, prompt: PreviewPrompt | ValidatePrompt, edits: dict[str, str]) -> None:
        file = prompt.files[0]
        if len(prompt.files) > 1:
            for number, each in enumerate(prompt.files, start=1):
                self._say(f"  {number}  {each.path}")
            said = self._read("Which file? [1]: ").strip() or "1"
            if not said.isdigit() or not 1 <= int(said) <= len(prompt.files):
                self._say("There is no such file.")
                return
            file = prompt.files[int(said) - 1]
        # The file as it is: what is cleaned for showing must not be written back.
        before = edits.get(file.path) or self._fetch(file)
        after = self._edited(before, file.path)
        if after != before:
            edits[file.path] = after
        self._say(f"{file.path} is {'changed; proceed to send it' if file.path in edits else 'unchanged'}.")

    def _edit_plan(self, prompt: ConfirmPrompt, edits: dict[str, str]) -> None:
        before = plan_text(prompt.plan)
        after = self._edited(edits.get(PLAN, before), "plan.md")
        edits.pop(PLAN, None)
        if after != before:
            edits[PLAN] = after
        try:
            read_plan(after, prompt.plan)
        except PlanTextInvalid as invalid:
            self._say(f"{invalid} Edit it again, or it will be refused.")
        else:
            self._say(f"The plan is {'changed; proceed to send it' if PLAN in edits else 'unchanged'}.")

    def _edited(self, text: str, name: str) -> str:
        """The text from the person's editor; as it was, if that cannot be run."""
        try:
            return self._edit(text, name=name)
        except UsageProblem as error:
            self._say(f"{error} {error.hint}")
            return text

    def _fixes(self, prompt: StructureFixPrompt) -> dict[str, str]:
        edits = {}
        for fix in prompt.fixes:
            self._say(f"{fix.field}: {fix.suggestion}")
            if said := self._read("  enter to accept, or type another: ").strip():
                edits[fix.field] = said
        return edits

    def _question(self, question: Question, prompt: Prompt) -> Any:
        self._say("")
        for line in question_lines(question):
            self._say(line)
        default = prompt.default.answers.get(question.id)
        match question.type:
            case QuestionType.BOOLEAN:
                return self._boolean(question, default)
            case QuestionType.TEXT:
                return self._text("")
            case _:
                return self._options(question, default)

    def _boolean(self, question: Question, default: Any) -> Any:
        shown = {True: " [y]", False: " [n]"}.get(default, "") if isinstance(default, bool) else ""
        while True:
            said = (
                self._read(f"y yes · n no{' · o other' if question.allows_other else ''}{shown}: ").strip().casefold()
            )
            if said in ("y", "yes", "n", "no"):
                return said in ("y", "yes")
            if said in ("o", "other") and question.allows_other:
                return {"other": self._text("")}
            if not said and isinstance(default, bool):
                return default
            self._say("Type y or n.")

    def _options(self, question: Question, default: Any) -> Any:
        several = question.type is QuestionType.MULTI
        shown = f" [{', '.join(map(str, default)) if isinstance(default, list) else default}]" if default else ""
        while True:
            said = self._read(f"{'Numbers, with commas' if several else 'A number'}{shown}: ").strip()
            if not said and default:
                return default
            parts = [part.strip() for part in said.split(",") if part.strip()]
            chosen = [self._option(question, part) for part in parts]
            if chosen and None not in chosen and (several or len(chosen) == 1):
                answers = [{"other": self._text("")} if choice == "o" else choice for choice in dict.fromkeys(chosen)]
                return answers if several else answers[0]
            self._say("Type the numbers of one or more options." if several else "Type the number of one option.")

    def _option(self, question: Question, said: str) -> str | None:
        """The id of the option somebody means; `o` for another answer than those; `None` for no option."""
        if said.isascii() and said.isdigit() and 1 <= int(said) <= len(question.options):
            return question.options[int(said) - 1].id
        by_name = {option.id.casefold(): option.id for option in question.options}
        by_name |= {option.label.casefold(): option.id for option in question.options}
        if said.casefold() in by_name:
            return by_name[said.casefold()]
        return "o" if said.casefold() in ("o", "other") and question.allows_other else None

    def _text(self, asked: str) -> str:
        if asked:
            self._say(asked)
        self._say(_TEXT_HINT)
        while True:
            text = self._lines()
            if text.strip():
                return text.strip()
            self._say("Say something, or leave with ctrl+c and answer later.")

    def _lines(self) -> str:
        lines: list[str] = []
        while (line := self._read("> ")) != ".":
            if line == "e":
                try:
                    return self._edit("\n".join(lines))
                except UsageProblem as error:
                    self._say(f"{error} {error.hint}")
                    continue
            lines.append(line)
        return "\n".join(lines)
