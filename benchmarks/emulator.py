"""POST throughput of the emulator beside two other mocks, in one run on one machine.

``@copilotkit/aimock`` (npm) and ``fakellm`` (PyPI) go under ``build/bench/``, at the versions below.
All servers run at the same time, each is measured in turn, five times over, and the medians are compared:
whatever else the machine does meets all of them. The request is the smallest there is, and unstored.

Exit status 1 when the emulator is slower than the best of the others.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from load import requests_per_second

AIMOCK = "@copilotkit/aimock@1.43.0"
FAKELLM = "fakellm==0.3.5"
CONNECTIONS = {1: 1500, 8: 4000}  # how many at once: how many requests
WARM_UP = 500
ROUNDS = 5

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "bench"
OURS = "openai-constructs"
SERVE = "import sys; from openai_constructs.emulator import serve; serve(port=int(sys.argv[1]))"


def _installed() -> dict[str, list[str]]:
    """The command that starts each server; the port comes last."""
    aimock, fakellm = BUILD / "aimock", BUILD / "fakellm"
    script = aimock / "node_modules" / "@copilotkit" / "aimock" / "dist" / "cli.js"
    if not script.exists():
        aimock.mkdir(parents=True, exist_ok=True)
        (aimock / "package.json").write_text('{"private": true}')
        subprocess.run(
            ["npm", "install", "--silent", "--no-audit", "--no-fund", AIMOCK], cwd=aimock, check=True
        )
    fixture = {"match": {"userMessage": "hi"}, "response": {"content": "Hello, how can I help you?"}}
    fixtures = aimock / "fixtures"
    fixtures.mkdir(exist_ok=True)
    (fixtures / "hi.json").write_text(json.dumps({"fixtures": [fixture]}))
    if not (fakellm / "bin" / "fakellm").exists():
        subprocess.run([sys.executable, "-m", "venv", fakellm], check=True)
        subprocess.run([fakellm / "bin" / "pip", "install", "--quiet", FAKELLM], check=True)
    (fakellm / "fakellm.yaml").write_text(
        "version: 1\ndefaults:\n  fallback: deterministic_echo\nrules: []\n"
    )
    rules = str(fakellm / "fakellm.yaml")
    return {
        OURS: [sys.executable, "-c", SERVE],
        "aimock": ["node", str(script), "--log-level", "silent", "--fixtures", str(fixtures), "--port"],
        "fakellm": [str(fakellm / "bin" / "fakellm"), "serve", "--config", rules, "--port"],
    }


@contextlib.contextmanager
def _running(commands: dict[str, list[str]]) -> Iterator[dict[str, int]]:
    """All servers at once, and the port of each."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    environment = {**os.environ, "NODE_ENV": "production"}
    with contextlib.ExitStack() as stack:
        ports = {}
        for name, command in commands.items():
            with socket.create_server(("127.0.0.1", 0)) as free:
                ports[name] = free.getsockname()[1]
            server = stack.enter_context(
                subprocess.Popen([*command, str(ports[name])], env=environment, **quiet)  # type: ignore[call-overload]
            )
            stack.callback(server.terminate)
        for port in ports.values():
            _wait_for(port)
        yield ports


def _wait_for(port: int) -> None:
    until = time.monotonic() + 20
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        if time.monotonic() > until:
            raise TimeoutError(f"no server on port {port}")
        time.sleep(0.05)


def _measured(ports: dict[str, int]) -> dict[str, dict[int, float]]:
    """Medians of the rounds, in requests per second, by server and number of connections."""
    for port in ports.values():
        requests_per_second(port, max(CONNECTIONS), WARM_UP)
    rounds: dict[str, dict[int, list[float]]] = {name: {it: [] for it in CONNECTIONS} for name in ports}
    for _ in range(ROUNDS):
        for connections, total in CONNECTIONS.items():
            for name, port in ports.items():
                rounds[name][connections].append(requests_per_second(port, connections, total))
    return {
        name: {it: statistics.median(values) for it, values in by_connections.items()}
        for name, by_connections in rounds.items()
    }


def main() -> int:
    """Measure, print the table, write ``build/bench/emulator.json``."""
    with _running(_installed()) as ports:
        medians = _measured(ports)
    others = [name for name in medians if name != OURS]
    ratios = {it: medians[OURS][it] / max(medians[name][it] for name in others) for it in CONNECTIONS}
    print(f"{'POST /v1/chat/completions, requests/s':40}" + "".join(f"{f'c={it}':>10}" for it in CONNECTIONS))
    for name, values in medians.items():
        print(f"{name:40}" + "".join(f"{values[it]:10.0f}" for it in CONNECTIONS))
    for name in others:
        against = (f"{medians[OURS][it] / medians[name][it]:9.2f}x" for it in CONNECTIONS)
        print(f"{f'{OURS} / {name}':40}" + "".join(against))
    result = {"requests_per_second": medians, "ratio_to_best": ratios, "rounds": ROUNDS}
    (BUILD / "emulator.json").write_text(json.dumps(result, indent=2) + "\n")
    return 0 if min(ratios.values()) >= 1 else 1


if __name__ == "__main__":
    sys.exit(main())
