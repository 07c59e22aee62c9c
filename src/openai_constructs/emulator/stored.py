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
    """Parse the query of a list: ``limit`` 1 to 100, ``order``, ``after``, ``model``, ``metadata[key]``.

    Args:
        query: The raw query string, percent-encoded or not.
        filters: Whether ``model`` and ``metadata[key]`` are allowed.
        lenient: Use the default for invalid values instead of refusing them.

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
    """Return a completion as the store keeps it: with the parameters of the request that it returns.

    Args:
        block: The resource of the schema table.
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
    """Return a page of a list; first and last id are null only on an empty page."""
    data = page.data
    return {
        "object": "list",
        "data": data,
        "first_id": data[0]["id"] if data else None,
        "last_id": data[-1]["id"] if data else None,
        "has_more": page.has_more,
    }


def deleted(completion_id: str) -> dict[str, Any]:
    """Return the response to a deletion."""
    return {"object": "chat.completion.deleted", "id": completion_id, "deleted": True}


def message_page(completion_id: str, messages: list[dict[str, Any]], asked: Listing) -> Page:
    """Return a page of a request's messages; the id of the first is ``<completion id>-0``.

    Raises:
        ApiError: 404 if the message to begin after does not exist.
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
    # As everywhere, keys about calls are omitted rather than null.
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
