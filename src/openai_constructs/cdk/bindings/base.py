"""What the bindings share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeAlias

from openai_constructs.cdk.annotations import query_warnings
from openai_constructs.cdk.creation import SynthesizesItself, create
from openai_constructs.cdk.engine import cdk
from openai_constructs.cdk.readers import ElementReader, Reader
from openai_constructs.cdk.scopes import Construction
from openai_constructs.cdk.text import written
from openai_constructs.schema import Block

if TYPE_CHECKING:
    from openai_constructs.cdk.structural import LifecycleFields

__all__ = ["GENERATOR_METADATA", "DataSource", "Flag", "Lifecycle", "Number", "ReadsItself", "meta_arguments"]

Number: TypeAlias = "float | cdk.IResolvable"
Flag: TypeAlias = "bool | cdk.IResolvable"
Lifecycle: TypeAlias = "LifecycleFields | dict[str, Any]"

GENERATOR_METADATA: Final = {"provider_name": "openai"}
"""Lets the engine see at synthesis that a stack has no provider ``openai``."""


class ReadsItself:
    """Gives an element the reader that its attributes are read with."""

    _path = ""

    @property
    def _reader(self) -> Reader:
        return ElementReader(self)  # type: ignore[arg-type]  # only mixed into resources and data sources


class DataSource(ReadsItself, SynthesizesItself, cdk.TerraformDataSource):
    """What the three data sources have in common: making themselves of a checked set of arguments."""

    TF_RESOURCE_TYPE: ClassVar[str]
    BLOCK: ClassVar[Block]

    def _make(self, making: Construction, given: Mapping[str, object], meta: Mapping[str, Any]) -> None:
        for name, value in given.items():
            making.checks.attribute(name, value, self.BLOCK.attributes[name])
        making.claim("id", f"data.{self.TF_RESOURCE_TYPE}")
        query = {name: value for name, value in given.items() if value is not None}
        making.check_provider(meta["provider"])
        with making.creating():
            asked = written(query, is_plain=making.checks.is_plain)
            self._arguments = asked.arguments
            config = {
                "terraform_resource_type": self.TF_RESOURCE_TYPE,
                "terraform_generator_metadata": GENERATOR_METADATA,
                **meta,
            }
            warnings = query_warnings(self.TF_RESOURCE_TYPE, asked.given, making.place.memory)
            create(cdk.TerraformDataSource, self, making, config, self._arguments, warnings)


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
