"""Flags before environment before file before default; what cannot be used is named."""

from pathlib import Path

import pytest

from skill_fleet_tui.setup.settings import SettingsError, load_settings


@pytest.fixture(autouse=True)
def _no_settings_of_this_shell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("URL", "TOKEN", "DATA_DIR", "CONFIG"):
        monkeypatch.delenv(f"SKILL_FLEET_{name}", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "none"))


def config(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(text)
    return path


def test_flags_before_environment_before_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = config(tmp_path, '[client]\nurl = "http://file"\ntoken = "file"\ndata_dir = "/file"\n')
    monkeypatch.setenv("SKILL_FLEET_URL", "http://environment")
    monkeypatch.setenv("SKILL_FLEET_TOKEN", "environment")
    settings = load_settings(config=path, url="http://flag", token=None)

    assert settings.url == "http://flag"
    assert settings.token is not None
    assert settings.token.get_secret_value() == "environment"
    assert settings.data_dir == Path("/file")
    assert [one.origin for one in settings.describe()] == ["--url", "SKILL_FLEET_TOKEN", str(path), "--config"]


def test_secrets_are_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKILL_FLEET_TOKEN", "hunter2")
    settings = load_settings()

    assert "hunter2" not in repr(settings) + repr(settings.describe())


def test_a_server_moved_by_its_own_setting_is_found(tmp_path: Path) -> None:
    path = config(tmp_path, '[server]\ndata_dir = "/elsewhere"\nport = 1\n[dashboard]\ntheme = "x"\n')

    assert load_settings(config=path).data_dir == Path("/elsewhere")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[client]\nurll = 1\n", "urll"),
        ("[client]\nurl = 1\n", "url"),
        ("client = 1\n", "client"),
        ("[client\n", "not TOML"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_file(tmp_path: Path, text: str, named: str) -> None:
    path = config(tmp_path, text)

    with pytest.raises(SettingsError) as raised:
        load_settings(config=path)

    assert named in str(raised.value)
    assert str(path) in str(raised.value)


def test_a_file_that_was_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no configuration file"):
        load_settings(config=tmp_path / "nowhere.toml")
