"""Meta-arguments of blocks and module calls: provider, dependencies, lifecycle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

from constructs import Construct

from openai_constructs.cdk.engine import cdk
from openai_constructs.cdk.scopes import Scope
from openai_constructs.schema import Limits
from openai_constructs.values.checks import Checks
from openai_constructs.values.tokens import is_token

if TYPE_CHECKING:
    from openai_constructs.cdk.structural import LifecycleFields

__all__ = ["Lifecycle", "check_dependencies", "check_instances", "check_provider", "lifecycle_fields"]

Lifecycle: TypeAlias = "LifecycleFields | dict[str, Any]"

_LIFECYCLE: Final = (
    "create_before_destroy",
    "ignore_changes",
    "postcondition",
    "precondition",
    "prevent_destroy",
    "replace_triggered_by",
)
"""Fields of the engine's lifecycle struct."""


def check_provider(checks: Checks, stack: cdk.TerraformStack, provider: object) -> None:
    """Note a problem if ``provider`` is not a provider of the stack."""
    if provider is None:
        return
    if not isinstance(provider, cdk.TerraformProvider):
        checks.refuse("provider", provider, "an OpenaiProvider", "Pass the construct itself.")
    elif _stack_of(provider) is not stack:
        fix = "Create an OpenaiProvider in this stack too."
        checks.refuse("provider", provider.node.path, "a provider of the same stack", fix)


def check_dependencies(checks: Checks, stack: cdk.TerraformStack, depends_on: object) -> None:
    """Note a problem for each entry that is not a valid dependency in the stack."""
    if depends_on is None:
        return
    for index, dependency in enumerate(checks.sequence("depends_on", depends_on, Limits(), "constructs")):
        argument = f"depends_on[{index}]"
        # Look at the class: an attribute of the object would call the engine.
        has_address = hasattr(type(dependency), "fqn")
        if not has_address and (isinstance(dependency, Construct) or not is_token(dependency)):
            allowed = "a resource, a data source or a module call"
            fix = "Pass an element of the construct; for a lookup, its data_completion."
            checks.refuse(argument, dependency, allowed, fix)
        elif isinstance(dependency, cdk.TerraformElement) and _stack_of(dependency) is not stack:
            fix = "Order whole stacks: this_stack.add_dependency(the_other)."
            checks.refuse(argument, dependency.node.path, "of the same stack", fix)


def _stack_of(element: cdk.TerraformElement) -> object:
    scope = vars(element).get("_scope")  # ours know it
    return scope.stack if isinstance(scope, Scope) else element.cdktf_stack


def check_instances(checks: Checks, count: Any, for_each: object) -> None:
    """Note the problems of ``count`` and ``for_each``."""
    if for_each is not None and not isinstance(for_each, cdk.TerraformIterator):
        fix = "Write TerraformIterator.from_list(...) or TerraformIterator.from_map(...)."
        checks.refuse("for_each", for_each, "a TerraformIterator", fix)
    if count is not None and for_each is not None:
        checks.refuse("count", count, "omitted if for_each is given", "Use one of the two.")
    elif count is not None and not isinstance(count, cdk.TerraformCount) and not _is_number_token(count):
        if is_token(count):
            checks.refuse("count", count, "a number", "Write Token.as_number(...) around it.")
        checks.number("count", count, Limits(minimum=0, integer=True))


def _is_number_token(value: object) -> bool:
    return isinstance(value, float) and is_token(value)


def lifecycle_fields(checks: Checks, lifecycle: object) -> dict[str, Any]:
    """Return the fields that are set in a lifecycle, and note all its problems."""
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
            if not isinstance(value, bool):  # Terraform does not accept an expression here
                checks.refuse(argument, value, "True or False", "Use a bool.")
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
