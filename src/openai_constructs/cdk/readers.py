"""How a result is referred to: in an element, in an instance of one, in an output, or with a fallback."""

from __future__ import annotations

import json
from typing import Any

import jsii

from openai_constructs.cdk.engine import cdk

__all__ = [
    "ElementReader",
    "FallbackReader",
    "InstanceReader",
    "ModuleReader",
    "NothingReader",
    "Reader",
    "Resolvable",
]


@jsii.implements(cdk.IResolvable)
class Resolvable:
    """What the engine asks of a value that it is to resolve."""

    @property
    def creation_stack(self) -> list[str]:
        """Where it was made; not recorded."""
        return []

    @property
    def fqn(self) -> str:
        """It, as a token in text."""
        return cdk.Token.as_string(self)

    def to_string(self) -> str:
        """It, as a token in text."""
        return self.fqn

    __str__ = to_string

    def resolve(self, context: cdk.IResolveContext) -> Any:
        """What stands in the JSON for it."""
        raise NotImplementedError


class _Expression(Resolvable):
    """A Terraform expression, without its braces."""

    def __init__(self, expression: str) -> None:
        self._expression = expression

    def resolve(self, context: cdk.IResolveContext) -> Any:
        return self._expression if context.suppress_braces else f"${{{self._expression}}}"


class _InstanceReference(Resolvable):
    """``TYPE.NAME[0].path``: the engine itself can only refer to whole elements."""

    def __init__(self, element: str, suffix: str) -> None:
        self._element, self._suffix = element, suffix

    def resolve(self, context: cdk.IResolveContext) -> Any:
        inside_expression = context.suppress_braces
        context.suppress_braces = True
        reference = f"{context.resolve(self._element)}{self._suffix}"
        return reference if inside_expression else f"${{{reference}}}"


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
        self._index = f"[{json.dumps(index)}]"

    def value(self, path: str) -> cdk.IResolvable:
        """As a token of any type."""
        return _InstanceReference(self._element.fqn, f"{self._index}.{path}")


class FallbackReader(Reader):
    """Reads what the first reader gives, and what the second gives where Terraform cannot read the first."""

    def __init__(self, first: Reader, second: Reader) -> None:
        self._first, self._second = first, second

    def value(self, path: str) -> cdk.IResolvable:
        """As a token of any type."""
        either = cdk.Fn.try_([self._first.value(path), self._second.value(path)])
        return cdk.Token.as_any(either)


class NothingReader(Reader):
    """Reads what is not there: an empty list where one of these is asked for by name, else null."""

    def __init__(self, *lists: str) -> None:
        self._lists = lists

    def value(self, path: str) -> cdk.IResolvable:
        """As a token of any type."""
        return _Expression("[]" if path in self._lists else "null")
