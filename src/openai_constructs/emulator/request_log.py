"""Log of the emulator's requests, for tests. It omits headers, and so keys."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any, Final

import orjson

from openai_constructs.emulator.nesting import is_too_deep

__all__ = ["Entry", "RequestLog"]

# The newest are kept: so many, and of them so much in bytes.
_MAX_ENTRIES: Final = 10_000
_MAX_BYTES: Final = 64 << 20


@dataclass(slots=True)
class Entry:
    """One request.

    Attributes:
        method: HTTP method.
        path: Path without the query.
        query: The query as it was sent.
        body: The body as it was sent.
        status: Status of the answer; 0 while there is none, or when the connection was dropped.
    """

    method: str
    path: str
    query: bytes
    body: bytes
    status: int = 0

    def shown(self) -> dict[str, Any]:
        """The request as JSON: the body parsed, or its text where it is no JSON or nested too deep."""
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
        """Note a request."""
        self._entries.append(entry)
        self._bytes += len(entry.body)
        while len(self._entries) > _MAX_ENTRIES or self._bytes > _MAX_BYTES:
            self._bytes -= len(self._entries.popleft().body)

    def clear(self) -> None:
        """Forget all requests."""
        self._entries.clear()
        self._bytes = 0

    def shown(self) -> list[dict[str, Any]]:
        """Return all requests as JSON. Thread-safe."""
        return [it.shown() for it in self._entries.copy()]
