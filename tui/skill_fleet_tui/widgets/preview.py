"""The selected job's skill: its files, each as it is written, as it is, as it was, and what changed."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Self

from rich.cells import cell_len
from textual import events
from textual.message import Message

from skill_fleet_tui.text import marks
from skill_fleet_tui.text.amounts import bytes_text
from skill_fleet_tui.text.clean import clean_line
from skill_fleet_tui.widgets.file_tree import FileTree
from skill_fleet_tui.widgets.looked_at import LookedAt

if TYPE_CHECKING:
    from skill_fleet_tui.store.files import FileHistory, FileRef, Version
    from skill_fleet_tui.store.fleet import FleetState
    from skill_fleet_tui.store.job import JobState
    from skill_fleet_tui.store.looking import Look

BESIDE_COLUMNS = 110
"""From this width on the files stand beside the text."""

BORDER_COLUMNS = 6
"""Columns of the border that its title cannot have."""

AWAITED = ("Asking the server for this text…",)
OFFLINE = (
    "The server cannot be reached, and this text is not here.",
    "It is asked for when the connection is back.",
    "r tries now.",
)

EMPTY = ("The skill's text appears here", "as it is written.")
NEVER_WRITTEN = ("This job ended before", "any text was written.")


class Preview(LookedAt):
    """Shows what is looked at, and asks for texts that are not here."""

    DEFAULT_CSS = "Preview { layout: vertical; background: $surface; &.-beside { layout: horizontal; } }"

    class Wanted(Message):
        """The text of a file is needed and not here."""

        def __init__(self, ref: "FileRef") -> None:
            super().__init__()
            self.ref = ref

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id)
        self.rendered = True
        """Whether settled Markdown is shown rendered, rather than as source."""
        self.title = ""
        """What is shown: path, revision and size, or what is compared."""
        self._tree: FileTree | None = None
        self._asked: set[FileRef] = set()
        self._met: tuple[FileHistory | None, int] = (None, 0)
        self._about: tuple[str, str] = ("", "")
        self._is_file, self._place = False, 0

    async def complete(self) -> None:
        """Mount the text, which has nothing to say on the first paint; the files are mounted when there are several."""
        await self.mount(self.document)

    def focus(self, scroll_visible: bool = True) -> Self:
        """The keys go to the text."""
        self.document.focus(scroll_visible)
        return self

    def flush(self) -> None:
        """Bring to the screen what has changed."""
        self.document.flush()

    @property
    def subtitle(self) -> str:
        """What is said below: of the instruction in view, where it comes from; of revisions, which others there are."""
        if self.document.found:
            return self.document.found
        if self._look_now is not None and self._look_now.source is not None:
            return "o or esc goes back to the skill"
        if told := self.document.mark:
            opens = " · o opens it" if self.has_focus_within and any(map(marks.excerpt, told)) else ""
            return clean_line(f"line {told[0].line} {marks.told(told[0])}{opens}")
        return ""

    # --- bringing up to date --------------------------------------------------------------------------

    def forget_asked(self) -> None:
        """Fetching failed: ask again when there is a reason to."""
        self._asked.clear()

    def sync(self, fleet: "FleetState") -> None:
        """Take over what has changed in what is looked at."""
        from skill_fleet_tui.store.files import edits

        self._fleet = fleet
        job, look = self._job, self._look_now
        if job is None or look is None:
            if self._tree is not None:
                self._tree.sync((), "")
            self._nothing(None)
            return
        self._learn(job)
        look.notice(edits(fleet, job))
        versions = self._versions()
        file = look.file(job.view.files)
        self._sync_tree(job, look)
        live = job.document()
        newest = not look.label and not look.compares
        text = self._text(versions[-1]) if versions else None
        if look.source is not None or look.compares:
            self._leave_file()
        if look.source is not None:
            self._source(job, look)
        elif live and newest and not (live.settled and text is not None) and (file is None or file.path == "SKILL.md"):
            self.title = f"SKILL.md · {'written' if live.settled else 'being written'}"
            self.document.stream(("live", job.id, live.step, live.gen), live.text, settled=live.settled)
        elif file is None:
            self._nothing(job)
        elif look.compares:
            self._compare(look, versions)
        else:
            self._file(job, look, versions)

    def _learn(self, job: "JobState") -> None:
        """A view that was sent whole says what events said that have not been read yet."""
        history, version = self._met
        if history is not job.files or version != job.version:
            self._met = (job.files, job.version)
            job.files.add_newest(job.view.files)
            if job.view.prompt is not None:
                job.files.add_prompt(job.view.prompt)

    def _text(self, version: "Version") -> str | None:
        """The text of a version; asked for if it is not here."""
        from skill_fleet_tui.store.files import SHOWN_BYTES, text_of

        assert self._fleet is not None
        assert self._job is not None
        text = text_of(self._fleet, self._job, version)
        if self._fleet.connection.is_stale:
            self._asked.clear()
        elif text is None and version.ref not in self._asked and version.size <= SHOWN_BYTES:
            self._asked.add(version.ref)
            self.post_message(self.Wanted(version.ref))
        return text

    # --- what is shown --------------------------------------------------------------------------------

    def _nothing(self, job: "JobState | None") -> None:
        self.title = "Preview"
        is_over = job is not None and job.view.status.is_terminal
        self.document.say(("nothing", job.id if job else "", is_over), NEVER_WRITTEN if is_over else EMPTY)

    def _file(self, job: "JobState", look: "Look", versions: "Sequence[Version]") -> None:
        from skill_fleet_common.choices import CONFIRM, CUT
        from skill_fleet_tui.store.files import chosen, unshown

        version = look.shown(versions)
        if version is None or self._fleet is None:
            return
        path, of = version.ref.path, f" of {versions[-1].label}" if version is not versions[-1] else ""
        self.title = f"{path} · {version.label}{of} · {bytes_text(version.size)}"
        if (reason := unshown(self._fleet, version)) is not None:
            self.document.say(("unshown", version.ref, reason), [reason])
            return
        text, about = self._text(version), (job.id, path)
        if text is None:
            # What is seen of the same file stays until the other revision is here, and so does the reader's place.
            if about != self._about or not self._is_file or self._is_offline:
                self._leave_file()
                self._wait_for(version)
            return
        if self._is_file:
            self._place = self.document.number_at_top
        self._is_file = True
        known = job.files.provenance(version.ref.revision) if path == "SKILL.md" and version.edit is None else []
        if known and cell_len(f"{self.title}   {marks.LEGEND}") <= self.size.width - BORDER_COLUMNS:
            self.title += f"   {marks.LEGEND}"
        cut, confirmed = tuple(chosen(self._fleet, job, CUT)), tuple(chosen(self._fleet, job, CONFIRM))
        self.document.file(
            ("file", version.ref, version.edit, self.rendered, len(known), cut, confirmed),
            path,
            text,
            rendered=self.rendered,
            origins=marks.by_line(known),
            mark=lambda provenance: marks.mark(provenance, cut, confirmed),
            at=self._place if about == self._about else 0,
        )
        self._about = about

    def _leave_file(self) -> None:
        """Something else is shown: whoever comes back to the file is where they were."""
        if self._is_file:
            self._place, self._is_file = self.document.number_at_top, False

    def _compare(self, look: "Look", versions: "Sequence[Version]") -> None:
        from skill_fleet_tui.store.files import unshown

        new, old = look.shown(versions), look.compared(versions)
        if new is None or old is None or self._fleet is None:
            return
        sent = ", not sent yet" if new.edit is not None else ""
        change = f" · {self.document.change}" if self.document.change else ""
        self.title = f"{new.ref.path} · {old.label} → {new.label}{sent}{change}"
        if (reason := unshown(self._fleet, old) or unshown(self._fleet, new)) is not None:
            self.document.say(("unshown", new.ref, reason), [reason])
            return
        before, after = self._text(old), self._text(new)
        if before is not None and after is not None:
            self.document.diff(("diff", old.ref, new.ref, new.edit), before, after)
        elif self._is_offline:
            self._wait_for(new)

    def _source(self, job: "JobState", look: "Look") -> None:
        from skill_fleet_tui.store.files import SOURCE, FileRef, Version, unshown

        assert self._fleet is not None
        assert look.source is not None
        name, first, last = look.source
        version = Version("source", FileRef(job.id, name, SOURCE), 0)
        self.title = clean_line(f"{name} · lines {first} to {last} · a source of this job")
        if (reason := unshown(self._fleet, version)) is not None:
            self.document.say(("unshown", version.ref, reason), [reason])
        elif (text := self._text(version)) is not None:
            self.document.excerpt(("source", *version.ref, first, last), text, first, last)
        else:
            self._wait_for(version)

    @property
    def _is_offline(self) -> bool:
        """Whether no server can be asked now, nor in a moment."""
        return self._fleet is not None and str(self._fleet.connection.link) in ("waiting", "stopped")

    def _wait_for(self, version: "Version") -> None:
        said = OFFLINE if self._is_offline else AWAITED
        self.document.say(("awaited", version.ref, said), said)

    # --- the files ------------------------------------------------------------------------------------

    def _sync_tree(self, job: "JobState", look: "Look") -> None:
        if self._tree is None and len(job.view.files) > 1 and self.document.is_attached:
            self._tree = FileTree()
            self.mount(self._tree, before=self.document)
            self._arrange(self.size.width)
        if self._tree is not None:
            file = look.file(job.view.files)
            self._tree.sync(job.view.files, file.path if file is not None and look.source is None else "")

    def on_resize(self, event: events.Resize) -> None:
        """The files stand where there is room for them."""
        self._arrange(event.size.width)

    def _arrange(self, columns: int) -> None:
        beside = columns >= BESIDE_COLUMNS and self._tree is not None
        self.set_class(beside, "-beside")
        if self._tree is not None:
            self._tree.set_class(beside, "-beside")


def _look() -> None:
    """The preview alone, with the revisions of a file in it: `python -m skill_fleet_tui.widgets.preview FILE…`."""
    import sys
    from datetime import UTC, datetime
    from pathlib import Path

    from textual.app import App

    from skill_fleet_common.jobs import JobView
    from skill_fleet_common.skills import SkillFile
    from skill_fleet_tui.store.fleet import FleetState
    from skill_fleet_tui.store.job import JobState
    from skill_fleet_tui.text.clean import clean

    fleet, now = FleetState(), datetime.now(UTC)
    job = fleet.jobs["look"] = JobState(JobView(job_id="look", created_at=now, updated_at=now))
    for revision, name in enumerate(sys.argv[1:], 1):
        text = Path(name).read_text(encoding="utf-8", errors="replace")
        job.view.files = [SkillFile(path="SKILL.md", size=len(text), sha256="", revision=revision)]
        job.files.add_newest(job.view.files)
        fleet.keep_file(("look", "SKILL.md", revision), clean(text))
    fleet.select("look")

    class Look(App[None]):
        BINDINGS: ClassVar = [("d", "compare"), ("q", "quit")]

        async def on_mount(self) -> None:
            await self.mount(preview := Preview())
            await preview.complete()
            preview.focus()
            self.set_interval(0.1, lambda: (preview.sync(fleet), preview.flush()))

        def action_compare(self) -> None:
            self.query_one(Preview).compare()

    Look().run()


if __name__ == "__main__":
    _look()
