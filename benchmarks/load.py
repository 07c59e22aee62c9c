"""The load generator of the emulator's benchmark: closed-loop kept-alive connections over bare asyncio.

Every connection sends its request again as soon as the whole answer is there. It parses of an answer only
what it needs to find the end, so that it takes little of the time measured; it is the same for all servers.
"""

from __future__ import annotations

import asyncio
import json
import time
from typing import cast

import uvloop

__all__ = ["requests_per_second"]

_BODY = json.dumps({"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "hi"}]}).encode()


class _Run:
    """What the connections of one measurement share."""

    def __init__(self, port: int, connections: int, total: int) -> None:
        self.request = (
            b"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAuthorization: Bearer local\r\n"
            b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (port, len(_BODY), _BODY)
        )
        self.to_send = total - connections
        self.to_come = total
        self.finished: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def fail(self, problem: str) -> None:
        if not self.finished.done():
            self.finished.set_exception(RuntimeError(problem))


class _Connection(asyncio.Protocol):
    def __init__(self, run: _Run) -> None:
        self._run = run
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own class, that inherits from none
        self._transport.write(self._run.request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not _complete(self._received):
            return
        run = self._run
        if not self._received.startswith(b"HTTP/1.1 200"):
            run.fail(f"an answer that is not 200: {self._received[:300]!r}")
        self._received = b""
        run.to_come -= 1
        if run.to_send > 0:
            run.to_send -= 1
            self._transport.write(run.request)
        elif run.to_come == 0 and not run.finished.done():
            run.finished.set_result(None)

    def connection_lost(self, _error: Exception | None) -> None:
        self._run.fail("the server closed a connection")


def _complete(received: bytes) -> bool:
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return False
    head = received[:end].lower()
    at = head.find(b"content-length:")
    if at < 0:  # chunked
        return received.endswith(b"0\r\n\r\n")
    return len(received) >= end + 4 + int(head[at + 15 :].split(b"\r\n", 1)[0])


async def _measure(port: int, connections: int, total: int) -> float:
    run = _Run(port, connections, total)
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    opened = [
        await loop.create_connection(lambda: _Connection(run), "127.0.0.1", port) for _ in range(connections)
    ]
    await run.finished
    took = time.perf_counter() - began
    for transport, _ in opened:
        transport.abort()
    return total / took


def requests_per_second(port: int, connections: int, total: int) -> float:
    """How many answers a second a server on this machine gives to so many connections at once.

    Raises:
        RuntimeError: When an answer is not 200, or a connection is lost.
    """
    return uvloop.run(asyncio.wait_for(_measure(port, connections, total), 60))
