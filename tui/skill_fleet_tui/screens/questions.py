"""Going to questions, and what becomes of their answers."""

from typing import TYPE_CHECKING

from skill_fleet_tui.screens.panes import Panes

if TYPE_CHECKING:
    from skill_fleet_tui.store.fleet import FleetState
    from skill_fleet_tui.widgets.prompt_panel import PromptPanel


class Questions(Panes):
    """The question panel's place on the screen."""

    _put_off = ""
    """The prompt that was left unanswered last."""

    def action_next_question(self) -> None:
        """The selected job's question, unless it is being answered or was put off; else that of the next job."""
        fleet = self.fleet
        if fleet is not None and self._asked_anew(fleet) and self.take_up_question():
            return
        job_id = fleet.next_question() if fleet is not None else None
        if job_id is None:
            self.app.toast("No job asks anything.")
            return
        self.select(job_id)
        self.take_up_question()

    def action_answer(self) -> None:
        """The selected job's question; without one, its log."""
        if not self.take_up_question():
            self.show_pane("log")

    def _asked_anew(self, fleet: "FleetState") -> bool:
        """Whether the selected job asks something that nobody here has taken up yet."""
        prompt = fleet.current.view.prompt if fleet.current is not None else None
        if prompt is None or prompt.prompt_id == self._put_off:
            return False
        return self.focused is None or self.prompt not in self.focused.ancestors_with_self

    def on_prompt_panel_left(self, message: "PromptPanel.Left") -> None:
        """The keys go back to the list."""
        self._put_off = message.put_off
        self.show_pane("jobs" if not self.has_class("-zoom") else self.pane)

    def on_prompt_panel_answered(self, message: "PromptPanel.Answered") -> None:
        """Send it."""
        self.app.answer(message.job_id, message.request)

    def on_prompt_panel_taken_back(self, message: "PromptPanel.TakenBack") -> None:
        """Do not send it any more."""
        if self.app.session is not None:
            self.app.session.take_back(message.prompt_id)

    def on_prompt_panel_editor_wanted(self, message: "PromptPanel.EditorWanted") -> None:
        """To the person's editor, and back."""
        self.app.edit(message.job_id, message.form, message.path)
