"""The provider block in local runs, where address, account and archive come from the environment alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

__all__ = ["VARIABLE", "is_local", "local_block"]

VARIABLE: Final = "OPENAI_CONSTRUCTS_LOCAL"
"""Set in local runs, to the URL of the local archive."""

_OF_THE_ACCOUNT: Final = frozenset(
    {"api_key", "admin_key", "api_url", "base_url", "organization", "project", "headers"}
)


def is_local(environ: Mapping[str, str]) -> bool:
    """Return whether the environment is that of a local run."""
    return bool(environ.get(VARIABLE))


def local_block(block: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, Any]:
    """Return a provider block as local runs use it, and unchanged in any other run.

    No block can lead a local run to the real API. Its archive or budget is that of the local archive.

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
