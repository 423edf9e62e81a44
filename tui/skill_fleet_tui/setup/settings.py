"""The client's settings: flags before environment before the `[client]` table of the configuration file.

The file is the server's too (`[server]`, `[models]`), and the dashboard keeps its looks there (`[dashboard]`).
Importing this module costs little: pydantic-settings is imported when settings are loaded.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

from platformdirs import user_config_path, user_data_path
from pydantic import BaseModel, Field, PrivateAttr, SecretStr, ValidationError, field_validator

from skill_fleet_tui.setup.configured import Configured, DashboardSettings, read_configured

ENV_PREFIX: Final = "SKILL_FLEET_"
TABLE: Final = "client"


class SettingsError(Exception):
    """A setting that cannot be used; the message names it and where it stands."""


@dataclass(frozen=True, slots=True)
class Described:
    """One setting as it stands."""

    name: str
    value: str | None
    """Secrets are masked."""
    origin: str
    """Where the value comes from: a flag, an environment variable, a file, or `default`."""
    help: str


class ClientSettings(BaseModel, frozen=True, use_attribute_docstrings=True):
    """Which server to talk to."""

    url: str | None = None
    """Address of the server, such as `http://127.0.0.1:8765`, or the name of a table `[servers.<name>]` of the
    settings file. Without it, this machine's server is found or started."""
    token: SecretStr | None = None
    """The server's bearer token. Without it, the one in the data directory is used, for its server only."""
    data_dir: Path = Field(default_factory=lambda: user_data_path("skill-fleet"))
    """Where a server on this machine keeps its database, drafts, token and address."""
    config: Path = Field(default_factory=lambda: default_config_path())
    """The configuration file."""

    @field_validator("data_dir", "config")
    @classmethod
    def _absolute(cls, path: Path) -> Path:
        return path.expanduser().absolute()

    _origins: dict[str, str] = PrivateAttr(default_factory=dict)
    _server: str = PrivateAttr(default="")

    @property
    def server(self) -> str:
        """The name that the settings file gives the server; empty for one without."""
        return self._server

    def describe(self) -> list[Described]:
        """Every setting with its value and where that comes from."""
        return [
            Described(name, self._shown(name), self._origins.get(name, "default"), field.description or "")
            for name, field in type(self).model_fields.items()
        ]

    def _shown(self, name: str) -> str | None:
        value = getattr(self, name)
        return None if value is None else str(value)


def describe_configured(configured: Configured) -> list[Described]:
    """The dashboard's settings and the servers of the settings file, as they stand."""
    described = []
    for one in fields(DashboardSettings):
        value = getattr(configured.settings, one.name)
        shown = str(value).lower() if isinstance(value, bool) else str(value)
        origin = configured.at("dashboard", one.name) if value != one.default else "default"
        described.append(Described(f"dashboard.{one.name}", shown or None, origin, one.metadata["help"]))
    for name, keys in configured.keys.items():
        where = configured.at("dashboard", "keys", name)
        described.append(Described(f"dashboard.keys.{name}", str(keys), where, "A key of your own."))
    described += [
        Described(f"servers.{name}", server.url, configured.at("servers", name), "A server.")
        for name, server in configured.servers.items()
    ]
    return described


def default_config_path() -> Path:
    """Where the configuration file is on this platform, if nobody says otherwise."""
    return user_config_path("skill-fleet") / "config.toml"


def load_settings(**flags: Any) -> ClientSettings:
    """Settings from all sources; a flag that is `None` was not given.

    Raises:
        SettingsError: If a file or a value cannot be used.
    """
    given = {name: value for name, value in flags.items() if value is not None}
    named = given.get("config") or os.environ.get(f"{ENV_PREFIX}CONFIG")
    path = Path(named or default_config_path()).expanduser()
    tables = read_tables(path, required=bool(named))
    table = _client_table(tables, path)
    origins = {name: _origin(name, given, table, path) for name in ClientSettings.model_fields}
    try:
        settings = _from_sources({**given, "config": path}, table)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise SettingsError(f"The setting {where} ({origins.get(where)}) cannot be used: {first['msg']}.") from None
    settings._origins.update(origins)
    return settings if settings.url is None or "://" in settings.url else _named(settings, path)


def _named(settings: ClientSettings, path: Path) -> ClientSettings:
    """The settings with the address and the token of the server that `url` names."""
    servers, name = read_configured(path).servers, settings.url or ""
    server = servers.get(name)
    if server is None:
        known = f"it knows {', '.join(sorted(servers))}" if servers else f"write a table [servers.{name}] with its url"
        raise SettingsError(f"{name} is no address (http://…) and no server of {path}; {known}.")
    token = settings.token
    if token is None and server.token_file is not None:
        token = SecretStr(read_token(server.token_file))
    found = settings.model_copy(update={"url": server.url, "token": token})
    found._origins.update(settings._origins)
    found._server = name
    return found


def read_token(path: Path) -> str:
    """The token in a file.

    Raises:
        SettingsError: If it cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        said = error.strerror if isinstance(error, OSError) else "it is not text"
        raise SettingsError(f"The token file {path} cannot be read: {said}.") from None


def read_tables(path: Path, *, required: bool = False) -> Mapping[str, Any]:
    """The tables of a configuration file; none if there is no file and none is required.

    Raises:
        SettingsError: If the file cannot be read or is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if required:
            raise SettingsError(f"There is no configuration file {path}.") from None
        return {}
    except OSError as error:
        raise SettingsError(f"The configuration file {path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise SettingsError(f"The configuration file {path} is not TOML: {error}.") from error


def _client_table(tables: Mapping[str, Any], path: Path) -> dict[str, Any]:
    table = tables.get(TABLE, {})
    if not isinstance(table, dict):
        raise SettingsError(f"[{TABLE}] in {path} is not a table.")
    known = ClientSettings.model_fields.keys() - {"config"}
    if unknown := sorted(table.keys() - known):
        where = Configured(path, text=path.read_text(encoding="utf-8")).at(TABLE, unknown[0])
        there = ", ".join(sorted(known))
        raise SettingsError(f"{path.parent / where}: [{TABLE}] has no setting {unknown[0]!r}; it has {there}.")
    server = tables.get("server", {})
    # A local server moved by its own setting must still be found.
    if "data_dir" not in table and isinstance(server, dict) and "data_dir" in server:
        table = {**table, "data_dir": server["data_dir"]}
    return table


def _origin(name: str, flags: Mapping[str, Any], table: Mapping[str, Any], path: Path) -> str:
    variable = f"{ENV_PREFIX}{name.upper()}"
    if name in flags:
        return f"--{name.replace('_', '-')}"
    if os.environ.get(variable):
        return variable
    return str(path) if name in table else "default"


def _from_sources(flags: dict[str, Any], table: dict[str, Any]) -> ClientSettings:
    from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource

    class Sources(BaseSettings, ClientSettings, env_prefix=ENV_PREFIX, env_ignore_empty=True):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return init_settings, env_settings, InitSettingsSource(settings_cls, init_kwargs=table)

    return ClientSettings(**Sources(**flags).model_dump())
