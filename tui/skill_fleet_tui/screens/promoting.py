"""Asks whether a draft shall be kept: says what rules found, and what is in the way at the place where it is mended."""

from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.suggester import SuggestFromList
from textual.widgets import Input, Static

from skill_fleet_tui.text.clean import clean_line
from skill_fleet_tui.text.skill_lines import GLYPHS, finding_said

if TYPE_CHECKING:
    from skill_fleet_common.jobs import JobResult
    from skill_fleet_common.skills import Finding
    from skill_fleet_tui.app import SkillFleetApp
    from skill_fleet_tui.client.errors import ClientError
    from skill_fleet_tui.store.library import LibraryState

FINDINGS_SHOWN = 8
_LOOKS = {"error": "$text-error", "warning": "$text-warning"}


class PromoteScreen(ModalScreen[None]):
    """The draft, its findings, name and category; `enter` keeps it.

    Args:
        job_id: Whose draft.
        result: What the job has made.
        library: Where it goes.
    """

    app: "SkillFleetApp"

    DEFAULT_CSS = """
    PromoteScreen {
        align: center middle;
        & > Vertical {
            width: 84; max-width: 94%; height: auto; max-height: 94%; padding: 0 2; border: round $accent;
            background: $surface; overflow-y: auto;
        }
        & Static { height: auto; }
        & .label { color: $text-muted; margin-top: 1; }
        & #problem { color: $text-error; margin-top: 1; display: none; }
        & .keys { color: $text-muted; margin: 1 0; }
    }
    """
    AUTO_FOCUS = "#name"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Close", id="promote.close", tooltip="Leave the draft where it is."),
        Binding("ctrl+r", "promote(False, True)", "Replace", id="promote.replace", priority=True,
                tooltip="Make it the next revision of the skill that has its name."),
        Binding("ctrl+f", "promote(True)", "Force", id="promote.force", priority=True,
                tooltip="Keep it although rules find errors, or it overlaps with another skill."),
    ]  # fmt: skip

    def __init__(self, job_id: str, result: "JobResult", library: "LibraryState") -> None:
        super().__init__()
        self._job_id, self._result, self._library = job_id, result, library
        self._sending = False
        self._extends = result.extends
        """What the skill that the draft extends is called now; empty when it is a new one."""

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        result = self._result
        with Vertical() as frame:
            frame.border_title = "Keep this draft in the library"
            yield Static(Content(clean_line(result.description)), markup=False)
            yield Static(_found(result.findings), classes="label", markup=False)
            yield Static(Content("name"), classes="label", markup=False)
            yield Input(clean_line(result.name), id="name", compact=True)
            yield Static(Content(self._where()), classes="label", markup=False)
            yield Input("", placeholder="what the draft says of itself", id="category", compact=True,
                        suggester=SuggestFromList(self._categories(), case_sensitive=False))  # fmt: skip
            yield Static(id="problem", markup=False)
            yield Static(Content(self._keys()), id="keys", classes="keys", markup=False)

    def on_mount(self) -> None:
        """The skill that it extends may be called otherwise by now, or be gone."""
        if self._extends:
            self.run_worker(self._look_up(), name="extends", exit_on_error=False)

    async def _look_up(self) -> None:
        from skill_fleet_tui.client.errors import ClientError
        from skill_fleet_tui.running import librarian

        with suppress(ClientError):
            self._extends = await librarian.desk(self.app).client.name_now(self._result.extends)
        if not self._extends:
            self._say(f"{clean_line(self._result.extends)} is not in the library any more: this is a new skill.", "")
        name = self.query_one("#name", Input)
        if self._extends and name.value == self._result.name:
            name.value = clean_line(self._extends)
        self.query_one("#keys", Static).update(Content(self._keys()))

    def _where(self) -> str:
        new = f"; this job proposed {clean_line(self._result.new_category)}" if self._result.new_category else ""
        return f"category, to put it elsewhere (→ completes){new}"

    def _categories(self) -> list[str]:
        from skill_fleet_tui.store.library_rows import paths_of

        return [each.path for each in paths_of(self._library.taxonomy)]

    def _keys(self) -> str:
        first = f"⏎  the next revision of {clean_line(self._extends)}" if self._extends else "⏎  keep it"
        return f"{first}    esc  leave it a draft"

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Keep it."""
        event.stop()
        self.action_promote()

    def action_close(self) -> None:
        """Leave it a draft."""
        self.dismiss()

    def action_promote(self, force: bool = False, replace: bool = False) -> None:
        """Send it."""
        if not self._sending:
            self._sending = True
            self._say("Keeping it…", "$text-muted")
            self.run_worker(self._promote(force=force, replace=replace), name="promote", exit_on_error=False)

    async def _promote(self, *, force: bool, replace: bool) -> None:
        from skill_fleet_common.library import Promote
        from skill_fleet_tui.client.errors import ClientError
        from skill_fleet_tui.running import librarian

        name, category = (self.query_one(f"#{each}", Input).value.strip() for each in ("name", "category"))
        wish = Promote(
            taxonomy_path=category[:200] or None,
            name=name[:200] if name and name != self._result.name else None,
            force=force,
            # Under another name it is a skill of its own, which must not replace whatever has that name.
            replace=replace or bool(self._extends and (name or self._result.name) == self._extends),
        )
        try:
            skill = await librarian.promote(librarian.desk(self.app), self._job_id, wish)
        except ClientError as error:
            self._refused(error)
            return
        finally:
            self._sending = False
        self.dismiss()
        self.app.toast(
            f"{skill.name} is in the library: {skill.taxonomy_path}/{skill.name}. 2 goes there, u takes it back."
        )

    def _refused(self, error: "ClientError") -> None:
        """What is in the way, and which key does away with it."""
        from skill_fleet_tui.client.errors import Refused
        from skill_fleet_tui.running.librarian import said_of

        code = error.problem.code if isinstance(error, Refused) else ""
        todo = {
            "name_taken": "Type another name, or ^r makes it the next revision of that skill.",
            "not_promotable": "^f keeps it as it is.",
        }.get(code, "")
        said = said_of(error)
        self._say(f"{said}\n{todo}".rstrip(), "$text-error")

    def _say(self, said: str, style: str) -> None:
        problem = self.query_one("#problem", Static)
        problem.display = True
        problem.update(Content.styled(said, style))


def _found(findings: "list[Finding]") -> Content:
    """What rules found, the first ones whole."""
    if not findings:
        return Content.styled("✓ Rules find nothing.", "$text-success")
    ranked = sorted(findings, key=lambda each: ("error", "warning", "info").index(each.severity))
    parts = [
        Content.styled(f"{GLYPHS[each.severity]} {finding_said(each)}", _LOOKS.get(each.severity, ""))
        for each in ranked[:FINDINGS_SHOWN]
    ]
    if len(ranked) > FINDINGS_SHOWN:
        parts.append(Content(f"and {len(ranked) - FINDINGS_SHOWN} more"))
    return Content("\n").join(parts)
