"""Parameters by what is needed of them, for type checkers: the objects of either engine will do.

The classes of the two engines are unrelated, and a checker knows this library by one of them. At run time
only the objects of the engine in use are taken.
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
        """Its value as a text."""
        ...

    @property
    def boolean_value(self) -> Any:
        """Its value as a truth value."""
        ...


class Count(Protocol):
    """A ``TerraformCount``."""

    @property
    def index(self) -> Any:
        """Which of them it is."""
        ...

    def to_terraform(self) -> Any:
        """How many there are."""
        ...


class LifecycleFields(Protocol):
    """A ``TerraformResourceLifecycle``."""

    @property
    def create_before_destroy(self) -> bool | None:
        """Whether the new one comes first."""
        ...

    @property
    def prevent_destroy(self) -> bool | None:
        """Whether Terraform refuses to destroy it."""
        ...
