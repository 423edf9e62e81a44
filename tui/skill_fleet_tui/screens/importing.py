"""What would become of each skill of a folder or a zip, and then all that pass, if somebody says so."""

import asyncio
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.suggester import SuggestFromList
from textual.widgets import Input, Static

from skill_fleet_tui.store.library_rows import paths_of
from skill_fleet_tui.text.clean import clean_line
from skill_fleet_tui.text.styled import Line, joined
from skill_fleet_tui.widgets.facts import Facts

if TYPE_CHECKING:
    from skill_fleet_common.library import ImportedSkill, ImportReport, TaxonomyView
    from skill_fleet_tui.app import SkillFleetApp

_LOOKS = {"valid": "good", "repairable": "warning", "refused": "error", "clash": "warning", "present": "muted"}


class ImportScreen(ModalScreen[None]):
    """A report first.

    Args:
        path: A folder, a checkout or a zip of this machine.
        taxonomy: The categories that there are.
    """

    app: "SkillFleetApp"

    DEFAULT_CSS = """
    ImportScreen {
        align: center middle;
        & > Vertical {
            width: 100; max-width: 94%; height: 80%; padding: 0 1; border: round $accent; background: $surface;
        }
        & Facts { height: 1fr; }
        & .keys { color: $text-muted; height: 1; }
    }
    """
    AUTO_FOCUS = "Facts"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,enter", "take(False)", "Take", id="import.take", tooltip="Take the skills that pass."),
        Binding("r", "take(True)", "Repair", id="import.repair",
                tooltip="Take those, too, that rules can put right."),
        Binding("c", "category", "Category", id="import.category",
                tooltip="Name a category for skills that say none; ⏎ looks again."),
        Binding("escape,q,n", "close", "Close", id="import.close", tooltip="Take nothing."),
    ]  # fmt: skip

    def __init__(self, path: Path, taxonomy: "TaxonomyView | None" = None) -> None:
        super().__init__()
        self._path, self._taxonomy = path, taxonomy
        self._report: ImportReport | None = None
        self._busy = True

    def compose(self) -> ComposeResult:
        """The report, and the keys."""
        with Vertical() as frame:
            frame.border_title = Content(f"Import {clean_line(str(self._path))}")
            yield Facts(id="report")
            yield Input(placeholder="c  a category for skills that say none", id="category", compact=True,
                        suggester=SuggestFromList([each.path for each in paths_of(self._taxonomy)]))  # fmt: skip
            yield Static(Content("esc  nothing"), classes="keys", markup=False)

    def on_mount(self) -> None:
        """Look at what there is."""
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        # One after the other: what is wrong with a folder may be known before the first refresh.
        self._show([Line("Looking at the skills…", "muted")])
        self.run_worker(self._look(), name="import", exit_on_error=False)

    def action_category(self) -> None:
        """Name a category."""
        self.query_one(Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Look again, with the category."""
        event.stop()
        self.query_one(Facts).focus()
        if not self._busy:
            self._begin()

    def _show(self, lines: list[Line]) -> None:
        self.query_one(Facts).tell("report", lines)

    async def _look(self) -> None:
        report = await self._sent(dry_run=True, repair=False)
        self._report = report
        if report is None:
            return
        counts = Counter(str(each.verdict) for each in report.skills)
        keys = [f"y  take {counts['valid']}"] if counts["valid"] else []
        keys += [f"r  repair and take {counts['valid'] + counts['repairable']}"] if counts["repairable"] else []
        self.query_one(".keys", Static).update(Content("    ".join([*keys, "esc  nothing"])))
        self._show(report_lines(report))

    def action_take(self, repair: bool) -> None:
        """Take those that pass."""
        counts = Counter(str(each.verdict) for each in self._report.skills) if self._report is not None else {}
        if not self._busy and (counts.get("valid") or (repair and counts.get("repairable"))):
            self._show([Line("Taking the skills…", "muted")])
            self.run_worker(self._take(repair=repair), name="import", exit_on_error=False)

    async def _take(self, *, repair: bool) -> None:
        done = await self._sent(dry_run=False, repair=repair)
        if done is not None:
            from skill_fleet_tui.running.librarian import imported

            self.dismiss()
            self.app.tend("change", imported([each.name for each in done.skills if each.imported]))

    async def _sent(self, *, dry_run: bool, repair: bool) -> "ImportReport | None":
        """What the server says of it; `None` if it could not be asked, which is said then."""
        from skill_fleet_tui.client.errors import ClientError
        from skill_fleet_tui.client.packing import packed
        from skill_fleet_tui.running.librarian import desk, said_of

        self._busy = True
        try:
            packing = packed(self._path)
            pack = await asyncio.to_thread(packing.__enter__)
            with ExitStack() as stack:
                stack.push(packing)
                return await desk(self.app).client.import_zip(
                    pack.file, dry_run=dry_run, repair=repair, category=self.query_one(Input).value.strip()
                )
        except ClientError as error:
            self._show([Line(clean_line(said_of(error)), "error"), Line("Nothing was changed.", "muted")])
            return None
        finally:
            self._busy = False

    def action_close(self) -> None:
        """Take nothing more."""
        self.dismiss()


def report_lines(report: "ImportReport") -> list[Line]:
    """What would become of each skill."""
    counts = Counter(str(each.verdict) for each in report.skills)
    said = ", ".join(f"{count} {verdict}" for verdict, count in counts.items()) or "There is no skill in it."
    lines = [Line(said, "name"), *(Line(clean_line(note), "muted") for note in report.notes), Line("")]
    for each in report.skills:
        lines += _skill(each)
    return lines


def _skill(each: "ImportedSkill") -> list[Line]:
    verdict = str(each.verdict)
    category = f"{each.taxonomy_path} (guessed)" if each.guessed else each.taxonomy_path
    head = joined(
        (f"{verdict:<10} ", _LOOKS.get(verdict, "")),
        (clean_line(each.name), ""),
        (f"  {clean_line(category)}", "muted"),
    )
    reason = clean_line(each.reason)
    return [head, Line(reason, "muted", indent=11)] if reason else [head]
