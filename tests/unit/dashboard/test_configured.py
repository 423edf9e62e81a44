"""What the settings file says about the dashboard, and what is said of a file that cannot be used."""

from pathlib import Path

import pytest

from skill_fleet_tui.setup.configured import Configured, DashboardSettings, read_configured
from skill_fleet_tui.setup.settings import SettingsError, describe_configured, load_settings
from tests.unit.dashboard.stage import Stage, staged
from tests.unit.store.builders import Log


def configured(folder: Path, text: str) -> Configured:
    path = folder / "config.toml"
    path.write_text(text)
    return read_configured(path)


def test_without_a_file_everything_is_as_it_comes(tmp_path: Path) -> None:
    assert read_configured(tmp_path / "config.toml") == Configured()


def test_looks_keys_and_servers_are_read(tmp_path: Path) -> None:
    read = configured(
        tmp_path,
        '[dashboard]\ntheme = "nord"\nbell = false\nssh_beats = 8\n[dashboard.keys]\n"job.create" = "b"\n'
        '[servers.work]\nurl = "http://10.0.0.1:8765"\ntoken_file = "~/work.token"\n',
    )
    assert read.problems == ()
    assert read.settings == DashboardSettings(theme="nord", bell=False, ssh_beats=8)
    assert read.keys == {"job.create": "b"}
    assert read.servers["work"].token_file == Path("~/work.token").expanduser()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[dashboard]\n\nthem = "x"\n', "line 3: [dashboard] has no setting 'them'. Did you mean theme?"),
        ('[dashboard]\nbell = "no"\n', "line 2: bell has to be true or false"),
        ('[dashboard]\ndensity = "tiny"\n', "line 2: density has to be one of normal, compact"),
        ("[dashboard]\nssh_beats = 99\n", "line 2: ssh_beats has to be from 1 to 30"),
        ("[servers.work]\n", "line 1: a server needs its address"),
        ('[servers.work]\nurl = "http://x"\ntoken = "secret"\n', "line 3: [servers.work] has no setting 'token'"),
        ("dashboard = 3\n", "dashboard is a table"),
        ("[dashboard\n", "is not TOML"),
    ],
)
def test_what_cannot_be_used_is_said_with_its_line_and_leaves_the_rest(tmp_path: Path, text: str, said: str) -> None:
    read = configured(tmp_path, text)
    assert said in " ".join(read.problems)
    assert read.settings == DashboardSettings()


def test_a_server_is_found_by_its_name_with_its_token(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("hush\n")
    configured(tmp_path, f'[servers.work]\nurl = "http://10.0.0.1:8765"\ntoken_file = "{tmp_path / "token"}"\n')
    settings = load_settings(url="work", config=tmp_path / "config.toml")
    assert (settings.url, settings.server) == ("http://10.0.0.1:8765", "work")
    assert settings.token is not None
    assert settings.token.get_secret_value() == "hush"


def test_a_server_that_the_file_does_not_know_is_refused_with_those_it_knows(tmp_path: Path) -> None:
    configured(tmp_path, '[servers.work]\nurl = "http://10.0.0.1:8765"\n')
    with pytest.raises(SettingsError, match=r"home is no address .* it knows work"):
        load_settings(url="home", config=tmp_path / "config.toml")


def test_the_settings_are_described_with_where_they_stand(tmp_path: Path) -> None:
    described = {one.name: one for one in describe_configured(configured(tmp_path, "[dashboard]\nmouse = false\n"))}
    assert (described["dashboard.mouse"].value, described["dashboard.mouse"].origin) == ("false", "config.toml, line 2")
    assert described["dashboard.bell"].origin == "default"


async def test_the_dashboard_opens_with_a_file_that_is_wrong_and_says_so(tmp_path: Path) -> None:
    read = configured(
        tmp_path, '[dashboard]\nthem = "x"\ndensity = "compact"\npane = "log"\n[dashboard.keys]\nfly = "b"\n'
    )
    log = Log()
    log.created("a", "A skill for logging")
    stage = Stage(log, configured=read)
    async with staged(stage) as pilot:
        stage._use_configured()
        await pilot.pause()
        said = " ".join(toast.message for toast in stage._notifications)
        assert "line 3" not in said
        assert "line 2: [dashboard] has no setting 'them'" in said
        assert "line 6: there is no key for fly" in said
        assert stage.screen.has_class("-compact")
        assert stage.focused is not None
        assert stage.focused.id == "log"


@pytest.mark.parametrize(("pane", "focused"), [("jobs", "jobs"), ("log", "log"), ("preview", "document")])
async def test_the_keys_begin_in_the_pane_that_is_set(tmp_path: Path, pane: str, focused: str) -> None:
    log = Log()
    log.created("a", "A skill for logging")
    stage = Stage(log, configured=configured(tmp_path, f'[dashboard]\npane = "{pane}"\n'))
    async with staged(stage, (140, 40)):
        assert stage.focused is not None
        assert stage.focused.id == focused


async def test_a_key_of_ones_own_does_what_the_old_one_did(tmp_path: Path) -> None:
    stage = Stage(Log(), configured=configured(tmp_path, '[dashboard.keys]\n"app.help" = "ctrl+b"\n'))
    async with staged(stage) as pilot:
        stage._use_configured()
        await pilot.press("question_mark")
        assert len(stage.screen_stack) == 1
        await pilot.press("ctrl+b")
        assert len(stage.screen_stack) == 2
