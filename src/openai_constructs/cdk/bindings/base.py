"""Base classes of the bindings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from openai_constructs.cdk.annotations import query_warnings
from openai_constructs.cdk.context import ConstructContext
from openai_constructs.cdk.creation import RendersArguments, create
from openai_constructs.cdk.engine import cdk
from openai_constructs.cdk.meta import (
    Lifecycle,
    check_dependencies,
    check_instances,
    check_provider,
    lifecycle_fields,
)
from openai_constructs.cdk.readers import ElementReader, Reader
from openai_constructs.cdk.scopes import OWN_NAME
from openai_constructs.cdk.structural import Flag, Number
from openai_constructs.cdk.text import render
from openai_constructs.schema import Block

__all__ = [
    "DataSource",
    "Flag",
    "Lifecycle",
    "Number",
    "ReadsItself",
    "block_config",
    "meta_arguments",
]

_GENERATOR_METADATA: Final = {"provider_name": "openai"}
"""Lets the engine see at synthesis that a stack has no provider ``openai``."""


class ReadsItself:
    """Gives an element the reader that its attributes are read with."""

    _path = ""

    @property
    def _reader(self) -> Reader:
        return ElementReader(self)  # type: ignore[arg-type]  # only mixed into resources and data sources


class DataSource(ReadsItself, RendersArguments, cdk.TerraformDataSource):
    """Base of the three data sources: creates itself from a checked set of arguments."""

    TF_RESOURCE_TYPE: ClassVar[str]
    BLOCK: ClassVar[Block]

    def _create(
        self, context: ConstructContext, given: Mapping[str, object], meta: Mapping[str, Any]
    ) -> None:
        for name, value in given.items():
            context.checks.attribute(name, value, self.BLOCK.attributes[name])
        context.claim("id", f"data.{self.TF_RESOURCE_TYPE}")
        config = block_config(context, self.TF_RESOURCE_TYPE, meta)
        query = {name: value for name, value in given.items() if value is not None}
        with context.raise_or_create():
            original, self._arguments = render(query)
            warnings = query_warnings(self.TF_RESOURCE_TYPE, original, context.state)
            create(cdk.TerraformDataSource, self, context, config, warnings)
            name_provider(self, context, meta)
        self._scope = context.scope


def name_provider(block: cdk.TerraformElement, context: ConstructContext, meta: Mapping[str, Any]) -> None:
    """Write the provider of a block, where it has another name than Terraform takes it to have."""
    if meta["provider"] is None and context.state.local_name != OWN_NAME:
        block.add_override("provider", context.state.local_name)


def meta_arguments(
    count: Any, depends_on: Any, for_each: Any, lifecycle: Any, provider: Any
) -> dict[str, Any]:
    """The meta-arguments that resources and data sources share."""
    return {
        "count": count,
        "depends_on": depends_on,
        "for_each": for_each,
        "lifecycle": lifecycle,
        "provider": provider,
    }


def block_config(context: ConstructContext, terraform_type: str, meta: Mapping[str, Any]) -> dict[str, Any]:
    """The engine's configuration of a resource or data source, every problem of its meta-arguments noted."""
    checks, stack = context.checks, context.scope.stack
    check_provider(checks, stack, meta["provider"])
    check_dependencies(checks, stack, meta["depends_on"])
    check_instances(checks, meta["count"], meta["for_each"])
    return {
        **meta,
        "lifecycle": lifecycle_fields(checks, meta["lifecycle"]) or None,
        "terraform_resource_type": terraform_type,
        "terraform_generator_metadata": _GENERATOR_METADATA,
    }
