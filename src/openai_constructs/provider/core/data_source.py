"""Base class of both editions' data sources: a name, and a block of the schema table."""

from __future__ import annotations

from typing import ClassVar

from tf.iface import DataSource
from tf.schema import Schema

from openai_constructs.provider.core.blocks import terraform_schema
from openai_constructs.schema import Block

__all__ = ["TableSource"]


class TableSource(DataSource):
    """A data source of the table.

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
