"""Tokens for Terraform expressions that the engine cannot build.

An expression is a sequence of parts. A part is a text, which may contain tokens; a construct, for its
address; a pair of a construct and the path of one of its attributes or outputs; an instance; or any other
value of the engine.
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
    """Return an expression as a token of any type."""
    return _Expression(parts)


def as_text(*parts: Any) -> str:
    """Return an expression as a string token."""
    return _Expression(parts).fqn


def as_number(*parts: Any) -> float:
    """Return an expression as a number token."""
    return cdk.Token.as_number(_Expression(parts))


@jsii.implements(cdk.IResolvable)
class Resolvable:
    """Base class with the interface of values that the engine resolves."""

    @property
    def creation_stack(self) -> list[str]:
        """The stack trace of the creation; not recorded."""
        return []

    @property
    def fqn(self) -> str:
        """Return the value as a string token."""
        return cdk.Token.as_string(self)

    def to_string(self) -> str:
        """Return the value as a string token."""
        return self.fqn

    __str__ = to_string

    def resolve(self, context: cdk.IResolveContext) -> Any:
        """Return the value for the JSON."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance of a resource or data source with ``count``, and the path of a value in it.

    Another stack gets only the attribute at the start of the path: other attributes may change with each
    read, and a change would update the output between the stacks.
    """

    element: cdk.TerraformResource | cdk.TerraformDataSource
    index: int
    path: str


class _Expression(Resolvable):
    """An expression that joins its parts when the engine resolves it."""

    def __init__(self, parts: Sequence[Any]) -> None:
        # Keep the references: the engine prepares a reference between stacks before it resolves the same one.
        self._parts = [_InstanceReference(it) if isinstance(it, Instance) else _reference(it) for it in parts]

    def resolve(self, context: cdk.IResolveContext) -> Any:
        """Join the parts, in ``${}`` unless the expression is inside another one."""
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
        """Return the instance in its own stack, and its shared attribute in another stack."""
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
    """Return a text unchanged, and any other part as the engine resolves it."""
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
    """Return an index in Terraform's syntax, ``[0]`` or ``["key"]``. A key may be a token.

    Args:
        key: The position or key.
        place: Path of the indexed value, for the error.

    Raises:
        InvalidInputError: If the key is neither an int of at least 0 nor text.
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
