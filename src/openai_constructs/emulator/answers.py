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
        content: Text of the message; ``None`` if it only has calls.
        refusal: Text of a refusal.
        function_call: The call of a function, in answer to the deprecated ``functions``.
        tool_calls: The calls of tools.
        finish_reason: Finish reason; default: derived from the other fields.
    """

    content: str | None = None
    refusal: str | None = None
    function_call: Call | None = None
    tool_calls: tuple[Call, ...] = ()
    finish_reason: str | None = None
