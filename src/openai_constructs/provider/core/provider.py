"""Base class of both editions' providers, with an address and blocks of the schema table."""

from __future__ import annotations

from typing import ClassVar

from tf.iface import DataSource, Provider, Resource
from tf.schema import Schema
from tf.utils import Diagnostics

from openai_constructs.provider.core.blocks import terraform_schema
from openai_constructs.schema import Edition

__all__ = ["TableProvider"]


class TableProvider(Provider):
    """A provider whose blocks come from the schema table.

    Attributes:
        address: Address of the provider: host/namespace/type.
        edition: The edition's view of the table.
        resources: Classes of the resources.
        data_sources: Classes of the data sources.
    """

    address: ClassVar[str]
    edition: ClassVar[Edition]
    resources: ClassVar[tuple[type[Resource], ...]]
    data_sources: ClassVar[tuple[type[DataSource], ...]]

    def full_name(self) -> str:
        """Return the address of the provider."""
        return self.address

    def get_model_prefix(self) -> str:
        """Return the name prefix of resources and data sources."""
        return "openai_"

    def get_provider_schema(self, diags: Diagnostics) -> Schema:
        """Return the schema of the provider block."""
        return terraform_schema(self.edition.provider)

    def get_resources(self) -> list[type[Resource]]:
        """Return the classes of the resources."""
        return list(self.resources)

    def get_data_sources(self) -> list[type[DataSource]]:
        """Return the classes of the data sources."""
        return list(self.data_sources)

    def mask(self, text: str) -> str:
        """Remove the secrets of the configuration from a text."""
        return text
