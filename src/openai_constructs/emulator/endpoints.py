"""Handlers of the endpoints. Source: API reference, chat completions."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import orjson

from openai_constructs.archive.replay import Replay
from openai_constructs.emulator import conformance
from openai_constructs.emulator.completions import completion, completion_id, digest
from openai_constructs.emulator.errors import ApiError, not_found
from openai_constructs.emulator.metadata import check_update
from openai_constructs.emulator.models import listed_models, model_object
from openai_constructs.emulator.nesting import MAX_LEVELS, is_too_deep
from openai_constructs.emulator.recorded import RecordedAnswers
from openai_constructs.emulator.replies import Replies, Reply
from openai_constructs.emulator.responses import Exchange, Scope
from openai_constructs.emulator.store import Store
from openai_constructs.emulator.stored import Listing, deleted, listed, message_page, stored_completion
from openai_constructs.emulator.streaming import events
from openai_constructs.emulator.validation import (
    check_create,
    check_required,
    check_types,
    parameter_checks,
)
from openai_constructs.schema import Block

__all__ = ["Endpoints", "Handler"]

Handler = Callable[[Exchange, Scope, bytes, str], Awaitable[None]]
"""A function that answers a request. Arguments: exchange, scope, body, and the completion id in the path."""


class Endpoints:
    """The handlers, by method, of each path.

    Args:
        store: Store of the completions.
        replies: Scripted answers.
        lenient: Accept the requests of SDK conformance suites.
        block: The resource of the schema table, whose arguments are the parameters of a request.
        replay: Recorded answers.
    """

    def __init__(
        self, store: Store, replies: Replies, *, lenient: bool, block: Block, replay: Replay | None = None
    ) -> None:
        self._store = store
        self._replies = replies
        self._lenient = lenient
        self._block = block
        self._parameters = parameter_checks(block)
        self.recorded = RecordedAnswers(replay, store)
        self.collection: dict[str, Handler] = {"GET": self._list, "POST": self._create}
        self.single: dict[str, Handler] = {"GET": self._get, "POST": self._update, "DELETE": self._delete}
        self.messages: dict[str, Handler] = {"GET": self._messages}
        self.models: dict[str, Handler] = {"GET": self._list_models}
        self.model: dict[str, Handler] = {"GET": self._get_model}

    async def _create(self, exchange: Exchange, _scope: Scope, raw: bytes, _key: str) -> None:
        body = _parsed(raw)
        check_required(body)
        if self._lenient or self.recorded.is_on:
            check_types(body, self._parameters)
        else:
            check_create(body, self._parameters, self._replies.models)
        reply = self._replies.choose(body) if self._replies.rules else None
        is_scripted = reply is not None and reply.answer is not None
        recorded = None if is_scripted else await self.recorded.answer_to(body)
        # The API itself accepted a recorded request.
        if self.recorded.is_on and recorded is None and not self._lenient:
            check_create(body, self._parameters, self._replies.models)
        if reply is not None and await _interrupted(exchange, reply):
            return
        try:
            made = await self._completion(exchange, body, reply, recorded)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            if not self._lenient:
                raise
            # Without the checks, a request may hold anything.
            reason = f"{type(error).__name__}: {error}"
            raise ApiError(400, f"The lenient emulator cannot answer this request: {reason}.") from error
        if reply is not None and reply.drop:
            await exchange.drop()
        elif body.get("stream"):
            options = body.get("stream_options") or {}
            await exchange.events(events(made, include_usage=bool(options.get("include_usage"))))
        else:
            await exchange.json(made)

    async def _completion(
        self,
        exchange: Exchange,
        body: dict[str, Any],
        reply: Reply | None,
        recorded: dict[str, Any] | None,
    ) -> dict[str, Any]:
        """Return the answer to a request, after storing it if the request says so."""
        request = digest(body)
        stores = bool(body.get("store"))
        occurrence = await self._store.next_occurrence(request) if stores else 0
        identity = completion_id(request, occurrence)
        if recorded is not None:
            made = recorded if recorded.get("id") else {**recorded, "id": identity}
        else:
            made = completion(body, request, identity, int(time.time()), reply.answer if reply else None)
        if stores:
            kept = stored_completion(self._block, body, made, exchange.request_id)
            await self._store.add(request, occurrence, kept, body["messages"], body.get("metadata") or {})
        return made

    async def _list(self, exchange: Exchange, scope: Scope, _raw: bytes, _key: str) -> None:
        asked = Listing(scope["query_string"], filters=True, lenient=self._lenient)
        page = await self._store.page(
            limit=asked.limit,
            descending=asked.descending,
            after=asked.after,
            model=asked.model,
            metadata=asked.metadata,
        )
        if page is None:
            if not self._lenient:
                raise not_found(str(asked.after))
            page = conformance.EMPTY
        await exchange.json(listed(page))

    async def _get(self, exchange: Exchange, _scope: Scope, _raw: bytes, key: str) -> None:
        found = await self._store.get(key)
        if found is None and self._seeded(key):
            found = conformance.seeded()
        if found is None:
            raise not_found(key)
        await exchange.json(found)

    async def _update(self, exchange: Exchange, _scope: Scope, raw: bytes, key: str) -> None:
        metadata = check_update(_parsed(raw)) or {}
        found = await self._store.update(key, metadata)
        if found is None and self._seeded(key):
            found = conformance.seeded(metadata)
        if found is None:
            raise not_found(key)
        await exchange.json(found)

    async def _delete(self, exchange: Exchange, _scope: Scope, _raw: bytes, key: str) -> None:
        if not await self._store.delete(key) and not self._seeded(key):
            raise not_found(key)
        await exchange.json(deleted(key))

    async def _messages(self, exchange: Exchange, scope: Scope, _raw: bytes, key: str) -> None:
        asked = Listing(scope["query_string"], filters=False, lenient=self._lenient)
        found = await self._store.messages(key)
        if found is None and self._seeded(key):
            await exchange.json(listed(conformance.seeded_page()))
            return
        if found is None:
            raise not_found(key)
        await exchange.json(listed(message_page(key, found, asked)))

    async def _list_models(self, exchange: Exchange, _scope: Scope, _raw: bytes, _key: str) -> None:
        await exchange.json({"object": "list", "data": listed_models(self._replies.models, date.today())})

    async def _get_model(self, exchange: Exchange, _scope: Scope, _raw: bytes, key: str) -> None:
        await exchange.json(model_object(key, self._replies.models))

    def _seeded(self, key: str) -> bool:
        return self._lenient and key == conformance.SEEDED


async def _interrupted(exchange: Exchange, reply: Reply) -> bool:
    """Return whether a script ends the request before it is carried out; wait first if the script says so.

    Raises:
        ApiError: The scripted one.
    """
    if reply.delay:
        await asyncio.sleep(reply.delay)
    if reply.error is not None:
        raise reply.error
    if reply.drop == "before":
        await exchange.drop()
        return True
    return False


def _parsed(raw: bytes) -> Any:
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise ApiError(
            400, f"We could not parse the JSON body of your request: {error}. Send JSON, encoded as UTF-8."
        ) from None
    if is_too_deep(raw, value):
        raise ApiError(
            400,
            "We could not parse the JSON body of your request: it is nested more than "
            f"{MAX_LEVELS} levels deep.",
        )
    return value
