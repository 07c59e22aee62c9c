"""Expressions of Terraform that the engine has no words for, as tokens.

An expression is made of parts, one behind the other: texts, which may have tokens in them; constructs, for
their addresses; pairs of a construct and the path of an attribute or output of it; instances; and other
values of the engine.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import jsii

from openai_constructs.cdk.engine import cdk
from openai_constructs.values.checks import Checks
from openai_constructs.values.tokens import is_token

__all__ = ["Instance", "Resolvable", "as_any", "as_number", "as_text", "index_of"]


def as_any(*parts: Any) -> Any:
    """An expression as a token of any type."""
    return _Expression(parts)


def as_text(*parts: Any) -> str:
    """An expression as a token in text."""
    return _Expression(parts).fqn


def as_number(*parts: Any) -> float:
    """An expression as a token that stands for a number."""
    return cdk.Token.as_number(_Expression(parts))


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


@dataclass(frozen=True, slots=True)
class Instance:
    """One of the instances that ``count`` makes of a resource or data source, and the path of a value in it.

    Another stack is given only the attribute that the path begins with. The whole element may have others
    that change at each read, and each change would be a change of an output.
    """

    element: cdk.TerraformResource | cdk.TerraformDataSource
    index: int
    path: str


class _Expression(Resolvable):
    """An expression made of its parts when the engine resolves it."""

    def __init__(self, parts: Sequence[Any]) -> None:
        # One reference for all times it is resolved: between stacks the engine prepares a reference first.
        self._parts = [_InstanceReference(it) if isinstance(it, Instance) else _reference(it) for it in parts]

    def resolve(self, context: cdk.IResolveContext) -> Any:
        """The parts; in braces, where it does not stand inside another."""
        is_inside = context.suppress_braces
        context.suppress_braces = True
        text = "".join(map(partial(_resolved, context), self._parts))
        context.suppress_braces = is_inside
        return text if is_inside else f"${{{text}}}"


class _InstanceReference:
    """A reference to an `Instance`, which depends on the stack that reads it."""

    def __init__(self, instance: Instance) -> None:
        element, index, path = instance.element, instance.index, instance.path
        attribute, *rest = re.split(r"(?=[.\[])", path, maxsplit=1)
        self._element = element
        self._own = element.fqn
        self._own_rest = f"{index_of(index)}.{path}"
        self._shared = element.interpolation_for_attribute(f"*.{attribute}")
        self._shared_rest = index_of(index) + "".join(rest)

    def resolve(self, context: cdk.IResolveContext) -> str:
        """The instance in its own stack; in another one, the shared attribute of it."""
        if cdk.TerraformStack.of(context.scope) is self._element.cdktf_stack:
            return f"{context.resolve(self._own)}{self._own_rest}"
        return f"{context.resolve(self._shared)}{self._shared_rest}"


def _resolved(context: cdk.IResolveContext, part: Any) -> Any:
    match part:
        case str():
            return part
        case _InstanceReference():
            return part.resolve(context)
        case (reference,):
            return context.resolve(reference)


def _reference(part: Any) -> str | tuple[Any]:
    """A part: text as it is, all else as the engine resolves it."""
    match part:
        case str():
            return part
        case (cdk.TerraformHclModule() as module, str(path)):
            return (module.interpolation_for_output(path),)
        case (element, str(path)):
            return (element.interpolation_for_attribute(path),)
        case _:
            return (getattr(part, "fqn", part),)


def index_of(key: object, place: str = "index") -> str:
    """``[0]`` or ``["key"]``, as Terraform reads it; a token stands for the key it resolves to.

    Args:
        key: The position or key.
        place: What it is an index of, for the error.

    Raises:
        InvalidInputError: When it is neither an int from 0 nor text.
    """
    if isinstance(key, str):
        if is_token(key):
            return f"[{key}]"
        quoted = json.dumps(key, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
        return f"[{quoted}]"
    if isinstance(key, bool) or not isinstance(key, int) or key < 0:
        checks = Checks()
        checks.refuse("index", key, "an int from 0, or text", "Count from the start.")
        checks.raise_for(place)
    return f"[{key}]"
