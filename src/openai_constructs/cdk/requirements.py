"""Provider sources and versions that a stack may require."""

from __future__ import annotations

from functools import cache
from typing import Final

__all__ = ["NATIVE_VERSION", "PUBLIC_SOURCE", "PUBLIC_VERSION", "is_public"]

PUBLIC_SOURCE: Final = "mkdev-me/openai"
"""The public provider; the packaged module requires it."""

PUBLIC_VERSION: Final = ">= 1.1.0, < 2.0.0"
"""Releases of the public provider that can create a completion and know every argument."""

NATIVE_VERSION: Final = ">= 0.1.0"
"""Supported releases of the native provider."""

_REGISTRIES: Final = ("registry.terraform.io", "registry.opentofu.org")


@cache
def is_public(source: str) -> bool:
    """Whether a source address is that of the public provider, in any spelling."""
    address = str(source).lower()
    return address in (PUBLIC_SOURCE, *(f"{registry}/{PUBLIC_SOURCE}" for registry in _REGISTRIES))
