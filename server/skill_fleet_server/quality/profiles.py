"""The profiles under which a skill can be checked: who reads it, and so how much each rule matters.

What each client does is read from its source or documentation where that was possible; the rules of the family
`clients` say it in code.
"""

from dataclasses import dataclass
from typing import Final

SPEC: Final = "spec"
"""The specification as written, plus what makes a skill good."""
SKILLS_REF: Final = "skills-ref"
"""The verdict of the reference validator."""
DRAFT: Final = "draft"
"""What we write ourselves: the specification, and nothing half done."""
CLIENTS: Final = ("claude", "codex", "vscode", "gemini")
"""Programs that load skills."""
MATRIX: Final = (SPEC, SKILLS_REF, *CLIENTS)
"""The rows of the portability matrix."""

JUDGED_BY_CLIENTS: Final = frozenset({"frontmatter", "naming", "description", "across"})
"""Families that are about being loaded and listed. Under a client's profile they warn at most: what keeps a skill from
loading there is for that client's own rule to say."""


@dataclass(frozen=True)
class Profile:
    """A reader of skills."""

    id: str
    title: str
    about: str


PROFILES: Final = {
    each.id: each
    for each in (
        Profile(SPEC, "specification", "The specification as written, plus what makes a skill good."),
        Profile(SKILLS_REF, "skills-ref", "The verdict of the reference validator, and nothing else."),
        Profile("claude", "Claude Code", "Loads nearly everything; names the skill after its directory."),
        Profile("codex", "Codex", "Needs readable YAML and a description of 1 to 1,024 characters."),
        Profile("vscode", "VS Code", "Needs a description; strips tags and cuts what is too long."),
        Profile("gemini", "Gemini CLI", "Needs a name and a description; reads them even from broken YAML."),
        Profile(DRAFT, "draft", "What jobs write: as the specification, and a dead link or an open fence is an error."),
    )
}
"""By id, as they are shown."""
