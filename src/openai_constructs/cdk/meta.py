"""Meta-arguments of blocks and module calls: provider, dependencies, lifecycle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

from constructs import Construct

from openai_constructs.cdk.engine import cdk
from openai_constructs.schema import Limits
from openai_constructs.values.checks import Checks
from openai_constructs.values.tokens import is_token

if TYPE_CHECKING:
    from openai_constructs.cdk.structural import LifecycleFields

__all__ = ["Lifecycle", "check_dependencies", "check_provider", "lifecycle_fields"]

Lifecycle: TypeAlias = "LifecycleFields | dict[str, Any]"

_LIFECYCLE: Final = (
    "create_before_destroy",
    "ignore_changes",
    "postcondition",
    "precondition",
    "prevent_destroy",
    "replace_triggered_by",
)
"""Fields of the engine's struct."""


def check_provider(checks: Checks, provider: object) -> None:
    """Note a problem if ``provider`` is not a provider."""
    if provider is not None and not isinstance(provider, cdk.TerraformProvider):
        checks.refuse("provider", provider, "an OpenaiProvider", "Give the construct itself.")


def check_dependencies(checks: Checks, depends_on: object) -> None:
    """Note a problem for each entry that nothing can depend on; the engine would ignore it."""
    if depends_on is None:
        return
    for index, dependency in enumerate(checks.sequence("depends_on", depends_on, Limits(), "constructs")):
        # Ask the class: an object would ask the engine.
        has_address = hasattr(type(dependency), "fqn")
        if not has_address and (isinstance(dependency, Construct) or not is_token(dependency)):
            allowed = "a resource, a data source or a module call"
            fix = "Give what is in the construct; of a lookup, its data_completion."
            checks.refuse(f"depends_on[{index}]", dependency, allowed, fix)


def lifecycle_fields(checks: Checks, lifecycle: object) -> dict[str, Any]:
    """The fields that are set in a lifecycle, every problem of it noted."""
    if lifecycle is None:
        return {}
    if isinstance(lifecycle, cdk.TerraformResourceLifecycle):
        return {name: field for name in _LIFECYCLE if (field := getattr(lifecycle, name)) is not None}
    given = checks.mapping("lifecycle", lifecycle, Limits(), "the fields of TerraformResourceLifecycle")
    for name in given.keys() - _LIFECYCLE:
        checks.refuse("lifecycle", name, f"one of {', '.join(_LIFECYCLE)}", "Correct the name.")
    fields = {name: given[name] for name in _LIFECYCLE if given.get(name) is not None}
    for name, value in fields.items():
        _check_field(checks, name, value)
    return fields


def _check_field(checks: Checks, name: str, value: object) -> None:
    argument = f"lifecycle.{name}"
    match name:
        case "create_before_destroy" | "prevent_destroy":
            if not isinstance(value, bool):  # Terraform takes no expression here
                checks.refuse(argument, value, "True or False", "Give a bool.")
        case "ignore_changes" | "replace_triggered_by":
            if name == "ignore_changes" and value == "all":
                return
            for index, entry in enumerate(checks.sequence(argument, value, Limits(), "texts")):
                checks.text(f"{argument}[{index}]", entry, Limits(min_length=1))
        case _:
            kind = name.capitalize()
            for index, entry in enumerate(checks.sequence(argument, value, Limits(), kind)):
                if not isinstance(entry, getattr(cdk, kind)):
                    fix = f"Write {kind}(condition=..., error_message=...)."
                    checks.refuse(f"{argument}[{index}]", entry, f"a {kind}", fix)
