"""Send responses over ASGI, with the headers of all API responses."""

from __future__ import annotations

import secrets
import time
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from itertools import count
from typing import Any, Final

import orjson

from openai_constructs.emulator.errors import ApiError

__all__ = ["Exchange", "Receive", "Scope", "Send"]

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_MAX_BODY: Final = 64 << 20
_JSON: Final = (b"content-type", b"application/json")
_EVENTS: Final = (b"content-type", b"text/event-stream; charset=utf-8")
# Rate limits are not modelled, so the remaining requests never fall. Scripted replies can return a 429.
_ALWAYS: Final = [
    (b"openai-organization", b"org-emulator"),
    (b"openai-version", b"2020-10-01"),
    (b"x-ratelimit-limit-requests", b"10000"),
    (b"x-ratelimit-limit-tokens", b"2000000"),
    (b"x-ratelimit-remaining-requests", b"9999"),
    (b"x-ratelimit-remaining-tokens", b"1999000"),
    (b"x-ratelimit-reset-requests", b"6ms"),
    (b"x-ratelimit-reset-tokens", b"30ms"),
]
_JSON_HEADERS: Final = [_JSON, *_ALWAYS]
_EVENT_HEADERS: Final = [_EVENTS, (b"cache-control", b"no-cache"), *_ALWAYS]
_RUN: Final = secrets.token_hex(8)
_NUMBERS: Final = count(1)


class Exchange:
    """A request and its response.

    Attributes:
        request_id: Value of the response's ``x-request-id``; unique.
        status: Status of the response; 0 until it is sent.
    """

    __slots__ = ("_began", "_receive", "_scope", "_send", "request_id", "status")

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._began = time.perf_counter()
        self.request_id = f"req_{_RUN}{next(_NUMBERS):016x}"
        self.status = 0

    async def body(self) -> bytes | None:
        """Return the whole body; ``None`` if the client disconnected before it was complete.

        Raises:
            ApiError: 413 if it has more than 64 MiB.
        """
        message = await self._receive()
        if message["type"] == "http.disconnect":
            return None
        body: bytes = message.get("body", b"")
        if not message.get("more_body"):
            return body
        parts, size = [body], len(body)
        while message.get("more_body"):
            message = await self._receive()
            if message["type"] == "http.disconnect":
                return None
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > _MAX_BODY:
                raise ApiError(
                    413,
                    "The body of the request is larger than 64 MiB.",
                    headers=((b"connection", b"close"),),
                )
        return b"".join(parts)

    async def json(self, value: Any, status: int = 200, headers: Iterable[tuple[bytes, bytes]] = ()) -> None:
        """Answer with JSON."""
        body = orjson.dumps(value)
        self.status = status
        start = {
            "type": "http.response.start",
            "status": status,
            "headers": [*_JSON_HEADERS, *self._own(), *headers, (b"content-length", b"%d" % len(body))],
        }
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body})

    async def error(self, error: ApiError) -> None:
        """Answer with an error."""
        await self.json(error.body(), error.status, error.headers)

    async def events(self, events: Iterable[bytes]) -> None:
        """Answer with server-sent events."""
        self.status = 200
        headers = [*_EVENT_HEADERS, *self._own()]
        await self._send({"type": "http.response.start", "status": 200, "headers": headers})
        for event in events:
            await self._send({"type": "http.response.body", "body": event, "more_body": True})
        await self._send({"type": "http.response.body", "body": b""})

    async def drop(self) -> None:
        """Close the connection without an answer."""
        self._scope["openai_constructs.abort"]()
        # The server treats a return without a response as our error, unless the client has disconnected.
        while (await self._receive())["type"] != "http.disconnect":
            pass

    def _own(self) -> tuple[tuple[bytes, bytes], ...]:
        took = int((time.perf_counter() - self._began) * 1000)
        return (
            (b"x-request-id", self.request_id.encode()),
            (b"openai-processing-ms", b"%d" % took),
        )
