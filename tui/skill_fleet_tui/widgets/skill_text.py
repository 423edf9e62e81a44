"""The selected skill of the library: its files, at any revision, and what changed between two."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Self

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from skill_fleet_tui.store.files import MAIN_FILE, SHOWN_BYTES
from skill_fleet_tui.text import marks
from skill_fleet_tui.text.amounts import bytes_text
from skill_fleet_tui.text.clean import clean_line
from skill_fleet_tui.widgets.document import Document
from skill_fleet_tui.widgets.file_tree import FileTree

if TYPE_CHECKING:
    from skill_fleet_tui.store.files import FileRef, Version
    from skill_fleet_tui.store.library import LibraryState

BESIDE_COLUMNS = 110
"""From this width on the files stand beside the text."""

BORDER_COLUMNS = 6
"""Columns of the border that its title cannot have."""

AWAITED = "Asking the server for this text…"


class SkillText(Vertical):
    """Shows what the store says is looked at, and asks for texts that are not here."""

    DEFAULT_CSS = "SkillText { layout: vertical; background: $surface; &.-beside { layout: horizontal; } }"

    class Wanted(Message):
        """The text of a file is needed and not here."""

        def __init__(self, ref: "FileRef", *, newest: bool) -> None:
            super().__init__()
            self.ref = ref
            self.newest = newest

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id)
        self.title = "Skill"
        """What is shown: path and revision, or what is compared."""
        self.rendered = True
        self.document = Document(id="document")
        self._tree = FileTree()
        self._library: LibraryState | None = None

    def compose(self) -> ComposeResult:
        """The files, where there are several, and the text."""
        yield self._tree
        yield self.document

    def focus(self, scroll_visible: bool = True) -> Self:
        """The keys go to the text."""
        self.document.focus(scroll_visible)
        return self

    def flush(self) -> None:
        """Bring to the screen what has changed."""
        self.document.flush()

    @property
    def subtitle(self) -> str:
        """What is said below: what a search found, or where the instruction in view comes from."""
        if self.document.found or not (told := self.document.mark):
            return self.document.found
        return clean_line(f"line {told[0].line} {marks.told(told[0])}")

    def sync(self, library: "LibraryState") -> None:
        """Take over what is looked at."""
        self._library = library
        detail, versions = library.detail, library.versions()
        self._tree.sync(detail.files if detail is not None else (), library.file.path if library.file else "")
        if detail is None:
            self._nothing(library)
        elif not versions:
            self.title = clean_line(detail.name)
            self.document.say(("empty", detail.name), ["It has no file."])
        elif library.look.compares:
            self._compare(library, versions)
        else:
            self._file(library, versions)

    def _nothing(self, library: "LibraryState") -> None:
        name = library.selected
        self.title = clean_line(name) if name else "Skill"
        said = library.detail_problems.get(name, "Asking the server for this skill…" if name else "")
        self.document.say(("nothing", name, said), said.splitlines())

    def _file(self, library: "LibraryState", versions: "Sequence[Version]") -> None:
        version = library.look.shown(versions)
        assert version is not None
        path, of = version.ref.path, f" of {versions[-1].label}" if version is not versions[-1] else ""
        self.title = clean_line(f"{path} · {version.label}{of} · {bytes_text(version.size)}")
        if (text := self._text(library, version)) is not None:
            at = 0
            if library.finding >= 0 and library.detail is not None and not of:
                found = library.detail.findings[library.finding]
                at = found.line or 0 if found.path == path else 0
            known = library.provenance if path == MAIN_FILE else ()
            if known and cell_len(f"{self.title}   {marks.LEGEND}") <= self.size.width - BORDER_COLUMNS:
                self.title += f"   {marks.LEGEND}"
            key = ("file", version.ref, self.rendered, hash(text), library.finding if at else -1, len(known))
            self.document.file(key, path, text, rendered=self.rendered, origins=marks.by_line(known), at=at)

    def _compare(self, library: "LibraryState", versions: "Sequence[Version]") -> None:
        new, old = library.look.shown(versions), library.look.compared(versions)
        assert new is not None
        assert old is not None
        change = f" · {self.document.change}" if self.document.change else ""
        self.title = clean_line(f"{new.ref.path} · {old.label} → {new.label}{change}")
        before, after = self._text(library, old), self._text(library, new)
        if before is not None and after is not None:
            self.document.diff(("diff", old.ref, new.ref), before, after)

    def _text(self, library: "LibraryState", version: "Version") -> str | None:
        """The text of a version; what is said in its place is shown here."""
        ref = version.ref
        if version.size > SHOWN_BYTES:
            said = f"{ref.path} has {bytes_text(version.size)}: too much to show here."
        elif (text := library.text(version)) is not None:
            return text
        elif (problem := library.text_problems.get(ref)) is not None:
            said = problem
        else:
            if ref not in library.asked:
                library.asked.add(ref)
                self.post_message(self.Wanted(ref, newest=self._is_newest(ref)))
            said = AWAITED
        self.document.say(("instead", ref, said), [clean_line(said)])
        return None

    def _is_newest(self, ref: "FileRef") -> bool:
        detail = self._library.detail if self._library is not None else None
        return detail is not None and ref.revision == detail.revision

    def on_resize(self, event: events.Resize) -> None:
        """The files stand where there is room for them."""
        beside = event.size.width >= BESIDE_COLUMNS
        self.set_class(beside, "-beside")
        self._tree.set_class(beside, "-beside")
