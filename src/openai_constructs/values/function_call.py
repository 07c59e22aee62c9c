"""A function call of the model."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["FunctionCall"]


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """A function call of the model in an earlier turn: block ``messages.function_call``.

    Attributes:
        name: Name of the function, ``[a-zA-Z0-9_-]{1,64}``.
        arguments: The arguments, as the model's JSON text.
    """

    name: str
    arguments: str
