"""The ASGI application: which request goes where, who may ask, and what goes wrong on purpose."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Final

from openai_constructs.archive.replay import Replay
from openai_constructs.emulator.endpoints import Endpoints, Handler
from openai_constructs.emulator.errors import ApiError, method_not_allowed, no_api_key, of_status, unknown_url
from openai_constructs.emulator.faults import Faults
from openai_constructs.emulator.replies import Replies
from openai_constructs.emulator.request_log import Entry, RequestLog
from openai_constructs.emulator.responses import Exchange, Receive, Scope, Send
from openai_constructs.emulator.store import Store
from openai_constructs.schema import NATIVE, Block

__all__ = ["Application"]

_LOG: Final = logging.getLogger("openai_constructs.emulator")
_ROOT: Final = "/v1/chat/completions"
_CONTROL: Final = "/_emulator/"


class Application:
    """The emulator as an ASGI 3 application.

    Args:
        store: Where completions are kept.
        replies: Scripted answers.
        faults: What goes wrong with requests of any kind.
        lenient: Take what SDK conformance suites send; see ``openai_constructs.emulator.conformance``.
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
        block: Block = NATIVE.chat_completion,
        replay: Replay | None = None,
    ) -> None:
        self.log = RequestLog()
        self._store = store
        self._replies = replies
        self._faults = faults
        self._endpoints = Endpoints(store, replies, lenient=lenient, block=block, replay=replay)

    async def reset(self) -> None:
        """Forget all completions and requests, and begin replies and faults anew."""
        await self._store.clear()
        self._replies.reset()
        self._endpoints.recorded.reset()
        self._faults.reset()
        self.log.clear()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as ASGI 3 has it."""
        exchange = Exchange(scope, receive, send)
        try:
            body = await exchange.body()
            if body is None:
                return
            path: str = scope["path"]
            if path.startswith(_CONTROL):
                await self._control(exchange, scope)
                return
            entry = Entry(scope["method"], path, scope["query_string"], body)
            self.log.add(entry)
            try:
                await self._answer(exchange, scope, body)
            except ApiError as error:
                await exchange.error(error)
            finally:
                entry.status = exchange.status
        except ApiError as error:
            await exchange.error(error)
        except Exception:
            _LOG.exception("%s %s failed in the emulator itself", scope["method"], scope["path"])
            if exchange.status:
                raise  # an answer has begun, so all that is left is to cut it off
            await exchange.error(of_status(500))

    async def _answer(self, exchange: Exchange, scope: Scope, body: bytes) -> None:
        handler, key = self._route(scope["method"], scope["path"])
        if not _has_key(scope):
            raise no_api_key()
        if not self._faults.kinds or (fault := self._faults.draw()) is None:
            await handler(exchange, scope, body, key)
        elif fault.what == "drop":
            await exchange.drop()
        elif fault.what == "drop-after":
            await handler(_Unanswered(exchange), scope, body, key)
            await exchange.drop()
        else:
            raise of_status(fault.what, retry_after=1 if fault.what == 429 else None)

    def _route(self, method: str, path: str) -> tuple[Handler, str]:
        """The handler of a path, and the completion id in it; empty where there is none."""
        ends = self._endpoints
        key = ""
        if path == _ROOT:
            handlers = ends.collection
        elif path.startswith(f"{_ROOT}/"):
            key, slash, rest = path[len(_ROOT) + 1 :].partition("/")
            if not key or (slash and rest != "messages"):
                raise unknown_url(method, path)
            handlers = ends.messages if slash else ends.single
        else:
            raise unknown_url(method, path)
        handler = handlers.get(method)
        if handler is None:
            raise method_not_allowed(tuple(handlers))
        return handler, key

    async def _control(self, exchange: Exchange, scope: Scope) -> None:
        """What tests ask of the emulator itself. It needs no key, and is not in the log."""
        if any(name == b"origin" for name, _ in scope["headers"]):
            # Only a page in a browser sends one, and no page has any business on a loopback port.
            raise of_status(403)
        actions: dict[str, dict[str, Callable[[Exchange], Awaitable[None]]]] = {
            "/_emulator/reset": {"POST": self._reset},
            "/_emulator/requests": {"GET": self._requests},
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

    async def _requests(self, exchange: Exchange) -> None:
        await exchange.json({"object": "list", "data": self.log.shown()})


class _Unanswered(Exchange):
    """An exchange whose request is carried out, and whose answer goes nowhere."""

    __slots__ = ()

    def __init__(self, exchange: Exchange) -> None:
        async def nowhere(_message: object) -> None:
            pass

        super().__init__(exchange._scope, exchange._receive, nowhere)

    async def drop(self) -> None:
        """Nothing: the connection is dropped in any case."""


def _has_key(scope: Scope) -> bool:
    """Whether any key was sent. It is looked at here and nowhere else, and never kept."""
    for name, value in scope["headers"]:
        if name == b"authorization":
            return value[:7].lower() == b"bearer " and bool(value[7:].strip())
    return False
