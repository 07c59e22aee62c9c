"""A uvicorn server that stops immediately; uvicorn itself checks every tenth of a second."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from typing import Final

import uvicorn

__all__ = ["QuickServer"]

_TICK_SECONDS: Final = 0.1
_POLL_SECONDS: Final = 0.002
_ABORT_SECONDS: Final = 0.2


class QuickServer(uvicorn.Server):
    """A server for a thread of its own, without lifespan events."""

    def end(self) -> None:
        """Let it end, from any thread."""
        self.should_exit = True
        with suppress(AttributeError, RuntimeError):  # it has not begun, or has ended already
            self._loop.call_soon_threadsafe(self._ended.set)

    async def main_loop(self) -> None:
        """Tick, which keeps the header `Date` current, until the end."""
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        tick = 0
        while not await self.on_tick(tick):
            tick += 1
            with suppress(TimeoutError):
                async with asyncio.timeout(_TICK_SECONDS):
                    await self._ended.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Finish requests in progress, for as long as the configuration allows, and close all connections."""
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        with suppress(TimeoutError):
            async with asyncio.timeout(self.config.timeout_graceful_shutdown):
                await self._wait_for_requests()
        for connection in list(self.server_state.connections):
            connection.transport.abort()  # a request that waits for its body ends as if its client had gone
        with suppress(TimeoutError):
            async with asyncio.timeout(_ABORT_SECONDS):
                await self._wait_for_requests()
        for task in self.server_state.tasks:
            task.cancel()

    async def _wait_for_requests(self) -> None:
        while self.server_state.connections or self.server_state.tasks:
            await asyncio.sleep(_POLL_SECONDS)
