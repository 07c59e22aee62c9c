"""``provider "openai"``, native edition: provider block, resource and data sources."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from tf.iface import DataSource, Resource
from tf.utils import Diagnostics

from openai_constructs.provider.core.blocks import decode
from openai_constructs.provider.core.local_world import local_block
from openai_constructs.provider.core.provider import TableProvider
from openai_constructs.provider.editions import NATIVE_ADDRESS
from openai_constructs.provider.native.chat_completion import ChatCompletion
from openai_constructs.provider.native.checks import check
from openai_constructs.provider.native.client import Api
from openai_constructs.provider.native.configuration import settings
from openai_constructs.provider.native.data import DATA_SOURCES
from openai_constructs.provider.native.ledger import open_ledger
from openai_constructs.provider.native.session import Session
from openai_constructs.schema import NATIVE

__all__ = ["NativeProvider"]


class NativeProvider(TableProvider):
    """The native edition.

    Args:
        environ: Environment variables to read instead of the process's own. If given, the proxies and
            certificates of the process's environment are ignored, too.

    Attributes:
        session: State shared by the resource and the data sources; replaced when configured.
    """

    address = NATIVE_ADDRESS
    edition = NATIVE
    resources = (ChatCompletion,)
    data_sources = DATA_SOURCES

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        self._environ = environ
        self.session = Session()

    def resource(self) -> ChatCompletion:
        """Create the resource, which plans and applies completions."""
        return ChatCompletion(self.session)

    def new_resource(self, klass: type[Resource]) -> Resource:
        """Create a resource that uses this provider's session."""
        return klass(self.session)  # type: ignore[call-arg]  # our classes take it; tf's interface has no constructor

    def new_data_source(self, klass: type[DataSource]) -> DataSource:
        """Create a data source that uses this provider's session."""
        return klass(self.session)  # type: ignore[call-arg]

    def stop(self) -> None:
        """Cancel requests and backoffs in progress."""
        self.session.api.stop()

    def close(self) -> None:
        """Cancel requests in progress, and close the kept-alive connections."""
        self.session.close()

    def mask(self, text: str) -> str:
        """Return a text with the secrets of the configuration masked, ready to print."""
        return self.session.api.secrets.mask(text)

    def validate_config(self, diags: Diagnostics, config: Mapping[str, Any]) -> None:
        """Check the provider block."""
        block = decode(NATIVE.provider, config) or {}
        check(diags, NATIVE.provider, block)
        if block.get("base_url") is not None and block.get("api_url") is not None:
            diags.add_error(
                "base_url and api_url", "Both set the URL of the API. Remove one of them.", ["api_url"]
            )

    def configure_provider(self, diags: Diagnostics, config: Mapping[str, Any]) -> None:
        """Configure the session from the provider block, falling back to the environment."""
        environ = os.environ if self._environ is None else self._environ
        block = local_block(decode(NATIVE.provider, config) or {}, environ)
        configured = settings(diags, block, self._environ)
        if diags.has_errors():
            return
        ledger = open_ledger(diags, block, environ, urlsplit(configured.base_url).netloc)
        if not diags.has_errors():
            self.session.close()
            self.session = Session(Api(configured), ledger=ledger)
