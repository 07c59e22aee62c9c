"""``provider "openai"``, native edition: its configuration, and what it has to offer."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from tf.iface import DataSource, Provider, Resource
from tf.schema import Schema
from tf.utils import Diagnostics

from openai_constructs.provider.core.blocks import Unknown, decode, terraform_schema
from openai_constructs.provider.editions import NATIVE_ADDRESS
from openai_constructs.provider.native.chat_completion import ChatCompletion
from openai_constructs.provider.native.checks import check
from openai_constructs.provider.native.client import Api, Settings
from openai_constructs.provider.native.creation import Taken
from openai_constructs.provider.native.data import DATA_SOURCES
from openai_constructs.schema import NATIVE

__all__ = ["NativeProvider"]

_VARIABLES: Final = {
    "api_key": ("OPENAI_API_KEY",),
    "organization": ("OPENAI_ORGANIZATION", "OPENAI_ORG_ID"),
    "project": ("OPENAI_PROJECT_ID",),
    "timeout": ("OPENAI_TIMEOUT",),
    "base_url": ("OPENAI_BASE_URL",),
    "api_url": ("OPENAI_API_URL",),
}


class NativeProvider(Provider):
    """The native edition.

    Attributes:
        api: The API, as the provider block and the environment say.
        taken: The ids that completions of this run have.
    """

    def __init__(self) -> None:
        self.api = Api(Settings())
        self.taken = Taken()

    def full_name(self) -> str:
        """The address it answers for."""
        return NATIVE_ADDRESS

    def get_model_prefix(self) -> str:
        """What the names of its resources and data sources start with."""
        return "openai_"

    def get_provider_schema(self, diags: Diagnostics) -> Schema:
        """The provider block."""
        return terraform_schema(NATIVE.provider)

    def get_resources(self) -> list[type[Resource]]:
        """Its resources."""
        return [ChatCompletion]

    def get_data_sources(self) -> list[type[DataSource]]:
        """Its data sources."""
        return list(DATA_SOURCES)

    def resource(self) -> ChatCompletion:
        """What plans and applies completions."""
        return ChatCompletion(self)

    def stop(self) -> None:
        """End requests and waits in progress."""
        self.api.stop()

    def validate_config(self, diags: Diagnostics, config: Mapping[str, Any]) -> None:
        """Check the provider block."""
        given = decode(NATIVE.provider, config) or {}
        check(diags, NATIVE.provider, given)
        if given.get("base_url") is not None and given.get("api_url") is not None:
            diags.add_error(
                "base_url and api_url", "Both say where the API is: give one of them.", ["api_url"]
            )

    def configure_provider(self, diags: Diagnostics, config: Mapping[str, Any]) -> None:
        """Take the provider block, and the environment where it says nothing."""
        given = {
            name: None if it is Unknown else it
            for name, it in (decode(NATIVE.provider, config) or {}).items()
        }
        base_url = _base_url(given)
        if problem := _problem(base_url):
            diags.add_error("Invalid base_url", f"{base_url}: {problem} Write it as https://host/v1.")
            return
        timeout = _setting(given, "timeout")
        try:
            seconds = float(timeout) if timeout else Settings.timeout
        except ValueError:
            diags.add_error("Invalid timeout", f"OPENAI_TIMEOUT = {timeout}: must be a number of seconds.")
            return
        retries = given["max_retries"]
        self.api = Api(
            Settings(
                api_key=_setting(given, "api_key") or "",
                organization=_setting(given, "organization"),
                project=_setting(given, "project"),
                base_url=base_url,
                timeout=seconds,
                max_retries=Settings.max_retries if retries is None else retries,
                headers=given["headers"] or {},
            )
        )


def _setting(given: Mapping[str, Any], name: str) -> str | None:
    if given[name] is not None:
        return str(given[name])
    return next((it for variable in _VARIABLES[name] if (it := os.environ.get(variable))), None)


def _base_url(given: Mapping[str, Any]) -> str:
    """Where the API is: an argument before the environment, and ``base_url`` before ``api_url``.

    The latter is the public provider's, which may leave out the ``/v1``.
    """
    base, api = (given[name] for name in ("base_url", "api_url"))
    if base is None and api is None:
        base, api = _setting(given, "base_url"), _setting(given, "api_url")
    if base is not None or api is None:
        return str(base or Settings.base_url)
    address = str(api).rstrip("/")
    return address if address.endswith("/v1") else f"{address}/v1"


def _problem(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        return f"{error}."
    return None if parts.scheme in {"http", "https"} and parts.netloc else "it is no URL of http or https."
