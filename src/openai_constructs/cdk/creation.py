"""Making the engine's object of a construct: one call to Node, and no work that was done before.

The engine's own constructors check the types of arguments that are checked already, and jsii looks through
all members of a construct's class for those that override the engine's, each time anew. Here neither is done
twice: ``create`` leaves the first out, and remembers the second by class.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from inspect import isdatadescriptor, isfunction
from typing import Any, Final

import jsii
from constructs import Construct

from openai_constructs.values.checks import Checks

__all__ = ["Refused", "create"]

_STRUCTS: Final = ("lifecycle", "terraform_generator_metadata")
"""Arguments that are structs, and may be given as dicts."""

_NOT_READ: Final = "jsii/kernel.SerializationError"
"""In the cause of an error of jsii: arguments were not what the engine takes, so it was not asked."""


def create(kind: Any, construct: Any, scope: Construct, id_: str, config: Mapping[str, Any]) -> None:
    """Let the engine make the object behind a construct, as ``kind.__init__`` would.

    Args:
        kind: The class of the engine that the construct is of; its constructor passes everything on.
        construct: The construct.
        scope: Where it is made.
        id_: The id it is to have.
        config: The keyword arguments of the constructor.

    Raises:
        RuntimeError: When the engine refuses.
    """
    given = {name: value for name, value in config.items() if value is not None}
    own: type = type(construct)
    try:
        # jsii looks for overrides in the class of what it is given; for as long as it looks, it is given a
        # class that has the overrides and nothing else.
        construct.__class__ = _overriding(own, kind)
        jsii.create(kind, construct, [scope, id_, _struct(given)])
    except (AttributeError, RuntimeError, TypeError) as error:
        construct.__class__ = own
        if isinstance(error, RuntimeError) and _NOT_READ not in str(error.__cause__):
            raise
        # Nothing was made. What this cannot do the ordinary way does, or says what is wrong.
        kind.__init__(construct, scope, id_, **given)
    finally:
        construct.__class__ = own


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


@cache
def _overriding(own: type, kind: type) -> type:
    """A subclass of an engine's class with those members of ours that the engine's class has, too."""
    if getattr(own, "__jsii_ifaces__", None) is not getattr(kind, "__jsii_ifaces__", None):
        return own  # it may override members of other interfaces
    members: dict[str, Any] = {}
    for base in own.__mro__[: own.__mro__.index(kind)]:
        for name, member in vars(base).items():
            overrides = hasattr(kind, name) and (isfunction(member) or isdatadescriptor(member))
            if overrides and not name.startswith("__") and not isinstance(member, Refused):
                members.setdefault(name, member)
    return type(own.__name__, (kind,), members) if members else kind


def _struct(given: Mapping[str, Any]) -> dict[str, Any]:
    """Keyword arguments as the engine's own language names them."""
    return {
        _camel_case(name): _struct(value) if name in _STRUCTS and isinstance(value, dict) else value
        for name, value in given.items()
    }


@cache
def _camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))
