"""What a row of the job list says, as text with named styles. Knows no screen."""

from typing import TYPE_CHECKING, Final

from rich.cells import cell_len, set_cell_size

if TYPE_CHECKING:
    from skill_fleet_tui.store.job import JobState

WIDE: Final = 38
"""From this many columns on, rows say what a job is at, not only how far."""

MEDIUM: Final = 24
"""Below this many columns only the name and the time are left."""

ELAPSED_COLUMNS: Final = 5

_GLYPHS: Final = {
    "pending": "·", "running": "⠿", "pending_hitl": "❯", "cancelling": "◌",
    "completed": "✓", "pending_review": "!", "failed": "✗", "cancelled": "–",
}  # fmt: skip
_STYLES: Final = {
    "pending_hitl": "asks", "running": "runs", "pending": "rests", "cancelling": "asks",
    "completed": "good", "pending_review": "asks", "failed": "bad", "cancelled": "rests",
}  # fmt: skip


def row_parts(job: "JobState", lead: str, elapsed: str, width: int) -> list[tuple[str, str]]:
    """State, unread mark, branch and name, what the job is at, for how long: `(text, style)` from left to right."""
    status = str(job.view.status)
    kind = _STYLES.get(status, "rests")
    detail_columns = 15 if width >= WIDE else 7 if width >= MEDIUM else 0
    elapsed_columns = max(ELAPSED_COLUMNS, cell_len(elapsed) + 2)
    name_columns = max(width - 4 - detail_columns - elapsed_columns, 4)
    parts = [
        (f" {_GLYPHS.get(status, '?')}", kind),
        ("● " if job.unread else "  ", "asks"),
        (lead, "detail"),
        (_fitted(job.title, max(name_columns - len(lead), 2)), ""),
    ]
    if detail_columns:
        said = _detail(job) if width >= WIDE else _short_detail(job)
        parts.append((_fitted(f" {said}", detail_columns), kind if status != "running" else "detail"))
    return [*parts, (f"{elapsed:>{elapsed_columns - 1}} ", "detail")]


def _detail(job: "JobState") -> str:
    view = job.view
    if view.prompt is not None:
        return f"asks {str(view.prompt.kind).removeprefix('structure_')}"
    if view.status == "running":
        percent = f" {view.progress:.0%}" if view.progress is not None else ""
        return f"{str(view.phase or 'starting')[:10]}{percent}"
    if view.status == "failed" and view.error is not None:
        return view.error.code.replace("_", " ") or "failed"
    if job.promoted is not None:
        return "in the library"
    return {"pending_review": "needs review"}.get(str(view.status), str(view.status))


def _short_detail(job: "JobState") -> str:
    view = job.view
    if view.prompt is not None:
        return "asks"
    if view.status == "running":
        return f"{view.progress:.0%}" if view.progress is not None else str(view.phase or "starts")
    if job.promoted is not None:
        return "kept"
    return {"completed": "done", "pending_review": "review", "cancelled": "ended"}.get(
        str(view.status), str(view.status)
    )


def _fitted(text: str, width: int) -> str:
    return set_cell_size(text, width) if cell_len(text) <= width else f"{set_cell_size(text, width - 1)}…"
