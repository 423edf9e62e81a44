"""What can be set, and where it was set: flags, then the environment, then the settings file, then defaults.

The settings file is shared with the terminal client; the server reads its tables `[server]` and `[models]`.
The reference of settings is generated from the descriptions here.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import platformdirs
from pydantic import AfterValidator, BeforeValidator, Field, PrivateAttr, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from skill_fleet_server.database.urls import shown
from skill_fleet_server.errors import CannotStart
from skill_fleet_server.lm.config import ModelsConfig
from skill_fleet_server.settings_file import SettingsFile, default_path

PREFIX: Final = "SKILL_FLEET_"

_SHORTCUTS: Final = {"default": f"{PREFIX}MODEL", "api_base": f"{PREFIX}API_BASE"}
"""Environment variables for what most people set of `[models]`."""

LogLevel = Literal["debug", "info", "warning", "error"]


def _split(value: Any) -> Any:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _absolute(path: Path) -> Path:
    return path.expanduser().absolute()


@dataclass(frozen=True, slots=True)
class Described:
    """One setting as it stands."""

    name: str
    value: Any
    """JSON-ready; secrets are masked."""
    origin: str
    """Where the value comes from: a flag, an environment variable, a file and line, or `default`."""
    help: str


class ServerSettings(BaseSettings):
    """The server's settings. `load` reads them from everywhere."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", use_attribute_docstrings=True, validate_default=True
    )

    config: Path | None = None
    """The settings file. Default: `skill-fleet/config.toml` in the platform's configuration directory, if it exists."""
    host: str = Field(default="127.0.0.1", min_length=1)
    """Address to listen on. Anything but a loopback address needs a token that was set explicitly."""
    port: int = Field(default=8765, ge=0, le=65535)
    """Port to listen on; 0 takes a free one."""
    token: SecretStr | None = Field(default=None, min_length=8)
    """What clients authenticate with. Default: made once and kept in the data directory's file `token`."""
    data_dir: Annotated[Path, AfterValidator(_absolute)] = Field(
        default_factory=lambda: Path(platformdirs.user_data_dir("skill-fleet"))
    )
    """Where everything is kept that must survive a restart. One server at a time uses it."""
    database_url: str | None = None
    """Where the log, the jobs and their checkpoints are: `postgresql://user@host/name` for servers and workers that
    share the work. Default: SQLite files in the data directory."""
    migrate: bool = True
    """Whether a server or worker that starts brings the database to the schema of its version. If not, it refuses to
    start until `skill-fleet db upgrade` has."""
    shared_dir: Annotated[Path, AfterValidator(_absolute)] | None = None
    """Where drafts and the library are kept. Servers and workers of one database need the same. Default: the data
    directory."""
    works: bool = True
    """Whether a server with a `database_url` of PostgreSQL runs jobs itself; if not, workers must."""
    jobs_per_worker: int | None = Field(default=None, ge=1)
    """With PostgreSQL: most jobs at a time in one process, those that wait for a person included. The same for all
    processes. Default: no limit."""
    jobs_at_once: int | None = Field(default=None, ge=1)
    """With PostgreSQL: most jobs at a time in all processes together, those that wait for a person included.
    Default: no limit."""
    metrics_host: str = Field(default="127.0.0.1", min_length=1)
    """Address on which a worker tells of itself, where it has a `metrics_port`."""
    metrics_port: int | None = Field(default=None, ge=0, le=65535)
    """Port on which a worker tells of itself: `/healthz`, `/readyz` and `/metrics`; 0 takes a free one. Default: it
    listens to nobody. A server tells of itself where it listens."""
    models: ModelsConfig = ModelsConfig()
    """Which model does what: the table `[models]`. `SKILL_FLEET_MODEL` sets its `default`, `SKILL_FLEET_API_BASE` its
    `api_base`."""
    unfinished_jobs: int = Field(default=10_000, ge=1)
    """How many jobs may be waiting, running or asking; more are refused until some are over."""
    streams_per_principal: int = Field(default=200, ge=1)
    """How many streams one token may have open at a time, at each server."""
    demo_delay: float = Field(default=0.02, ge=0, le=10)
    """Seconds the demo model takes per word."""
    retention_days: int = Field(default=90, ge=1)
    """After how many days the events of finished jobs are trimmed."""
    prompt_expiry_hours: float | None = Field(default=None, gt=0)
    """How long a question waits for its answer; a job whose question expires fails and can be retried. Default: for
    ever."""
    allowed_hosts: Annotated[list[str], NoDecode, BeforeValidator(_split)] = []
    """By which names, beside loopback and `host`, clients may address the server; `*` allows any.

    In the environment separated by commas.
    """
    log_level: Annotated[LogLevel, BeforeValidator(_lower)] = "info"
    """Least important messages to log."""
    log_format: Annotated[Literal["console", "json"], BeforeValidator(_lower)] = "console"
    """Lines for people, or one JSON object per line."""
    otlp_endpoint: str | None = None
    """Where traces go, by OTLP over HTTP, such as `http://localhost:4318`; needs `skill-fleet[otel]`. Default:
    `OTEL_EXPORTER_OTLP_ENDPOINT` if that is set, else no traces."""
    exit_when_idle: float | None = Field(default=None, gt=0)
    """Stop after so many seconds in which no request or stream was open and no job was at work. Default: never."""

    _origins: dict[str, str] = PrivateAttr(default_factory=dict)

    @classmethod
    def load(cls, flags: Mapping[str, Any] | None = None) -> "ServerSettings":
        """Read the settings from everywhere.

        Args:
            flags: By field; `None` means that the flag was not given.

        Raises:
            CannotStart: If something is set to what it cannot be; says what, where, and why.
        """
        given = {name: value for name, value in (flags or {}).items() if value is not None}
        file = SettingsFile.read(_config_path(given))
        file.check_server_keys(set(cls.model_fields) - {"config", "models"})
        try:
            settings = cls(**given)
        except ValidationError as error:
            raise CannotStart(_sentence(error, given, file)) from None
        except SettingsError as error:
            raise CannotStart(f"The environment has a setting that cannot be read: {error}.") from None
        settings._origins = {".".join(name): _origin(name, given, file) for name in cls._names()}
        return settings

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags, environment, file; nothing else."""
        return init_settings, env_settings, _Shortcuts(settings_cls), _File(settings_cls)

    def describe(self) -> list[Described]:
        """Every setting with its value and where that comes from."""
        return [self._describe(name) for name in self._names()]

    @classmethod
    def _names(cls) -> list[tuple[str, ...]]:
        own: list[tuple[str, ...]] = [(name,) for name in cls.model_fields if name != "models"]
        return own + [("models", name) for name in ModelsConfig.model_fields]

    def _describe(self, name: tuple[str, ...]) -> Described:
        holder, fields = (self.models, ModelsConfig.model_fields) if len(name) > 1 else (self, type(self).model_fields)
        dumped = holder.model_dump(mode="json", include={name[-1]})[name[-1]]
        if name == ("database_url",) and self.database_url:
            dumped = _without_password(self.database_url)
        dotted = ".".join(name)
        help_ = " ".join((fields[name[-1]].description or "").split())
        return Described(dotted, dumped, self._origins.get(dotted, "default"), help_)


class _Shortcuts(PydanticBaseSettingsSource):
    """`SKILL_FLEET_MODEL` and `SKILL_FLEET_API_BASE`, as parts of `models`."""

    def __call__(self) -> dict[str, Any]:
        models = {name: os.environ[variable] for name, variable in _SHORTCUTS.items() if os.environ.get(variable)}
        return {"models": models} if models else {}

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        """Unused: the source gives all its values at once."""
        return None, field_name, False


class _File(PydanticBaseSettingsSource):
    """The settings file that the sources before this one named, or the default one."""

    def __call__(self) -> dict[str, Any]:
        file = SettingsFile.read(_config_path(self.current_state))
        return {**file.table("server"), **({"models": file.table("models")} if file.table("models") else {})}

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        """Unused: the source gives all its values at once."""
        return None, field_name, False


def _config_path(given: Mapping[str, Any]) -> Path:
    """Where the settings file is.

    Raises:
        CannotStart: If one was named and does not exist.
    """
    named = given.get("config") or os.environ.get(f"{PREFIX}CONFIG")
    if not named:
        return default_path()
    path = _absolute(Path(named))
    if not path.is_file():
        raise CannotStart(f"There is no settings file {path}. Correct --config or SKILL_FLEET_CONFIG.")
    return path


def _origin(name: tuple[str, ...], flags: Mapping[str, Any], file: SettingsFile) -> str:
    if name[0] in flags:
        return f"--{name[0].replace('_', '-')}"
    variable = _SHORTCUTS.get(name[1]) if name[0] == "models" and len(name) > 1 else f"{PREFIX}{name[0].upper()}"
    if variable and os.environ.get(variable):
        return variable
    if name[0] == "models" and os.environ.get(f"{PREFIX}MODELS"):
        return f"{PREFIX}MODELS"
    return file.place(name if name[0] == "models" else ("server", *name)) or "default"


def _sentence(error: ValidationError, flags: Mapping[str, Any], file: SettingsFile) -> str:
    """What is wrong, one setting after the other. Never quotes a value: it may be a secret."""
    found: list[str] = []
    for one in error.errors(include_input=False, include_url=False, include_context=False):
        name = tuple(str(part) for part in one["loc"])
        message = one["msg"].removeprefix("Value error, ")
        if one["type"] == "extra_forbidden":
            message = "There is no such setting."
        found.append(f"{'.'.join(name)} ({_origin(name, flags, file)}): {message}")
    return "The settings do not fit. " + " ".join(line if line.endswith(".") else f"{line}." for line in found)


def _without_password(url: str) -> str:
    try:
        return shown(make_url(url))
    except ArgumentError:
        return "(not a database URL)"


def as_json(described: list[Described]) -> str:
    """The settings for programs."""
    rows = {one.name: {"value": one.value, "origin": one.origin, "help": one.help} for one in described}
    return json.dumps(rows, indent=2, ensure_ascii=False)


def as_text(described: list[Described]) -> str:
    """The settings for people: name, value, origin."""
    rows = [(one.name, _shown(one.value), one.origin) for one in described]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    return "\n".join(f"{name:<{widths[0]}}  {value:<{widths[1]}}  {origin}" for name, value, origin in rows)


def _shown(value: Any) -> str:
    if value is None or value in ([], {}):
        return "-"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
