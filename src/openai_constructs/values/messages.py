"""Chat messages: the messages of a conversation, and the current prompt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from openai_constructs.schema import COMPAT, Edition, Limits
from openai_constructs.values.checks import Checks

if TYPE_CHECKING:
    from openai_constructs.values.content_parts import FileLike, ImageLike
    from openai_constructs.values.function_call import FunctionCall
    from openai_constructs.values.tools import ToolCall

__all__ = ["Message", "MessageLike", "conversation", "message_arguments"]

_MESSAGE: Final = COMPAT.chat_completion.blocks["messages"]
_CALL: Final = _MESSAGE.blocks["function_call"]
_ANY_TEXT: Final = Limits()
_NATIVE: Final = ("tool_call_id", "tool_calls", "images", "files")
_NATIVE_FIX: Final = 'Create OpenaiProvider(self, "openai", native=True) before this.'


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation: block ``messages`` of ``openai_chat_completion``.

    Every text is literal: ``${`` and ``%{`` reach the model unchanged. A text may contain tokens of other
    constructs. The construct that uses the message checks it, so that errors can name the argument.

    Attributes:
        role: ``system``, ``user``, ``assistant``, ``function`` or ``developer``; ``tool`` with the native
            provider.
        content: Text of the message.
        name: Name of the author; with role ``function``, name of the function.
        function_call: Function call of an assistant message.
        tool_calls: Tool calls of an assistant message; native provider.
        tool_call_id: Id of the call that a message with role ``tool`` answers; native provider.
        images: Images after the text, URLs or local files; native provider.
        files: Files after the text; native provider.

    Source: API reference, create chat completion, ``messages``.
    """

    role: str
    content: str
    name: str | None = None
    function_call: FunctionCall | None = None
    tool_calls: Sequence[ToolCall] | None = None
    tool_call_id: str | None = None
    images: Sequence[ImageLike] = ()
    files: Sequence[FileLike] = ()

    @classmethod
    def system(cls, text: str, *, name: str | None = None) -> Message:
        """Create a system message, with instructions for the whole conversation."""
        return cls("system", text, name)

    @classmethod
    def user(
        cls,
        text: str,
        *,
        name: str | None = None,
        images: Sequence[ImageLike] = (),
        files: Sequence[FileLike] = (),
    ) -> Message:
        """Create a user message.

        Args:
            text: Text of the message.
            name: Name of the author.
            images: Images after the text: URLs, data URLs, paths or ``Image``; native provider.
            files: Files after the text: ids, data URLs, paths or ``File``; native provider.
        """
        return cls("user", text, name, images=images, files=files)

    @classmethod
    def assistant(
        cls,
        text: str = "",
        *,
        name: str | None = None,
        function_call: FunctionCall | None = None,
        tool_calls: Sequence[ToolCall] | None = None,
    ) -> Message:
        """Create an assistant message, with the model's answer or calls in an earlier turn."""
        return cls("assistant", text, name, function_call, tool_calls)

    @classmethod
    def function(cls, text: str, *, name: str) -> Message:
        """Create a function message, with the result (often JSON) of the function with this name."""
        return cls("function", text, name)

    @classmethod
    def tool(cls, text: str, *, tool_call_id: str) -> Message:
        """Create a tool message, with the result (often JSON) of the call with this id; native provider."""
        return cls("tool", text, tool_call_id=tool_call_id)

    @classmethod
    def developer(cls, text: str, *, name: str | None = None) -> Message:
        """Create a developer message, with instructions to a reasoning model; native provider."""
        return cls("developer", text, name)


MessageLike = Message | Mapping[str, object]
"""A ``Message``, or a dict in the shape of the OpenAI SDK's ``ChatCompletionMessageParam``."""


def message_arguments(checks: Checks, messages: object, edition: Edition = COMPAT) -> list[dict[str, object]]:
    """Return the blocks ``messages`` of a conversation, and note all its problems."""
    given = checks.sequence("messages", messages, _MESSAGE.limits, "messages")
    return [_message(checks, f"messages[{index}]", it, edition) for index, it in enumerate(given)]


def conversation(
    checks: Checks,
    *,
    messages: object,
    prompt: object,
    system: object,
    edition: Edition = COMPAT,
    takes_messages: bool = True,
) -> list[dict[str, object]]:
    """Return the blocks of a conversation, or of a ``prompt`` with an optional ``system`` message."""
    if messages is not None:
        for argument, value in (("prompt", prompt), ("system", system)):
            if value is not None:
                checks.refuse(argument, value, "omitted if messages are given", "Put it into messages.")
        return message_arguments(checks, messages, edition)
    if prompt is None:
        if takes_messages:
            checks.refuse("prompt", None, "text, unless messages are given", "Set prompt or messages.")
        else:
            checks.refuse("prompt", None, "text", "Write the text of the user message.")
    said = (("system", "system", system), ("user", "prompt", prompt))
    return [
        {"role": role, "content": text}
        for role, argument, text in said
        if text is not None and checks.text(argument, text, _ANY_TEXT)
    ]


