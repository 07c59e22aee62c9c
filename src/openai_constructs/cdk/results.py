"""Typed access to the results of a completion. Each value is a token that Terraform resolves.

Results come from a whole element, from one instance of an element with ``count`` or ``for_each``, or from an
output of a module. The classes here define the attributes, and the readers refer to them.
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
    """A part of a completion's results. Used as a value, it is a token of the whole part."""

    def __init__(self, reader: Reader, path: str = "") -> None:
        self._reader, self._path = reader, path

    @cached_property
    def _whole(self) -> Any:
        return self._reader.value(self._path)

    def resolve(self, context: cdk.IResolveContext) -> Any:
        """Return the value for the JSON."""
        # Reuse the reference: between stacks the engine prepares a reference before it resolves the same one.
        return self._whole


class ResultList(Results, Generic[R]):
    """A list of results, read by position: ``choices[0]``."""

    def __init__(self, reader: Reader, path: str, item: type[R]) -> None:
        super().__init__(reader, path)
        self._item = item

    @cached_property
    def _whole(self) -> Any:
        return self._reader.whole_list(self._path)

    def __getitem__(self, index: int) -> R:
        """Return the result at a position.

        Raises:
            InvalidInputError: If the position is not an int of at least 0. Terraform has no negative indexes.
        """
        return self._item(self._reader, f"{self._path}{index_of(index, self._path)}")

    __iter__ = None  # only Terraform knows the number of items


class _Read(Generic[T]):
    """A descriptor of an attribute, which creates the token on access.

    The docstring of each attribute is a literal below it, where editors and the API reference find it.
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
        # Without this an assignment would succeed without changing the JSON.
        raise AttributeError(
            f"{self._name} is a result that Terraform resolves. Pass the argument to the constructor, or use "
            f"add_override({self._name!r}, ...)"
        )


def string(*, name: str | None = None) -> _Read[str]:
    """Define a text attribute."""
    return _Read(lambda reader, path: reader.string(path), name)


def number() -> _Read[float]:
    """Define a number attribute."""
    return _Read(lambda reader, path: reader.number(path))


def value() -> _Read[Results]:
    """Define an attribute of another type: a bool, or a list or map of plain values."""
    return _Read(Results)


def nested(item: type[R]) -> _Read[ResultList[R]]:
    """Define an attribute that is a list of results."""
    return _Read(lambda reader, path: ResultList(reader, path, item))


class FunctionCallResult(Results):
    """A function call that the model requests."""

    name = string()
    """Name of the function."""
    arguments = string()
    """Arguments, as the model's JSON text."""


class FunctionResult(Results):
    """A function that the request offered."""

    name = string()
    """Name of the function."""
    description = string()
    """Description of the function."""
    parameters = string()
    """JSON schema of the arguments, as text."""


class ToolCallResult(Results):
    """A tool call that the model requests."""

    id = string()
    """Id of the call."""
    type = string()
    """Type of the tool: ``function`` or ``custom``."""
    name = string(name="function[0].name")
    """Name of the tool."""
    arguments = string(name="function[0].arguments")
    """Arguments, as the model's JSON text; for a custom tool, its input."""
    function = nested(FunctionCallResult)
    """The call as in the state, a list of one."""


class Annotation(Results):
    """A source that an answer cites."""

    type = string()
    """Type of the annotation: ``url_citation``."""
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
    """Role of the author: ``assistant``."""
    content = string()
    """Text of the message."""
    function_call = nested(FunctionCallResult)
    """Function call, a list of at most one."""
    tool_calls = nested(ToolCallResult)
    """Tool calls; native provider, and lookups with the public provider."""
    refusal = string()
    """The model's refusal, else null; native provider."""
    annotations = nested(Annotation)
    """Cited sources; native provider."""


class Choice(Results):
    """One answer of a completion."""

    index = number()
    """Position of the answer, from 0."""
    finish_reason = string()
    """Why it ended: ``stop``, ``length``, ``tool_calls``, ``function_call`` or ``content_filter``."""
    logprobs = string()
    """Log probabilities of the tokens as JSON text, null if not requested; native provider."""
    message = nested(AnswerMessage)
    """The message, a list of one."""


