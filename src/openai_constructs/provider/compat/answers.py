"""Parse the API's completions, and convert them to Terraform's state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from openai_constructs.provider.compat.wire import Fields, WireError, parse
from openai_constructs.provider.core.blocks import State

__all__ = [
    "Answer",
    "Call",
    "Choice",
    "Completion",
    "choices_state",
    "parse_completion",
    "read_answer",
    "read_completion",
]


@dataclass(frozen=True, slots=True)
class Call:
    """A function call of the model."""

    name: str
    arguments: str

    @property
    def state(self) -> State:
        """Convert the call to a block of the state."""
        return {"name": self.name, "arguments": self.arguments}


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool call of the model."""

    id: str
    type: str
    function: Call | None

    @property
    def state(self) -> State:
        """Convert the call to a block of the state."""
        return {"id": self.id, "type": self.type, "function": _at_most_one(self.function)}


@dataclass(frozen=True, slots=True)
class Answer:
    """A message. Null fields are empty texts, as in the public provider."""

    role: str
    content: str
    name: str
    function_call: Call | None
    tool_calls: Sequence[ToolCall]

    @property
    def state(self) -> State:
        """Convert the message to a block of the state, without its name."""
        return {"role": self.role, "content": self.content, "function_call": _at_most_one(self.function_call)}


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice of a completion."""

    index: int
    message: Answer
    finish_reason: str


@dataclass(frozen=True, slots=True)
class Completion:
    """A chat completion."""

    id: str
    object: str
    created: int
    model: str
    choices: Sequence[Choice]
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int

    @property
    def usage(self) -> State:
        """Convert the token counts to an attribute of the state."""
        return {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "total_tokens": self.total_tokens,
        }


def parse_completion(text: str, *, with_tools: bool = False) -> Completion:
    """Parse a completion from a response of the API; only one data source reads tool calls.

    Raises:
        WireError: If the response is not a completion.
    """
    return read_completion(parse(text, "ChatCompletionResponse"), with_tools=with_tools)


def read_completion(fields: Fields, *, with_tools: bool = False) -> Completion:
    """Read a completion with strict types."""

    def choice(it: Fields) -> Choice:
        message = read_answer(it.one("message", "ChatCompletionMessage"), with_tools=with_tools)
        return Choice(it.whole("index"), message, it.text("finish_reason"))

    usage = fields.one("usage", "ChatCompletionUsage")
    return Completion(
        id=fields.text("id"),
        object=fields.text("object"),
        created=fields.whole("created"),
        model=fields.text("model"),
        choices=fields.many("choices", "ChatCompletionChoice", choice),
        prompt_tokens=usage.whole("prompt_tokens"),
        completion_tokens=usage.whole("completion_tokens"),
        total_tokens=usage.whole("total_tokens"),
    )


def read_answer(fields: Fields, *, with_tools: bool = False) -> Answer:
    """Read a message with strict types: content as a list of parts is an error."""
    return Answer(
        role=fields.text("role"),
        content=fields.text("content"),
        name=fields.text("name"),
        function_call=_read_call(fields.maybe("function_call", "ChatFunctionCall")),
        tool_calls=fields.many("tool_calls", "ChatToolCall", _read_tool_call) if with_tools else (),
    )


def choices_state(choices: Sequence[Choice], *, with_tools: bool = False, refuses_names_at: str = "") -> Any:
    """Convert choices to blocks of the state.

    Args:
        choices: The choices.
        with_tools: Whether the block has an attribute for tool calls.
        refuses_names_at: Attribute that the public provider names in its error about a message with a name,
            for which the block has no attribute.

    Raises:
        WireError: If a message has such a name.
    """
    return [_choice_state(it, n, with_tools, refuses_names_at) for n, it in enumerate(choices)]


def _choice_state(choice: Choice, number: int, with_tools: bool, refuses_names_at: str) -> State:
    message = choice.message
    if message.name and refuses_names_at:
        steps = [*refuses_names_at.split("."), str(number), "message", "0", "name"]
        listed = ", ".join(f'"{step}"' for step in steps)
        raise WireError(f"Invalid address to set: []string{{{listed}}}")
    state = message.state
    if with_tools:
        state["tool_calls"] = [it.state for it in message.tool_calls]
    return {"index": choice.index, "finish_reason": choice.finish_reason, "message": [state]}


def _read_tool_call(fields: Fields) -> ToolCall:
    function = _read_call(fields.maybe("function", "ChatFunctionDef"))
    return ToolCall(fields.text("id"), fields.text("type"), function)


def _read_call(fields: Fields | None) -> Call | None:
    return None if fields is None else Call(fields.text("name"), fields.text("arguments"))


def _at_most_one(call: Call | None) -> list[State]:
    return [] if call is None else [call.state]