def _message(checks: Checks, argument: str, message: object, edition: Edition) -> dict[str, object]:
    fields = _fields(checks, argument, message, edition)
    if fields is None:
        return {}
    calls = fields.get("tool_calls")
    if fields["content"] is None and (fields.get("function_call") is not None or _is_given(calls)):
        fields["content"] = ""  # the API returns null with a call, and the provider expects text
    block: dict[str, object] = {}
    for name, attribute in edition.chat_completion.blocks["messages"].attributes.items():
        value = fields.get(name)
        checks.attribute(f"{argument}.{name}", value, attribute)
        if value is not None:
            block[name] = value
    role = block.get("role")
    if role == "function" and not block.get("name"):
        checks.refuse(
            f"{argument}.name", block.get("name"), "the name of the function that answered", "Set name=."
        )
    if (call := fields.get("function_call")) is not None:
        if role in ("system", "user", "function", "developer", "tool"):
            fix = "Only the assistant makes calls."
            checks.refuse(f"{argument}.function_call", call, "omitted for this role", fix)
        block["function_call"] = _call(checks, f"{argument}.function_call", call)
    if edition.is_native:
        _check_tools(checks, argument, block, calls)
        block |= _native_blocks(checks, argument, calls, fields.get("content_parts"))
    return block


def _native_blocks(checks: Checks, argument: str, calls: object, parts: Any) -> dict[str, object]:
    # Imported here, because few conversations need it.
    blocks: dict[str, object] = {}
    if calls is not None:
        from openai_constructs.values.tools import tool_call_arguments

        blocks["tool_calls"] = tool_call_arguments(checks, f"{argument}.tool_calls", calls)
    if parts:
        from openai_constructs.values.content_parts import part_arguments

        blocks["content_parts"] = part_arguments(checks, parts)
    return blocks


def _fields(checks: Checks, argument: str, message: object, edition: Edition) -> dict[str, Any] | None:
    """Return the fields of a message, and reject those that the provider does not support."""
    if isinstance(message, Mapping):
        return _of_sdk(checks, argument, message, edition)
    if not isinstance(message, Message):
        checks.refuse(
            argument,
            message,
            "a Message or a dict",
            "Use Message.user(...), Message.system(...) or another Message constructor.",
        )
        return None
    if not edition.is_native:
        for name in _NATIVE:
            value = getattr(message, name)
            if value is not None and not (isinstance(value, tuple) and not value):
                allowed = "omitted: the public provider has no such argument"
                checks.refuse(f"{argument}.{name}", value, allowed, _NATIVE_FIX)
    fields: dict[str, Any] = {
        "role": message.role,
        "content": message.content,
        "name": message.name,
        "function_call": message.function_call,
        "tool_calls": message.tool_calls,
        "tool_call_id": message.tool_call_id,
    }
    if _is_given(message.images) or _is_given(message.files):
        from openai_constructs.values.content_parts import named_parts

        fields["content_parts"] = named_parts(argument, message.images, message.files)
    return fields


def _is_given(value: object) -> bool:
    """Return whether a list is set and not empty. Other kinds of arrays may have no truth value."""
    return value is not None and not (isinstance(value, list | tuple) and not value)


def _check_tools(checks: Checks, argument: str, block: Mapping[str, object], calls: object) -> None:
    if block.get("role") == "tool" and not block.get("tool_call_id"):
        checks.refuse(f"{argument}.tool_call_id", None, "the id of the call that it answers", "Set it.")
    if _is_given(calls) and block.get("role") != "assistant":
        checks.refuse(
            f"{argument}.tool_calls", calls, "omitted for this role", "Only the assistant makes calls."
        )


def _of_sdk(checks: Checks, argument: str, message: Mapping[str, object], edition: Edition) -> dict[str, Any]:
    """Return the fields of an SDK message dict, and reject those that the provider does not support."""
    known = edition.chat_completion.blocks["messages"].arguments - {"content_parts"}
    for key, value in message.items():
        if key not in known and value is not None:
            allowed = f"omitted: the provider supports {', '.join(sorted(known))}"
            checks.refuse(f"{argument}.{key}", value, allowed, "Remove it from the dict.")
    fields: dict[str, Any] = {"content": None, **message}
    match fields.get("content"):
        case [{"type": "text", "text": str(text)}]:
            fields["content"] = text
        case list() | tuple() as parts if edition.is_native:
            fields |= _of_sdk_parts(checks, f"{argument}.content", parts)
        case list() | tuple() as parts:
            fix = "Join the parts into one text; images and files need the native provider."
            checks.refuse(f"{argument}.content", parts, "one text", fix)
            fields["content"] = ""
        case _:
            pass
    return fields


def _of_sdk_parts(checks: Checks, argument: str, parts: Sequence[Any]) -> dict[str, Any]:
    """Return the text and the other parts of SDK message content."""
    from openai_constructs.values.content_parts import sdk_part

    text = ""
    named = []
    for index, part in enumerate(parts):
        found = sdk_part(part) if isinstance(part, Mapping) else None
        if found is not None:
            named.append((f"{argument}[{index}]", found))
        elif index == 0 and isinstance(part, Mapping) and isinstance(part.get("text"), str):
            text = part["text"]
        else:
            allowed = "one text part, then parts of type image_url or file"
            checks.refuse(
                f"{argument}[{index}]", part, allowed, "Join the texts into one part, and put it first."
            )
    return {"content": text, "content_parts": named}


def _call(checks: Checks, argument: str, call: object) -> dict[str, object]:
    from openai_constructs.values.function_call import FunctionCall  # few conversations need it

    match call:
        case FunctionCall(name=name, arguments=arguments):
            fields: dict[str, object] = {"name": name, "arguments": arguments}
        case {"name": name, "arguments": arguments, **rest} if not rest:
            fields = {"name": name, "arguments": arguments}
        case _:
            checks.refuse(argument, call, "a FunctionCall, or a dict of name and arguments", "Set both.")
            return {}
    checks.text(f"{argument}.name", fields["name"], _CALL.attributes["name"].limits)
    checks.text(f"{argument}.arguments", fields["arguments"], Limits())
    return fields
