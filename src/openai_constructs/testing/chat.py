"""What the model will be asked, read back from the JSON of a stack."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any, Final

from openai_constructs.schema import CHAT_COMPLETION
from openai_constructs.testing.blocks import MODULE, Block
from openai_constructs.testing.json_text import read_json
from openai_constructs.testing.text import Text, read_tree
from openai_constructs.values.function_call import FunctionCall
from openai_constructs.values.functions import Function
from openai_constructs.values.messages import Message

__all__ = ["Chat", "all_chats", "find_chat"]

_TYPE: Final = "openai_chat_completion"
_QUESTION: Final = frozenset({"model", "messages", "functions", "function_call"})
_PARAMETERS: Final = CHAT_COMPLETION.arguments - _QUESTION


@dataclass(frozen=True, slots=True)
class Chat:
    """One request to the model, as Terraform reads it: escapes undone, and in Unicode form NFC.

    What Terraform will put in is a `Text` with ``${...}`` in it; see `reference` for how to expect one.

    Attributes:
        address: The module call or resource that asks.
        model: The model.
        messages: The conversation.
        functions: What the model may call; the JSON of their parameters is parsed.
        function_call: ``auto``, ``none``, or the name of a function; ``None`` where nothing is said.
        parameters: The other arguments that are given: ``temperature``, ``max_tokens``, ``metadata``, ...
    """

    address: str
    model: str
    messages: tuple[Message, ...]
    functions: tuple[Function, ...]
    function_call: str | None
    parameters: Mapping[str, Any]

    def request(self) -> dict[str, Any]:
        """The body that the API is sent, made by the code that the embedded provider sends it with.

        It has the provider's defaults, and lacks what the provider drops: zeros, false and what is empty.
        References stand in it as they are.

        Raises:
            AssertionError: When the provider would fail before it asks: parameters that are no JSON.
            ImportError: When the extra ``local`` is not installed.
        """
        from openai_constructs.provider.compat.request import request_body
        from openai_constructs.provider.compat.wire import WireError
        from openai_constructs.provider.core.planning import plan

        try:
            body = request_body(CHAT_COMPLETION, plan(CHAT_COMPLETION, None, self._configuration()).state)
        except WireError as error:
            raise AssertionError(
                f"{self.address}: the parameters of a function are no JSON: {error}"
            ) from error
        for sent, function in zip(body.get("functions", ()), self.functions, strict=True):
            sent["parameters"] = function.parameters
        return body

    def _configuration(self) -> dict[str, Any]:
        """The arguments as the provider gets them."""
        return {
            **self.parameters,
            "model": self.model,
            "messages": [_message_block(it) for it in self.messages],
            "functions": [_function_block(it) for it in self.functions],
            "function_call": self.function_call,
        }


def find_chat(blocks: Sequence[Block], name: str) -> Chat:
    """The chat of a name, an address, or a path of a construct.

    Raises:
        AssertionError: When there is none, or there are several.
    """
    __tracebackhide__ = True
    chats = [it for it in blocks if _is_chat(it)]
    found = [it for it in chats if it.address == name or it.is_named(name)]
    if len(found) == 1:
        return _chat(found[0])
    if found:
        raise AssertionError(f"Several chats are named {name!r}. Give one address: {_listed(found)}.")
    there = f"The stack has: {_listed(chats)}." if chats else "The stack has no chats."
    close = get_close_matches(name, [it.name for it in chats], n=1)
    raise AssertionError(
        f"There is no chat {name!r}. {there}" + (f" Did you mean {close[0]!r}?" if close else "")
    )


def all_chats(blocks: Sequence[Block]) -> dict[str, Chat]:
    """Every chat by its address.

    Raises:
        AssertionError: When there is none.
    """
    __tracebackhide__ = True
    chats = {it.address: _chat(it) for it in blocks if _is_chat(it)}
    if not chats:
        raise AssertionError("The stack has no chats.")
    return chats


def _listed(blocks: Iterable[Block]) -> str:
    return ", ".join(map(str, blocks))


def _is_chat(block: Block) -> bool:
    return block.type == _TYPE or (block.kind is MODULE and {"model", "messages"} <= block.body.keys())


def _chat(block: Block) -> Chat:
    __tracebackhide__ = True
    body = read_tree(block.body)
    return Chat(
        address=block.address,
        model=body.get("model"),
        messages=tuple(_message(it) for it in _known(block, body, "messages")),
        functions=tuple(_function(it) for it in _known(block, body, "functions")),
        function_call=body.get("function_call"),
        parameters=MappingProxyType({name: it for name, it in body.items() if name in _PARAMETERS}),
    )


def _known(block: Block, body: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """The blocks of a name inside of one.

    Raises:
        AssertionError: When they are made by an expression.
    """
    __tracebackhide__ = True
    inner = body.get(name) or []
    is_written = isinstance(inner, list) and all(isinstance(it, dict) for it in inner)
    if name in body.get("dynamic", {}) or not is_written:
        raise AssertionError(f"{block}: only Terraform knows its {name}, so there is nothing to compare.")
    return list(inner)


def _message(block: Mapping[str, Any]) -> Message:
    call = block.get("function_call") or None
    (call,) = call if isinstance(call, list) else [call]  # a block of a resource, an object of a module
    made = None if call is None else FunctionCall(call["name"], call["arguments"])
    return Message(block.get("role", ""), block.get("content", ""), block.get("name"), made)


def _function(block: Mapping[str, Any]) -> Function:
    return Function(block["name"], block.get("description"), read_json(block["parameters"]))


def _message_block(message: Message) -> dict[str, Any]:
    call = message.function_call
    calls = [] if call is None else [{"name": call.name, "arguments": call.arguments}]
    return {"role": message.role, "content": message.content, "name": message.name, "function_call": calls}


def _function_block(function: Function) -> dict[str, Any]:
    is_unread = isinstance(function.parameters, str) and not isinstance(function.parameters, Text)
    parameters = function.parameters if is_unread else "{}"  # parsed ones are put in as they are
    return {"name": function.name, "description": function.description, "parameters": parameters}
