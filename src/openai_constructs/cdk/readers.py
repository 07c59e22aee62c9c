"""References to results: of an element, of one of its instances, of an output, or with a fallback."""

from __future__ import annotations

import re
from typing import Any, Final

from openai_constructs.cdk.engine import cdk
from openai_constructs.cdk.expressions import Instance, as_any, as_number, as_text, index_of

__all__ = [
    "ElementReader",
    "FallbackReader",
    "InstanceReader",
    "MapReader",
    "ModuleReader",
    "NothingReader",
    "Reader",
    "SentMessagesReader",
]

_NAMED_MESSAGES: Final = re.compile(r"messages(?P<rest>|\[[^\]]*\](\.name)?)")


class Reader:
    """Refers to an attribute by its path: ``choices[0].message[0].content``."""

    def parts(self, path: str) -> list[Any]:
        """The reference, as the parts of an expression."""
        raise NotImplementedError

    def value(self, path: str) -> Any:
        """As a token of any type."""
        return as_any(*self.parts(path))

    def string(self, path: str) -> str:
        """As a token in text."""
        return as_text(*self.parts(path))

    def number(self, path: str) -> float:
        """As a token that stands for a number."""
        return as_number(*self.parts(path))

    def whole_list(self, path: str) -> Any:
        """As a token of a list, to be given as it is."""
        return self.value(path)

    def whole_map(self, path: str) -> Any:
        """As a token of a map, to be given as it is."""
        return self.value(path)


class ElementReader(Reader):
    """Reads a resource or data source, as the engine does."""

    def __init__(self, element: cdk.TerraformResource | cdk.TerraformDataSource) -> None:
        self._element = element

    def parts(self, path: str) -> list[Any]:
        """The attribute, which the engine may have to take out of another stack."""
        return _parts(self._element, path)

    def value(self, path: str) -> Any:
        """As a token of any type."""
        return self._element.interpolation_for_attribute(path)

    def string(self, path: str) -> str:
        """As a token in text."""
        return self._element.get_string_attribute(path)

    def number(self, path: str) -> float:
        """As a token that stands for a number."""
        return self._element.get_number_attribute(path)


class ModuleReader(Reader):
    """Reads the outputs of a module, or the parts of one output, as the engine does."""

    def __init__(self, module: cdk.TerraformHclModule, output: str | None = None) -> None:
        self._module = module
        self._prefix = f"{output}." if output else ""

    def parts(self, path: str) -> list[Any]:
        """The output, which the engine may have to take out of another stack."""
        return _parts(self._module, self._prefix + path)

    def value(self, path: str) -> Any:
        """As a token of any type."""
        return self._module.interpolation_for_output(self._prefix + path)

    def string(self, path: str) -> str:
        """As a token in text."""
        return self._module.get_string(self._prefix + path)

    def number(self, path: str) -> float:
        """As a token that stands for a number."""
        return self._module.get_number(self._prefix + path)


def _parts(element: cdk.TerraformElement, path: str) -> list[Any]:
    """An attribute or output as a whole, and the way into it as text.

    So another stack gets the whole: the way into it may lead nowhere, which is for the expression to tell.
    """
    whole = re.split(r"(?=[.\[])", path, maxsplit=1)
    return [[element, whole[0]], *whole[1:]]


class InstanceReader(Reader):
    """Reads one instance of an element that has ``count`` or ``for_each``: ``TYPE.NAME[0].path``.

    The engine itself can only refer to whole elements.
    """

    def __init__(self, element: Any, index: int | str) -> None:
        self._element, self._index = element, index
        self._suffix = index_of(index)

    def parts(self, path: str) -> list[Any]:
        """The instance by its number; by its key, the element and the rest behind it."""
        if isinstance(self._index, int):
            return [Instance(self._element, self._index, path)]
        return [self._element, f"{self._suffix}.{path}"]


class MapReader(Reader):
    """Reads one output of all instances of a module, by their keys."""

    def __init__(self, module: cdk.TerraformHclModule) -> None:
        self._module = module

    def parts(self, path: str) -> list[Any]:
        """A map made of the instances."""
        return ["{for key, it in ", self._module, f" : key => it.{path}}}"]


class FallbackReader(Reader):
    """Reads what the first reader gives, and what the second gives where Terraform cannot read the first."""

    def __init__(self, first: Reader, second: Reader) -> None:
        self._first, self._second = first, second

    def parts(self, path: str) -> list[Any]:
        """The one reference and the other."""
        return ["try(", *self._first.parts(path), ", ", *self._second.parts(path), ")"]

    def whole_list(self, path: str) -> Any:
        """As a token of a list; concat fails where the first is null, and leaves a list as it is."""
        first, second = self._first.parts(path), self._second.parts(path)
        return as_any("try(concat(", *first, "), ", *second, ")")

    def whole_map(self, path: str) -> Any:
        """As a token of a map; coalesce passes over a first that is null."""
        first, second = self._first.parts(path), self._second.parts(path)
        return as_any("try(coalesce(", *first, ", ", *second, "), ", *second, ")")


class SentMessagesReader(Reader):
    """Reads the messages of a completion's own state in the form in which the store lists them.

    Through the public provider, a message without a name has the name null when it is created, and "" after
    the next refresh; the store always lists "". So an output of it would change once for no reason.

    Args:
        state: Reads the state.
    """

    def __init__(self, state: Reader) -> None:
        self._state = state

    def parts(self, path: str) -> list[Any]:
        """The messages with their names, and the way into them; other fields are read directly."""
        match = _NAMED_MESSAGES.fullmatch(path)
        if match is None:
            return self._state.parts(path)
        named = 'merge(it, { name = it.name == null ? "" : it.name })'
        return ["[for it in ", *self._state.parts("messages"), f" : {named}]{match['rest']}"]


class NothingReader(Reader):
    """Reads what is not there: an empty list where one of these is asked for by name, else null."""

    def __init__(self, *lists: str) -> None:
        self._lists = lists

    def parts(self, path: str) -> list[Any]:
        """What stands for nothing."""
        return ["[]" if path in self._lists else "null"]
