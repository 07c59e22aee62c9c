"""Real clients against the strict emulator, unchanged but for URL and key; `make prove` installs them."""

from __future__ import annotations

import json
import os
import socketserver
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support import ROOT

from openai_constructs.emulator import Emulator

pytestmark = pytest.mark.costly

BIN = ROOT / ".venv-clients" / "bin"
PROGRAMS = Path(__file__).parent / "programs"
MODELS = ("gpt-4o", "gpt-5.2")
CLIENTS = [it.name for it in sorted(PROGRAMS.iterdir()) if it.stem != "report" and it.is_file()]


class RecordingProxy(socketserver.ThreadingTCPServer):
    """A proxy that refuses every request, and keeps the first line of each."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _RecordLine)
        self.lines: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _RecordLine(socketserver.StreamRequestHandler):
    server: RecordingProxy

    def handle(self) -> None:
        self.server.lines.append(self.rfile.readline().decode("latin-1").strip())
        while self.rfile.readline().strip():
            pass
        self.wfile.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


@pytest.fixture
def proxy() -> Iterator[RecordingProxy]:
    with RecordingProxy() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def run(command: list[str], emulator: Emulator, proxy: RecordingProxy, home: Path) -> str:
    """Run a command that reaches the emulator and nothing else; what it printed."""
    environment = {
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "OPENAI_BASE_URL": f"{emulator.url}/v1",
        "OPENAI_API_KEY": "emulator",
        **{name: proxy.url for it in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY") for name in (it, it.lower())},
        **dict.fromkeys(("NO_PROXY", "no_proxy"), "127.0.0.1"),
        "NODE_USE_ENV_PROXY": "1",
        "DO_NOT_TRACK": "1",
        "LANGSMITH_TRACING": "false",
        "OPENAI_AGENTS_DISABLE_TRACING": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:]],
        env=environment,
        cwd=home,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "command",
    [
        ["python", "-c", "import httpx\ntry: httpx.get('https://example.com')\nexcept httpx.HTTPError: pass"],
        ["node", "-e", "fetch('https://example.com', {signal: AbortSignal.timeout(20000)}).catch(() => {})"],
    ],
    ids=["python", "node"],
)
def test_the_proxy_sees_other_hosts(command: list[str], proxy: RecordingProxy, tmp_path: Path) -> None:
    """The proxy records a request to another host, of Python and of Node."""
    with Emulator() as emulator:
        run(command, emulator, proxy, tmp_path)
    assert "CONNECT example.com:443 HTTP/1.1" in proxy.lines


@pytest.mark.parametrize("program", CLIENTS)
def test_real_clients_talk_to_the_emulator(
    program: str, proxy: RecordingProxy, tmp_path: Path, record_property: Any
) -> None:
    """Questions, streams, tool calls and structured outputs succeed, and no client contacts another host."""
    command = ["node" if program.endswith(".mjs") else "python", str(PROGRAMS / program), *MODELS]
    with Emulator() as emulator:
        results = json.loads(run(command, emulator, proxy, tmp_path))
        requests = emulator.requests()
    assert list(results) == list(MODELS)
    for model, result in results.items():
        for exercise, outcome in result.items():
            check = getattr(Checks, exercise.partition("_by_")[0])
            check(outcome)
            record_property(f"exercises of real clients ({program})", 1)
        assert {"question", "structure"} < set(result), f"{program} of {model}"
    assert {(it["path"], it["status"]) for it in requests} == {("/v1/chat/completions", 200)}
    assert any(it["body"].get("stream") for it in requests)
    assert any(it["body"].get("tools") for it in requests)
    if program == "pydantic_ai_client.py":
        assert any(it["body"].get("tool_choice") == "required" for it in requests)
    assert proxy.lines == []


class Checks:
    """What each exercise has to come to."""

    @staticmethod
    def question(answer: str) -> None:
        assert answer.startswith("Emulated answer")
        assert "You wrote: Where is Oslo?" in answer

    @staticmethod
    def stream(pieces: list[str]) -> None:
        assert len(pieces) > 3
        Checks.question("".join(pieces))

    @staticmethod
    def call(outcome: dict[str, Any]) -> None:
        (city,) = outcome["cities"]
        assert f"Sunny in {city}." in outcome["answer"]

    @staticmethod
    def structure(city: dict[str, Any]) -> None:
        assert {name: type(value) for name, value in city.items()} == {"name": str, "population": int}

    @staticmethod
    def stream_of_objects(cities: list[dict[str, Any]]) -> None:
        assert len(cities) > 1
        Checks.structure(cities[-1])
