"""The server as a process: how it starts, refuses to start, is found, and ends."""

import asyncio
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.support.frames import FrameReader
from tests.support.server import ServerProcess, eventually, running_server


async def refusal(server: ServerProcess) -> tuple[int, str]:
    """Exit code and message of a server that cannot start."""
    server.launch()
    code = await server.wait(within=40)
    return code, server.log


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def test_it_says_where_it_is_and_keeps_its_files_private(tmp_path: Path) -> None:
    async with running_server(tmp_path / "data") as server:
        assert server.process is not None
        assert server.process.stdout is not None
        said = server.process.stdout.readline()
        about = json.loads((server.data_dir / "server.json").read_text())
        assert about["url"] == server.url
        assert about["pid"] == server.process.pid
        for part in (server.url, "demo/offline", "a demo", str(server.data_dir / "token")):
            assert part in said
        assert server.token not in said
        assert mode(server.data_dir) == 0o700
        assert mode(server.data_dir / "token") == mode(server.data_dir / "server.json") == 0o600
        assert await server.stop() == 0
        assert not (server.data_dir / "server.json").exists()
        assert server.token not in server.log


async def test_the_token_stays_over_restarts_and_kill_minus_nine_frees_the_directory(tmp_path: Path) -> None:
    async with running_server(tmp_path / "data") as server:
        token, url = server.token, server.url
        server.kill()
        await server.restart()
        assert (server.token, server.url) == (token, url)


async def test_two_servers_never_share_a_data_directory(tmp_path: Path) -> None:
    async with running_server(tmp_path / "data") as first:
        second = ServerProcess(first.data_dir)
        code, said = await refusal(second)
        assert code == 3
        assert first.process is not None
        assert str(first.process.pid) in said
        assert first.url in said
        assert said.count("\n") == 1


async def test_a_taken_port_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        server = ServerProcess(tmp_path / "data")
        server.port = taken.getsockname()[1]
        code, said = await refusal(server)
    assert code == 4
    assert f"port {server.port}" in said
    assert "--port" in said
    assert said.count("\n") == 1


async def test_an_address_that_others_reach_needs_an_explicit_token(tmp_path: Path) -> None:
    code, said = await refusal(ServerProcess(tmp_path / "data", "--host", "0.0.0.0"))
    assert code == 1
    assert "SKILL_FLEET_TOKEN" in said
    assert said.count("\n") == 1
    environment = {"SKILL_FLEET_TOKEN": "explicit-token"}
    async with running_server(tmp_path / "data", "--host", "0.0.0.0", environment=environment) as server:
        assert not (server.data_dir / "token").exists()


@pytest.mark.parametrize("file", ["fleet.sqlite", "checkpoints.sqlite"])
async def test_a_damaged_database_is_told_in_one_line(tmp_path: Path, file: str) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / file).write_bytes(b"this is not a database" * 100)
    code, said = await refusal(ServerProcess(tmp_path / "data"))
    assert code == 1
    assert "Traceback" not in said
    assert "database" in said


def test_a_data_directory_that_cannot_be_made_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    server = ServerProcess(tmp_path / "file" / "data")
    process = subprocess.run(
        [sys.executable, "-m", "skill_fleet_server", "serve", "--data-dir", str(server.data_dir)],
        capture_output=True,
        text=True,
        timeout=40,
        check=False,
    )
    assert process.returncode == 1
    assert "--data-dir" in process.stderr
    assert process.stderr.count("\n") == 1


async def follow(client: httpx.AsyncClient, ready: asyncio.Semaphore) -> str:
    """A stream to its end; returns the reason of its `bye`."""
    reader, frames = FrameReader(), []
    async with client.stream("GET", "events") as response:
        async for chunk in response.aiter_raw():
            if not frames:
                ready.release()
            frames += reader.feed(chunk)
    assert reader.is_between_frames
    return frames[-1].data["reason"] if frames[-1].event == "bye" else frames[-1].event


@pytest.mark.alone
async def test_a_signal_ends_fifty_streams_with_goodbye_within_a_second(tmp_path: Path) -> None:
    limits = httpx.Limits(max_connections=60)
    async with running_server(tmp_path / "data") as server, server.client(limits=limits) as client:
        ready = asyncio.Semaphore(0)
        streams = [asyncio.create_task(follow(client, ready)) for _ in range(50)]
        for _ in streams:
            await asyncio.wait_for(ready.acquire(), 20)
        began = time.monotonic()
        server.terminate()
        code = await server.wait()
        took = time.monotonic() - began
        assert await asyncio.gather(*streams) == ["shutdown"] * 50
        assert code == 0
        assert took < 1.0
        assert "Traceback" not in server.log


async def test_a_server_that_has_run_jobs_ends_cleanly_too(tmp_path: Path) -> None:
    async with running_server(tmp_path / "data") as server, server.client() as client:
        response = await client.post("jobs", json={"task_description": "wait for me", "checkpoints": ["confirm"]})
        job_id = response.json()["job"]["job_id"]

        async def waits() -> bool:
            return (await client.get(f"jobs/{job_id}")).json()["status"] == "pending_hitl"

        await eventually(waits, within=30)
        assert await server.stop() == 0
        assert "Traceback" not in server.log


@pytest.mark.alone
async def test_clients_that_take_nothing_do_not_hold_the_server_up(tmp_path: Path) -> None:
    async with running_server(tmp_path / "data") as server, server.client() as client:
        request = f"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {server.token}\r\n\r\n"
        stalled = [socket.socket() for _ in range(5)]
        for one in stalled:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            one.connect(("127.0.0.1", server.port))
            one.sendall(request.encode())

        async def all_open() -> bool:
            return "skill_fleet_streams 5.0" in (await client.get("metrics")).text

        await eventually(all_open)
        began = time.monotonic()
        server.terminate()
        assert await server.wait() == 0
        assert time.monotonic() - began < 2.0
        for one in stalled:
            one.close()


async def test_a_second_signal_ends_it_at_once(tmp_path: Path) -> None:
    async with running_server(tmp_path / "data") as server:
        assert server.process is not None
        os.kill(server.process.pid, signal.SIGSTOP)
        server.terminate()
        server.process.send_signal(signal.SIGINT)
        os.kill(server.process.pid, signal.SIGCONT)
        assert await server.wait(within=2) in (0, 130)


async def test_an_idle_server_ends_when_asked_to_and_a_busy_one_does_not(tmp_path: Path) -> None:
    async with running_server(tmp_path / "data", "--exit-when-idle", "1") as server, server.client() as client:
        async with client.stream("GET", "events") as response:
            chunks = response.aiter_raw()
            await anext(chunks)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(server.wait(), 2.5)
        assert await server.wait(within=5) == 0
        assert not (server.data_dir / "server.json").exists()
