"""Base class of calls of the packaged module ``chat_completion``, for single chats and fleets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from openai_constructs.cdk.context import ConstructContext
from openai_constructs.cdk.creation import create
from openai_constructs.cdk.engine import cdk
from openai_constructs.cdk.meta import check_dependencies, check_provider
from openai_constructs.cdk.module import module_source
from openai_constructs.cdk.parameters import CallOptions
from openai_constructs.cdk.scopes import OWN_NAME
from openai_constructs.schema import NATIVE, Limits
from openai_constructs.values.checks import Checks

__all__ = ["ModuleCall"]

_NOT_EMPTY: Final = Limits(min_length=1)
_VARIABLES: Final = NATIVE.chat_completion.arguments


class ModuleCall(cdk.TerraformHclModule):
    """``module "<id>"`` with the packaged module. An abstract base; its classes are ``without_overrides``."""

    @property
    def for_each(self) -> None:
        """Always ``None``: one call is one chat. Use ``ChatFleet`` for many chats in one call."""

    @for_each.setter
    def for_each(self, value: object) -> None:
        checks = Checks()
        allowed = "not set: a ChatFleet has many chats in one call"
        checks.refuse("for_each", value, allowed, "Use ChatFleet(chats={key: ...}).")
        checks.raise_for(self.node.path)

    def __setattr__(self, name: str, value: Any) -> None:
        # The engine has no such attribute, so an assignment would succeed without changing the JSON.
        if name in _VARIABLES:
            raise AttributeError(
                f"{name} is an argument: pass it to the constructor, or use set({name!r}, ...)."
            )
        super().__setattr__(name, value)

    def _take_call_options(self, context: ConstructContext, given: dict[str, Any]) -> dict[str, Any]:
        """Remove the options of the call from the given arguments, and note all their problems."""
        call = {name: given.pop(name, None) for name in CallOptions.__annotations__}
        for name in ("source", "version"):
            if call[name] is not None:
                context.checks.text(name, call[name], _NOT_EMPTY)
        check_provider(context.checks, context.scope.stack, call["provider"])
        check_dependencies(context.checks, context.scope.stack, call["depends_on"])
        context.claim("id", "module")
        return call

    def _create(
        self,
        context: ConstructContext,
        variables: Mapping[str, Any],
        call: Mapping[str, Any],
        warnings: Sequence[str],
    ) -> None:
        name = context.state.local_name
        is_usual = name == OWN_NAME
        config = {
            "source": call["source"] or module_source(context.scope),
            "version": call["version"],
            "providers": [call["provider"]] if call["provider"] is not None and is_usual else None,
            "depends_on": call["depends_on"],
            "skip_asset_creation_from_local_modules": True,
            "variables": variables,
        }
        create(cdk.TerraformHclModule, self, context, config, warnings)
        if not is_usual:
            # The engine would use the provider's name in the stack for the module as well.
            used = name if call["provider"] is None else call["provider"].fqn
            self.add_override("providers", {OWN_NAME: used})
        self._scope = context.scope
