"""The page of settings."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel

from tests.support.documentation.markdown import code, listed, page, table
from tests.support.documentation.models import default, doc, fields_table, meaning


def settings_page() -> str:
    """Every setting of server and client."""
    from skill_fleet_server.lm.config import ModelChoice, ModelsConfig, Price
    from skill_fleet_server.settings import ServerSettings
    from skill_fleet_tui.setup.settings import ClientSettings

    server = [one for one in _settings(ServerSettings, "server") if one.name not in ("models", "config")]
    client = [one for one in _settings(ClientSettings, "client") if one.name != "config"]
    models = [
        _Setting(one.name, MODEL_VARIABLES.get(one.name, ""), one.key, one.default, one.meaning)
        for one in _settings(ModelsConfig, "models")
    ]
    return page(
        "Settings",
        _SETTINGS_INTRO,
        "## Where the settings file is",
        _SETTINGS_FILE,
        "## The server: `[server]`",
        _settings_table(server),
        "The flags of `skill-fleet serve` are in [the commands](cli.md#skill-fleet-serve).",
        "## The models: `[models]`",
        _settings_table(models),
        "Keys of providers are never settings. They are read from the environment of the server: `OPENAI_API_KEY`, "
        "`ANTHROPIC_API_KEY`, `GEMINI_API_KEY` and so on. A model is only used when its key is there.",
        "### One role or one module: `[models.roles.<role>]`, `[models.modules.<module>]`",
        "The roles are " + listed(_roles()) + ". The modules are " + listed(_modules()) + ". A module's choice goes "
        "before its role's, and that before the default.",
        fields_table(ModelChoice),
        '### The price of a model: `[models.prices."<model>"]`',
        doc(Price),
        fields_table(Price),
        "## The client: `[client]`",
        _settings_table(client),
        "The dashboard reads the server's token also from a file: `skill-fleet-tui --token-file FILE`.",
        "## The dashboard: `[dashboard]`",
        _DASHBOARD_INTRO,
        _dashboard_table(),
        "### Keys of your own: `[dashboard.keys]`",
        "A key, or a list of keys, by the id of what it does; the ids are in [the keys](keys.md). Two keys may change "
        "places. A key that does something else at the same place already is refused.",
        "## Servers by name: `[servers.<name>]`",
        _SERVERS,
    )


_DASHBOARD_INTRO: Final = """\
What cannot be used here is said with its line, and the dashboard opens all the same. What you choose in the dashboard
itself (colours, widths, the job selected last) is remembered in the platform's state directory."""

_SERVERS: Final = """\
```toml
[servers.work]
url = "https://skills.example.org"
token_file = "~/.config/skill-fleet/work.token"
```

`skill-fleet-tui --server work` and `skill-fleet --url work` talk to this server, and so does the dashboard after
`/connect work`. `local` is the server of this machine."""


def _dashboard_table() -> str:
    from dataclasses import fields

    from skill_fleet_tui.setup.configured import DashboardSettings

    def shown(value: Any) -> str:
        return code(str(value).lower() if isinstance(value, bool) else str(value)) if value != "" else "–"

    rows = [
        (code(f"dashboard.{one.name}"), shown(one.default), one.metadata["help"]) for one in fields(DashboardSettings)
    ]
    return table(("key in the file", "default", "meaning"), rows)


_SETTINGS_INTRO: Final = """\
What is set is looked for in this order, and the first that is found counts:

1. a flag on the command line
2. an environment variable
3. the settings file
4. the default

`skill-fleet config` prints every setting with its value and where that comes from. Secrets are masked. A misspelt
setting in the file is an error that names the line."""

_SETTINGS_FILE: Final = """\
One TOML file serves the server and the client. It is `config.toml` in the folder `skill-fleet` of the platform's
configuration directory: `~/.config/skill-fleet/config.toml` on Linux, `~/Library/Application Support/skill-fleet/` on
macOS. `SKILL_FLEET_CONFIG` or `--config` names another. Its tables are `[server]`, `[models]`, `[client]`,
`[dashboard]` and `[servers.<name>]`."""

MODEL_VARIABLES: Final = {"default": "SKILL_FLEET_MODEL", "api_base": "SKILL_FLEET_API_BASE"}


@dataclass(frozen=True)
class _Setting:
    name: str
    variable: str
    key: str
    default: str
    meaning: str


def _settings(model: type[BaseModel], table: str) -> Iterator[_Setting]:
    for name, field in model.model_fields.items():
        yield _Setting(
            name, f"SKILL_FLEET_{name.upper()}", f"{table}.{name}", default(name, field), meaning(model, name)
        )


def _settings_table(settings: Iterable[_Setting]) -> str:
    rows = [(code(one.key), code(one.variable), one.default, one.meaning) for one in settings]
    return table(("key in the file", "environment", "default", "meaning"), rows)


def _roles() -> list[str]:
    from skill_fleet_server.lm.config import Role

    return [role.value for role in Role]


def _modules() -> list[str]:
    from skill_fleet_server.programs.registry import PROGRAMS

    return list(PROGRAMS)
