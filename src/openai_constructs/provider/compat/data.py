"""The three data sources of the compat edition. Each read sends one request."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Final

from tf.iface import ReadDataContext
from tf.utils import Diagnostics

from openai_constructs.provider.compat.answers import (
    Choice,
    Completion,
    choices_state,
    parse_completion,
    read_answer,
    read_completion,
)
from openai_constructs.provider.compat.checks import check
from openai_constructs.provider.compat.client import Client, HasClient, RequestError
from openai_constructs.provider.compat.planning import without_null_entries
from openai_constructs.provider.compat.wire import WireError, parse
from openai_constructs.provider.core.blocks import State, decode, encode
from openai_constructs.provider.core.planning import with_defaults
from openai_constructs.provider.core.table_types import TableSource
from openai_constructs.schema import (
    CHAT_COMPLETION_DATA,
    CHAT_COMPLETION_MESSAGES_DATA,
    CHAT_COMPLETIONS_DATA,
    Block,
)

__all__ = ["DATA_SOURCES"]

_PATH: Final = "/v1/chat/completions"


class _Lookup(TableSource):
    """A data source."""

    def __init__(self, provider: HasClient) -> None:
        self._provider = provider

    def validate(self, diags: Diagnostics, type_name: str, config: Mapping[str, Any]) -> None:
        check(diags, self.table, decode(self.table, config) or {})

    def read(self, ctx: ReadDataContext, config: Mapping[str, Any]) -> State | None:
        """Send the request, and convert a failure to the error or warning of the public provider."""
        query = _as_read(with_defaults(self.table, decode(self.table, config) or {}))
        results: State | None
        try:
            results = self.look_up(self._provider.client, query)
        except RequestError as error:
            results = self.without_answer(ctx.diagnostics, query, error)
        except WireError as error:
            ctx.diagnostics.add_error(str(error), "")
            results = None
        return None if results is None else encode(self.table, {**query, **results})

    def look_up(self, client: Client, query: State) -> State:
        """Return the values from the API.

        Raises:
            RequestError: If the request fails.
            WireError: If the response cannot be parsed.
        """
        raise NotImplementedError

    def without_answer(self, diagnostics: Diagnostics, query: State, error: RequestError) -> State | None:
        """Return the values after a failed request; add an error and return ``None`` if there are none."""
        raise NotImplementedError


class _ChatCompletion(_Lookup):
    """``GET /v1/chat/completions/{completion_id}``."""

    name: ClassVar[str] = "chat_completion"
    table: ClassVar[Block] = CHAT_COMPLETION_DATA

    def look_up(self, client: Client, query: State) -> State:
        """Return the completion, with its tool calls."""
        text = client.get(f"{_PATH}/{query['completion_id'] or ''}")
        try:
            completion = parse_completion(text, with_tools=True)
        except WireError as error:
            raise WireError(f"error parsing chat completion response: {error}") from error
        # SDKv2 treats a value without an id as missing, so Terraform gets an object of nulls.
        if not completion.id:
            return {}
        results: State = {
            "id": completion.id,
            "created": completion.created,
            "object": completion.object,
            "model": completion.model,
            "usage": completion.usage,
        }
        if completion.choices:
            choices = choices_state(completion.choices, with_tools=True, refuses_names_at="choices")
            results["choices"] = choices
        return results

    def without_answer(self, diagnostics: Diagnostics, query: State, error: RequestError) -> State | None:
        """For a completion that is gone, add a warning and return only its id."""
        completion_id = query["completion_id"] or ""
        if _is_not_found(diagnostics, completion_id, error):
            return {"id": completion_id}
        diagnostics.add_error(f"Error retrieving chat completion with ID '{completion_id}': {error}", "")
        return None


class _ChatCompletionMessages(_Lookup):
    """``GET /v1/chat/completions/{completion_id}/messages``: one page."""

    name: ClassVar[str] = "chat_completion_messages"
    table: ClassVar[Block] = CHAT_COMPLETION_MESSAGES_DATA

    def look_up(self, client: Client, query: State) -> State:
        """Return the page, without tool calls and without the ids of the messages."""
        completion_id = query["completion_id"] or ""
        text = client.get(f"{_PATH}/{completion_id}/messages{_page(query)}")
        try:
            fields = parse(text, "ChatCompletionMessageResponse")
            messages = fields.many("data", "ChatCompletionMessage", read_answer)
            return {
                "id": f"{completion_id}-messages",
                "first_id": fields.text("first_id"),
                "last_id": fields.text("last_id"),
                "has_more": fields.flag("has_more"),
                "messages": [{**message.state, "name": message.name} for message in messages],
            }
        except WireError as error:
            raise WireError(f"error parsing chat completion messages response: {error}") from error

    def without_answer(self, diagnostics: Diagnostics, query: State, error: RequestError) -> State | None:
        """For a completion that is gone, add a warning and return no messages."""
        completion_id = query["completion_id"] or ""
        if _is_not_found(diagnostics, completion_id, error):
            return {"id": f"{completion_id}-messages", "has_more": False, "messages": []}
        summary = f"Error retrieving messages for chat completion with ID '{completion_id}': {error}"
        diagnostics.add_error(summary, "")
        return None


class _ChatCompletions(_Lookup):
    """``GET /v1/chat/completions``: one page. The argument ``model`` is accepted and ignored."""

    name: ClassVar[str] = "chat_completions"
    table: ClassVar[Block] = CHAT_COMPLETIONS_DATA

    def look_up(self, client: Client, query: State) -> State:
        """Return the page."""
        # Unlike the other arguments, a metadata pair is sent even if its value is empty.
        labels = [f"metadata[{key}]={value}" for key, value in sorted((query["metadata"] or {}).items())]
        text = client.get(_PATH + "&".join([_page(query), *labels]))
        try:
            fields = parse(text, "ChatCompletionsResponse")
            completions = fields.many("data", "ChatCompletionResponse", read_completion)
            has_more = fields.flag("has_more")
        except WireError as error:
            raise WireError(f"error parsing chat completions response: {error}") from error
        listed = [_listed(completion, number) for number, completion in enumerate(completions)]
        return {"id": _list_id(), "has_more": has_more, "chat_completions": listed}

    def without_answer(self, diagnostics: Diagnostics, query: State, error: RequestError) -> State | None:
        """Add a warning and return an empty list after any failure, even of authentication."""
        diagnostics.add_warning(
            "Error retrieving chat completions",
            f"Could not retrieve chat completions: {error}. Returning empty list.",
        )
        return {"id": _list_id(), "has_more": False, "chat_completions": []}


DATA_SOURCES: Final = (_ChatCompletion, _ChatCompletionMessages, _ChatCompletions)
"""The data sources of the provider."""


def _as_read(query: State) -> State:
    """Return the arguments as SDKv2 reads them: without nulls in maps, and with null for empty values."""
    return {name: without_null_entries(value) or None for name, value in query.items()}


def _page(query: State) -> str:
    """Return the query of a page, with its question mark. Values are not escaped: `&` starts a parameter.

    The order is fixed here, and random in 1.x.
    """
    pairs: Iterable[tuple[str, Any]] = ((name, query[name]) for name in ("limit", "order", "after"))
    return "?" + "&".join(f"{name}={value}" for name, value in pairs if value)


def _is_not_found(diagnostics: Diagnostics, completion_id: str, error: RequestError) -> bool:
    """Whether the completion is gone; if so, add a warning.

    Like the public provider, look for "not found" (in lower case) in the message and ignore the status.
    """
    if "not found" not in str(error):
        return False
    diagnostics.add_warning(
        "Chat completion not found",
        f"Chat completion with ID '{completion_id}' could not be found. This may be because it has expired "
        "or was deleted from the OpenAI Chat Completions Store.",
    )
    return True


def _listed(completion: Completion, number: int) -> State:
    choices = choices_state(completion.choices, refuses_names_at=f"chat_completions.{number}.choices")
    return {
        "id": completion.id,
        "object": completion.object,
        "created": completion.created,
        "model": completion.model,
        "choices": [_with_role(state, of) for state, of in zip(choices, completion.choices, strict=True)],
        "usage": completion.usage if completion.total_tokens > 0 else None,
    }


def _with_role(state: State, choice: Choice) -> State:
    """Remove the message of a choice if it has no role."""
    return state if choice.message.role else {**state, "message": []}


def _list_id() -> str:
    """Return an id that changes every second, so an output of the whole data source changes in each plan."""
    return f"chat_completions_{int(time.time())}"
