"""Hosts that accept `store: false`: OpenAI and Azure. Some other hosts refuse it as an unknown field."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

__all__ = ["takes_store"]

_DOMAINS: Final = (
    "api.openai.com",  # and its regions, such as eu.api.openai.com
    "openai.azure.com",
    "openai.azure.us",
    "cognitiveservices.azure.com",
    "cognitiveservices.azure.us",
    "services.ai.azure.com",
)


def takes_store(base_url: str) -> bool:
    """Return whether a URL points to OpenAI or Azure, which are known to accept `store: false`."""
    try:
        host = (urlsplit(base_url).hostname or "").rstrip(".")
    except ValueError:
        return False
    return any(host == it or host.endswith(f".{it}") for it in _DOMAINS)
