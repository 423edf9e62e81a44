"""A skill of 30 KB in the preview, from its text to rendered Markdown, against Textual's Markdown widget.

The text has what skills have: headings, lists, tables, fences. Both paint. The widget makes widgets of the
document, one for every list item; the preview renders it in a thread. A stall is the longest time the event
loop was busy in one go.
"""

import asyncio
import tempfile
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median

from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Markdown

from tests.benchmarks.measuring import Comparison, Say, alternate_async
from tests.benchmarks.painting import PaintingDriver, Stalls, dashboard
from tests.benchmarks.traffic import as_json
from tests.unit.store.builders import Log, snapshot

TITLE = "Dashboard: a preview of 30 KB (140×45)"

_ROUNDS = 3
_DEADLINE_S = 20.0
_RENDERED = "•"
"""What only the rendered document shows."""
_SECTION = """\
## Step {number}: change the schema

Use a **migration** for every change of the schema; see `alembic upgrade head`, and never edit one that ran.

* Write the change and its way back.
* Run both against a copy of the data:
  1. forward, with the load of a weekday,
  2. back, and compare.

| state | who | what next |
| --- | --- | --- |
| planned | author | review |
| ran | operator | watch |

```python
def upgrade() -> None:
    op.add_column("job", sa.Column("seen_{number}", sa.DateTime(timezone=True)))
```

"""
DOCUMENT = "".join(_SECTION.format(number=number) for number in range(1, 90))[:30_000]
assert len(DOCUMENT) == 30_000


class MarkdownApp(App[None]):
    """Nothing but the widget."""

    def compose(self) -> ComposeResult:
        with VerticalScroll():
            yield Markdown()


def measure(say: Say) -> list[Comparison]:
    """The preview and the widget, alternately."""
    return asyncio.run(_measure(say))


async def _measure(say: Say) -> list[Comparison]:
    jobs = [f"job-{number:02}" for number in range(_ROUNDS + 1)]
    stalls, widget_stalls = Stalls(), Stalls()
    took: list[float] = []
    with tempfile.TemporaryDirectory() as directory:
        recording = Path(directory) / "recording.jsonl"
        recording.write_text(_recording(jobs), encoding="utf-8")
        async with dashboard(recording, len(jobs)) as app, _widget() as widget_app:
            fleet = app.fleet
            assert fleet is not None
            for job in jobs:
                fleet.keep_file((job, "SKILL.md", 1), DOCUMENT)
            unseen = [job for job in jobs if job != fleet.selected]

            async def ours() -> float:
                job = unseen.pop()

                async def show() -> None:
                    fleet.select(job)
                    app.beat(urgent=True)

                began = time.perf_counter()
                with stalls.watched(), app._context():
                    cpu = await _until_rendered(app, show)
                took.append(time.perf_counter() - began)
                return cpu

            async def widget() -> float:
                markdown = widget_app.query_one(Markdown)
                with widget_stalls.watched(), widget_app._context():
                    await markdown.update("")
                    return await _until_rendered(widget_app, lambda: markdown.update(DOCUMENT))

            say(f"{_ROUNDS} rounds")
            rendering = await alternate_async(_ROUNDS, ours, widget)
    note = f"{median(took) * 1000:.0f} ms by the clock"
    return [
        Comparison("CPU", "Textual's Markdown", "ms", *rendering, note=note),
        Comparison("longest stall", "Textual's Markdown", "ms", stalls.milliseconds, widget_stalls.milliseconds),
    ]


def _recording(jobs: list[str]) -> str:
    log = Log()
    for job in jobs:
        log.created(job, f"A skill {job}")
        log.writes(job, size=len(DOCUMENT))
    return "\n".join(map(as_json, [*snapshot(log, 0, []), *log.events]))


@asynccontextmanager
async def _widget() -> AsyncGenerator[MarkdownApp]:
    app = MarkdownApp()
    app.driver_class = PaintingDriver
    async with app.run_test(headless=False, size=(140, 45)):
        yield app


async def _until_rendered(app: App[None], show: Callable[[], Awaitable[None]]) -> float:
    """Milliseconds of this process's CPU until the rendered document is painted."""
    driver = app._driver
    assert isinstance(driver, PaintingDriver)
    driver.awaited, driver.seen = _RENDERED, (seen := asyncio.Event())
    began = time.process_time()
    await show()
    async with asyncio.timeout(_DEADLINE_S):
        await seen.wait()
    return (time.process_time() - began) * 1000
