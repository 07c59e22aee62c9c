"""Typed access to what a completion returned: each read is a token that Terraform resolves.

A result is read from a whole element, from one instance of an element with ``count`` or ``for_each``, or
from an output of a module. The classes here say which attributes there are, the readers how to refer to
them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, Generic, Self, TypeVar, overload

from openai_constructs.cdk.engine import cdk
from openai_constructs.cdk.expressions import Resolvable, index_of
from openai_constructs.cdk.readers import Reader
from openai_constructs.values.checks import Checks

__all__ = [
    "Annotation",
    "AnswerMessage",
    "ChatOutputs",
    "ChatResult",
    "Choice",
    "FunctionCallResult",
    "FunctionResult",
    "ListedMessage",
    "ResultList",
    "Results",
    "StoredChatCompletion",
    "ToolCallResult",
    "Usage",
    "nested",
    "number",
    "require_native",
    "string",
    "tool_calls",
    "usage_map",
    "value",
]

T = TypeVar("T")
R = TypeVar("R", bound="Results")


class Results(Resolvable):
    """A part of what was returned. Given as a value it stands for the whole part."""

    def __init__(self, reader: Reader, path: str = "") -> None:
        self._reader, self._path = reader, path

    @cached_property
    def _whole(self) -> Any:
        return self._reader.value(self._path)

    def resolve(self, context: cdk.IResolveContext) -> Any:
        """What stands in the JSON for it."""
        # One reference for all times it is asked: between stacks the engine prepares a reference first, and
        # resolves the same one later.
        return self._whole


class ResultList(Results, Generic[R]):
    """A list of parts, read by position: ``choices[0]``."""

    def __init__(self, reader: Reader, path: str, item: type[R]) -> None:
        super().__init__(reader, path)
        self._item = item

    @cached_property
    def _whole(self) -> Any:
        return self._reader.whole_list(self._path)

    def __getitem__(self, index: int) -> R:
        """The part at a position.

        Raises:
            InvalidInputError: When the position is no int from 0; Terraform has no negative positions.
        """
        return self._item(self._reader, f"{self._path}{index_of(index, self._path)}")

    __iter__ = None  # how many there are is known only to Terraform


class _Read(Generic[T]):
    """An attribute that is read when it is asked for.

    Each has its text as a literal below it, where editors and the API reference find it.
    """

    def __init__(self, read: Callable[[Reader, str], T], name: str | None = None) -> None:
        self._read, self._name = read, name

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = self._name or name

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: Any, owner: type) -> T: ...
    def __get__(self, instance: Any, owner: type) -> Self | T:
        if instance is None:
            return self
        path = f"{instance._path}.{self._name}" if instance._path else self._name or ""
        return self._read(instance._reader, path)

    def __set__(self, instance: Any, value: object) -> None:
        # Without this an assignment would look as if it worked, and change nothing in the JSON.
        raise AttributeError(
            f"{self._name} is what Terraform will know of it; give it at construction, or use "
            f"add_override({self._name!r}, ...)"
        )


def string(*, name: str | None = None) -> _Read[str]:
    """An attribute that is text."""
    return _Read(lambda reader, path: reader.string(path), name)


def number() -> _Read[float]:
    """An attribute that is a number."""
    return _Read(lambda reader, path: reader.number(path))


def value() -> _Read[Results]:
    """An attribute of another type: a bool, a list or a map of plain values."""
    return _Read(Results)


def nested(item: type[R]) -> _Read[ResultList[R]]:
    """An attribute that is a list of parts."""
    return _Read(lambda reader, path: ResultList(reader, path, item))


class FunctionCallResult(Results):
    """A call the model asks for."""

    name = string()
    """Name of the function."""
    arguments = string()
    """Arguments, as the JSON text the model wrote."""


class FunctionResult(Results):
    """A function that was offered."""

    name = string()
    """Its name."""
    description = string()
    """What it does."""
    parameters = string()
    """JSON schema of its arguments, as text."""


class ToolCallResult(Results):
    """A tool call the model asks for."""

    id = string()
    """Id of the call."""
    type = string()
    """Type of the tool: ``function`` or ``custom``."""
    name = string(name="function[0].name")
    """Name of the tool."""
    arguments = string(name="function[0].arguments")
    """Arguments, as the JSON text the model wrote; the input of a custom tool."""
    function = nested(FunctionCallResult)
    """The call as the state has it, a list of one."""


class Annotation(Results):
    """A source that an answer cites."""

    type = string()
    """Its type: ``url_citation``."""
    url = string()
    """URL of the source."""
    title = string()
    """Title of the source."""
    start_index = number()
    """Position in the text where the citation begins, from 0."""
    end_index = number()
    """Position in the text where the citation ends."""


class AnswerMessage(Results):
    """The message of an answer."""

    role = string()
    """Its author: ``assistant``."""
    content = string()
    """Its text."""
    function_call = nested(FunctionCallResult)
    """The call it makes, a list of at most one."""
    tool_calls = nested(ToolCallResult)
    """The tool calls it makes; native provider, and lookups of the public one."""
    refusal = string()
    """Text if the model refused, else null; native provider."""
    annotations = nested(Annotation)
    """The sources it cites; native provider."""


class Choice(Results):
    """One answer."""

    index = number()
    """Its position, from 0."""
    finish_reason = string()
    """Why it ended: ``stop``, ``length``, ``tool_calls``, ``function_call`` or ``content_filter``."""
    logprobs = string()
    """Log probabilities of its tokens as JSON text, null if not requested; native provider."""
    message = nested(AnswerMessage)
    """Its message, a list of one."""


class ListedMessage(AnswerMessage):
    """One message of a stored completion."""

    name = string()
    """Name of its author."""
    tool_call_id = string()
    """Id of the call that it answers; native provider."""


class Usage(Results):
    """Tokens spent, a map of numbers: ``usage["total_tokens"]``."""

    prompt_tokens = number()
    """Tokens of the request."""
    completion_tokens = number()
    """Tokens of the answers."""
    total_tokens = number()
    """Both together."""
    cached_tokens = number()
    """Those of the request that came from a cache; native provider, if the host tells."""
    reasoning_tokens = number()
    """Those of the answers that are reasoning; native provider, if the host tells."""
    prompt_audio_tokens = number()
    """Audio in the request; native provider, if the host tells."""
    completion_audio_tokens = number()
    """Audio in the answers; native provider, if the host tells."""

    @cached_property
    def _whole(self) -> Any:
        return self._reader.whole_map(self._path)

    def __getitem__(self, key: str) -> float:
        """The count under a key of the map, as a number token."""
        return self._reader.number(f"{self._path}{index_of(key, self._path)}")


def usage_map() -> _Read[Usage]:
    """An attribute that is a map of token counts."""
    return _Read(Usage)


def tool_calls(construct: Any, *, is_native: bool, path: str) -> ResultList[ToolCallResult]:
    """The tool calls of a construct, which only the native provider tells.

    Raises:
        InvalidInputError: With another provider.
    """
    otherwise = ", or read function_name and function_arguments"
    require_native(construct, "tool_calls", is_native=is_native, otherwise=otherwise)
    return ResultList(construct._reader, path, ToolCallResult)


def require_native(construct: Any, result: str, *, is_native: bool, otherwise: str = "") -> None:
    """Refuse to read a result that only the native provider has.

    Raises:
        InvalidInputError: With another provider.
    """
    if not is_native:
        checks = Checks()
        fix = f'Give OpenaiProvider(self, "openai", native=True){otherwise}.'
        checks.refuse(result, None, "read with the native provider: the public one does not have it", fix)
        checks.raise_for(construct.node.path)


class ChatOutputs:
    """The outputs of the module of a chat."""

    id = string()
    """Id of the completion, as the API gave it."""
    content = string()
    """Text of the first answer; empty when there is none."""
    finish_reason = string()
    """Why the first answer ended: stop, length, function_call or content_filter."""
    function_name = string()
    """Name of the function the first answer calls; null when it calls none."""
    function_arguments = string()
    """Arguments of that call, as JSON text; null when it calls none."""
    function_call = nested(FunctionCallResult)
    """The call, a list of at most one."""
    choices = nested(Choice)
    """Every answer."""
    usage = usage_map()
    """Tokens spent."""
    created = number()
    """When the answer was made, in seconds since 1970-01-01 UTC."""
    model = string()
    """The model that was asked for."""
    model_used = string(name="completion.model_used")
    """The model that answered."""
    service_tier_used = string(name="completion.service_tier_used")
    """The service tier that answered, null if the host does not tell; native provider."""
    completion = value()
    """The whole resource, request and answer."""


class ChatResult(ChatOutputs, Results):
    """One chat of a fleet."""

    tool_calls = nested(ToolCallResult)
    """The tool calls of the first answer; native provider."""
    refusal = string()
    """Text of the first answer if the model refused, else null; native provider."""


class StoredChatCompletion(Results):
    """One completion of a list."""

    id = string()
    """Its id."""
    object = string()
    """Always ``chat.completion``."""
    created = number()
    """When it was made, in seconds since 1970-01-01 UTC."""
    model = string()
    """The model that answered."""
    choices = nested(Choice)
    """Its answers."""
    usage = usage_map()
    """Tokens spent."""
