"""Values that the engine resolves: expressions it has no words for."""

from __future__ import annotations

import json
from typing import Any

import jsii

from openai_constructs.cdk.engine import cdk
from openai_constructs.values.checks import Checks
from openai_constructs.values.tokens import is_token

__all__ = ["Comprehension", "Expression", "InstanceReference", "Resolvable", "index_of"]


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


class Expression(Resolvable):
    """A Terraform expression, without its braces."""

    def __init__(self, expression: str) -> None:
        self._expression = expression

    def resolve(self, context: cdk.IResolveContext) -> Any:
        """The expression; in braces, where it does not stand inside another."""
        return self._expression if context.suppress_braces else f"${{{self._expression}}}"


class InstanceReference(Resolvable):
    """``TYPE.NAME[0].path``: the engine itself can only refer to whole elements."""

    def __init__(self, element: str, suffix: str) -> None:
        self._element, self._suffix = element, suffix

    def resolve(self, context: cdk.IResolveContext) -> Any:
        """The element's own reference, which may be one to another stack, and the rest behind it."""
        return _around(context.resolve(self._element), "", self._suffix)


class Comprehension(Resolvable):
    """``{for key, it in ELEMENT : key => it.path}``: one attribute of all instances, by their keys."""

    def __init__(self, element: str, path: str) -> None:
        self._element, self._path = element, path

    def resolve(self, context: cdk.IResolveContext) -> Any:
        """The map, over the element's own reference."""
        return _around(context.resolve(self._element), "{for key, it in ", f" : key => it.{self._path}}}")


def _around(reference: str, before: str, after: str) -> str:
    """An expression around a reference, in braces where the engine wrote these around the reference.

    To ask the engine whether it wants them would take several calls to Node.
    """
    if reference.startswith("${"):
        return f"${{{before}{reference[2:-1]}{after}}}"
    return f"{before}{reference}{after}"


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
