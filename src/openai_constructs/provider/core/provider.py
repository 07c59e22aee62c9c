"""Base class of both editions' providers: an address, and blocks of the schema table."""

from __future__ import annotations

from typing import ClassVar

from tf.iface import DataSource, Provider, Resource
from tf.schema import Schema
from tf.utils import Diagnostics

from openai_constructs.provider.core.blocks import terraform_schema
from openai_constructs.schema import Edition

__all__ = ["TableProvider"]


class TableProvider(Provider):
    """A provider of the table.

    Attributes:
        address: Where Terraform looks for it.
        edition: Its view of the table.
        resources: Its resources.
        data_sources: Its data sources.
    """

    address: ClassVar[str]
    edition: ClassVar[Edition]
    resources: ClassVar[tuple[type[Resource], ...]]
    data_sources: ClassVar[tuple[type[DataSource], ...]]

    def full_name(self) -> str:
        """The address it answers for."""
        return self.address

    def get_model_prefix(self) -> str:
        """The prefix of its resources and data sources."""
        return "openai_"

    def get_provider_schema(self, diags: Diagnostics) -> Schema:
        """The provider block."""
        return terraform_schema(self.edition.provider)

    def get_resources(self) -> list[type[Resource]]:
        """Its resources."""
        return list(self.resources)

    def get_data_sources(self) -> list[type[DataSource]]:
        """Its data sources."""
        return list(self.data_sources)

    def mask(self, text: str) -> str:
        """Text to print, without the secrets of the configuration."""
        return text
