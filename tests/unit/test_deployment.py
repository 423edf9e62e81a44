"""`compose.yaml` and the Dockerfile use the program as it is. Neither is run here: there may be no container engine."""

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from skill_fleet_server.__main__ import _parser
from skill_fleet_server.settings import PREFIX, ServerSettings
from tests.support.documentation.pages import ROOT

COMPOSE: dict[str, Any] = YAML(typ="safe").load((ROOT / "compose.yaml").read_text())
DOCKERFILE = (ROOT / "Dockerfile").read_text()
OURS = {name: service for name, service in COMPOSE["services"].items() if service["image"] == "skill-fleet"}
KNOWN = {f"{PREFIX}{name.upper()}" for name in ServerSettings.model_fields} | {f"{PREFIX}MODEL", f"{PREFIX}API_BASE"}
PROVIDERS = {"OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY"}


@pytest.mark.parametrize("name", OURS)
def test_commands_and_flags_are_the_programs(name: str) -> None:
    asked = vars(_parser().parse_args(OURS[name]["command"]))
    assert asked["command"] == ("serve" if name.startswith("server") else "worker")
    assert not (asked["command"] == "serve" and asked["works"]), "servers leave the work to the workers"


@pytest.mark.parametrize("name", OURS)
def test_every_setting_exists(name: str) -> None:
    assert set(OURS[name]["environment"]) <= KNOWN | PROVIDERS


def test_settings_of_the_image_exist() -> None:
    assert set(re.findall(rf"{PREFIX}[A-Z_]+", DOCKERFILE)) <= KNOWN


def test_there_are_two_of_each_and_they_share_what_a_fleet_shares() -> None:
    assert sorted(OURS) == ["server1", "server2", "worker1", "worker2"]
    for service in OURS.values():
        assert service["environment"]["SKILL_FLEET_DATABASE_URL"].endswith("@database/fleet")
        assert service["volumes"] == ["shared:/shared"]
    ports = [port for service in OURS.values() for port in service.get("ports", ())]
    assert all(port.startswith("127.0.0.1:") for port in ports), "TLS comes before anything that others reach"
    assert len({port.split(":")[1] for port in ports}) == 2


@pytest.mark.parametrize(("name", "flag"), [("server", "--port"), ("worker", "--metrics-port")])
def test_the_health_of_each_is_asked_where_it_listens(name: str, flag: str) -> None:
    exposed = re.findall(r"^EXPOSE (.+)$", DOCKERFILE, re.MULTILINE)[0].split()
    for service in (OURS[f"{name}1"], OURS[f"{name}2"]):
        check = " ".join(service["healthcheck"]["test"])
        port = service["command"][service["command"].index(flag) + 1]
        assert f":{port}/readyz" in check
        assert port in exposed


def test_the_image_is_made_of_this_checkout_and_runs_as_nobody_in_particular() -> None:
    copied = [
        word for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE) for word in line.split()[:-1]
    ]
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert set(copied) == allowed
    for name in copied:
        assert Path(ROOT / name).exists()
    assert re.search(r"^USER fleet$", DOCKERFILE, re.MULTILINE)
    assert "ADD " not in DOCKERFILE
    assert "curl" not in DOCKERFILE
