"""The states that pictures are taken of."""

from skill_fleet_common.jobs import Phase
from skill_fleet_common.prompts import Prompt
from skill_fleet_tui.store.connection import Link
from tests.unit.dashboard.stage import Stage
from tests.unit.store.builders import SKILL, Log, clarify, token

DRAFT = (
    "# Migrations\n\n## When to use\n\nUse `alembic` when **the schema** changes.\n\n- one revision per change\n- nev"
)


def fleet_log() -> Log:
    """Five jobs: one asks, two run, one is done, one has failed."""
    log = Log()
    log.created("done", "Release notes from our changelog", demo=True)
    log.says("done", "Checking", 0.9, name="release-notes")
    log.writes("done")
    log.completed("done", "release-notes")
    log.created("failed", "Kubernetes rollback")
    log.failed("failed")
    log.created("plans", "Code review for security")
    log.phase("plans", Phase.UNDERSTANDING)
    log.begins("plans", "gather_requirements")
    log.created("writes", "Database migrations with alembic")
    log.phase("writes", Phase.UNDERSTANDING)
    log.begins("writes", "gather_requirements")
    log.thinks("writes", "gather_requirements", "They use alembic.\nSo revisions matter.")
    log.ends("writes", "gather_requirements", outputs={"topics": ["revisions", "rollbacks"]})
    log.phase("writes", Phase.GENERATION)
    log.says("writes", "Writing SKILL.md", 0.6, name="db-migrations")
    log.begins("writes", "write_skill", Phase.GENERATION)
    log.created("asks", "React hooks\nthe way our team writes them")
    return log


def empty() -> Stage:
    return Stage(Log())


def live(selected: str = "writes") -> Stage:
    return Stage(fleet_log(), extra=[token(DRAFT, job="writes")], selected=selected)


def asking(prompt: Prompt) -> Stage:
    log = fleet_log()
    log.says("asks", "Reading the request", 0.2, name="react-hooks")
    if prompt.kind in ("preview", "validate"):
        log.writes("asks", revision=2)
    log.asks("asks", prompt)
    stage = Stage(log, selected="asks")
    assert stage.fleet is not None
    stage.fleet.keep_file(("asks", "SKILL.md", 2), SKILL)
    return stage


def forks() -> Stage:
    """A failed job, retried twice; the second retry asks."""
    log = fleet_log()
    log.created("again", "Kubernetes rollback", forked_from="failed")
    log.failed("again")
    log.created("third", "Kubernetes rollback", forked_from="again")
    log.asks("third", clarify("third"))
    log.created("other", "Kubernetes rollback", forked_from="failed")
    return Stage(log, selected="writes")


def filtered(words: str) -> Stage:
    stage = forks()
    stage.words = words
    return stage


def timed() -> Stage:
    """A job that was asked, tried again, and is being written."""
    log = Log()
    log.created("a", "React hooks\nthe way our team writes them")
    log.phase("a", Phase.UNDERSTANDING)
    log.begins("a", "gather_requirements")
    log.again("a", "gather_requirements")
    log.ends("a", "gather_requirements")
    log.asks("a", clarify("a"))
    log.resolved("a", clarify("a"), by="ann")
    log.begins("a", "synthesize_plan")
    log.ends("a", "synthesize_plan")
    log.phase("a", Phase.GENERATION)
    log.begins("a", "write_skill", Phase.GENERATION)
    return Stage(log, selected="a")


def offline() -> Stage:
    stage = live()
    assert stage.fleet is not None
    connection = stage.fleet.connection
    connection.last_frame = stage.seconds - 12
    connection.become(Link.WAITING, "The connection was cut.", attempt=3, retry_at=stage.seconds + 4)
    return stage


def loading() -> Stage:
    """The program has started, and looks for its server."""
    stage = Stage(Log())
    assert stage.fleet is not None
    stage.fleet.connection.server, stage.fleet.connection.last_frame = "", None
    stage.fleet.connection.become(Link.STARTING, "Starting a local server… 3 s")
    return stage


def other_version() -> Stage:
    """The server speaks a later protocol; what was there before is still shown."""
    stage = live()
    assert stage.fleet is not None
    stage.fleet.connection.become(Link.STOPPED, "The server speaks version 2, this program version 1. Upgrade it.")
    return stage


def unreachable() -> Stage:
    stage = Stage(Log())
    assert stage.fleet is not None
    stage.fleet.connection.become(Link.STOPPED, "The server does not know this token. Set SKILL_FLEET_TOKEN.")
    return stage
