"""Hosts that accept `store: false`: OpenAI and Azure; strict other hosts refuse the unknown field."""

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
    """Whether the host of an address is known to take `store: false`: it is OpenAI's or Azure's."""
    try:
        host = (urlsplit(base_url).hostname or "").rstrip(".")
    except ValueError:
        return False
    return any(host == it or host.endswith(f".{it}") for it in _DOMAINS)
