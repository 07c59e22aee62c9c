"""The two editions of the embedded provider: their addresses and releases.

The compat edition stands in for ``mkdev-me/openai`` 1.2.0. The native edition is a provider of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from openai_constructs.provider.core.protocol import EmbeddedProvider

__all__ = ["ADDRESSES", "NATIVE_ADDRESS", "VERSION", "provider_of", "release"]

ADDRESSES: Final = ("registry.terraform.io/mkdev-me/openai", "registry.opentofu.org/mkdev-me/openai")
"""Addresses of ``mkdev-me/openai`` for Terraform and OpenTofu."""

VERSION: Final = "1.2.0"
"""The release that the compat edition stands in for."""

NATIVE_ADDRESS: Final = "terraform.local/openai-constructs/openai"
"""Address of the native edition for both. It is installed from a mirror, never from a host of this name."""


def release() -> str:
    """Return the release of the native edition, which is the release of this package."""
    from importlib.metadata import version  # takes a tenth of a provider's start, and most starts skip it

    return version("openai-constructs")


def provider_of(edition: str, environ: Mapping[str, str] | None = None) -> EmbeddedProvider:
    """Create the provider of an edition. Imports only the modules of that edition.

    Args:
        edition: ``compat`` or ``native``.
        environ: Environment variables to read instead of the process's own.
    """
    if edition == "native":
        from openai_constructs.provider.native.provider import NativeProvider

        return NativeProvider(environ)
    from openai_constructs.provider.compat.provider import CompatProvider

    return CompatProvider(environ)
