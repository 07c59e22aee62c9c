"""Making the engine's object of a construct: one call to Node, and no work that was done before.

The engine's own constructors check the types of arguments that are checked already, jsii looks through all
members of a construct's class for those that override the engine's, each time anew, and walks through the
arguments on either side. Here nothing is done twice: ``create`` leaves the first out, remembers the second by
class, and sends the arguments as one text to classes that keep them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from inspect import isdatadescriptor, isfunction
from typing import Any, Final

import jsii
from jsii.errors import JSIIError

from openai_constructs.cdk.assembly import keeping
from openai_constructs.cdk.engine import cdk, handed
from openai_constructs.cdk.hashes import keep_hash
from openai_constructs.cdk.scopes import HASHES_ID, Construction
from openai_constructs.values.checks import Checks

__all__ = ["Refused", "SynthesizesItself", "create"]

_STRUCTS: Final = ("lifecycle", "terraform_generator_metadata")
"""Arguments that are structs, and may be given as dicts."""

_NOT_READ: Final = "jsii/kernel.SerializationError"
"""In the cause of an error of jsii: arguments were not what the engine takes, so it was not asked."""

_encode: Final = json.JSONEncoder(allow_nan=False, separators=(",", ":")).encode


class SynthesizesItself:
    """Mixed into a block: tells the engine its arguments where they are not kept on the engine's side."""

    _arguments: Mapping[str, Any]

    def _synthesize_attributes(self) -> Mapping[str, Any]:
        # Called by the engine at synthesis.
        return self._arguments


def create(
    kind: Any,
    construct: Any,
    making: Construction,
    config: Mapping[str, Any],
    arguments: Mapping[str, Any],
    warnings: Sequence[str] = (),
    hash_: tuple[str, str, str] | None = None,
) -> None:
    """Let the engine make the object behind a construct.

    Args:
        kind: The class of the engine that the construct is of.
        construct: The construct.
        making: Where it is made, under which id and with which name.
        config: The keyword arguments of the constructor of ``kind``.
        arguments: What stands in the block; of a module, its variables.
        warnings: What the author is to be told at synthesis.
        hash_: Key of the request, and what its hash is made of, where the stack is to keep it.

    Raises:
        RuntimeError: When the engine refuses.
    """
    own: type = type(construct)
    given = {name: value for name, value in config.items() if value is not None}
    ordinary = given if issubclass(own, SynthesizesItself) else {**given, "variables": arguments}
    text = _text(arguments, warnings, making.name, hash_)
    ours = None if text is None or _has_more_interfaces(own, kind) else keeping(kind)
    sent = [_struct(ordinary)] if ours is None else [_struct(given), text]
    try:
        # jsii looks for overrides in the class of what it is given; for as long as it looks, it is given a
        # class that has the overrides and nothing else.
        construct.__class__ = _overriding(own, kind, ours or kind)
        jsii.create(ours or kind, construct, [handed(making.scope), making.id, *sent])
    except (AttributeError, JSIIError, RuntimeError, TypeError) as error:
        construct.__class__ = own
        if isinstance(error, RuntimeError) and _NOT_READ not in str(error.__cause__):
            raise
        # Nothing was made. What this cannot do the ordinary way does, or says what is wrong.
        kind.__init__(construct, making.scope, making.id, **ordinary)
        ours = None
    finally:
        construct.__class__ = own
    if ours is None:
        _describe(construct, making, warnings, hash_)


def _describe(
    construct: Any, making: Construction, warnings: Sequence[str], hash_: tuple[str, str, str] | None
) -> None:
    """Tell the engine what a class that keeps its arguments is told along with them."""
    if making.name is not None:
        construct.override_logical_id(making.name)
    for warning in warnings:
        cdk.Annotations.of(construct).add_warning(warning)
    if hash_ is not None:
        keep_hash(construct, making.place.memory, *hash_)


class Refused:
    """A property of the engine's class that is not to be set on ours.

    It is no override: the engine does not ask for it.
    """

    def __init__(self, instead: str, fix: str) -> None:
        self._instead, self._fix = instead, fix

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: Any, owner: type) -> None:
        """There is none."""

    def __set__(self, instance: Any, value: object) -> None:
        checks = Checks()
        checks.refuse(self._name, value, self._instead, self._fix)
        checks.raise_for(instance.node.path)


def _text(
    arguments: Mapping[str, Any],
    warnings: Sequence[str],
    name: str | None,
    hash_: tuple[str, str, str] | None,
) -> str | None:
    """What a class that keeps its arguments is told; ``None`` where they have objects of the engine."""
    told = {
        "arguments": arguments,
        "warnings": warnings,
        "name": name,
        "hash": None if hash_ is None else (HASHES_ID, *hash_),
    }
    try:
        return _encode(told)
    except (TypeError, ValueError):
        return None


@cache
def _overriding(own: type, kind: type, made: type) -> type:
    """A subclass of the class that is made with those members of ours that the engine's class has, too."""
    if _has_more_interfaces(own, kind):
        return own  # jsii looks for members of these, too
    members: dict[str, Any] = {}
    for base in own.__mro__[: own.__mro__.index(kind)]:
        if made is not kind and issubclass(base, SynthesizesItself) and not issubclass(base, kind):
            continue  # what a mixin tells the engine, our class keeps
        for name, member in vars(base).items():
            overrides = hasattr(kind, name) and (isfunction(member) or isdatadescriptor(member))
            if overrides and not name.startswith("__") and not isinstance(member, Refused):
                members.setdefault(name, member)
    return type(own.__name__, (made,), members) if members else made


def _has_more_interfaces(own: type, kind: type) -> bool:
    """Whether a construct's class implements interfaces of the engine that the engine's class does not."""
    return getattr(own, "__jsii_ifaces__", None) is not getattr(kind, "__jsii_ifaces__", None)


def _struct(given: Mapping[str, Any]) -> dict[str, Any]:
    """Keyword arguments as the engine's own language names them."""
    return {
        _camel_case(name): _struct(value) if name in _STRUCTS and isinstance(value, dict) else handed(value)
        for name, value in given.items()
    }


@cache
def _camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))
