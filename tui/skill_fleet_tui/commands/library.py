"""What a person can do with the library: the part of the registry that the Skills screen has to itself, mostly."""

from typing import Final

from skill_fleet_tui.commands.command import EVERYWHERE, SKILLS, Command

LIBRARY_COMMANDS: Final = (
    Command(
        id="library.promote", keys="P", action="promote", label="promote", group="Library", needs="draft", rank=5,
        screens=EVERYWHERE, argument="JOB",
        help="Keep a finished job's draft in the library. Shows what rules found, and asks once.",
    ),
    Command(
        id="library.undo", keys="u", action="undo", label="undo", group="Library", needs="undo", rank=3,
        screens=EVERYWHERE, help="Take back the last change of the library that was made here.",
    ),
    Command(
        id="library.create", keys="c", action="create", label="create", group="Library", screens=(SKILLS,),
        argument="TEXT", help="Describe a new skill and start a job, among the jobs.",
    ),
    Command(
        id="library.filter", keys="slash", action="filter", label="filter", reading="find", group="Library",
        needs="skills", rank=9, screens=(SKILLS,), argument="WORDS",
        help="List only skills with these words in name, description or category; in a text: find words.",
    ),
    Command(
        id="library.which", keys="w", action="which", label="which skill", group="Library", needs="skills", rank=6,
        screens=(SKILLS,), typed="which", argument="QUERY",
        help="Type what a user might say: which skill its words lead to, and which words decide.",
    ),
    Command(
        id="library.budget", keys="b", action="budget", label="budget", group="Library", needs="skills", rank=8,
        screens=(SKILLS,), help="How much of each client's list of skills all descriptions take.",
    ),
    Command(
        id="library.finding", keys="e", action="finding(1)", label="next finding", group="Library", needs="findings",
        rank=7, screens=(SKILLS,), help="Go to the next line that a rule found something in, and say what.",
    ),
    Command(
        id="library.finding-back", keys="E", action="finding(-1)", label="finding before", group="Library",
        needs="findings", screens=(SKILLS,), help="Go to the finding before.",
    ),
    Command(
        id="library.mark", keys="a", action="mark(1)", label="where from", group="Library", needs="origins", rank=8,
        panes=("text",), screens=(SKILLS,),
        help="Go to the next instruction of the skill, and say what it comes from: a source, an answer, the model.",
    ),
    Command(
        id="library.mark-back", keys="A", action="mark(-1)", label="from before", group="Library", needs="origins",
        screens=(SKILLS,), help="Go to the instruction before.",
    ),
    Command(
        id="library.install", keys="i", action="install", label="install", group="Library", needs="own-skill", rank=8,
        screens=(SKILLS,), argument="CLIENT [home]",
        help="Copy the skill to where an agent looks for skills: in the current project, or in your home.",
    ),
    Command(
        id="library.export", keys="x", action="export", label="export", group="Library", needs="skill",
        screens=(SKILLS,), argument="FORM",
        help="Save the skill as NAME.skill, or the library as a zip, a marketplace or <available_skills>.",
    ),
    Command(
        id="library.import", keys="I", action="import", label="import", group="Library", needs="disk",
        screens=(SKILLS,), argument="PATH", help="Bring skills from a folder, a checkout or a zip. Reports first.",
    ),
    Command(
        id="library.move", keys="m", action="move", label="move", group="Library", needs="skill", screens=(SKILLS,),
        argument="CATEGORY", help="Put the skill into another category. The old path leads to it still.",
    ),
    Command(
        id="library.rename", keys="R", action="rename", label="rename", group="Library", needs="skill",
        screens=(SKILLS,), argument="NAME", help="Call the skill something else. The old name leads to it still.",
    ),
    Command(
        id="library.remove", keys="X", action="remove", label="remove", group="Library", needs="skill",
        screens=(SKILLS,), help="Take the skill out of the library. Asks once more; it can be restored.",
    ),
    Command(
        id="library.restore", keys="U", action="restore", label="restore", group="Library", needs="trash",
        screens=(SKILLS,), argument="SKILL", help="Put a skill back that was removed.",
    ),
    Command(
        id="library.job", keys="o", action="made_by", label="its job", group="Library", needs="made",
        screens=(SKILLS,), help="Go to the job that wrote the skill.",
    ),
    Command(
        id="library.copy", keys="y", action="copy", label="copy", group="Library", needs="skill", screens=(SKILLS,),
        help="Copy what the mouse selected, else the skill's name.",
    ),
    Command(
        id="library.refresh", keys="ctrl+r", action="refresh_library", label="look again", group="Library",
        screens=(SKILLS,), help="Read the library again. It is read when the screen opens, and after each change.",
    ),
)  # fmt: skip
