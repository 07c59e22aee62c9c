"""``provider "openai"`` of the compat edition: its configuration, from arguments and environment."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any, Final

from tf.utils import Diagnostics

from openai_constructs.provider.compat.chat_completion import ChatCompletion
from openai_constructs.provider.compat.checks import check
from openai_constructs.provider.compat.client import Client
from openai_constructs.provider.compat.data import DATA_SOURCES
from openai_constructs.provider.compat.urls import AddressError, parse
from openai_constructs.provider.core.blocks import Unknown, decode
from openai_constructs.provider.core.local_world import local_block
from openai_constructs.provider.core.provider import TableProvider
from openai_constructs.provider.core.secrets import Secrets
from openai_constructs.provider.editions import ADDRESSES
from openai_constructs.schema import COMPAT, PROVIDER

__all__ = ["CompatProvider"]

_VARIABLES: Final = {
    "api_key": "OPENAI_API_KEY",
    "admin_key": "OPENAI_ADMIN_KEY",
    "organization": "OPENAI_ORGANIZATION",
    "api_url": "OPENAI_API_URL",
    "timeout": "OPENAI_TIMEOUT",
}
_DEFAULTS: Final = {"api_url": "https://api.openai.com/v1", "timeout": "300"}
_URL_WITHOUT_ANY: Final = "https://api.openai.com"
_INTEGER: Final = re.compile(r"[+-]?[0-9]+", re.ASCII)
_NUMBER: Final = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?", re.ASCII)


class CompatProvider(TableProvider):
    """Stand-in for the chat completions of ``mkdev-me/openai`` 1.2.0.

    Args:
        environ: Environment variables to read instead of the process's own. If given, the proxies and
            certificates of the process are ignored too.

    Attributes:
        client: Client of the API, configured by the provider block and the environment.
    """

    address = ADDRESSES[0]
    edition = COMPAT
    resources = (ChatCompletion,)
    data_sources = DATA_SOURCES

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        self._environ = os.environ if environ is None else environ
        self._trust_env = environ is None
        self._secrets = Secrets()
        self.client = Client(api_key="", organization="", api_url=_URL_WITHOUT_ANY, timeout=300)

    def resource(self) -> ChatCompletion:
        """Return the implementation of completions."""
        return ChatCompletion(self)

    def mask(self, text: str) -> str:
        """Remove the API key from a text, in case a host repeats it. The public provider would show it."""
        return self._secrets.mask_answer(text)

    def stop(self) -> None:
        """Do nothing: the public provider finishes its requests."""

    def close(self) -> None:
        """Close the open connections."""
        self.client.close()

    def validate_config(self, diags: Diagnostics, config: Mapping[str, Any]) -> None:
        """Check the provider block, or the environment's timeout if the block has none."""
        arguments = decode(PROVIDER, config) or {}
        check(diags, PROVIDER, _with_timeout(diags, arguments, self._environ))

    def configure_provider(self, diags: Diagnostics, config: Mapping[str, Any]) -> None:
        """Use the provider block, and the environment for arguments that are not set."""
        block = local_block(decode(PROVIDER, config) or {}, self._environ)
        settings = {name: _setting(self._environ, name, value) for name, value in block.items()}
        api_url = settings["api_url"] or _URL_WITHOUT_ANY
        timeout = _timeout(diags, settings["timeout"])
        try:
            parse(api_url)
        except AddressError as error:
            diags.add_error(f"invalid API URL: {error}", "")
        if not diags.has_errors():
            self._secrets = Secrets((settings["api_key"], settings["admin_key"]))
            self.client = Client(
                api_key=settings["api_key"],
                organization=settings["organization"],
                api_url=api_url,
                timeout=timeout,
                trust_env=self._trust_env,
            )


def _setting(environ: Mapping[str, str], name: str, value: Any) -> str:
    """Return an argument as text. A missing argument falls back to the environment, an empty one does not."""
    if value is Unknown:
        return ""
    if value is None:
        return environ.get(_VARIABLES[name]) or _DEFAULTS.get(name, "")
    return str(value)


def _with_timeout(
    diags: Diagnostics, arguments: Mapping[str, Any], environ: Mapping[str, str]
) -> Mapping[str, Any]:
    """Return the arguments, with the environment's timeout as a number."""
    text = environ.get(_VARIABLES["timeout"])
    if arguments.get("timeout") is not None or not text:
        return arguments
    if not _NUMBER.fullmatch(text):
        diags.add_error('error setting default for "timeout": a number is required', "", ["timeout"])
        return arguments
    seconds = float(text)
    return {**arguments, "timeout": int(seconds) if seconds.is_integer() else seconds}


def _timeout(diags: Diagnostics, text: str) -> float | None:
    """Return a timeout in seconds; ``None`` for no limit.

    Go counts 64-bit nanoseconds, which overflow. Zero means the client's default of 60 seconds, and a
    negative value no limit.
    """
    if not _INTEGER.fullmatch(text or "0"):
        diags.add_error(f'strconv.ParseInt: parsing "{text}": invalid syntax', "", ["timeout"])
        return None
    nanoseconds = (int(text or "0") * 10**9 + 2**63) % 2**64 - 2**63
    if nanoseconds == 0:
        return 60
    return nanoseconds / 10**9 if nanoseconds > 0 else None
