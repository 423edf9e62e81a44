"""Settings: what goes before what, where each came from, and what a wrong one is told."""

import json
from pathlib import Path

import pytest

from skill_fleet_server.__main__ import main
from skill_fleet_server.errors import CannotStart
from skill_fleet_server.settings import ServerSettings, as_json


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [*ServerSettings.model_fields, "model", "api_base"]:
        monkeypatch.delenv(f"SKILL_FLEET_{name.upper()}", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "no-config"))


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def origins(settings: ServerSettings) -> dict[str, str]:
    return {one.name: one.origin for one in settings.describe()}


def test_flags_go_before_the_environment_that_before_the_file_and_that_before_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path / "c.toml", '[server]\nhost = "::1"\nport = 1\nlog_level = "debug"\n\n[client]\nurl = "x"\n')
    monkeypatch.setenv("SKILL_FLEET_CONFIG", str(file))
    monkeypatch.setenv("SKILL_FLEET_PORT", "2")
    monkeypatch.setenv("SKILL_FLEET_HOST", "127.0.0.2")
    settings = ServerSettings.load({"host": "127.0.0.3", "port": None})
    assert (settings.host, settings.port, settings.log_level, settings.demo_delay) == ("127.0.0.3", 2, "debug", 0.02)
    said = origins(settings)
    assert said["host"] == "--host"
    assert said["port"] == "SKILL_FLEET_PORT"
    assert said["log_level"] == f"{file}, line 4"
    assert said["demo_delay"] == "default"


def test_the_shortcuts_set_parts_of_the_models_and_leave_the_rest_to_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path / "c.toml", '[models]\ndefault = "openai/a"\nfallbacks = ["openai/b"]\n')
    monkeypatch.setenv("SKILL_FLEET_MODEL", "ollama_chat/c")
    monkeypatch.setenv("SKILL_FLEET_API_BASE", "http://127.0.0.1:9/v1")
    settings = ServerSettings.load({"config": file})
    assert settings.models.default == "ollama_chat/c"
    assert settings.models.api_base == "http://127.0.0.1:9/v1"
    assert settings.models.fallbacks == ["openai/b"]
    assert origins(settings)["models.default"] == "SKILL_FLEET_MODEL"
    assert origins(settings)["models.fallbacks"] == f"{file}, line 3"


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKILL_FLEET_PORT", "")
    monkeypatch.setenv("SKILL_FLEET_MODEL", "")
    settings = ServerSettings.load()
    assert (settings.port, settings.models.default) == (8765, None)


def test_hosts_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKILL_FLEET_ALLOWED_HOSTS", "fleet.example, fleet")
    assert ServerSettings.load().allowed_hosts == ["fleet.example", "fleet"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[server]\n\nprot = 1\n", ["line 3", "'prot'", "Did you mean 'port'?"]),
        ("[sever]\nport = 1\n", ["line 1", "[sever]", "Did you mean 'server'?"]),
        ("[server]\nport = 99999\n", ["line 2", "port", "65535"]),
        ("[models]\ndefualt = 'a/b'\n", ["line 2", "models.defualt", "no such setting"]),
        ("[models.roles.writing]\nmodel = 'gpt'\n", ["line 2", "models.roles.writing.model", "provider/model"]),
        ("[server\n", ["cannot be read", "line 1"]),
        ("server = 3\n", ["[server]"]),
    ],
)
def test_a_wrong_line_of_the_file_is_named_with_what_to_do(tmp_path: Path, text: str, said: list[str]) -> None:
    file = write(tmp_path / "c.toml", text)
    with pytest.raises(CannotStart) as caught:
        ServerSettings.load({"config": file})
    for part in [str(file), *said]:
        assert part in caught.value.detail


def test_a_wrong_variable_is_named_and_a_secret_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKILL_FLEET_DEMO_DELAY", "slow")
    monkeypatch.setenv("SKILL_FLEET_TOKEN", "s3cret")
    with pytest.raises(CannotStart) as caught:
        ServerSettings.load()
    assert "SKILL_FLEET_DEMO_DELAY" in caught.value.detail
    assert "SKILL_FLEET_TOKEN" in caught.value.detail
    assert "s3cret" not in caught.value.detail


def test_a_settings_file_that_was_named_must_exist(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="There is no settings file"):
        ServerSettings.load({"config": tmp_path / "none.toml"})


def test_printed_settings_mask_secrets(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("SKILL_FLEET_TOKEN", "s3cret-s3cret")
    monkeypatch.setenv("SKILL_FLEET_DATABASE_URL", "postgresql://me:passw0rd@db/fleet")
    for arguments in (["config"], ["config", "--json"]):
        assert main(arguments) == 0
        printed = capsys.readouterr().out
        assert "s3cret" not in printed
        assert "passw0rd" not in printed
        assert "SKILL_FLEET_TOKEN" in printed
    assert json.loads(as_json(ServerSettings.load().describe()))["port"]["value"] == 8765


def test_every_setting_of_the_server_says_what_it_is() -> None:
    assert [name for name, field in ServerSettings.model_fields.items() if not field.description] == []


def test_a_wrong_setting_ends_the_command_with_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--port", "70000"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
