"""`skill-fleet` as scripts and people use it: a process of its own, on a real server with the demo model."""

import asyncio
import json
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from skill_fleet_tui.cli.exits import Exit
from tests.support.program import COMMAND, SECONDS, documents, environment, run
from tests.support.server import ServerProcess
from tests.support.terminal import Terminal


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    server = ServerProcess(tmp_path_factory.mktemp("cli") / "data")
    asyncio.run(server.start())
    yield server
    server.kill()


def create(server: ServerProcess, *arguments: str) -> str:
    """A job that nobody stays with; its id."""
    [accepted] = documents(run(server, "create", *arguments, "--no-wait", "--json"))
    return accepted["job"]["job_id"]


def answer_for(prompt: dict[str, Any]) -> dict[str, Any]:
    """Proceed, with the first option of everything."""
    by_type: dict[str, Any] = {"boolean": True, "text": "Because."}
    answers = {
        question["id"]: by_type.get(question["type"])
        or ([question["options"][0]["id"]] if question["type"] == "multi" else question["options"][0]["id"])
        for question in prompt.get("questions", [])
    }
    return {"action": "proceed", "answers": answers}


def test_from_a_sentence_to_a_draft(server: ServerProcess, tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("# House rules\n\nAlways name the logger after the module.\n")
    ran = run(server, "create", "A skill for Python logging", "--source", str(tmp_path / "notes.md"), "--auto-approve")

    assert ran.returncode == Exit.OK, ran.stderr
    assert "Generation" in ran.stdout
    assert "\x1b" not in ran.stdout
    draft = server.data_dir / ran.stdout.strip().splitlines()[-1].rpartition(": ")[2]
    assert (draft / "SKILL.md").is_file()


def test_the_task_can_come_from_the_standard_input(server: ServerProcess) -> None:
    ran = run(server, "create", "-", "--auto-approve", "--json", given="A skill for\nreading a task from a pipe")

    assert ran.returncode == Exit.OK, ran.stderr
    assert documents(ran)[0]["data"]["task_description"] == "A skill for\nreading a task from a pipe"


def test_json_lines_tell_everything_once_and_end_with_the_job(server: ServerProcess) -> None:
    ran = run(server, "create", "A skill for release notes", "--auto-approve", "--json")
    *told, last = documents(ran)

    assert ran.returncode == Exit.OK, ran.stderr
    assert [event["seq"] for event in told] == list(range(1, len(told) + 1))
    assert (told[0]["type"], told[-1]["type"]) == ("job_created", "completed")
    assert last["job"]["status"] == "completed"
    assert (server.data_dir / last["job"]["draft_path"] / "SKILL.md").is_file()


def test_a_question_in_a_pipe_ends_create_and_is_answered_by_a_script(server: ServerProcess) -> None:
    created = run(server, "create", "A skill about things", "--json")
    job_id = documents(created)[-1]["job"]["job_id"]
    kinds = []

    assert created.returncode == Exit.ASKS
    watching = subprocess.Popen([*COMMAND, "watch", job_id], env=environment(server), stdout=subprocess.PIPE, text=True)
    with watching:
        while watching.poll() is None:
            asked = run(server, "prompt", job_id, "--json")
            if asked.returncode:
                continue
            [prompt] = documents(asked)
            kinds.append(prompt["kind"])
            answered = run(server, "answer", job_id, "--json", given=json.dumps(answer_for(prompt)))
            assert answered.returncode in (Exit.OK, Exit.USAGE), answered.stderr
        assert watching.stdout is not None
        told = watching.stdout.read()

    assert watching.returncode == Exit.OK
    assert {"clarify", "confirm", "preview", "validate"} <= set(kinds)
    assert f"skill-fleet answer {job_id}" in told


def asking(server: ServerProcess, *arguments: str) -> tuple[str, dict[str, Any]]:
    """A job that asks, and what it asks."""
    last = documents(run(server, "create", *arguments, "--json"))[-1]["job"]
    assert last["status"] == "pending_hitl", last
    return last["job_id"], last["prompt"]


def test_a_revision_asked_for_with_flags_comes_back_as_another_prompt(server: ServerProcess) -> None:
    job_id, first = asking(server, "A skill for writing haiku", "--checkpoint", "preview")
    revised = run(server, "answer", job_id, "--action", "revise", "--feedback", "Shorter, please.")

    assert revised.returncode == Exit.OK, revised.stderr
    events = run(server, "events", job_id, "--json")
    assert any(event["type"] == "hitl_resolved" and event["data"]["feedback"] for event in documents(events))
    assert first["kind"] == "preview"
    run(server, "jobs", "cancel", job_id)


def test_an_answer_that_does_not_fit_says_where_and_leaves_the_prompt_open(server: ServerProcess) -> None:
    job_id, prompt = asking(server, "A skill about things", "--checkpoint", "clarify")
    wrong = run(server, "answer", job_id, "--action", "proceed")

    assert prompt["kind"] == "clarify"
    assert wrong.returncode == Exit.USAGE
    assert f"answers.{prompt['questions'][0]['id']}" in wrong.stderr
    assert run(server, "prompt", job_id).returncode == Exit.OK

    assert run(server, "answer", job_id, "--text", "cancel").returncode == Exit.OK
    assert run(server, "watch", job_id).returncode == Exit.CANCELLED


def test_a_cancelled_job(server: ServerProcess) -> None:
    job_id, _ = asking(server, "A skill about things")
    cancelled = run(server, "jobs", "cancel", job_id, "--json")

    assert cancelled.returncode == Exit.OK
    assert run(server, "watch", job_id).returncode == Exit.CANCELLED
    assert run(server, "answer", job_id, "--action", "proceed").returncode == Exit.USAGE


def test_a_failed_job_says_why_and_is_run_again(server: ServerProcess) -> None:
    failed = run(server, "create", "A skill for release notes demo:fail", "--auto-approve")
    job_id = failed.stdout.split("Created ")[1].split()[0]

    assert failed.returncode == Exit.FAILED
    assert "✗" in failed.stdout
    assert f"skill-fleet jobs retry {job_id}" in failed.stderr
    assert run(server, "jobs", "retry", job_id).returncode == Exit.OK


def test_a_job_is_forked_with_another_answer(server: ServerProcess) -> None:
    job_id, _ = asking(server, "A skill for release notes demo:clear", "--checkpoint", "confirm")
    fork = ("jobs", "fork", job_id, "--from", "ask/confirm.1", "--feedback", "Shorter.", "--no-wait", "--json")
    assert "no finished step" in run(server, *fork).stderr, "nobody has answered yet"
    run(server, "answer", job_id, "--action", "proceed")
    run(server, "watch", job_id)

    [accepted] = documents(run(server, *fork))

    assert accepted["job"]["forked_from"] == job_id
    assert f"{job_id} at ask/confirm.1" in run(server, "jobs", "show", accepted["job"]["job_id"]).stdout
    wrong = run(server, "jobs", "fork", job_id, "--from", "write_skill", "--feedback", "Shorter.")
    assert wrong.returncode == Exit.USAGE
    assert "--from ask/" in wrong.stderr


def test_old_jobs_are_counted_and_then_forgotten_with_everything_but_their_drafts(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    own = ServerProcess(data_dir)
    asyncio.run(own.start())
    try:
        ran = run(own, "create", "A skill for forgetting", "--auto-approve", "--json")
        job = documents(ran)[-1]["job"]
        [counted] = documents(run(own, "jobs", "prune", "--days", "0", "--dry-run", "--json"))
        assert counted == {"jobs": 1, "dry_run": True}
        assert "1 job forgotten" in run(own, "jobs", "prune", "--days", "0").stdout
        assert run(own, "jobs", "show", job["job_id"]).returncode == Exit.NOT_FOUND
        assert (data_dir / job["draft_path"] / "SKILL.md").is_file()
        with sqlite3.connect(data_dir / "checkpoints.sqlite") as checkpoints:
            assert checkpoints.execute("SELECT count(*) FROM workflow_status").fetchone() == (0,)
            assert checkpoints.execute("SELECT count(*) FROM operation_outputs").fetchone() == (0,)
    finally:
        own.clean_up()


def test_a_token_is_made_used_and_taken_back(server: ServerProcess) -> None:
    made = run(server, "tokens", "add", "mara", "--role", "viewer", "--own-only")
    token = made.stdout.strip()
    assert made.returncode == Exit.OK
    assert "own jobs only" in made.stderr

    assert run(server, "jobs", SKILL_FLEET_TOKEN=token).stdout == ""
    refused = run(server, "create", "A skill for nothing", "--no-wait", SKILL_FLEET_TOKEN=token)
    assert refused.returncode == Exit.UNAUTHORIZED
    assert "takes the role owner" in refused.stderr
    assert "mara" in run(server, "tokens").stdout
    assert token not in run(server, "tokens", "list", "--json").stdout
    assert run(server, "tokens", "add", "Mara M").returncode == Exit.USAGE

    assert run(server, "tokens", "remove", "mara").returncode == Exit.OK
    assert run(server, "jobs", SKILL_FLEET_TOKEN=token).returncode == Exit.UNAUTHORIZED
    assert run(server, "tokens", "remove", "mara").returncode == Exit.NOT_FOUND


def test_lists_for_people_and_for_programs(server: ServerProcess) -> None:
    job_id = create(server, "A skill named \x1b]0;PWNED\x07 nothing in particular", "--auto-approve")
    run(server, "watch", job_id)
    lines = run(server, "jobs").stdout
    [listed] = documents(run(server, "jobs", "list", "--json", "--query", "nothing in particular"))
    [shown] = documents(run(server, "jobs", "show", job_id, "--json"))

    assert lines.splitlines()[0].split("\t")[0] == job_id
    assert "\x1b" not in lines
    assert [job["job_id"] for job in listed["jobs"]] == [job_id]
    assert shown["status"] == "completed"
    assert run(server, "jobs", "show", job_id).returncode == Exit.OK


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["jobs", "show", "nothing"], Exit.NOT_FOUND, "nothing"),
        (["watch", "nothing"], Exit.NOT_FOUND, "nothing"),
        (["answer", "nothing", "--action", "proceed"], Exit.NOT_FOUND, "nothing"),
        (["create", "  "], Exit.USAGE, "Describe"),
        (["create", "x" * 10_001], Exit.USAGE, "too long"),
        (["create", "x", "--source", "nowhere.md"], Exit.USAGE, "nowhere.md"),
        (["create", "x", "--model", "no-such/model"], Exit.USAGE, "no-such"),
        (["create"], Exit.USAGE, "Missing"),
        (["--url", "http://127.0.0.1:1", "jobs"], Exit.UNREACHABLE, "127.0.0.1:1"),
        (["--token", "wrong", "jobs"], Exit.UNAUTHORIZED, "token"),
        (["--config", "nowhere.toml", "jobs"], Exit.USAGE, "nowhere.toml"),
    ],
)
def test_what_goes_wrong_has_a_code_and_a_sentence(
    server: ServerProcess, arguments: list[str], code: Exit, said: str
) -> None:
    ran = run(server, *arguments)

    assert (ran.returncode, ran.stdout) == (code, "")
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr


