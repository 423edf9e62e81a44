"""A file of the selected job's skill: source while it is written, rendered Markdown once it has settled."""

import asyncio
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from rich.segment import Segment
from textual.message import Message

from skill_fleet_tui.text.markdown import MarkdownSource, coloured, split_frontmatter
from skill_fleet_tui.text.styled import Line, Span, joined, untabbed
from skill_fleet_tui.widgets.line_view import LineView

if TYPE_CHECKING:
    from skill_fleet_common.skills import SkillFile
    from skill_fleet_tui.store.fleet import FleetState
    from skill_fleet_tui.store.job import JobState
    from skill_fleet_tui.store.live import LiveText

RENDERED_CHARACTERS = 200_000
"""Longer documents stay source."""

EMPTY = (
    "The skill's text appears here",
    "as it is written.",
)


class FileRef(NamedTuple):
    """Names the text of a file, which is fetched when it is looked at."""

    job_id: str
    path: str
    revision: int


class Preview(LineView):
    """Streams, renders, and keeps the place of who reads."""

    DEFAULT_CSS = """
    Preview {
        padding: 0 0 0 1;
        & > .line--heading { color: $text-accent; text-style: bold; }
        & > .line--code { color: $text-success; }
        & > .line--fence { color: $text-muted; }
        & > .line--quote { color: $text-muted; text-style: italic; }
        & > .line--marker { color: $text-accent; }
        & > .line--strong { text-style: bold; }
        & > .line--link { color: $text-primary; }
        & > .line--name { color: $text-accent; }
        & > .line--empty { color: $text-muted; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"line--{name}" for name in ("heading", "code", "fence", "quote", "marker", "strong", "link", "name", "empty")
    }

    class Wanted(Message):
        """The text of a file is needed and not here."""

        def __init__(self, ref: FileRef) -> None:
            super().__init__()
            self.ref = ref

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(follow=False, id=id)
        self.rendered = True
        """Whether settled Markdown is shown rendered, rather than as source."""
        self.title = ""
        """What is shown: path and revision."""
        self._chosen: dict[str, str] = {}
        self._asked: FileRef | None = None
        self._shown: tuple[object, ...] = ("nothing",)
        self._taken = 0
        self._source = MarkdownSource()
        self._is_rendered = False
        self._body = ""
        self._head: list[Line] = []
        self._rendering: asyncio.Task[None] | None = None

    # --- what is shown --------------------------------------------------------------------------------

    def sync(self, fleet: "FleetState") -> None:
        """Take over what has changed in the file that is shown."""
        job = fleet.current
        file = self._file(job) if job else None
        live = job.document() if job else None
        ref = FileRef(job.id, file.path, file.revision) if job and file else None
        text = fleet.files.get(ref) if ref else None
        if ref and text is None and ref != self._asked:
            self._asked = ref
            self.post_message(self.Wanted(ref))
        if job and live and not (live.settled and text is not None) and (file is None or file.path == "SKILL.md"):
            self._stream(job, live)
        elif text is not None and ref:
            self._settle(ref, text)
        elif job is None or file is None:
            self._nothing(job)

    def next_file(self, job: "JobState", by: int = 1) -> None:
        """Show another file of the job."""
        paths = [file.path for file in job.view.files]
        if paths:
            at = paths.index(self._chosen.get(job.id, paths[0])) if self._chosen.get(job.id) in paths else 0
            self._chosen[job.id] = paths[(at + by) % len(paths)]

    def forget_asked(self) -> None:
        """Fetching failed: ask again when there is a reason to."""
        self._asked = None

    def _file(self, job: "JobState") -> "SkillFile | None":
        wanted = self._chosen.get(job.id, "SKILL.md")
        files = job.view.files
        return next((file for file in files if file.path == wanted), files[0] if files else None)

    def _stream(self, job: "JobState", live: "LiveText") -> None:
        document = ("live", job.id, live.step, live.gen)
        if document != self._shown:
            self._begin(document, "", follow=True)
            self._source, self._taken = MarkdownSource(), 0
        self.title = f"SKILL.md · {'written' if live.settled else 'being written'}"
        text = live.text
        end = text.rfind("\n") + 1
        if end > self._taken:
            self.append([self._source.line(line) for line in text[self._taken : end - 1].split("\n")])
            self._taken = end
        cursor = "" if live.settled else "▌"
        self.set_tail([Line(untabbed(text[end:]) + cursor)] if text[end:] or cursor else [])

    def _settle(self, ref: FileRef, text: str) -> None:
        document = (ref, self.rendered)
        if document == self._shown:
            return
        self._begin(document, f"{ref.path} · r{ref.revision}", follow=False)
        if not ref.path.endswith(".md"):
            self.show([Line(untabbed(line), "code") for line in text.split("\n")])
            return
        pairs, body = split_frontmatter(text)
        head = [joined((f"{name}  " if name else "", "name"), (untabbed(value), "")) for name, value in pairs]
        head += [Line("─" * 12, "fence"), Line("")] if pairs else []
        self.show([*head, *coloured(body)])
        if self.rendered and len(body) <= RENDERED_CHARACTERS:
            self._body = body
            self._head = head
            self._render_soon()

    def _nothing(self, job: "JobState | None") -> None:
        document = ("nothing", job.id if job else "")
        if document != self._shown:
            self._begin(document, "Preview", follow=False)
            self.show([Line(line, "empty") for line in EMPTY])

    def _begin(self, document: tuple[object, ...], title: str, *, follow: bool) -> None:
        self._shown, self.title = document, title
        self._cancel_rendering()
        self._body, self._is_rendered = "", False
        self.follow = self.follows_at_end = follow
        self.show([])

    # --- rendering ------------------------------------------------------------------------------------

    def _render_soon(self) -> None:
        self._cancel_rendering()
        if self.columns:
            self._rendering = asyncio.create_task(self._render_in_thread(self._body, self.columns))

    async def _render_in_thread(self, body: str, width: int) -> None:
        pages = await asyncio.to_thread(rendered, body, max(width - 1, 10))
        if body == self._body and width == self.columns:
            self.show([*self._head, *(_line(row) for row in pages)])
            self._is_rendered = True
            self.flush()

    def _cancel_rendering(self) -> None:
        if self._rendering is not None:
            self._rendering.cancel()
            self._rendering = None

    def on_unmount(self) -> None:
        """Nothing is rendered for a view that is gone."""
        self._cancel_rendering()

    def width_changed(self) -> None:
        """Rendered rows are as wide as the view was: render again."""
        if self._is_rendered:
            self._is_rendered = False
            self.show([*self._head, *coloured(self._body)])
        if self._body:
            self._render_soon()


def rendered(body: str, width: int) -> list[list[Segment]]:
    """Markdown as rows of segments. Takes up to a tenth of a second for a long document: call it in a thread."""
    from io import StringIO

    from rich.console import Console
    from rich.markdown import Markdown

    console = Console(width=width, file=StringIO(), color_system="truecolor", legacy_windows=False)
    document = Markdown(body.expandtabs(4), code_theme="ansi_dark", hyperlinks=False)
    return console.render_lines(document, console.options.update_width(width), pad=False)


def _line(row: list[Segment]) -> Line:
    parts = [segment for segment in row if not segment.control]
    spans: list[Span] = []
    at = 0
    for text, style, _ in parts:
        if style:
            spans.append(Span(at, at + len(text), style))
        at += len(text)
    return Line("".join(part.text for part in parts), "", tuple(spans))
