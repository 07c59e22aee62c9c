"""Typed access to what a completion returned: each read is a token that Terraform resolves.

A result is read from a whole element, from one instance of an element with ``count`` or ``for_each``, or from an
output of a module. The classes here say which attributes there are, the readers how to refer to them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Protocol, Self, TypeVar, overload

import jsii

from openai_constructs.cdk.engine import cdk
from openai_constructs.values.checks import Checks

__all__ = [
    "AnswerMessage",
    "Choice",
    "ElementReader",
    "FallbackReader",
    "FunctionCallResult",
    "FunctionResult",
    "InstanceReader",
    "ListedMessage",
    "ModuleReader",
    "NothingReader",
    "Reader",
    "ResultList",
    "Results",
    "RetrievedChoice",
    "RetrievedMessage",
    "StoredChatCompletion",
    "ToolCallResult",
    "Usage",
    "nested",
    "number",
    "string",
    "usage_map",
    "value",
]

T = TypeVar("T")
R = TypeVar("R", bound="Results")


class Reader(Protocol):
    """How to refer to an attribute, by its path: ``choices[0].message[0].content``."""

    def string(self, path: str) -> str:
        """As a token in text."""

    def number(self, path: str) -> float:
        """As a token that stands for a number."""

    def value(self, path: str) -> cdk.IResolvable:
        """As a token of any type."""


class ElementReader:
    """Reads a resource or data source."""

    def __init__(self, element: cdk.TerraformResource | cdk.TerraformDataSource) -> None:
        self._element = element

    def string(self, path: str) -> str:
        return self._element.get_string_attribute(path)

    def number(self, path: str) -> float:
        return self._element.get_number_attribute(path)

    def value(self, path: str) -> cdk.IResolvable:
        return self._element.interpolation_for_attribute(path)


class ModuleReader:
    """Reads the outputs of a module, or the parts of one output."""

    def __init__(self, module: cdk.TerraformHclModule, output: str | None = None) -> None:
        self._module = module
        self._prefix = f"{output}." if output else ""

    def string(self, path: str) -> str:
        return self._module.get_string(self._prefix + path)

    def number(self, path: str) -> float:
        return self._module.get_number(self._prefix + path)

    def value(self, path: str) -> cdk.IResolvable:
        return self._module.interpolation_for_output(self._prefix + path)


class InstanceReader:
    """Reads one instance of an element that has ``count`` or ``for_each``."""

    def __init__(self, element: cdk.TerraformElement, index: int | str) -> None:
        self._element = element
        self._index = f"[{index}]" if isinstance(index, int) else f'["{index}"]'

    def string(self, path: str) -> str:
        return cdk.Token.as_string(self.value(path))

    def number(self, path: str) -> float:
        return cdk.Token.as_number(self.value(path))

    def value(self, path: str) -> cdk.IResolvable:
        return _InstanceReference(self._element.fqn, f"{self._index}.{path}")


class FallbackReader:
    """Reads what the first reader gives, and what the second gives where Terraform cannot read the first."""

    def __init__(self, first: Reader, second: Reader) -> None:
        self._first, self._second = first, second

    def string(self, path: str) -> str:
        return cdk.Token.as_string(self.value(path))

    def number(self, path: str) -> float:
        return cdk.Token.as_number(self.value(path))

    def value(self, path: str) -> cdk.IResolvable:
        return cdk.Token.as_any(cdk.Fn.try_([self._first.value(path), self._second.value(path)]))


class NothingReader:
    """Reads what is not there: an empty list where one is asked for by name, else null."""

    def __init__(self, *lists: str) -> None:
        self._lists = lists

    def string(self, path: str) -> str:
        return cdk.Token.as_string(self.value(path))

    def number(self, path: str) -> float:
        return cdk.Token.as_number(self.value(path))

    def value(self, path: str) -> cdk.IResolvable:
        return _Expression("[]" if path in self._lists else "null")


@jsii.implements(cdk.IResolvable)
class _Resolvable:
    """What the engine asks of a value that it is to resolve."""

    @property
    def creation_stack(self) -> list[str]:
        return []

    @property
    def fqn(self) -> str:
        return cdk.Token.as_string(self)

    def to_string(self) -> str:
        return self.fqn

    def resolve(self, context: cdk.IResolveContext) -> Any:
        raise NotImplementedError


class _Expression(_Resolvable):
    """A Terraform expression, without its braces."""

    def __init__(self, expression: str) -> None:
        self._expression = expression

    def resolve(self, context: cdk.IResolveContext) -> Any:
        return self._expression if context.suppress_braces else f"${{{self._expression}}}"


class _InstanceReference(_Resolvable):
    """``TYPE.NAME[0].path``: the engine itself can only refer to whole elements."""

    def __init__(self, element: str, suffix: str) -> None:
        self._element, self._suffix = element, suffix

    def resolve(self, context: cdk.IResolveContext) -> Any:
        inside_expression = context.suppress_braces
        context.suppress_braces = True
        reference = f"{context.resolve(self._element)}{self._suffix}"
        return reference if inside_expression else f"${{{reference}}}"


class Results(_Resolvable):
    """A part of what was returned. Given as a value it stands for the whole part."""

    def __init__(self, reader: Reader, path: str = "") -> None:
        self._reader, self._path = reader, path

    def resolve(self, context: cdk.IResolveContext) -> Any:
        return self._reader.value(self._path)


class ResultList(Results, Generic[R]):
    """A list of parts, read by position: ``choices[0]``."""

    def __init__(self, reader: Reader, path: str, item: type[R]) -> None:
        super().__init__(reader, path)
        self._item = item

    def __getitem__(self, index: int) -> R:
        """The part at a position.

        Raises:
            InvalidInputError: When the position is no int from 0; Terraform has no negative positions.
        """
        if isinstance(index, bool) or not isinstance(index, int) or index < 0:
            checks = Checks()
            checks.refuse("index", index, "an int from 0", "Count from the start of the list.")
            checks.raise_for(self._path)
        return self._item(self._reader, f"{self._path}[{index}]")

    __iter__ = None  # how many there are is known only to Terraform


class _Read(Generic[T]):
    """An attribute that is read when it is asked for."""

    def __init__(self, read: Callable[[Reader, str], T], doc: str, name: str | None) -> None:
        self._read, self.__doc__, self._name = read, doc, name

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


def string(doc: str, *, name: str | None = None) -> _Read[str]:
    """An attribute that is text."""
    return _Read(lambda reader, path: reader.string(path), doc, name)


def number(doc: str) -> _Read[float]:
    """An attribute that is a number."""
    return _Read(lambda reader, path: reader.number(path), doc, None)


def value(doc: str) -> _Read[cdk.IResolvable]:
    """An attribute of another type: a bool, a list or a map of plain values."""
    return _Read(lambda reader, path: reader.value(path), doc, None)


def nested(item: type[R], doc: str) -> _Read[ResultList[R]]:
    """An attribute that is a list of parts."""
    return _Read(lambda reader, path: ResultList(reader, path, item), doc, None)


class FunctionCallResult(Results):
    """A call the model asks for."""

    name = string("Name of the function.")
    arguments = string("Arguments, as the JSON text the model wrote.")


class FunctionResult(Results):
    """A function that was offered."""

    name = string("Its name.")
    description = string("What it does.")
    parameters = string("JSON schema of its arguments, as text.")


class ToolCallResult(Results):
    """A tool call the model asks for."""

    id = string("Id of the call.")
    type = string("Type of the tool: ``function``.")
    function = nested(FunctionCallResult, "The call itself, a list of one.")


class AnswerMessage(Results):
    """The message of an answer."""

    role = string("Its author: ``assistant``.")
    content = string("Its text.")
    function_call = nested(FunctionCallResult, "The call it makes, a list of at most one.")


class RetrievedMessage(AnswerMessage):
    """The message of an answer that was read back from the store."""

    tool_calls = nested(ToolCallResult, "The tool calls it makes.")


class Choice(Results):
    """One answer."""

    index = number("Its position, from 0.")
    finish_reason = string("Why it ended: ``stop``, ``length``, ``function_call`` or ``content_filter``.")
    message = nested(AnswerMessage, "Its message, a list of one.")


class RetrievedChoice(Results):
    """One answer of a completion that was read back from the store."""

    index = number("Its position, from 0.")
    finish_reason = string("Why it ended: ``stop``, ``length``, ``function_call`` or ``content_filter``.")
    message = nested(RetrievedMessage, "Its message, a list of one.")


class ListedMessage(AnswerMessage):
    """One message of a stored completion."""

    name = string("Name of its author.")


class Usage(Results):
    """Tokens spent, a map of numbers: ``usage["total_tokens"]``."""

    prompt_tokens = number("Tokens of the request.")
    completion_tokens = number("Tokens of the answers.")
    total_tokens = number("Both together.")

    def __getitem__(self, key: str) -> float:
        """The count under a key of the map, as a number token."""
        return self._reader.number(f'{self._path}["{key}"]')


def usage_map(doc: str) -> _Read[Usage]:
    """An attribute that is a map of token counts."""
    return _Read(Usage, doc, None)


class StoredChatCompletion(Results):
    """One completion of a list."""

    id = string("Its id.")
    object = string("Always ``chat.completion``.")
    created = number("When it was made, in seconds since 1970-01-01 UTC.")
    model = string("The model that answered.")
    choices = nested(Choice, "Its answers.")
    usage = usage_map("Tokens spent.")
