"""Whether a request comes from a program on this machine, and not from a web page in a browser.

A page can reach a loopback port by its own name, if that name resolves to 127.0.0.1 (DNS rebinding). Its
requests have the page's name as ``Host``; those that change something, or go elsewhere, have an ``Origin``.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from functools import lru_cache

__all__ = ["is_from_this_machine"]


def is_from_this_machine(headers: Iterable[tuple[bytes, bytes]], *, any_host: bool) -> bool:
    """Return whether a request comes from a program that addresses this server.

    Args:
        headers: Names in lower case, and values.
        any_host: Accept any ``Host``, for servers that other machines use.
    """
    for name, value in headers:
        if name == b"origin":
            return False
        if name == b"host" and not any_host and not _is_loopback(value.decode("latin-1")):
            return False
    return True


@lru_cache(maxsize=64)
def _is_loopback(host: str) -> bool:
    """Return whether a ``Host`` header, with or without a port, names this machine."""
    name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    if name.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
