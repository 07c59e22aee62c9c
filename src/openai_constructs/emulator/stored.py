"""Responses of the store's endpoints: stored completions, their messages, and pages of them."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from openai_constructs.emulator.checks import number
from openai_constructs.emulator.errors import ApiError, not_found
from openai_constructs.emulator.store import Page
from openai_constructs.schema import NATIVE, Block

__all__ = ["Listing", "deleted", "listed", "message_page", "stored_completion"]

_LIMIT = NATIVE.data_sources["chat_completions"].attributes["limit"]


class Listing:
    """The query of a list: ``limit`` 1 to 100, ``order``, ``after``; perhaps ``model``, ``metadata[key]``.

    Args:
        query: As it came, percent-encoded or not.
        filters: ``model`` and ``metadata[key]`` are allowed.
        lenient: Pass over what would be refused, and take the default instead.

    Raises:
        ApiError: 400.
    """

    def __init__(self, query: bytes, *, filters: bool, lenient: bool = False) -> None:
        self.limit = int(_LIMIT.default or 0)
        self.descending = False
        self.after: str | None = None
        self.model: str | None = None
        self.metadata: dict[str, str] = {}
        for name, value in parse_qsl(query.decode("utf-8", "replace"), keep_blank_values=True):
            try:
                self._set(name, value, filters)
            except ApiError:
                if not lenient:
                    raise

    def _set(self, name: str, value: str, filters: bool) -> None:
        if name == "limit":
            self.limit = _limit(value)
        elif name == "order":
            if value not in ("asc", "desc"):
                raise ApiError(
                    400,
                    f"Invalid value: '{value}'. Supported values are: 'asc' and 'desc'.",
                    param="order",
                    code="invalid_value",
                )
            self.descending = value == "desc"
        elif name == "after":
            self.after = value
        elif filters and name == "model":
            self.model = value
        elif filters and name.startswith("metadata[") and name.endswith("]"):
            self.metadata[name[9:-1]] = value
        else:
            raise ApiError(400, f"Unknown parameter: '{name}'.", param=name, code="unknown_parameter")


def stored_completion(
    block: Block, body: dict[str, Any], completion: dict[str, Any], request_id: str
) -> dict[str, Any]:
    """A completion as it is kept: with those parameters of the request that the store returns.

    Args:
        block: The resource, as the table has it.
        body: The request.
        completion: The answer.
        request_id: Id of the HTTP request.
    """
    echoed = {
        line.echoed: body.get(name, getattr(line, "default", None))
        for name, line in block.lines.items()
        if line.echoed is not None
    }
    return {**completion, "request_id": request_id, **echoed}


def listed(page: Page) -> dict[str, Any]:
    """A page as the API lists it; first and last id are null only when it is empty."""
    data = page.data
    return {
        "object": "list",
        "data": data,
        "first_id": data[0]["id"] if data else None,
        "last_id": data[-1]["id"] if data else None,
        "has_more": page.has_more,
    }


def deleted(completion_id: str) -> dict[str, Any]:
    """The answer to a deletion."""
    return {"object": "chat.completion.deleted", "id": completion_id, "deleted": True}


def message_page(completion_id: str, messages: list[dict[str, Any]], asked: Listing) -> Page:
    """A page of the messages that were sent, the first with the id ``<completion id>-0``.

    Raises:
        ApiError: 404 when there is no message that the page should begin after.
    """
    shown = [_message(f"{completion_id}-{n}", it) for n, it in enumerate(messages)]
    if asked.descending:
        shown.reverse()
    if asked.after is not None:
        ids = [it["id"] for it in shown]
        if asked.after not in ids:
            raise not_found(asked.after)
        shown = shown[ids.index(asked.after) + 1 :]
    return Page(shown[: asked.limit], len(shown) > asked.limit)


def _message(identity: str, message: dict[str, Any]) -> dict[str, Any]:
    content = message.get("content")
    parts = content if isinstance(content, list) else None
    shown = {
        "id": identity,
        "role": message.get("role"),
        "content": None if parts is not None else content,
        "name": message.get("name"),
        "content_parts": parts,
        "refusal": message.get("refusal"),
    }
    # Calls and what they answer to, where there are any; as everywhere, left out rather than null.
    for key in ("function_call", "tool_calls", "tool_call_id"):
        if message.get(key) is not None:
            shown[key] = message[key]
    return shown


def _limit(value: str) -> int:
    try:
        limit = int(value)
    except ValueError:
        raise ApiError(
            400,
            "Invalid type for 'limit': expected an integer, but got a string instead.",
            param="limit",
            code="invalid_type",
        ) from None
    number(_LIMIT.limits)("limit", limit)
    return limit
