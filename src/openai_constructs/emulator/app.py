"""The ASGI application: routing, access checks and injected faults."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from typing import Final

from openai_constructs.archive.replay import Replay
from openai_constructs.emulator.endpoints import Endpoints, Handler
from openai_constructs.emulator.errors import ApiError, method_not_allowed, no_api_key, of_status, unknown_url
from openai_constructs.emulator.faults import Faults
from openai_constructs.emulator.hosts import is_from_this_machine
from openai_constructs.emulator.replies import Replies
from openai_constructs.emulator.request_log import Entry, RequestLog
from openai_constructs.emulator.responses import Exchange, Receive, Scope, Send
from openai_constructs.emulator.store import Store
from openai_constructs.schema import NATIVE, Block

__all__ = ["Application", "OnRequest"]

_LOG: Final = logging.getLogger("openai_constructs.emulator")
_ROOT: Final = "/v1/chat/completions"
_MODELS: Final = "/v1/models"
_CONTROL: Final = "/_emulator/"
_HEALTH: Final = "/health"
_FOREIGN: Final = (
    "The emulator answers programs of this machine only: with a Host of localhost or a loopback address, and "
    "without an Origin, which only web pages send."
)

OnRequest = Callable[[Entry, float], None]
"""Called after each request with its log entry and its duration in seconds."""


class Application:
    """The emulator as an ASGI 3 application.

    Args:
        store: Where completions are kept.
        replies: Scripted answers.
        faults: Faults to inject, whatever the endpoint.
        lenient: Accept what SDK conformance suites send; see ``openai_constructs.emulator.conformance``.
        any_host: Accept requests with any ``Host``, for servers that other machines use.
        on_request: Called after each request with its log entry and its duration in seconds.
        block: The resource of the schema table, whose arguments are the parameters of a request.
        replay: Recorded answers.
    """

    def __init__(
        self,
        store: Store,
        replies: Replies,
        faults: Faults,
        *,
        lenient: bool = False,
        any_host: bool = False,
        on_request: OnRequest | None = None,
        block: Block = NATIVE.chat_completion,
        replay: Replay | None = None,
    ) -> None:
        self.log = RequestLog()
        self._store = store
        self._replies = replies
        self._faults = faults
        self._any_host = any_host
        self._on_request = on_request
        self._endpoints = Endpoints(store, replies, lenient=lenient, block=block, replay=replay)

    async def reset(self) -> None:
        """Delete all completions and requests, and restart replies and faults from the beginning."""
        await self._store.clear()
        self._replies.reset()
        self._endpoints.recorded.reset()
        self._faults.reset()
        self.log.clear()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; the entry point of ASGI 3."""
        exchange = Exchange(scope, receive, send)
        try:
            body = await exchange.body()
            if body is None:
                return
            if not is_from_this_machine(scope["headers"], any_host=self._any_host):
                raise of_status(403, message=_FOREIGN)
            path: str = scope["path"]
            if path == _HEALTH or path.startswith(_CONTROL):
                await self._control(exchange, scope)
            else:
                await self._logged(exchange, scope, body)
        except ApiError as error:
            await exchange.error(error)
        except Exception:
            _LOG.exception("%s %s failed in the emulator itself", scope["method"], scope["path"])
            if exchange.status:
                raise  # too late for an error response, so the connection is cut
            await exchange.error(of_status(500))

    async def _logged(self, exchange: Exchange, scope: Scope, body: bytes) -> None:
        """Answer a request of the API, and note it with its status."""
        began = time.perf_counter()
        entry = Entry(scope["method"], scope["path"], scope["query_string"], body)
        self.log.add(entry)
        try:
            await self._answer(exchange, scope, body)
        except ApiError as error:
            await exchange.error(error)
        finally:
            entry.status = exchange.status
            if self._on_request is not None:
                self._on_request(entry, time.perf_counter() - began)

    async def _answer(self, exchange: Exchange, scope: Scope, body: bytes) -> None:
        handler, key = self._route(scope["method"], scope["path"])
        if not _has_key(scope):
            raise no_api_key()
        is_listing = scope["path"].startswith(_MODELS)  # faults apply to API requests only
        if is_listing or not self._faults.kinds or (fault := self._faults.draw()) is None:
            await handler(exchange, scope, body, key)
        elif fault.what == "drop":
            await exchange.drop()
        elif fault.what == "drop-after":
            await handler(_Unanswered(exchange), scope, body, key)
            await exchange.drop()
        else:
            raise of_status(fault.what, retry_after=1 if fault.what == 429 else None)

    def _route(self, method: str, path: str) -> tuple[Handler, str]:
        """Return the handler of a path and the completion id in it, or an empty id."""
        ends = self._endpoints
        key = ""
        if path == _ROOT:
            handlers = ends.collection
        elif path.startswith(f"{_ROOT}/"):
            key, slash, rest = path[len(_ROOT) + 1 :].partition("/")
            if not key or (slash and rest != "messages"):
                raise unknown_url(method, path)
            handlers = ends.messages if slash else ends.single
        elif path == _MODELS:
            handlers = ends.models
        elif path.startswith(f"{_MODELS}/"):
            key, handlers = path[len(_MODELS) + 1 :], ends.model
        else:
            raise unknown_url(method, path)
        handler = handlers.get(method)
        if handler is None:
            raise method_not_allowed(tuple(handlers))
        return handler, key

    async def _control(self, exchange: Exchange, scope: Scope) -> None:
        """Serve the emulator's own endpoints for tests, which need no key and are not logged."""
        actions: dict[str, dict[str, Callable[[Exchange], Awaitable[None]]]] = {
            "/_emulator/reset": {"POST": self._reset},
            "/_emulator/requests": {"GET": self._requests},
            _HEALTH: {"GET": self._health},
        }
        methods = actions.get(scope["path"])
        if methods is None:
            raise unknown_url(scope["method"], scope["path"])
        if scope["method"] not in methods:
            raise method_not_allowed(tuple(methods))
        await methods[scope["method"]](exchange)

    async def _reset(self, exchange: Exchange) -> None:
        await self.reset()
        await exchange.json({"object": "emulator.reset", "reset": True})

    async def _health(self, exchange: Exchange) -> None:
        await exchange.json({"status": "ok"})

    async def _requests(self, exchange: Exchange) -> None:
        await exchange.json({"object": "list", "data": self.log.shown()})


class _Unanswered(Exchange):
    """An exchange that carries out the request and discards the response."""

    __slots__ = ()

    def __init__(self, exchange: Exchange) -> None:
        async def nowhere(_message: object) -> None:
            pass

        super().__init__(exchange._scope, exchange._receive, nowhere)

    async def drop(self) -> None:
        """Do nothing: the connection is dropped in any case."""


def _has_key(scope: Scope) -> bool:
    """Return whether any key was sent. Only this function reads it, and nothing keeps it."""
    for name, value in scope["headers"]:
        if name == b"authorization":
            return value[:7].lower() == b"bearer " and bool(value[7:].strip())
    return False
