"""What changes the library or leaves it: promote, move, rename, remove, restore, install, export, import."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from skill_fleet_tui.commands.command import Command
from skill_fleet_tui.running import librarian
from skill_fleet_tui.screens.program import Program
from skill_fleet_tui.store.library_rows import paths_of

if TYPE_CHECKING:
    from skill_fleet_tui.commands.typed import Argument


class Keeping(Program):
    """Commands with an argument open the command line, which knows what can be typed after them."""

    def arguments(self, command: Command) -> "Sequence[Argument]":
        """What is known of a command's argument."""
        from skill_fleet_tui.commands.typed import Argument
        from skill_fleet_tui.running.taking_out import FORMS, agents

        library = self.app.library
        if library is None:
            return super().arguments(command)
        match command.action:
            case "move":
                return [Argument(each.path, each.title) for each in paths_of(library.taxonomy)]
            case "restore":
                return [Argument(each.trash_id, f"{each.taxonomy_path}/{each.name}") for each in library.trash]
            case "install":
                return [Argument(said, str(folder)) for said, folder in agents()]
            case "export":
                return [Argument(form, said) for form, said in FORMS.items()]
            case _:
                return super().arguments(command)

    @property
    def chosen(self) -> str:
        """The name of the selected skill."""
        library = self.app.library
        return library.selected if library is not None and library.current is not None else ""

    # --- changes --------------------------------------------------------------------------------------

    def action_promote(self) -> None:
        """Keep a job's draft; ask which, if there are several."""
        if len(drafts := self.drafts) == 1:
            self.promote(drafts[0].id)
        else:
            self.action_command("/promote ")

    def action_move(self) -> None:
        """Ask where to."""
        self.action_command("/move ")

    def typed_move(self, category: str) -> None:
        """Put the skill there."""
        if self.chosen:
            self.app.tend("change", librarian.move(self.chosen, category))

    def action_rename(self) -> None:
        """Ask for a name, beginning with the one it has."""
        self.action_command(f"/rename {self.chosen}")

    def typed_rename(self, name: str) -> None:
        """Call the skill that."""
        if self.chosen:
            self.app.tend("change", librarian.rename(self.chosen, name))

    def action_remove(self) -> None:
        """Take the skill out, after asking once more."""
        from skill_fleet_tui.screens.confirm import ConfirmScreen

        name = self.chosen

        def decided(yes: bool | None) -> None:
            if yes and name:
                self.app.tend("change", librarian.remove(name))

        if name:
            self.app.push_screen(ConfirmScreen(f"Remove {name} from the library? It can be restored."), decided)

    def action_restore(self) -> None:
        """Ask which of those that were removed."""
        self.action_command("/restore ")

    def typed_restore(self, which: str) -> None:
        """Put it back: by the id in the trash, or the last one of a name."""
        library = self.app.library
        removed = library.trash if library is not None else ()
        found = next((each.trash_id for each in removed if which in (each.trash_id, each.name)), None)
        if found is None:
            self.app.toast(f"Nothing called {which} was removed.", wrong=True)
        else:
            self.app.tend("change", librarian.restore(found))

    # --- what leaves the library, and what comes into it ------------------------------------------------

    def action_install(self) -> None:
        """Ask for which agent."""
        self.action_command("/install ")

    def typed_install(self, wish: str) -> None:
        """Copy the skill to where an agent looks."""
        from skill_fleet_tui.running.taking_out import install

        if self.chosen:
            self.app.tend("change", install(self.chosen, wish))

    def action_export(self) -> None:
        """Ask for the form."""
        self.action_command("/export ")

    def typed_export(self, form: str) -> None:
        """Save it in the current directory; a browser downloads it."""
        from skill_fleet_tui.running.taking_out import export

        self.app.tend("change", export(self.app, self.chosen, form))

    def action_import(self) -> None:
        """Ask for a folder or a zip."""
        self.action_command("/import ")

    def typed_import(self, path: str) -> None:
        """Say what would become of each skill in it, and ask."""
        from skill_fleet_tui.screens.importing import ImportScreen

        library = self.app.library
        self.app.push_screen(ImportScreen(Path(path).expanduser(), library.taxonomy if library is not None else None))
