"""Requests to the model, read from the JSON of a stack."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any, Final

from openai_constructs.schema import COMPAT, NATIVE, Edition
from openai_constructs.testing.blocks import MODULE, Block
from openai_constructs.testing.instances import Instance, instances
from openai_constructs.testing.json_text import read_json
from openai_constructs.testing.requests import as_blocks, request_of
from openai_constructs.values.content_parts import File, Image
from openai_constructs.values.formats import ResponseFormat
from openai_constructs.values.function_call import FunctionCall
from openai_constructs.values.functions import NO_PARAMETERS, Function
from openai_constructs.values.messages import Message
from openai_constructs.values.tools import CustomTool, Tool, ToolCall

__all__ = ["Chat", "all_chats", "chats_in", "find_chat"]

_TYPE: Final = "openai_chat_completion"
_QUESTION: Final = frozenset(
    {"model", "messages", "functions", "function_call", "tools", "tool_choice", "response_format"}
)
_SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class Chat:
    """A request to the model as Terraform reads it: without escapes, and in Unicode form NFC.

    A text with references that Terraform will resolve is a `Text` with ``${...}``; use `reference` to expect
    one.

    Attributes:
        address: Address of the module call or resource, with the key of its instance:
            ``module.faq["install"]``.
        model: The model.
        function_call: ``auto``, ``none``, or the name of a function; ``None`` if it is not set.
        tool_choice: ``auto``, ``none``, ``required``, or the name of a tool; ``None`` if it is not set.
        parameters: All other arguments that are set: ``temperature``, ``max_tokens``, ``metadata``, ...
    """

    address: str
    model: str
    function_call: str | None
    tool_choice: str | None
    parameters: Mapping[str, Any]
    _edition: Edition = field(repr=False)
    _body: Mapping[str, Any] = field(repr=False)
    _base_url: str | None = field(repr=False, compare=False)
    _shown: str = field(repr=False, compare=False)

    @property
    def messages(self) -> tuple[Message, ...]:
        """The messages of the conversation.

        Raises:
            AssertionError: If the messages are an expression, which only Terraform can resolve.
        """
        return tuple(_message(it) for it in self._known("messages"))

    @property
    def functions(self) -> tuple[Function, ...]:
        """The functions that the model may call; the JSON of their parameters is parsed.

        Raises:
            AssertionError: If they are an expression.
        """
        return tuple(
            Function(it["name"], it.get("description"), read_json(it["parameters"]))
            for it in self._known("functions")
        )

    @property
    def tools(self) -> tuple[Tool | CustomTool, ...]:
        """The tools that the model may call, native provider; the JSON of their parameters is parsed.

        Raises:
            AssertionError: If they are an expression.
        """
        return tuple(_tool(it) for it in self._known("tools"))

    @property
    def response_format(self) -> ResponseFormat | None:
        """The format of the answer, native provider; the JSON of its schema is parsed.

        Raises:
            AssertionError: If it is an expression.
        """
        for it in self._known("response_format"):
            schema = it.get("schema")
            parsed = None if schema is None else read_json(schema)
            return ResponseFormat(it["type"], it.get("name"), parsed, it.get("description"), it.get("strict"))
        return None

    def request(self) -> dict[str, Any]:
        """Return the body of the HTTP request, made by the request code of the stack's own provider.

        The public provider adds its defaults, and drops zeros, false and empty values. The native provider
        sends what is set, and ``store`` unless the host is not known to support ``store: false``.
        References stay as they are. The label that the native provider adds to the metadata of stored
        completions is not included.

        Raises:
            AssertionError: If nothing would be sent: a JSON text is invalid, the messages are an expression,
                or the completion is imported.
            ImportError: If the extra ``local`` is not installed.
        """
        __tracebackhide__ = True
        if self._body.get("imported") is True:
            raise AssertionError(f"{self.address}: it is imported, so the provider sends no request for it.")
        for name in self._edition.chat_completion.blocks:
            self._known(name)
        try:
            return request_of(self._edition, self._body, self._base_url)
        except ValueError as error:
            raise AssertionError(f"{self.address}: {error}") from error

    def _known(self, name: str) -> list[dict[str, Any]]:
        """Return the blocks with a name.

        Raises:
            AssertionError: If they are an expression.
        """
        __tracebackhide__ = True
        inner = as_blocks(self._body.get(name))
        if name in self._body.get("dynamic", {}) or not all(isinstance(it, dict) for it in inner):
            raise AssertionError(
                f"{self._shown}: only Terraform knows its {name}, so there is nothing to compare."
            )
        return inner


def find_chat(
    blocks: Sequence[Block], configuration: Mapping[str, Any], files: Mapping[str, Any], name: str
) -> Chat:
    """Return the chat with a name, an address, or the path of its construct.

    Raises:
        AssertionError: If there is none, there are several, or its messages are an expression.
    """
    __tracebackhide__ = True
    chats = [it for block in blocks if _is_chat(block) for it in instances(block, files)]
    found = [it for it in chats if name in it.names or it.block.is_named(name) or it.block.address == name]
    if len(found) == 1:
        chat = _chat(found[0], configuration)
        chat._known("messages")
        return chat
    if found:
        raise AssertionError(f"Several chats are named {name!r}. Use an address: {_listed(found)}.")
    there = f"The stack has: {_listed(chats)}." if chats else "The stack has no chats."
    close = get_close_matches(name, [it.block.name + it.suffix for it in chats], n=1)
    raise AssertionError(
        f"There is no chat {name!r}. {there}" + (f" Did you mean {close[0]!r}?" if close else "")
    )


def all_chats(
    blocks: Sequence[Block], configuration: Mapping[str, Any], files: Mapping[str, Any]
) -> dict[str, Chat]:
    """Return all chats by address.

    Raises:
        AssertionError: If there is none.
    """
    __tracebackhide__ = True
    chats = chats_in(blocks, configuration, files)
    if not chats:
        raise AssertionError("The stack has no chats.")
    return chats


def chats_in(
    blocks: Sequence[Block], configuration: Mapping[str, Any], files: Mapping[str, Any]
) -> dict[str, Chat]:
    """Return all chats by address; there may be none."""
    return {
        it.address: _chat(it, configuration)
        for block in blocks
        if _is_chat(block)
        for it in instances(block, files)
    }


def _listed(chats: Sequence[Instance]) -> str:
    more = [f"and {len(chats) - _SHOWN} more"] if len(chats) > _SHOWN else []
    return ", ".join([*map(str, chats[:_SHOWN]), *more])


def _is_chat(block: Block) -> bool:
    return block.type == _TYPE or (block.kind is MODULE and {"model", "messages"} <= block.body.keys())


def _chat(instance: Instance, configuration: Mapping[str, Any]) -> Chat:
    edition, body = _edition_of(instance.block, configuration), instance.body
    names = edition.chat_completion.arguments - _QUESTION
    return Chat(
        address=instance.address,
        model=body.get("model", ""),
        function_call=body.get("function_call"),
        tool_choice=body.get("tool_choice"),
        parameters=MappingProxyType({name: it for name, it in body.items() if name in names}),
        _edition=edition,
        _body=body,
        _base_url=_base_url_of(instance.block, configuration),
        _shown=str(instance),
    )


def _edition_of(block: Block, configuration: Mapping[str, Any]) -> Edition:
    """Return the edition of a block's provider, by its local name in ``required_providers``."""
    local_name, _ = _provider_of(block)
    required = configuration.get("terraform", {}).get("required_providers", {})
    for providers in as_blocks(required):
        if providers.get(local_name, {}).get("source") == NATIVE.source:
            return NATIVE
    return COMPAT


