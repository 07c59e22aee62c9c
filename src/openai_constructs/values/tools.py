"""Tools that the model may call, the successor of functions. Only the native provider supports them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from openai_constructs.schema import NATIVE, Attribute
from openai_constructs.values.checks import Checks
from openai_constructs.values.functions import NO_PARAMETERS, Function, check_parameters
from openai_constructs.values.tokens import copied, has_token

__all__ = [
    "CustomTool",
    "Tool",
    "ToolCall",
    "ToolChoice",
    "ToolLike",
    "tool_arguments",
    "tool_call_arguments",
]

_TOOL: Final = NATIVE.chat_completion.blocks["tools"]
_CALL: Final = NATIVE.chat_completion.blocks["messages"].blocks["tool_calls"]
_CALLED: Final = _CALL.blocks["function"].attributes
_WORDS: Final = ("auto", "none", "required")


@dataclass(frozen=True, slots=True)
class Tool:
    """A function tool: block ``tools`` of ``openai_chat_completion``, native provider.

    The construct that uses the tool checks it, so that errors can name the argument.

    Attributes:
        name: ``[a-zA-Z0-9_-]{1,64}``.
        description: What the tool does and when to call it.
        parameters: JSON schema of the arguments, ``{"type": "object", ...}``, as a dict or JSON text. If
            omitted, the tool has no parameters. A dict is copied.
        strict: Whether the arguments must match the schema exactly. If so, the schema needs all properties in
            ``required``, and ``"additionalProperties": false``.

    Source: API reference, create chat completion, ``tools``.
    """

    name: str
    description: str | None = None
    parameters: Mapping[str, object] | str = field(default_factory=lambda: NO_PARAMETERS)
    strict: bool | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "parameters", copied(self.parameters))

    def __hash__(self) -> int:
        return hash((self.name, self.description, self.strict))

    @classmethod
    def of(
        cls,
        source: Callable[..., object] | type,
        *,
        name: str | None = None,
        description: str | None = None,
        strict: bool | None = None,
    ) -> Tool:
        """Describe a Python callable or a class with fields, as ``Function.of`` does.

        Args:
            source: The callable, pydantic model, dataclass or ``TypedDict``.
            name: Name of the tool; default: the name of the callable or class.
            description: What the tool does; default: from the docstring.
            strict: Whether the arguments must match the schema exactly. If so, the schema gets the form of
                strict mode: all properties are required, and there are no additional properties or defaults.

        Raises:
            InvalidInputError: If ``source`` is none of these, has parameters that JSON cannot represent, or,
                with ``strict``, parameters without a strict form: dicts, ``Any``, tuples.
        """
        from openai_constructs.values.introspection import describe

        described = describe(source, name, maker="Tool.of", strict=bool(strict))
        return cls(described.name, description or described.description, described.parameters, strict)


@dataclass(frozen=True, slots=True)
class CustomTool:
    """A tool whose input is a text instead of arguments: block ``tools``, native provider.

    The construct that uses the tool checks it, so that errors can name the argument.

    Attributes:
        name: ``[a-zA-Z0-9_-]{1,64}``.
        description: What the tool does and when to call it.
        grammar: Grammar of the input; default: any text.
        syntax: Syntax of the grammar: ``lark`` (default) or ``regex``.

    Source: API reference, create chat completion, ``tools``, custom tool.
    """

    name: str
    description: str | None = None
    grammar: str | None = None
    syntax: Literal["lark", "regex"] | None = None


ToolLike = Tool | CustomTool | Function | Mapping[str, object]
"""A ``Tool``, a ``CustomTool``, a ``Function``, or a dict in the shape of the OpenAI SDK's tools."""


