"""References to results of an element, of one of its instances, of an output, or with a fallback."""

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
    """Base class of references to attributes by path: ``choices[0].message[0].content``."""

    def parts(self, path: str) -> list[Any]:
        """Return the reference as the parts of an expression."""
        raise NotImplementedError

    def value(self, path: str) -> Any:
        """Return the reference as a token of any type."""
        return as_any(*self.parts(path))

    def string(self, path: str) -> str:
        """Return the reference as a string token."""
        return as_text(*self.parts(path))

    def number(self, path: str) -> float:
        """Return the reference as a number token."""
        return as_number(*self.parts(path))

    def whole_list(self, path: str) -> Any:
        """Return the whole list as a token."""
        return self.value(path)

    def whole_map(self, path: str) -> Any:
        """Return the whole map as a token."""
        return self.value(path)


class ElementReader(Reader):
    """References to attributes of a resource or data source."""

    def __init__(self, element: cdk.TerraformResource | cdk.TerraformDataSource) -> None:
        self._element = element

    def parts(self, path: str) -> list[Any]:
        """Return the attribute. The engine may have to pass it between stacks."""
        return _parts(self._element, path)

    def value(self, path: str) -> Any:
        """Return the reference as a token of any type."""
        return self._element.interpolation_for_attribute(path)

    def string(self, path: str) -> str:
        """Return the reference as a string token."""
        return self._element.get_string_attribute(path)

    def number(self, path: str) -> float:
        """Return the reference as a number token."""
        return self._element.get_number_attribute(path)


class ModuleReader(Reader):
    """References to outputs of a module, or to parts of one output."""

    def __init__(self, module: cdk.TerraformHclModule, output: str | None = None) -> None:
        self._module = module
        self._prefix = f"{output}." if output else ""

    def parts(self, path: str) -> list[Any]:
        """Return the output. The engine may have to pass it between stacks."""
        return _parts(self._module, self._prefix + path)

    def value(self, path: str) -> Any:
        """Return the reference as a token of any type."""
        return self._module.interpolation_for_output(self._prefix + path)

    def string(self, path: str) -> str:
        """Return the reference as a string token."""
        return self._module.get_string(self._prefix + path)

    def number(self, path: str) -> float:
        """Return the reference as a number token."""
        return self._module.get_number(self._prefix + path)


def _parts(element: cdk.TerraformElement, path: str) -> list[Any]:
    """Return a whole attribute or output, and the rest of the path as text.

    Another stack gets the whole value, because the rest of the path may not exist, which only the expression
    can handle.
    """
    whole = re.split(r"(?=[.\[])", path, maxsplit=1)
    return [[element, whole[0]], *whole[1:]]


class InstanceReader(Reader):
    """References to one instance of an element with ``count`` or ``for_each``: ``TYPE.NAME[0].path``.

    The engine itself can only refer to whole elements.
    """

    def __init__(self, element: Any, index: int | str) -> None:
        self._element, self._index = element, index
        self._suffix = index_of(index)

    def parts(self, path: str) -> list[Any]:
        """Return an instance with a number, or the element followed by a key and the rest of the path."""
        if isinstance(self._index, int):
            return [Instance(self._element, self._index, path)]
        return [self._element, f"{self._suffix}.{path}"]


class MapReader(Reader):
    """References to an output of all instances of a module, by key."""

    def __init__(self, module: cdk.TerraformHclModule) -> None:
        self._module = module

    def parts(self, path: str) -> list[Any]:
        """Return a map of the instances' outputs."""
        return ["{for key, it in ", self._module, f" : key => it.{path}}}"]


class FallbackReader(Reader):
    """References with a fallback: the second reader's if Terraform cannot evaluate the first reader's."""

    def __init__(self, first: Reader, second: Reader) -> None:
        self._first, self._second = first, second

    def parts(self, path: str) -> list[Any]:
        """Return both references in `try`."""
        return ["try(", *self._first.parts(path), ", ", *self._second.parts(path), ")"]

    def whole_list(self, path: str) -> Any:
        """Return the list as a token. `concat` returns a list unchanged, and fails if the first is null."""
        first, second = self._first.parts(path), self._second.parts(path)
        return as_any("try(concat(", *first, "), ", *second, ")")

    def whole_map(self, path: str) -> Any:
        """Return the map as a token. `coalesce` skips a first map that is null."""
        first, second = self._first.parts(path), self._second.parts(path)
        return as_any("try(coalesce(", *first, ", ", *second, "), ", *second, ")")


class SentMessagesReader(Reader):
    """References to the messages in a completion's own state, in the form of the store's list.

    With the public provider, a message without a name has the name null after its creation and "" after the
    next refresh, while the store always lists "". Without this, an output would change once for no reason.

    Args:
        state: Reader of the state.
    """

    def __init__(self, state: Reader) -> None:
        self._state = state

    def parts(self, path: str) -> list[Any]:
        """Return the messages with their names, and the rest of the path; other fields are read directly."""
        match = _NAMED_MESSAGES.fullmatch(path)
        if match is None:
            return self._state.parts(path)
        named = 'merge(it, { name = it.name == null ? "" : it.name })'
        return ["[for it in ", *self._state.parts("messages"), f" : {named}]{match['rest']}"]


class NothingReader(Reader):
    """References to missing results: an empty list for the attributes in `lists`, else null."""

    def __init__(self, *lists: str) -> None:
        self._lists = lists

    def parts(self, path: str) -> list[Any]:
        """Return the empty value."""
        return ["[]" if path in self._lists else "null"]
