"""What makes a server another server: what a person set for it, and nothing of the client's own."""

from skill_fleet_tui.client.environment import STARTED_WITH, fingerprint

MODEL = {"SKILL_FLEET_MODEL": "openai/x"}


def test_who_sets_nothing_takes_any_server() -> None:
    assert fingerprint({"HOME": "/home/ada", "OPENAI_API_KEY": "k", "SKILL_FLEET_MODEL": ""}) == ""


def test_the_clients_own_settings_do_not_count() -> None:
    own = {"SKILL_FLEET_URL": "http://x", "SKILL_FLEET_TOKEN": "t", "SKILL_FLEET_DATA_DIR": "d", STARTED_WITH: "f"}
    assert fingerprint(own) == ""
    assert fingerprint(MODEL | own) == fingerprint(MODEL)


def test_another_model_or_another_key_is_another_server() -> None:
    seen = {
        fingerprint(MODEL),
        fingerprint({"SKILL_FLEET_MODEL": "openai/y"}),
        fingerprint(MODEL | {"OPENAI_API_KEY": "one"}),
        fingerprint(MODEL | {"OPENAI_API_KEY": "two"}),
    }
    assert len(seen) == 4
    assert "" not in seen


def test_nothing_of_a_key_is_in_the_fingerprint() -> None:
    assert "secret" not in fingerprint(MODEL | {"OPENAI_API_KEY": "secret"})
