"""An answer, scripted or generated, before it is wrapped into the API's object."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Answer", "Call"]


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a function or tool.

    Attributes:
        name: What is called.
        arguments: JSON text of an object; any text for a custom tool.
        custom: It is a custom tool's.
    """

    name: str
    arguments: str
    custom: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Content of one choice.

    Attributes:
        content: Its text; ``None`` where it only calls.
        refusal: Why the model refuses.
        function_call: The call of the old ``functions`` way.
        tool_calls: The calls of tools.
        finish_reason: Why it ended; by default what follows from the rest.
    """

    content: str | None = None
    refusal: str | None = None
    function_call: Call | None = None
    tool_calls: tuple[Call, ...] = ()
    finish_reason: str | None = None
