"""Rewrite a stack's JSON for the local world, with another state and other keys."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from openai_constructs.local.configurations import our_name
from openai_constructs.local.stack import STATE

__all__ = ["LOCAL_BACKEND", "key_variables", "localized"]

LOCAL_BACKEND: Final = {"backend": {"local": {"path": STATE}}}
"""Backend of every stack in the local world."""

_CROSS_STACK: Final = "cross-stack-reference-input-"


def localized(configuration: dict[str, Any], state_of: Callable[[str], str]) -> dict[str, Any]:
    """Return a stack's JSON for the local world.

    The backend becomes a local file, and references to other stacks read their local states. Everything else
    stays unchanged.

    Args:
        configuration: The synthesized JSON.
        state_of: Function that returns the path of another stack's local state, by name.
    """
    terraform = {name: it for name, it in configuration.get("terraform", {}).items() if name != "cloud"}
    made = {**configuration, "terraform": {**terraform, **LOCAL_BACKEND}}
    if remote := configuration.get("data", {}).get("terraform_remote_state"):
        local = {name: _remote_state(name, block, state_of) for name, block in remote.items()}
        made["data"] = {**configuration["data"], "terraform_remote_state": local}
    return made


def _remote_state(name: str, block: dict[str, Any], state_of: Callable[[str], str]) -> dict[str, Any]:
    """Redirect a reference to another stack of the app to its local state; keep other remote states."""
    if not name.startswith(_CROSS_STACK):
        return block
    others = {
        argument: it for argument, it in block.items() if argument not in ("backend", "config", "workspace")
    }
    return {**others, "backend": "local", "config": {"path": state_of(name.removeprefix(_CROSS_STACK))}}


def key_variables(configuration: dict[str, Any]) -> Iterator[str]:
    """Yield the names of the variables with keys in a stack."""
    for block in configuration.get("provider", {}).get(our_name(configuration), []):
        for argument in ("api_key", "admin_key"):
            yield from re.findall(r"\bvar\.([A-Za-z_][\w-]*)", str(block.get(argument, "")))
