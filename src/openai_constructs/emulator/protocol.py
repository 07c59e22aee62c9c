"""uvicorn's HTTP protocol, with an extension that lets the application drop the connection."""

from __future__ import annotations

from typing import Any, Final, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

__all__ = ["DroppingProtocol"]

_MAX_HEADERS: Final = 2**18
_TOO_LARGE: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
)


class DroppingProtocol(HttpToolsProtocol):
    """Puts ``openai_constructs.abort`` into the scope: a function that closes the connection at once.

    ASGI has no such event, and clients have to be tested against lost connections. Headers of more than 256
    KiB are rejected, because the parser itself has no limit.
    """

    _headers = 0
    """Bytes received since the last complete headers or part of a body: those of incomplete headers."""

    def data_received(self, data: bytes) -> None:
        """Called with each piece of data."""
        self._headers += len(data)
        super().data_received(data)
        if self._headers > _MAX_HEADERS and not self.transport.is_closing():
            self.transport.write(_TOO_LARGE)
            self.transport.close()

    def on_headers_complete(self) -> None:
        """Called by the parser when all headers of a request have arrived."""
        self._headers = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Called by the parser with each part of a body."""
        self._headers = 0
        super().on_body(body)

    def on_message_begin(self) -> None:
        """Called by the parser when a request begins."""
        super().on_message_begin()
        cast("dict[str, Any]", self.scope)["openai_constructs.abort"] = self.transport.abort
