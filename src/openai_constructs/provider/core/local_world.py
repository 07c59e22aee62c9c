"""The provider block in local runs, where only the environment sets address, account and archive."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

__all__ = ["VARIABLE", "is_local", "local_block"]

VARIABLE: Final = "OPENAI_CONSTRUCTS_LOCAL"
"""Environment variable that marks a local run; its value is the URL of the local archive."""

_OF_THE_ACCOUNT: Final = frozenset(
    {"api_key", "admin_key", "api_url", "base_url", "organization", "project", "headers"}
)


def is_local(environ: Mapping[str, str]) -> bool:
    """Return whether the environment is that of a local run."""
    return bool(environ.get(VARIABLE))


def local_block(block: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, Any]:
    """Return the provider block for a local run; in any other run, return it unchanged.

    No block can direct a local run to the real API. An archive or budget uses the local archive.

    Args:
        block: The decoded provider block; ``None`` for arguments that are not set.
        environ: Environment variables.
    """
    if not is_local(environ):
        return dict(block)
    local = {name: None if name in _OF_THE_ACCOUNT else value for name, value in block.items()}
    if any(block.get(name) is not None for name in ("archive", "budget_usd")):
        local["archive"] = environ[VARIABLE]
    return local
