"""Queries of the Chat Completions Store: arguments of its list endpoints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Literal

from openai_constructs.schema import Block
from openai_constructs.values.checks import Checks

__all__ = ["CompletionsQuery", "MessagesQuery", "query_arguments"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagesQuery:
    """Query for the messages of a stored completion: ``data "openai_chat_completion_messages"``.

    Attributes:
        name: Terraform name of the data source; default ``<id of the lookup>_messages``.
        limit: How many at most, 1 to 100.
        order: ``asc``, oldest first, or ``desc``.
        after: Id of the message after which the page starts.

    Source: API reference, get chat messages.
    """

    name: str | None = None
    limit: int | None = None
    order: Literal["asc", "desc"] | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletionsQuery:
    """Query for stored completions: ``data "openai_chat_completions"``.

    Attributes:
        name: Terraform name of the data source; default ``<id of the lookup>_recent``.
        limit: How many at most, 1 to 100.
        order: ``asc``, oldest first, or ``desc``.
        after: Id of the completion after which the page starts.
        model: Only completions of this model. The public provider accepts the filter but ignores it.
        metadata: Only completions with all of these pairs: up to 16, with keys of up to 64 and values of up
            to 512 characters.

    Source: API reference, list chat completions.
    """

    name: str | None = None
    limit: int | None = None
    order: Literal["asc", "desc"] | None = None
    after: str | None = None
    model: str | None = None
    metadata: Mapping[str, str] | None = None


def query_arguments(
    checks: Checks, argument: str, query: MessagesQuery | CompletionsQuery, block: Block
) -> dict[str, object]:
    """Return the arguments of a list data source, and note all their problems."""
    given = {it.name: getattr(query, it.name) for it in fields(query) if it.name != "name"}
    for name, value in given.items():
        checks.attribute(f"{argument}.{name}", value, block.attributes[name])
    return {name: value for name, value in given.items() if value is not None}
