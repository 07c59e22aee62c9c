"""What the bindings share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeAlias

from openai_constructs.cdk.annotations import query_warnings
from openai_constructs.cdk.creation import SynthesizesItself, create
from openai_constructs.cdk.engine import cdk
from openai_constructs.cdk.readers import ElementReader, Reader
from openai_constructs.cdk.scopes import Construction
from openai_constructs.cdk.structural import Flag, Number
from openai_constructs.cdk.text import written
from openai_constructs.schema import Block, Limits
from openai_constructs.values.checks import Checks

if TYPE_CHECKING:
    from openai_constructs.cdk.structural import LifecycleFields

__all__ = [
    "GENERATOR_METADATA",
    "DataSource",
    "Flag",
    "Lifecycle",
    "Number",
    "ReadsItself",
    "checked_meta",
    "lifecycle_fields",
    "meta_arguments",
]

Lifecycle: TypeAlias = "LifecycleFields | dict[str, Any]"

GENERATOR_METADATA: Final = {"provider_name": "openai"}
"""Lets the engine see at synthesis that a stack has no provider ``openai``."""

_LIFECYCLE: Final = (
    "create_before_destroy",
    "ignore_changes",
    "postcondition",
    "precondition",
    "prevent_destroy",
    "replace_triggered_by",
)
"""The fields of the engine's struct."""


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
        checked = checked_meta(making, meta)
        with making.creating():
            asked = written(query, is_plain=making.checks.is_plain)
            self._arguments = asked.arguments
            config = {
                "terraform_resource_type": self.TF_RESOURCE_TYPE,
                "terraform_generator_metadata": GENERATOR_METADATA,
                **checked,
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


def checked_meta(making: Construction, meta: Mapping[str, Any]) -> dict[str, Any]:
    """The same, every problem of them noted, the lifecycle as its fields."""
    making.check_provider(meta["provider"])
    making.check_dependencies(meta["depends_on"])
    return {**meta, "lifecycle": lifecycle_fields(making.checks, meta["lifecycle"])}


def lifecycle_fields(checks: Checks, lifecycle: object) -> dict[str, Any] | None:
    """What is set of a lifecycle, every problem of it noted."""
    if lifecycle is None:
        return None
    if isinstance(lifecycle, cdk.TerraformResourceLifecycle):
        return {name: it for name in _LIFECYCLE if (it := getattr(lifecycle, name)) is not None}
    given = checks.mapping("lifecycle", lifecycle, Limits(), "the fields of TerraformResourceLifecycle")
    for name in given.keys() - _LIFECYCLE:
        checks.refuse("lifecycle", name, f"one of {', '.join(_LIFECYCLE)}", "Correct the name.")
    return {name: it for name, it in given.items() if name in _LIFECYCLE}
