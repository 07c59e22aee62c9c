"""The two editions of the embedded provider: which is started, where Terraform looks for it, and its release.

The compat edition stands in for ``mkdev-me/openai`` 1.2.0. The native edition is a provider of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from openai_constructs.provider.core.protocol import EmbeddedProvider

__all__ = ["ADDRESSES", "NATIVE_ADDRESS", "VERSION", "provider_of", "release"]

ADDRESSES: Final = ("registry.terraform.io/mkdev-me/openai", "registry.opentofu.org/mkdev-me/openai")
"""Where Terraform and OpenTofu look for ``mkdev-me/openai``."""

VERSION: Final = "1.2.0"
"""The release of it that the compat edition answers for."""

NATIVE_ADDRESS: Final = "terraform.local/openai-constructs/openai"
"""Where both look for the native edition. No host of that name is asked: it is found in a mirror only."""


def release() -> str:
    """The release of the native edition, which is that of this package."""
    from importlib.metadata import version  # a tenth of a provider's start, and most starts need it not

    return version("openai-constructs")


def provider_of(edition: str, environ: Mapping[str, str] | None = None) -> EmbeddedProvider:
    """Create the provider of an edition. Only what it needs is imported.

    Args:
        edition: ``compat`` or ``native``.
        environ: Environment variables to read instead of the process's own.
    """
    if edition == "native":
        from openai_constructs.provider.native.provider import NativeProvider

        return NativeProvider(environ)
    from openai_constructs.provider.compat.provider import CompatProvider

    return CompatProvider(environ)
