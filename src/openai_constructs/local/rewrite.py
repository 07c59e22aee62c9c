"""Taking a stack into the local world: the same JSON, but for where state and keys come from."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from openai_constructs.local.configurations import our_name
from openai_constructs.local.stack import STATE

__all__ = ["key_variables", "localized"]

_OF_THE_ACCOUNT: Final = frozenset(
    {"api_key", "admin_key", "api_url", "base_url", "organization", "project", "headers"}
)
_CROSS_STACK: Final = "cross-stack-reference-input-"


def localized(configuration: dict[str, Any], state_of: Callable[[str], str], archive: str) -> dict[str, Any]:
    """A stack's JSON for the local world.

    The backend becomes a local file, references to other stacks read those stacks' local files, and the
    provider ``openai`` gets its address and key from the environment. Everything else stays as it was
    synthesized.

    Args:
        configuration: What the engine wrote.
        state_of: Path of the local state of another stack of the app, by its name.
        archive: URL of the local archive. It stands in for the stack's own, and counts its budget.
    """
    terraform = {name: it for name, it in configuration.get("terraform", {}).items() if name != "cloud"}
    made = {**configuration, "terraform": {**terraform, "backend": {"local": {"path": STATE}}}}
    name, providers = our_name(configuration), configuration.get("provider", {})
    if name in providers:
        own = [_provider(block, archive) for block in providers[name]]
        made["provider"] = {**providers, name: own}
    if remote := configuration.get("data", {}).get("terraform_remote_state"):
        local = {name: _remote_state(name, block, state_of) for name, block in remote.items()}
        made["data"] = {**configuration["data"], "terraform_remote_state": local}
    return made


def _provider(block: dict[str, Any], archive: str) -> dict[str, Any]:
    own = {name: it for name, it in block.items() if name not in _OF_THE_ACCOUNT}
    return {**own, "archive": archive} if {"archive", "budget_usd"} & own.keys() else own


def _remote_state(name: str, block: dict[str, Any], state_of: Callable[[str], str]) -> dict[str, Any]:
    """Point a reference to another stack of the app at its local state; leave other remote states alone."""
    if not name.startswith(_CROSS_STACK):
        return block
    others = {
        argument: it for argument, it in block.items() if argument not in ("backend", "config", "workspace")
    }
    return {**others, "backend": "local", "config": {"path": state_of(name.removeprefix(_CROSS_STACK))}}


def key_variables(configuration: dict[str, Any]) -> Iterator[str]:
    """Names of the variables that a stack takes its keys from."""
    for block in configuration.get("provider", {}).get(our_name(configuration), []):
        for argument in ("api_key", "admin_key"):
            yield from re.findall(r"\bvar\.([A-Za-z_][\w-]*)", str(block.get(argument, "")))
