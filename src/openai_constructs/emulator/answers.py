"""A scripted or generated answer, before it is wrapped in the API's object."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Answer", "Call"]


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a function or tool.

    Attributes:
        name: Name of the function or tool.
        arguments: JSON text of an object; any text for a custom tool.
        custom: Whether it calls a custom tool.
    """

    name: str
    arguments: str
    custom: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Content of one choice.

    Attributes:
        content: Its text; ``None`` if it only has calls.
        refusal: Why the model refuses.
        function_call: The call of a function, in answer to the deprecated ``functions``.
        tool_calls: The calls of tools.
        finish_reason: Why it ended; derived from the other fields if not set.
    """

    content: str | None = None
    refusal: str | None = None
    function_call: Call | None = None
    tool_calls: tuple[Call, ...] = ()
    finish_reason: str | None = None
