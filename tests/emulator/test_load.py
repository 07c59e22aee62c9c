"""The emulator under load, in a process of its own."""

from __future__ import annotations

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

CONNECTIONS = 64
REQUESTS = 300


@pytest.mark.costly
@pytest.mark.skipif(sys.platform != "linux", reason="reads the memory of the process from /proc")
def test_memory_stays_flat(record_property: Any) -> None:
    """With 64 connections, memory after many requests is what it was after the first thousands."""
    command = [sys.executable, "-m", "openai_constructs", "emulator", "--port", "0", "--quiet"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found is not None
        memory = [load(found[0], process.pid) for _ in range(4)]
        process.terminate()
    assert memory[-1] < memory[0] * 1.1, memory
    record_property("requests on 64 connections, memory flat", 4 * CONNECTIONS * REQUESTS)


def load(url: str, pid: int) -> int:
    """Send requests on all connections. Return the memory of the process in kB."""

    def ask(number: int) -> None:
        with httpx.Client(
            base_url=url, headers={"Authorization": "Bearer k"}, trust_env=False, timeout=60
        ) as http:
            for request in range(REQUESTS):
                messages = [{"role": "user", "content": f"{number} {request} {'x' * 2_000}"}]
                response = http.post("/v1/chat/completions", json={"model": "gpt-4o", "messages": messages})
                assert response.status_code == 200

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(ask, range(CONNECTIONS)))
    status = Path(f"/proc/{pid}/status").read_text()
    (kilobytes,) = re.findall(r"VmRSS:\s+(\d+) kB", status)
    return int(kilobytes)
