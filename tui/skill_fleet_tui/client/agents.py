"""The agents that load skills, and the folders where each looks for them, as their documentation has it."""

from enum import StrEnum
from pathlib import Path
from typing import Final


class Client(StrEnum):
    """An agent that loads skills."""

    CLAUDE = "claude"
    CODEX = "codex"
    VSCODE = "vscode"
    GEMINI = "gemini"
    AGENTS = "agents"
    """The folder that several agents share."""


class Scope(StrEnum):
    """Whose skills they become."""

    PROJECT = "project"
    """Those of the project in the current folder."""
    HOME = "home"
    """Those of every project of this person."""


_FOLDERS: Final = {
    Client.CLAUDE: (".claude/skills", ".claude/skills"),
    Client.CODEX: (".agents/skills", ".agents/skills"),
    Client.VSCODE: (".github/skills", ".copilot/skills"),
    Client.GEMINI: (".gemini/skills", ".gemini/skills"),
    Client.AGENTS: (".agents/skills", ".agents/skills"),
}
"""In a project, and in the home directory."""


def folder_for(client: Client, scope: Scope) -> Path:
    """Where a client looks for skills."""
    project, home = _FOLDERS[client]
    return Path(project) if scope is Scope.PROJECT else Path.home() / home