class ListedMessage(AnswerMessage):
    """One message of a stored completion."""

    name = string()
    """Name of the author."""
    tool_call_id = string()
    """Id of the tool call that the message answers; native provider."""


class Usage(Results):
    """Token counts, a map of numbers: ``usage["total_tokens"]``."""

    prompt_tokens = number()
    """Tokens of the request."""
    completion_tokens = number()
    """Tokens of the answers."""
    total_tokens = number()
    """Tokens of the request and the answers."""
    cached_tokens = number()
    """Tokens of the request that came from a cache; native provider, if the host reports them."""
    reasoning_tokens = number()
    """Reasoning tokens of the answers; native provider, if the host reports them."""
    prompt_audio_tokens = number()
    """Audio tokens of the request; native provider, if the host reports them."""
    completion_audio_tokens = number()
    """Audio tokens of the answers; native provider, if the host reports them."""

    @cached_property
    def _whole(self) -> Any:
        return self._reader.whole_map(self._path)

    def __getitem__(self, key: str) -> float:
        """Return a count of the map as a number token."""
        return self._reader.number(f"{self._path}{index_of(key, self._path)}")


def usage_map() -> _Read[Usage]:
    """Define an attribute that is a map of token counts."""
    return _Read(Usage)


def tool_calls(construct: Any, *, is_native: bool, path: str) -> ResultList[ToolCallResult]:
    """Return the tool calls of a construct with the native provider.

    Raises:
        InvalidInputError: With the public provider.
    """
    otherwise = ", or read function_name and function_arguments"
    require_native(construct, "tool_calls", is_native=is_native, otherwise=otherwise)
    return ResultList(construct._reader, path, ToolCallResult)


def require_native(construct: Any, result: str, *, is_native: bool, otherwise: str = "") -> None:
    """Check that a construct uses the native provider, to read a result that only that provider has.

    Raises:
        InvalidInputError: With the public provider.
    """
    if not is_native:
        checks = Checks()
        fix = f'Use OpenaiProvider(self, "openai", native=True){otherwise}.'
        checks.refuse(result, None, "read with the native provider: the public one does not have it", fix)
        checks.raise_for(construct.node.path)


class ChatOutputs:
    """Outputs of a chat's module call."""

    id = string()
    """Id of the completion."""
    content = string()
    """Text of the first answer; empty if there is none."""
    finish_reason = string()
    """Why the first answer ended: stop, length, function_call or content_filter."""
    function_name = string()
    """Name of the function that the first answer calls, else null."""
    function_arguments = string()
    """Arguments of that call, as JSON text, else null."""
    function_call = nested(FunctionCallResult)
    """The call, a list of at most one."""
    choices = nested(Choice)
    """All answers."""
    usage = usage_map()
    """Token counts."""
    created = number()
    """Creation time of the completion, in seconds since 1970-01-01 UTC."""
    model = string()
    """The requested model."""
    model_used = string(name="completion.model_used")
    """The model that answered."""
    service_tier_used = string(name="completion.service_tier_used")
    """The service tier that answered, null if the host does not report it; native provider."""
    completion = value()
    """The whole resource, with request and answer."""


class ChatResult(ChatOutputs, Results):
    """One chat of a fleet."""

    tool_calls = nested(ToolCallResult)
    """The tool calls of the first answer; native provider."""
    refusal = string()
    """The model's refusal in the first answer, else null; native provider."""


class StoredChatCompletion(Results):
    """One completion of a list."""

    id = string()
    """Id of the completion."""
    object = string()
    """Always ``chat.completion``."""
    created = number()
    """Creation time, in seconds since 1970-01-01 UTC."""
    model = string()
    """The model that answered."""
    choices = nested(Choice)
    """All answers."""
    usage = usage_map()
    """Token counts."""