@dataclass(frozen=True, slots=True)
class ToolChoice:
    """Choice of the tool to call: argument ``tool_choice``, native provider.

    Attributes:
        value: ``auto``, ``none``, ``required``, or the name of a tool.

    Source: API reference, create chat completion, ``tool_choice``.
    """

    value: str

    @classmethod
    def auto(cls) -> ToolChoice:
        """Let the model decide."""
        return cls("auto")

    @classmethod
    def none(cls) -> ToolChoice:
        """Forbid tool calls."""
        return cls("none")

    @classmethod
    def required(cls) -> ToolChoice:
        """Require a call of any tool."""
        return cls("required")

    @classmethod
    def of(cls, tool: Tool | CustomTool | Function | str) -> ToolChoice:
        """Require a call of this tool, given as an object or by name."""
        return cls(tool if isinstance(tool, str) else tool.name)


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool call of the model in an earlier turn: block ``messages.tool_calls``, native provider.

    Attributes:
        id: Id of the call, which the message with the result repeats.
        name: Name of the tool.
        arguments: The arguments, as the model's JSON text; for a custom tool, its input.
        type: ``function`` (default) or ``custom``.
    """

    id: str
    name: str
    arguments: str
    type: Literal["function", "custom"] | None = None


def tool_arguments(
    checks: Checks, tools: object, tool_choice: object
) -> tuple[list[dict[str, object]], str | None]:
    """Return the blocks ``tools`` and the ``tool_choice`` of a request, and note all their problems."""
    given = () if tools is None else checks.sequence("tools", tools, _TOOL.limits, "tools")
    blocks = [_tool(checks, f"tools[{index}]", it) for index, it in enumerate(given)]
    allowed: list[str] = list(_WORDS)
    for index, block in enumerate(blocks):
        if isinstance(name := block.get("name"), str):
            if name in allowed:
                allowed_names = f"used once, and not {', '.join(_WORDS)}"
                checks.refuse(f"tools[{index}].name", name, allowed_names, "Rename it.")
            allowed.append(name)
    choice = tool_choice.value if isinstance(tool_choice, ToolChoice) else tool_choice
    unknown = any(has_token(it) for it in [*allowed, choice] if isinstance(it, str))
    is_allowed = isinstance(choice, str) and choice in allowed
    if choice is not None and not unknown and not is_allowed:
        checks.refuse(
            "tool_choice", choice, f"one of {', '.join(allowed)}", "Use the name of an entry of tools."
        )
    return blocks, choice if isinstance(choice, str) else None


def _tool(checks: Checks, argument: str, value: object) -> dict[str, object]:
    tool = _of_sdk(value) if isinstance(value, Mapping) else value
    if isinstance(tool, Function):
        tool = Tool(tool.name, tool.description, tool.parameters)
    if isinstance(tool, CustomTool):
        return _custom_tool(checks, argument, tool)
    if not isinstance(tool, Tool):
        checks.refuse(
            argument, value, "a Tool, a CustomTool, or a dict of one", "Use Tool(...) or Tool.of(...)."
        )
        return {}
    block: dict[str, object] = {
        "name": tool.name,
        "description": tool.description,
        "strict": tool.strict,
    }
    for name, it in block.items():
        checks.attribute(f"{argument}.{name}", it, _TOOL.attributes[name])
    check_parameters(checks, f"{argument}.parameters", tool.parameters, strict=tool.strict)
    block["parameters"] = tool.parameters
    return {name: it for name, it in block.items() if it is not None}


def _custom_tool(checks: Checks, argument: str, tool: CustomTool) -> dict[str, object]:
    block: dict[str, object] = {
        "name": tool.name,
        "description": tool.description,
        "type": "custom",
        "grammar": tool.grammar,
        "syntax": tool.syntax,
    }
    for name, value in block.items():
        checks.attribute(f"{argument}.{name}", value, _TOOL.attributes[name])
    if tool.syntax is not None and tool.grammar is None:
        checks.refuse(f"{argument}.syntax", tool.syntax, "omitted without a grammar", "Set grammar.")
    return {name: value for name, value in block.items() if value is not None}


def _of_sdk(value: Mapping[str, Any]) -> Tool | CustomTool | None:
    match value:
        case {"type": "function", "function": Mapping() as inner}:
            value = inner
        case {"type": "custom", "custom": Mapping() as inner}:
            return _of_sdk_custom(inner)
        case _:
            pass
    if not set(value) <= {"name", "description", "parameters", "strict"}:
        return None
    fields = (value.get("name"), value.get("description"), value.get("parameters") or NO_PARAMETERS)
    return Tool(*fields, value.get("strict"))  # type: ignore[arg-type]  # checked later


def _of_sdk_custom(value: Mapping[str, Any]) -> CustomTool | None:
    if not {"name"} <= value.keys() <= {"name", "description", "format"}:
        return None
    name, description = value["name"], value.get("description")
    match value.get("format"):
        case None:
            return CustomTool(name, description)
        case {"type": str("text"), **rest} if not rest:
            return CustomTool(name, description)
        case {"type": str("grammar"), "grammar": {"definition": definition, "syntax": syntax}}:
            return CustomTool(name, description, definition, syntax)
        case _:
            return None


def tool_call_arguments(checks: Checks, argument: str, calls: object) -> list[dict[str, object]]:
    """Return the blocks ``tool_calls`` of a message, and note all their problems."""
    given = checks.sequence(argument, calls, _CALL.limits, "tool calls")
    return [_tool_call(checks, f"{argument}[{index}]", it) for index, it in enumerate(given)]


def _tool_call(checks: Checks, argument: str, call: object) -> dict[str, object]:
    match call:
        case ToolCall(id=id_, name=name, arguments=arguments, type=kind):
            pass
        case {"id": id_, "function": {"name": name, "arguments": arguments}}:
            kind = None
        case {"id": id_, "type": "custom", "custom": {"name": name, "input": arguments}}:
            kind = "custom"
        case _:
            checks.refuse(argument, call, "a ToolCall, or a dict in the SDK's form", "Set id and function.")
            return {}
    fields: list[tuple[str, object, Attribute]] = [
        ("id", id_, _CALL.attributes["id"]),
        ("type", kind, _CALL.attributes["type"]),
        ("name", name, _CALLED["name"]),
        ("arguments", arguments, _CALLED["arguments"]),
    ]
    for name_, value, attribute in fields:
        checks.attribute(f"{argument}.{name_}", value, attribute)
    block: dict[str, object] = {"id": id_, "function": [{"name": name, "arguments": arguments}]}
    return block if kind is None else {**block, "type": kind}
