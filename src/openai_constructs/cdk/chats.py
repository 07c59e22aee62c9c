"""L2 constructs that are calls of the packaged module ``chat_completion``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Unpack

from constructs import Construct

from openai_constructs.cdk.annotations import request_warnings
from openai_constructs.cdk.bindings.base import Flag
from openai_constructs.cdk.calls import ModuleCall
from openai_constructs.cdk.context import ConstructContext
from openai_constructs.cdk.creation import without_overrides
from openai_constructs.cdk.parameters import ChatOptions, refuse_unknown
from openai_constructs.cdk.readers import ModuleReader, Reader
from openai_constructs.cdk.results import ChatOutputs, ResultList, ToolCallResult, require_native, tool_calls
from openai_constructs.cdk.scopes import Scope
from openai_constructs.cdk.text import render
from openai_constructs.values.functions import FunctionLike
from openai_constructs.values.messages import Message, MessageLike
from openai_constructs.values.request import request_arguments, to_native_arguments

__all__ = ["BasicChat", "Chat", "FunctionCallingChat", "MultiTurnChat"]


class Chat(ChatOutputs, ModuleCall):
    """Abstract base class of chats: a call of the module, with typed access to its outputs.

    Use ``BasicChat``, ``MultiTurnChat`` or ``FunctionCallingChat``.
    """

    _path = ""
    _parent: Construct
    _scope: Scope
    _request: Mapping[str, Any]
    _options: ChatOptions
    _is_native: bool

    @property
    def tool_calls(self) -> ResultList[ToolCallResult]:
        """The tool calls of the first answer; native provider.

        Raises:
            InvalidInputError: With the public provider, which does not support tools.
        """
        return tool_calls(self, is_native=self._is_native, path="tool_calls")

    @property
    def refusal(self) -> str:
        """Text of the first answer if the model refused, else null; native provider.

        Raises:
            InvalidInputError: With the public provider, which does not return it.
        """
        require_native(self, "refusal", is_native=self._is_native)
        return self._reader.string("refusal")

    @property
    def store(self) -> Flag | None:
        """The argument ``store``."""
        return self._options.get("store")

    @property
    def _reader(self) -> Reader:
        return ModuleReader(self)

    def _make(self, context: ConstructContext, given: Mapping[str, Any], options: ChatOptions) -> None:
        refuse_unknown(self, options, ChatOptions)
        request = {**given, **options}
        call = self._take_call_options(context, request)
        edition = context.state.edition
        self._is_native = edition.is_native
        if self._is_native:
            request = to_native_arguments(request, context.idempotency_key)
        arguments = request_arguments(context.checks, request, edition)
        with context.raise_or_create():
            original, rendered = render(arguments)
            warnings = request_warnings(original, context.state)
            self._create(context, rendered, call, warnings)
        self._parent = context.parent
        self._request, self._options = original, options


class _Conversation(Chat):
    """A chat that can be continued."""

    def reply(
        self, id_: str, prompt: str, *, model: str | None = None, **options: Unpack[ChatOptions]
    ) -> MultiTurnChat:
        """Continue the conversation after the model's real answer.

        The next turn has this chat's messages, a reference to its answer, and the new prompt. Terraform
        resolves the reference, so a changed answer changes the next turn too.

        Args:
            id_: Terraform name of the next turn.
            prompt: Text of the user's next message.
            model: Id of the model; default: this chat's model.
            options: Parameters and options that differ from this chat's.

        Raises:
            InvalidInputError: With all problems of the arguments.
        """
        messages = [*self._request["messages"], Message.assistant(self.content), Message.user(prompt)]
        merged: ChatOptions = {**self._options, **options}
        asked = self._request["model"] if model is None else model
        return MultiTurnChat(self._parent, id_, model=asked, messages=messages, **merged)


@without_overrides
class BasicChat(_Conversation):
    """A single prompt to the model: ``module "<id>"`` with a system message and a user message.

    Source: API reference, create chat completion; the packaged module ``chat_completion``.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        model: str,
        prompt: str,
        system: str | None = None,
        **options: Unpack[ChatOptions],
    ) -> None:
        """Create a call of the module that sends the prompt.

        Args:
            scope: The stack, or a construct in it.
            id_: Name of the module call if the scope is the stack; else part of the name.
            model: Id of the model; any text.
            prompt: Text of the user message.
            system: Text of the system message, with instructions to the model.
            options: Parameters of the request and of the module call, see ``ChatOptions``.

        Raises:
            InvalidInputError: With all problems of the arguments.
        """
        self._make(
            ConstructContext(scope, id_), {"model": model, "prompt": prompt, "system": system}, options
        )


@without_overrides
class MultiTurnChat(_Conversation):
    """A conversation of several messages: ``module "<id>"`` with all of them.

    Source: API reference, create chat completion; the packaged module ``chat_completion``.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        model: str,
        messages: Sequence[MessageLike],
        **options: Unpack[ChatOptions],
    ) -> None:
        """Create a call of the module that sends the conversation.

        Args:
            scope: The stack, or a construct in it.
            id_: Name of the module call if the scope is the stack; else part of the name.
            model: Id of the model; any text.
            messages: Messages of the conversation, oldest first; at least one.
            options: Parameters of the request and of the module call, see ``ChatOptions``.

        Raises:
            InvalidInputError: With all problems of the arguments.
        """
        self._make(ConstructContext(scope, id_), {"model": model, "messages": messages}, options)


@without_overrides
class FunctionCallingChat(Chat):
    """A chat that offers functions to the model: ``module "<id>"`` with functions.

    The native provider sends the functions as tools. `function_name` and `function_arguments` read the
    model's call with either provider.

    Source: API reference, create chat completion; the packaged module ``chat_completion``.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        model: str,
        functions: Sequence[FunctionLike],
        messages: Sequence[MessageLike] | None = None,
        prompt: str | None = None,
        system: str | None = None,
        function_call: str = "auto",
        **options: Unpack[ChatOptions],
    ) -> None:
        """Create a call of the module that sends the messages and the functions.

        Args:
            scope: The stack, or a construct in it.
            id_: Name of the module call if the scope is the stack; else part of the name.
            model: Id of the model; any text.
            functions: Functions that the model may call, 1 to 128.
            messages: Messages of the conversation, oldest first; an alternative to ``prompt`` and ``system``.
            prompt: Text of the user message.
            system: Text of the system message, with instructions to the model.
            function_call: ``auto``, ``none``, or the name of the function to call.
            options: Parameters of the request and of the module call, see ``ChatOptions``.

        Raises:
            InvalidInputError: With all problems of the arguments.
        """
        given = {
            "model": model,
            "messages": messages,
            "prompt": prompt,
            "system": system,
            "functions": functions,
            "function_call": function_call,
        }
        self._make(ConstructContext(scope, id_), given, options)
