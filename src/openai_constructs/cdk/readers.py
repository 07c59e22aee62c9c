"""How a result is referred to: in an element, in an instance of one, in an output, or with a fallback."""

from __future__ import annotations

from typing import Any, cast

from openai_constructs.cdk.engine import cdk
from openai_constructs.cdk.expressions import Comprehension, Expression, InstanceReference, index_of

__all__ = [
    "ElementReader",
    "FallbackReader",
    "InstanceReader",
    "MapReader",
    "ModuleReader",
    "NothingReader",
    "Reader",
]


class Reader:
    """Refers to an attribute by its path: ``choices[0].message[0].content``."""

    def value(self, path: str) -> cdk.IResolvable:
        """As a token of any type."""
        raise NotImplementedError

    def string(self, path: str) -> str:
        """As a token in text."""
        return cdk.Token.as_string(self.value(path))

    def number(self, path: str) -> float:
        """As a token that stands for a number."""
        return cdk.Token.as_number(self.value(path))

    def whole_list(self, path: str) -> cdk.IResolvable:
        """As a token of a list, to be given as it is."""
        return self.value(path)

    def whole_map(self, path: str) -> cdk.IResolvable:
        """As a token of a map, to be given as it is."""
        return self.value(path)


class ElementReader(Reader):
    """Reads a resource or data source, with one call to the engine a token."""

    def __init__(self, element: cdk.TerraformResource | cdk.TerraformDataSource) -> None:
        self._element = element

    def value(self, path: str) -> cdk.IResolvable:
        """As a token of any type."""
        return self._element.interpolation_for_attribute(path)

    def string(self, path: str) -> str:
        """As a token in text, with one call to the engine."""
        return self._element.get_string_attribute(path)

    def number(self, path: str) -> float:
        """As a token that stands for a number, with one call to the engine."""
        return self._element.get_number_attribute(path)


class ModuleReader(Reader):
    """Reads the outputs of a module, or the parts of one output."""

    def __init__(self, module: cdk.TerraformHclModule, output: str | None = None) -> None:
        self._module = module
        self._prefix = f"{output}." if output else ""

    def value(self, path: str) -> cdk.IResolvable:
        """As a token of any type."""
        return self._module.interpolation_for_output(self._prefix + path)

    def string(self, path: str) -> str:
        """As a token in text, with one call to the engine."""
        return self._module.get_string(self._prefix + path)

    def number(self, path: str) -> float:
        """As a token that stands for a number, with one call to the engine."""
        return self._module.get_number(self._prefix + path)


class InstanceReader(Reader):
    """Reads one instance of an element that has ``count`` or ``for_each``."""

    def __init__(self, element: cdk.TerraformElement, index: int | str) -> None:
        self._element = element
        self._index = index_of(index)

    def value(self, path: str) -> cdk.IResolvable:
        """As a token of any type."""
        return InstanceReference(self._element.fqn, f"{self._index}.{path}")


class MapReader(Reader):
    """Reads one output of all instances of a module, by their keys."""

    def __init__(self, module: cdk.TerraformHclModule) -> None:
        self._module = module

    def value(self, path: str) -> cdk.IResolvable:
        """As a token of a map."""
        return Comprehension(self._module.fqn, path)


class FallbackReader(Reader):
    """Reads what the first reader gives, and what the second gives where Terraform cannot read the first."""

    def __init__(self, first: Reader, second: Reader) -> None:
        self._first, self._second = first, second

    def value(self, path: str) -> cdk.IResolvable:
        """As a token of any type."""
        return self._either(self._first.value(path), self._second.value(path))

    def whole_list(self, path: str) -> cdk.IResolvable:
        """As a token of a list; concat fails where the first is null, and leaves a list as it is."""
        first = cdk.Fn.concat([cast("Any", self._first.whole_list(path))])
        return self._either(first, self._second.whole_list(path))

    def whole_map(self, path: str) -> cdk.IResolvable:
        """As a token of a map; coalesce passes over a first that is null."""
        first, second = self._first.whole_map(path), self._second.whole_map(path)
        return self._either(cdk.Fn.coalesce([first, second]), second)

    @staticmethod
    def _either(first: Any, second: Any) -> cdk.IResolvable:
        return cdk.Token.as_any(cdk.Fn.try_([first, second]))


class NothingReader(Reader):
    """Reads what is not there: an empty list where one of these is asked for by name, else null."""

    def __init__(self, *lists: str) -> None:
        self._lists = lists

    def value(self, path: str) -> cdk.IResolvable:
        """As a token of any type."""
        return Expression("[]" if path in self._lists else "null")
