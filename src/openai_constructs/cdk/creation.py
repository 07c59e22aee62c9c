"""Creation of a construct's object in the engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final, TypeVar

import jsii

from openai_constructs.cdk.context import ConstructContext
from openai_constructs.cdk.engine import cdk

__all__ = ["RendersArguments", "create", "without_overrides"]

_STRUCTS: Final = ("lifecycle", "terraform_generator_metadata")
"""Arguments of the engine that are structs, passed as dicts."""

T = TypeVar("T", bound=type)


class RendersArguments:
    """Mixin for blocks that passes their arguments to the engine at synthesis."""

    _arguments: Mapping[str, Any]

    def _synthesize_attributes(self) -> Mapping[str, Any]:
        # The engine calls this twice per synthesis.
        return self._arguments


def without_overrides(own: T) -> T:
    """Mark a class of which no member overrides one of the engine's.

    jsii looks for overrides in all members of a class and its bases, for every object anew. It stops at a
    class with this mark, and still finds the overrides of its subclasses.
    """
    own.__jsii_declared_type__ = own.__jsii_type__  # type: ignore[attr-defined]
    return own


def create(
    kind: Any,
    construct: Any,
    context: ConstructContext,
    config: Mapping[str, Any],
    warnings: Sequence[str] = (),
) -> None:
    """Create the engine's object of a construct in one call.

    The engine's own constructor does the same, but first checks the types of all arguments, which are checked
    already, and copies them into a struct.

    Args:
        kind: The engine's class of the construct.
        construct: The construct.
        context: Scope, id and Terraform name of the construct.
        config: Keyword arguments of the constructor of ``kind``.
        warnings: Annotations for the author of the app.

    Raises:
        RuntimeError: If the engine rejects the arguments.
    """
    jsii.create(kind, construct, [context.parent, context.id, _to_struct(config)])
    if context.name is not None:
        construct.override_logical_id(context.name)
    if warnings:
        annotations = cdk.Annotations.of(construct)
        for warning in warnings:
            annotations.add_warning(warning)


def _to_struct(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Convert keyword arguments to a struct, with the engine's camel-case names."""
    return {
        _to_camel_case(name): _to_jsii(name, value) for name, value in fields.items() if value is not None
    }


def _to_jsii(name: str, value: Any) -> Any:
    if name in _STRUCTS:
        return _to_struct(value)
    return list(value) if isinstance(value, tuple) else value  # jsii does not accept tuples


@cache
def _to_camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))
