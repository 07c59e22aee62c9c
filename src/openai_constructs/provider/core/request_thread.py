"""A thread with an event loop that runs all requests of a provider, so that each can have a total timeout.

A blocking socket has only a timeout per read, so a server that sends a byte now and then never times out.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError
from typing import Any, TypeVar

__all__ = ["RequestThread"]

_T = TypeVar("_T")


class RequestThread:
    """Runs coroutines for any number of threads. The thread starts with the first coroutine."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_stopped = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def run(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Run a coroutine and wait for its result.

        Raises:
            CancelledError: If the thread was stopped.
            Exception: Any exception of the coroutine.
        """
        with self._lock:
            if self._is_stopped:
                work.close()
                raise CancelledError
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._loop.run_forever, name="requests", daemon=True)
                self._thread.start()
            running = asyncio.run_coroutine_threadsafe(work, self._loop)
        return running.result()

    def stop(self) -> None:
        """Cancel all coroutines, and accept no more."""
        with self._lock:
            self._is_stopped = True
            if self._loop is not None:
                self._loop.call_soon_threadsafe(_cancel_all, self._loop)

    def close(self, last: Callable[[], Coroutine[Any, Any, None]] | None = None) -> None:
        """Cancel all coroutines and stop the thread. A later `run` starts another thread.

        Args:
            last: Coroutine function that runs on the thread before it stops, to close connections.
        """
        with self._lock:
            loop, thread, self._loop, self._thread = self._loop, self._thread, None, None
        if loop is None or thread is None:
            return
        loop.call_soon_threadsafe(_cancel_all, loop)
        if last is not None:
            asyncio.run_coroutine_threadsafe(last(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _cancel_all(loop: asyncio.AbstractEventLoop) -> None:
    for task in asyncio.all_tasks(loop):
        task.cancel()
