"""An OpenAI-compatible server on loopback that misbehaves on request. Can be started by hand:

    python tests/support/stub_llm.py --port 0

It prints its port, and answers `POST /v1/chat/completions` for any DSPy signature with values that fit. The model's
name chooses the behaviour: `stub` or `stub-<behaviour>[x<times>][-<anything>]`. With `x<times>` only the first calls of
that very name misbehave, so give each test a name of its own. Behaviours: `think` (thinks first), `slow` (1 s before
the first byte), `drip` (20 ms between pieces), `hang` (never answers), `cut` (breaks the connection in the middle),
`garbage` (ignores the format), `refuse` (stops by its content filter), `length` (stops at its length limit), the
statuses `401 402 400 404 429 500`, `beside` (401, once another call is under way), `later` (429, try again in an hour)
and `ctx` (400: too long). `GET /stats` counts calls by model, aborted calls, temperatures, and those in flight.
"""

import argparse
import asyncio
import contextlib
import json
import re
import sys
from collections import Counter
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any

import httpx

from skill_fleet_server.lm.demo.schema import fill

BODY = """# Stub skill

What the stub was asked to write.

## Steps

1. Read the request.
2. Do what it says.

## Example

```text
input and output
```

## Check the result

- The request is fulfilled.
"""
THOUGHTS = ("let me ", "think ", "about it")
USAGE = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
STATUSES = {
    "401": (401, {"message": "Incorrect API key provided: sk-secret-1234567890", "code": "invalid_api_key"}),
    "402": (402, {"message": "You exceeded your current quota", "code": "insufficient_quota"}),
    "400": (400, {"message": "Unknown parameter: wobble", "code": "unknown_parameter"}),
    "404": (404, {"message": "The model does not exist", "code": "model_not_found"}),
    "ctx": (400, {"message": "maximum context length is 8 tokens", "code": "context_length_exceeded"}),
    "429": (429, {"message": "Rate limit reached", "code": "rate_limit_exceeded"}),
    "later": (429, {"message": "Rate limit reached", "code": "rate_limit_exceeded"}),
    "500": (500, {"message": "The server had an error", "code": None}),
}
_MODEL = re.compile(r"stub(?:-([a-z0-9]+?)(?:x(\d+))?)?(?:-.*)?$")


# --- what it answers --------------------------------------------------------------------------------

_SENSIBLE: dict[str, Any] = {
    "name": "stub-skill",
    "suggested_name": "stub-skill",
    "description": "Does what the stub says. Use when a test asks for a skill that a stub has written.",
    "suggested_description": "Does what the stub says. Use when a test asks for a skill that a stub has written.",
    "body": BODY,
    "content": "# Notes\n\nWhat is looked up now and then.\n",
    "files": [{"path": "references/notes.md", "purpose": "Looked up now and then."}],
    "ambiguities": [],
    "requires": [],
    "related": [],
    "overlaps": [],
    "attributions": [],
    "remarks": [],
    "confidence": 0.9,
    "evidence": "Bind the request id",
    "is_true": True,
    "new_category": False,
}
"""Values by field or property name that make a whole job go through; the rest is filled from its schema."""


def answer(messages: list[dict[str, Any]]) -> str:
    """A reply in the format that DSPy's prompt asks for."""
    system, last = (_text(messages[n]) for n in (0, -1))
    if "Respond with a JSON object" in last:
        names = re.findall(r"`(\w+)`", last.rsplit("in the following order of fields:", 1)[1])
        template = json.loads(
            system.rsplit("Outputs will be a JSON object with the following fields.", 1)[1].split("\n}")[0] + "\n}"
        )
        return json.dumps({name: _value(name, template[name], last) for name in names})
    names = re.findall(r"`\[\[ ## (\w+) ## \]\]`", last.rsplit("Respond with the corresponding output fields", 1)[-1])
    fields = [name for name in names if name != "completed"]
    if not fields:
        return "A plain answer."
    values = {name: _value(name, _note(system, name), last) for name in fields}
    written = [
        f"[[ ## {name} ## ]]\n{text if isinstance(text, str) else json.dumps(text)}" for name, text in values.items()
    ]
    return "\n\n".join([*written, "[[ ## completed ## ]]"])


