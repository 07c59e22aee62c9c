"""Base classes of both editions' resources and data sources, with a name and a block of the schema table."""

from __future__ import annotations

from typing import ClassVar

from tf.iface import CreateContext, DataSource, DeleteContext, Resource, UpdateContext
from tf.schema import Schema

from openai_constructs.provider.core.blocks import State, terraform_schema
from openai_constructs.provider.core.planning import Change, Plan, Private
from openai_constructs.schema import Block

__all__ = ["TableResource", "TableSource"]


class _OfTable:
    """A Terraform type of the schema table.

    Attributes:
        name: Name without the provider's prefix.
        table: Block of the table.
    """

    name: ClassVar[str]
    table: ClassVar[Block]

    @classmethod
    def get_name(cls) -> str:
        """Return the name without the provider's prefix."""
        return cls.name

    @classmethod
    def get_schema(cls) -> Schema:
        """Return the schema for Terraform."""
        return terraform_schema(cls.table)


class TableSource(_OfTable, DataSource):
    """A data source of the table."""


class TableResource(_OfTable, Resource):
    """A resource of the table."""

    def plan_change(self, prior: State | None, config: State, private: Private) -> Plan:
        """Plan a creation (without prior state) or a change."""
        raise NotImplementedError

    def apply_change(self, change: Change) -> State | None:
        """Apply the planned change. Return the new state; None if the resource no longer exists."""
        raise NotImplementedError

    # `tf` declares these three as abstract. The protocol's calls use `apply_change` instead.
    def create(self, ctx: CreateContext, planned: State) -> State | None:
        """Not called."""
        raise NotImplementedError

    def update(self, ctx: UpdateContext, current: State, planned: State) -> State | None:
        """Not called."""
        raise NotImplementedError

    def delete(self, ctx: DeleteContext, current: State) -> None:
        """Not called."""
        raise NotImplementedError
