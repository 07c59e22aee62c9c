"""``provider "openai"``: its configuration, from arguments and environment, and what it has to offer."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from tf.iface import DataSource, Provider, Resource
from tf.schema import Schema
from tf.utils import Diagnostics

from openai_constructs.provider.compat.chat_completion import ChatCompletion
from openai_constructs.provider.compat.checks import check
from openai_constructs.provider.compat.client import Client
from openai_constructs.provider.compat.data_chat_completion import ChatCompletionData
from openai_constructs.provider.compat.data_chat_completion_messages import ChatCompletionMessagesData
from openai_constructs.provider.compat.data_chat_completions import ChatCompletionsData
from openai_constructs.provider.core.blocks import Unknown, decode, terraform_schema
from openai_constructs.schema import PROVIDER

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


class CompatProvider(Provider):
    """``mkdev-me/openai`` 1.2.0, as far as chat completions go.

    Args:
        environ: Environment variables to read instead of the process's own. The proxies and certificates
            of the process are not used then either.

    Attributes:
        client: The API, as the provider block and the environment say.
    """

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        self._environ = os.environ if environ is None else environ
        self._trust_env = environ is None
        self.client = Client(api_key="", organization="", api_url=_URL_WITHOUT_ANY, timeout=300)

    def full_name(self) -> str:
        """The address it answers for."""
        return "registry.terraform.io/mkdev-me/openai"

    def get_model_prefix(self) -> str:
        """What the names of its resources and data sources start with."""
        return "openai_"

    def get_provider_schema(self, diags: Diagnostics) -> Schema:
        """The provider block."""
        return terraform_schema(PROVIDER)

    def get_resources(self) -> list[type[Resource]]:
        """Its resources."""
        return [ChatCompletion]

    def get_data_sources(self) -> list[type[DataSource]]:
        """Its data sources."""
        return [ChatCompletionData, ChatCompletionMessagesData, ChatCompletionsData]

    def resource(self) -> ChatCompletion:
        """What plans and applies completions."""
        return ChatCompletion(self)

    def stop(self) -> None:
        """Nothing: the released provider finishes what it has begun."""

    def close(self) -> None:
        """Close the connections that are kept open."""
        self.client.close()

    def validate_config(self, diags: Diagnostics, config: Mapping[str, Any]) -> None:
        """Check the provider block."""
        check(diags, PROVIDER, decode(PROVIDER, config) or {})

    def configure_provider(self, diags: Diagnostics, config: Mapping[str, Any]) -> None:
        """Take the provider block, and the environment where it says nothing."""
        settings = {
            name: _setting(self._environ, name, it) for name, it in (decode(PROVIDER, config) or {}).items()
        }
        api_url = settings["api_url"] or _URL_WITHOUT_ANY
        timeout = _seconds(diags, settings["timeout"])
        problem = _problem(api_url)
        if problem:
            diags.add_error(f"invalid API URL: {problem}", "")
        if not diags.has_errors():
            self.client = Client(
                api_key=settings["api_key"],
                organization=settings["organization"],
                api_url=api_url,
                timeout=timeout,
                trust_env=self._trust_env,
            )


def _setting(environ: Mapping[str, str], name: str, value: Any) -> str:
    """An argument as text; an empty one is a value too, only a missing one looks at the environment."""
    if value is Unknown:
        return ""
    if value is None:
        return environ.get(_VARIABLES[name]) or _DEFAULTS.get(name, "")
    return str(value)


def _seconds(diags: Diagnostics, text: str) -> float:
    """The timeout. What 1.2.0 makes of 0 and below is not known; a limit is stricter than none."""
    try:
        seconds = int(text or "0")
    except ValueError:
        diags.add_error(f'strconv.ParseInt: parsing "{text}": invalid syntax', "", ["timeout"])
        return 0
    return seconds if seconds > 0 else 300


def _problem(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        return str(error)
    # The real one finds out at its first request; there is no address to send it to, then as now.
    return (
        None
        if parts.scheme in {"http", "https"} and parts.netloc
        else f'unsupported protocol scheme "{parts.scheme}"'
    )
