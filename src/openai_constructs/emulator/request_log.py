"""Log of the emulator's requests, for tests. It omits headers, and so keys."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any, Final

import orjson

from openai_constructs.emulator.nesting import is_too_deep

__all__ = ["Entry", "RequestLog"]

# It keeps the newest requests, limited by number and by total bytes.
_MAX_ENTRIES: Final = 10_000
_MAX_BYTES: Final = 64 << 20


@dataclass(slots=True)
class Entry:
    """One request.

    Attributes:
        method: HTTP method.
        path: Path without the query.
        query: Raw query.
        body: Raw body.
        status: Status of the response; 0 if it is not sent yet or the connection was dropped.
    """

    method: str
    path: str
    query: bytes
    body: bytes
    status: int = 0

    def shown(self) -> dict[str, Any]:
        """Return the request as JSON. A body that is not JSON or nested too deeply is a text."""
        return {
            "method": self.method,
            "path": self.path,
            "query": self.query.decode("latin-1"),
            "body": self._body(),
            "status": self.status,
        }

    def _body(self) -> Any:
        try:
            value = orjson.loads(self.body) if self.body else None
        except orjson.JSONDecodeError:
            return self.body.decode("utf-8", "replace")
        return self.body.decode() if is_too_deep(self.body, value) else value

    def line(self, seconds: float) -> str:
        """Return the request as one line for a terminal, without its body: prompts are private."""
        query = f"?{self.query.decode('ascii', 'backslashreplace')}" if self.query else ""
        path = self.path.encode("unicode_escape").decode()
        status = self.status or "dropped"
        return f"{self.method} {path}{query} {status} {seconds * 1000:.0f} ms"


class RequestLog:
    """The newest requests, oldest first."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque()
        self._bytes = 0

    def add(self, entry: Entry) -> None:
        """Add a request."""
        self._entries.append(entry)
        self._bytes += len(entry.body)
        while len(self._entries) > _MAX_ENTRIES or self._bytes > _MAX_BYTES:
            self._bytes -= len(self._entries.popleft().body)

    def clear(self) -> None:
        """Remove all requests."""
        self._entries.clear()
        self._bytes = 0

    def shown(self) -> list[dict[str, Any]]:
        """Return all requests as JSON. Thread-safe."""
        return [it.shown() for it in self._entries.copy()]