def _base_url_of(block: Block, configuration: Mapping[str, Any]) -> str | None:
    """Return the API address in the provider block of a block, or ``None``."""
    local_name, alias = _provider_of(block)
    for it in as_blocks(configuration.get("provider", {}).get(local_name)):
        url = it.get("base_url") or it.get("api_url")
        if it.get("alias") == alias and isinstance(url, str) and "${" not in url:
            return url
    return None


def _provider_of(block: Block) -> tuple[str, str | None]:
    """Return local name and alias of a block's provider."""
    if block.kind is MODULE:
        reference = block.body.get("providers", {}).get("openai", "openai")
    else:
        reference = block.body.get("provider", "openai")
    local_name, _, alias = re.sub(r"^\$\{|\}$", "", reference).partition(".")
    return local_name, alias or None


def _message(block: Mapping[str, Any]) -> Message:
    (call,) = as_blocks(block.get("function_call")) or [None]
    parts = as_blocks(block.get("content_parts"))
    return Message(
        block.get("role", ""),
        block.get("content") or "",
        block.get("name"),
        None if call is None else FunctionCall(call["name"], call["arguments"]),
        _tool_calls(as_blocks(block.get("tool_calls"))) or None,
        block.get("tool_call_id"),
        images=tuple(_image(it) for it in parts if it.get("image_url") is not None),
        files=tuple(_file(it) for it in parts if it.get("image_url") is None),
    )


def _image(part: Mapping[str, Any]) -> Image:
    return Image(part["image_url"], part.get("detail"))


def _file(part: Mapping[str, Any]) -> File:
    return File(part.get("file_id") or part["file_data"], part.get("filename"))


def _tool_calls(blocks: Iterable[Mapping[str, Any]]) -> list[ToolCall]:
    return [
        ToolCall(it["id"], function["name"], function["arguments"], it.get("type"))
        for it in blocks
        for function in as_blocks(it["function"])
    ]


def _tool(block: Mapping[str, Any]) -> Tool | CustomTool:
    if block.get("type") == "custom":
        return CustomTool(block["name"], block.get("description"), block.get("grammar"), block.get("syntax"))
    parameters = block.get("parameters")
    parsed = NO_PARAMETERS if parameters is None else read_json(parameters)
    return Tool(block["name"], block.get("description"), parsed, block.get("strict"))