def _text(message: dict[str, Any]) -> str:
    content = message["content"]
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)


def _note(system: str, name: str) -> str:
    """What the prompt says about a field's form: the line after its last marker."""
    return system.rsplit(f"[[ ## {name} ## ]]\n", 1)[-1].split("\n", 1)[0]


def _value(name: str, note: str, prompt: str) -> Any:
    if name == "path" and (known := re.search(r'"path": "([^"]+)"', prompt)):
        return known[1]
    if name == "reply":
        # What it was told is all that it knows, so that guidance makes a difference.
        told = prompt.partition("[[ ## guidance ## ]]")[2].partition("[[ ## task ## ]]")[0].strip()
        return told or "I would think about it first."
    if name in _SENSIBLE:
        return _SENSIBLE[name]
    if "JSON schema: " in note:
        return _made_sensible(fill(json.loads(note.split("JSON schema: ", 1)[1]), "stub"))
    if "float value" in note or "int value" in note:
        return 1
    if "True or False" in note:
        return True
    if "must be one of" in note or "must exactly match" in note:
        return re.split(r": |; ", note)[-1]
    return f"The value of {name} from the stub, with several words."


def _made_sensible(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _SENSIBLE[name] if name in _SENSIBLE else _made_sensible(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_made_sensible(part) for part in value]
    return value


# --- how it answers ---------------------------------------------------------------------------------


@dataclass
class Stats:
    """What happened so far."""

    calls: Counter[str] = field(default_factory=Counter)
    """By model."""
    aborted: list[str] = field(default_factory=list)
    """Models of calls whose client went away before the end."""
    temperatures: list[float | None] = field(default_factory=list)
    """Of each call, in order; `None` where none was asked for."""
    in_flight: int = 0
    most_in_flight: int = 0


class StubServer:
    """The server's state and its connections."""

    def __init__(self) -> None:
        self.stats = Stats()
        self._together = asyncio.Event()
        """More than one call is under way, or was since one was alone."""

    async def connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while await self._request(reader, writer):
                pass
        writer.close()

    async def _request(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Serve one request; whether another may follow on the connection."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = re.search(r"content-length: *(\d+)", head, re.IGNORECASE)
        body = await reader.readexactly(int(length[1])) if length else b""
        if head.startswith("GET /stats"):
            await _send_json(writer, 200, vars(self.stats))
            return True
        call = json.loads(body)
        model = call["model"]
        self.stats.calls[model] += 1
        self.stats.temperatures.append(call.get("temperature"))
        self.stats.in_flight += 1
        self.stats.most_in_flight = max(self.stats.most_in_flight, self.stats.in_flight)
        if self.stats.in_flight > 1:
            self._together.set()
        else:
            self._together.clear()
        answering = asyncio.create_task(self._answer(call, writer))
        gone = asyncio.create_task(reader.read(1))
        try:
            await asyncio.wait({answering, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not answering.done():
                self.stats.aborted.append(model)
                return False
            gone.cancel()
            return answering.result()
        finally:
            self.stats.in_flight -= 1
            for task in (answering, gone):
                task.cancel()
            await asyncio.gather(answering, gone, return_exceptions=True)

    async def _answer(self, call: dict[str, Any], writer: asyncio.StreamWriter) -> bool:
        model = call["model"]
        behaviour = self._behaviour(model)
        if behaviour == "beside":
            await self._together.wait()
            behaviour = "401"
        if behaviour in STATUSES:
            status, error = STATUSES[behaviour]
            headers = {"429": {"Retry-After": "0"}, "later": {"Retry-After": "3600"}}.get(behaviour, {})
            await _send_json(writer, status, {"error": error}, headers)
            return True
        if behaviour == "hang":
            await asyncio.Event().wait()
        if behaviour == "slow":
            await asyncio.sleep(1)
        text = "I would rather talk about the weather." if behaviour == "garbage" else answer(call["messages"])
        finish = {"refuse": "content_filter", "length": "length"}.get(behaviour, "stop")
        if finish != "stop":
            text = text[: len(text) // 3]
        reply = Reply(model, text, finish, THOUGHTS if behaviour == "think" else ())
        if not call.get("stream"):
            await _send_json(writer, 200, reply.whole())
            return True
        return await _stream(writer, reply, 0.02 if behaviour == "drip" else 0, cut=behaviour == "cut")

    def _behaviour(self, model: str) -> str:
        match = _MODEL.match(model)
        if not match or not match[1]:
            return ""
        return "" if match[2] and self.stats.calls[model] > int(match[2]) else match[1]


@dataclass(frozen=True)
class Reply:
    """A reply in the shapes of the chat completions API."""

    model: str
    text: str
    finish: str
    thoughts: tuple[str, ...]

    def whole(self) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": self.text}
        if self.thoughts:
            message["reasoning_content"] = "".join(self.thoughts)
        choice = {"index": 0, "message": message, "finish_reason": self.finish}
        return self._envelope("chat.completion", [choice]) | {"usage": USAGE}

    def pieces(self) -> list[dict[str, Any]]:
        """Its chunks up to the text's end, a few characters each."""
        deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
        deltas += [{"reasoning_content": thought} for thought in self.thoughts]
        deltas += [{"content": piece} for piece in re.findall(r"\s*\S{1,6}|\s+$", self.text)]
        return [self._chunk(delta, None) for delta in deltas]

    def ending(self) -> list[dict[str, Any]]:
        return [self._chunk({}, self.finish), self._envelope("chat.completion.chunk", []) | {"usage": USAGE}]

    def _chunk(self, delta: dict[str, Any], finish: str | None) -> dict[str, Any]:
        return self._envelope("chat.completion.chunk", [{"index": 0, "delta": delta, "finish_reason": finish}])

    def _envelope(self, kind: str, choices: list[dict[str, Any]]) -> dict[str, Any]:
        return {"id": "stub", "object": kind, "created": 1, "model": self.model, "choices": choices}


async def _send_json(
    writer: asyncio.StreamWriter, status: int, content: Any, headers: dict[str, str] | None = None
) -> None:
    body = json.dumps(content).encode()
    lines = [f"HTTP/1.1 {status} X", "Content-Type: application/json", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    writer.write("\r\n".join([*lines, "", ""]).encode() + body)
    await writer.drain()


async def _stream(writer: asyncio.StreamWriter, reply: Reply, pause: float, *, cut: bool) -> bool:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
    pieces = reply.pieces()
    for piece in pieces[: len(pieces) // 2] if cut else pieces:
        _write_event(writer, json.dumps(piece))
        await writer.drain()
        if pause:
            await asyncio.sleep(pause)
    if cut:
        writer.transport.abort()
        return False
    for piece in reply.ending():
        _write_event(writer, json.dumps(piece))
    _write_event(writer, "[DONE]")
    writer.write(b"0\r\n\r\n")
    await writer.drain()
    return True


def _write_event(writer: asyncio.StreamWriter, data: str) -> None:
    event = f"data: {data}\n\n".encode()
    writer.write(f"{len(event):x}\r\n".encode() + event + b"\r\n")


# --- running it -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class StubLLM:
    """A stub running in its own process."""

    port: int

    @property
    def api_base(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    async def stats(self) -> dict[str, Any]:
        async with httpx.AsyncClient(trust_env=False) as client:
            return (await client.get(f"http://127.0.0.1:{self.port}/stats")).json()


@contextlib.asynccontextmanager
async def running_stub_llm() -> AsyncGenerator[StubLLM]:
    """A stub in a process of its own, ended on leaving. The caller sets `NO_PROXY=127.0.0.1`."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, __file__, "--port", "0", stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        line = await asyncio.wait_for(process.stdout.readline(), 30)
        yield StubLLM(int(line))
    finally:
        process.kill()
        await process.wait()


async def serve(port: int) -> None:
    server = await asyncio.start_server(StubServer().connection, "127.0.0.1", port, backlog=1000)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A stub OpenAI-compatible server")
    parser.add_argument("--port", type=int, default=0, help="0 for any free port")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(parser.parse_args().port))
