"""uvicorn's HTTP protocol, with an extension that lets the application drop the connection."""

from __future__ import annotations

from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

__all__ = ["DroppingProtocol"]


class DroppingProtocol(HttpToolsProtocol):
    """Puts ``openai_constructs.abort`` into the scope: a function that closes the connection at once.

    ASGI has no such event, and clients have to be tested against lost connections.
    """

    def on_message_begin(self) -> None:
        """Called by the parser when a request begins."""
        super().on_message_begin()
        cast("dict[str, Any]", self.scope)["openai_constructs.abort"] = self.transport.abort
