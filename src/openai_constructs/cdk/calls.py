"""Calls of the packaged module ``chat_completion``: what one chat and a fleet of them share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from openai_constructs.cdk.creation import Refused, create
from openai_constructs.cdk.engine import cdk
from openai_constructs.cdk.module import module_source
from openai_constructs.cdk.parameters import CallOptions
from openai_constructs.cdk.scopes import Construction
from openai_constructs.schema import Limits

__all__ = ["ModuleCall"]

_NOT_EMPTY: Final = Limits(min_length=1)


class ModuleCall(cdk.TerraformHclModule):
    """``module "<id>"`` with the packaged module. Not made itself."""

    for_each = Refused(  # pyright: ignore[reportAssignmentType, reportIncompatibleMethodOverride]
        "left alone: many chats in one call are a ChatFleet", "Use ChatFleet(chats={key: ...})."
    )

    def _take_call_options(self, making: Construction, given: dict[str, Any]) -> dict[str, Any]:
        """Take the options of the call out of what was given, every problem of them noted."""
        call = {name: given.pop(name, None) for name in CallOptions.__annotations__}
        for name in ("source", "version"):
            if call[name] is not None:
                making.checks.text(name, call[name], _NOT_EMPTY)
        making.check_provider(call["provider"])
        making.check_dependencies(call["depends_on"])
        making.claim("id", "module")
        return call

    def _create(
        self,
        making: Construction,
        variables: Mapping[str, Any],
        call: Mapping[str, Any],
        warnings: Sequence[str],
    ) -> None:
        config = {
            "source": call["source"] or module_source(making.place),
            "version": call["version"],
            "providers": None if call["provider"] is None else [call["provider"]],
            "depends_on": call["depends_on"],
            "skip_asset_creation_from_local_modules": True,
        }
        create(cdk.TerraformHclModule, self, making, config, variables, warnings)
