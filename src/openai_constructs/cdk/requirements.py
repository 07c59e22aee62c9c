"""Provider sources and versions that a stack may require."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from openai_constructs.schema import NATIVE
from openai_constructs.values.checks import Checks

__all__ = [
    "NATIVE_VERSION",
    "PUBLIC_SOURCE",
    "PUBLIC_VERSION",
    "check_requirement",
    "is_public",
    "warning_of_2",
]

PUBLIC_SOURCE: Final = "mkdev-me/openai"
"""Source address of the public provider, which the packaged module requires."""

PUBLIC_VERSION: Final = ">= 1.1.0, < 2.0.0"
"""Releases of the public provider that can create a completion and have all arguments."""

NATIVE_VERSION: Final = ">= 0.1.0"
"""Supported releases of the native provider."""

_REGISTRIES: Final = ("registry.terraform.io", "registry.opentofu.org")

_SOURCE: Final = r"([\w.-]+(:\d+)?/)?[\w-]+/[\w-]+"
_CLAUSE: Final = (
    r"\s*(?P<operator>=|!=|>=|<=|>|<|~>|)\s*v?(?P<version>\d+(\.\d+){0,2})([-+][0-9A-Za-z.+-]+)?\s*"
)
_OWN_REQUIREMENTS: Final = ((PUBLIC_SOURCE, PUBLIC_VERSION), (NATIVE.source, NATIVE_VERSION))
_WHY_NOT_2: Final = "on every 2.x release openai_chat_completion fails before its first request"


@cache
def is_public(source: str) -> bool:
    """Whether a source address is the public provider's, in any spelling."""
    address = str(source).lower()
    return address in (PUBLIC_SOURCE, *(f"{registry}/{PUBLIC_SOURCE}" for registry in _REGISTRIES))


def warning_of_2(version: str) -> str:
    """Return the warning about a version constraint that admits a release that cannot work."""
    return f"version = {version!r} lets Terraform pick a 2.x release, and {_WHY_NOT_2}: add `< 2.0.0`."


def check_requirement(checks: Checks, source: str, version: str) -> bool:
    """Check the source and version of a provider.

    Returns:
        Whether the constraint admits a release of the public provider that cannot work.
    """
    if isinstance(source, str) and isinstance(version, str) and (source, version) in _OWN_REQUIREMENTS:
        return False
    if not isinstance(source, str) or not re.fullmatch(_SOURCE, source):
        fix = f"Write it like {PUBLIC_SOURCE!r}, with the host in front for another registry."
        checks.refuse("source", source, "a provider source address", fix)
    clauses = [re.fullmatch(_CLAUSE, it) for it in version.split(",")] if isinstance(version, str) else [None]
    bounds = [(it["operator"], _numbers(it["version"])) for it in clauses if it is not None]
    if len(bounds) < len(clauses):
        checks.refuse(
            "version", version, "a Terraform version constraint", f"Write it as {PUBLIC_VERSION!r}."
        )
    elif isinstance(source, str) and is_public(source):
        if any(_admits_only_2(*bound) for bound in bounds):
            allowed = f"a constraint that admits 1.x: {_WHY_NOT_2}"
            checks.refuse("version", version, allowed, f"Use {PUBLIC_VERSION!r}.")
        return not any(_keeps_out_2(*bound) for bound in bounds)
    return False


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in f"{version}.0.0".split(".")[:3])


def _admits_only_2(operator: str, version: tuple[int, ...]) -> bool:
    return operator in ("", "=", ">", ">=", "~>") and version >= (2, 0, 0)


def _keeps_out_2(operator: str, version: tuple[int, ...]) -> bool:
    return (version < (2, 0, 0) and operator in ("", "=", "<=", "~>")) or (
        version <= (2, 0, 0) and operator == "<"
    )
