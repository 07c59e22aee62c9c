"""Base classes of both editions' resources and data sources: a name, and a block of the schema table."""

from __future__ import annotations

from typing import ClassVar

from tf.iface import CreateContext, DataSource, DeleteContext, Resource, UpdateContext
from tf.schema import Schema

from openai_constructs.provider.core.blocks import State, terraform_schema
from openai_constructs.provider.core.planning import Change, Plan, Private
from openai_constructs.schema import Block

__all__ = ["TableResource", "TableSource"]


class _OfTable:
    """A type of the table.

    Attributes:
        name: Its name without the provider's prefix.
        table: Its block.
    """

    name: ClassVar[str]
    table: ClassVar[Block]

    @classmethod
    def get_name(cls) -> str:
        """Its name without the provider's prefix."""
        return cls.name

    @classmethod
    def get_schema(cls) -> Schema:
        """Its schema."""
        return terraform_schema(cls.table)


class TableSource(_OfTable, DataSource):
    """A data source of the table."""


class TableResource(_OfTable, Resource):
    """A resource of the table."""

    def plan_change(self, prior: State | None, config: State, private: Private) -> Plan:
        """Plan a creation, where there is no prior state, or a change."""
        raise NotImplementedError

    def apply_change(self, change: Change) -> State | None:
        """Do what was planned; the new state, None where there is nothing."""
        raise NotImplementedError

    # `tf` declares these three as abstract. The protocol's calls end in apply_change instead.
    def create(self, ctx: CreateContext, planned: State) -> State | None:
        """Not called."""
        raise NotImplementedError

    def update(self, ctx: UpdateContext, current: State, planned: State) -> State | None:
        """Not called."""
        raise NotImplementedError

    def delete(self, ctx: DeleteContext, current: State) -> None:
        """Not called."""
        raise NotImplementedError