def test_errors_are_json_too(server: ServerProcess) -> None:
    ran = run(server, "jobs", "show", "nothing", "--json")

    assert json.loads(ran.stderr)["error"]["code"] == "not_found"


def test_config_shows_both_sides_and_no_secret(server: ServerProcess) -> None:
    [shown] = documents(run(server, "config", "--json", SKILL_FLEET_TOKEN="hunter2-hunter2"))
    text = run(server, "config", SKILL_FLEET_TOKEN="hunter2-hunter2").stdout

    assert shown["client"]["data_dir"]["value"] == str(server.data_dir)
    assert shown["server"]["demo_delay"]["value"] == 0
    assert "hunter2" not in json.dumps(shown) + text


def test_serve_is_the_server_with_its_own_flags(server: ServerProcess, tmp_path: Path) -> None:
    taken = run(server, "serve", "--port", "0", "--data-dir", str(server.data_dir))

    assert "--exit-when-idle" in run(server, "serve", "--help").stdout
    assert taken.returncode != 0
    assert "Another server" in taken.stderr


def test_an_interrupted_watch_says_how_to_come_back(server: ServerProcess) -> None:
    job_id, _ = asking(server, "A skill about things")
    watching = subprocess.Popen(
        [*COMMAND, "watch", job_id], env=environment(server), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with watching:
        assert watching.stdout is not None
        for line in watching.stdout:
            if job_id in line and "answer" in line:
                break
        try:
            watching.send_signal(signal.SIGINT)
            _, said = watching.communicate(timeout=SECONDS)
        finally:
            watching.kill()

    assert watching.returncode == Exit.INTERRUPTED
    assert f"skill-fleet watch {job_id}" in said
    [job] = documents(run(server, "jobs", "show", job_id, "--json"))
    assert job["status"] == "pending_hitl"


WORDS = {"A number": ["1"], "Numbers": ["1,2"], "y yes": ["y"], "opens your editor.": ["One line.", "Another.", "."]}
"""What a person types where the program shows these."""


def test_at_a_terminal_the_questions_are_asked(server: ServerProcess) -> None:
    arguments = ["create", "A skill about things", "--checkpoint", "clarify"]
    with Terminal([*COMMAND, *arguments], environment(server)) as terminal:
        terminal.expect("later [p]: ")
        terminal.enter("p")
        while (asked := terminal.expect("Answered.", *WORDS)) != "Answered.":
            terminal.enter(*WORDS[asked])
        terminal.expect("is written")

        assert terminal.exit_code() == Exit.OK


def test_at_a_terminal_a_question_can_wait(server: ServerProcess) -> None:
    with Terminal([*COMMAND, "create", "A skill about things"], environment(server)) as terminal:
        terminal.expect("later [p]: ")
        terminal.enter("l")
        terminal.expect("Answer later with: skill-fleet answer ")

        assert terminal.exit_code() == Exit.ASKS
