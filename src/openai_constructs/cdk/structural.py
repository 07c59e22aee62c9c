"""Structural types of parameters, so that type checkers accept the objects of either engine.

The classes of the two engines are unrelated, and type checkers see this library with one of them. At run time
it accepts only objects of the engine in use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from openai_constructs.cdk.engine import cdk

__all__ = ["Count", "Flag", "LifecycleFields", "Number", "Variable"]

Number: TypeAlias = "float | cdk.IResolvable"
Flag: TypeAlias = "bool | cdk.IResolvable"


class Variable(Protocol):
    """A ``TerraformVariable``."""

    @property
    def string_value(self) -> str:
        """The value as a text."""
        ...

    @property
    def boolean_value(self) -> Any:
        """The value as a bool."""
        ...


class Count(Protocol):
    """A ``TerraformCount``."""

    @property
    def index(self) -> Any:
        """The index of an instance."""
        ...

    def to_terraform(self) -> Any:
        """Return the number of instances."""
        ...


class LifecycleFields(Protocol):
    """A ``TerraformResourceLifecycle``."""

    @property
    def create_before_destroy(self) -> bool | None:
        """Whether Terraform creates a replacement first."""
        ...

    @property
    def prevent_destroy(self) -> bool | None:
        """Whether Terraform refuses to destroy the resource."""
        ...
