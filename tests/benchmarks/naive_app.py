"""What a dashboard is when nobody thinks of its speed: the baseline of its load.

A message for every event, a `RichLog` for every job, a `DataTable` whose cells are set one by one. It shows
less than the dashboard does: no wrapping, no preview, no question, no colours.
"""

import sys

import httpx
from httpx_sse import aconnect_sse
from textual.app import App, ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import ContentSwitcher, DataTable, RichLog, Static

from skill_fleet_common.events import Event, JobCreated, Progress, Token, parse_event


class NaiveApp(App[None]):
    """Shows the first job's log.

    Args:
        url: Of the server.
    """

    CSS = "DataTable { width: 44; } Static { height: 1; }"

    class Arrived(Message):
        """An event came."""

        def __init__(self, event: Event) -> None:
            super().__init__()
            self.event = event

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url
        self._count = 0

    def compose(self) -> ComposeResult:
        yield Static("Skill Fleet", id="status")
        with Horizontal():
            yield DataTable(id="jobs")
            yield ContentSwitcher(id="logs")

    def on_mount(self) -> None:
        for column in ("job", "said"):
            self.query_one(DataTable).add_column(column, key=column, width=18)
        self.run_worker(self._listen())

    async def _listen(self) -> None:
        async with (
            httpx.AsyncClient(timeout=None, trust_env=False) as client,
            aconnect_sse(client, "GET", f"{self._url}/api/v1/events") as source,
        ):
            async for block in source.aiter_sse():
                if block.data:
                    self.post_message(self.Arrived(parse_event(block.data)))

    async def on_naive_app_arrived(self, message: "NaiveApp.Arrived") -> None:
        event, switcher, table = message.event, self.query_one(ContentSwitcher), self.query_one(DataTable)
        self._count += 1
        self.query_one("#status", Static).update(f"Skill Fleet  {self._count} events")
        match event:
            case JobCreated():
                table.add_row(event.job_id, "", key=event.job_id)
                await switcher.mount(RichLog(id=event.job_id))
                switcher.current = switcher.current or event.job_id
            case Progress():
                table.update_cell(event.job_id, "said", event.data.text)
                self.query_one(f"#{event.job_id}", RichLog).write(event.data.text)
            case Token():
                table.update_cell(event.job_id, "said", f"{event.data.off} characters")
                self.query_one(f"#{event.job_id}", RichLog).write(event.data.text)


if __name__ == "__main__":
    NaiveApp(sys.argv[1]).run()
