"""Connections to the API, reused per scheme and proxy.

The module is imported with the first request, because many runs of a provider send none.
"""

from __future__ import annotations

import os
import socket
import ssl
import urllib.request
from typing import Final

import httpx2

from openai_constructs.provider.compat.urls import Address

__all__ = ["TransportError", "Transports", "read"]

_LOOPBACK: Final = ("localhost", "::1")
_LIMITS: Final = httpx2.Limits(max_connections=None, max_keepalive_connections=None)


class TransportError(Exception):
    """A request without a response, with Go's error text if it is known."""


class Transports:
    """Sends single requests with exactly the given headers and Go's own.

    Args:
        trust_env: Use the proxies and certificates that the process's environment names.
    """

    def __init__(self, *, trust_env: bool) -> None:
        self._trust_env = trust_env
        self._open: dict[tuple[str, str | None], httpx2.AsyncHTTPTransport] = {}

    async def send(
        self, method: str, address: Address, headers: dict[str, str], body: bytes
    ) -> httpx2.Response:
        """Send a request. Return the response's status and headers, without reading its body.

        Raises:
            TransportError: If there is no response.
        """
        defaults = {"Host": address.authority, "User-Agent": "Go-http-client/1.1"}
        if body:
            defaults["Content-Length"] = str(len(body))
        every = {**defaults, **headers, "Accept-Encoding": "gzip"}
        try:
            request = httpx2.Request(
                method,
                f"{address.scheme}://{address.authority}",
                headers=[(name.encode(), value.encode()) for name, value in every.items()],
                content=body or None,
                extensions={"target": address.target.encode("ascii")},
            )
            return await self._of(address).handle_async_request(request)
        except (httpx2.HTTPError, httpx2.InvalidURL, ImportError, OSError, ValueError) as error:
            raise TransportError(_reason(error, address)) from None

    async def close(self) -> None:
        """Close the open connections."""
        for transport in self._open.values():
            await transport.aclose()
        self._open.clear()

    def _of(self, address: Address) -> httpx2.AsyncHTTPTransport:
        key = (address.scheme, _proxy(address) if self._trust_env else None)
        if key not in self._open:
            # Loading the machine's certificates takes time, and plain HTTP does not need them.
            self._open[key] = httpx2.AsyncHTTPTransport(
                verify=address.scheme == "https",
                proxy=key[1],
                limits=_LIMITS,
                trust_env=self._trust_env,
            )
        return self._open[key]


async def read(response: httpx2.Response) -> bytes:
    """Read the body of a response.

    Raises:
        TransportError: If the body is incomplete, or not encoded as its header says.
    """
    try:
        return await response.aread()
    except httpx2.RemoteProtocolError:
        raise TransportError("unexpected EOF") from None
    except (httpx2.HTTPError, OSError) as error:
        raise TransportError(str(error) or type(error).__name__) from None
    finally:
        await response.aclose()


def _proxy(address: Address) -> str | None:
    """Return the environment's proxy for an address.

    As in Go, this machine's own addresses have none, and ``ALL_PROXY`` is ignored.
    """
    host = address.host
    if host in _LOOPBACK or host.startswith("127."):
        return None
    proxies = urllib.request.getproxies_environment()
    proxy = proxies.get(address.scheme)
    is_bypassed = urllib.request.proxy_bypass_environment  # type: ignore[attr-defined]  # typeshed lacks it
    if not proxy or is_bypassed(address.authority, proxies):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def _reason(error: Exception, address: Address) -> str:
    """Return why there is no response, with Go's text for the common reasons."""
    causes = [error]
    while (cause := causes[-1].__cause__ or causes[-1].__context__) is not None and cause not in causes:
        causes.append(cause)  # type: ignore[arg-type]  # exceptions only, in practice
    for cause in causes:
        if isinstance(cause, ssl.SSLError):
            return f"tls: {cause.reason or cause}"
        if isinstance(cause, socket.gaierror):
            return f"dial tcp: lookup {address.host}: no such host"
        if isinstance(cause, OSError) and cause.errno is not None and cause.errno > 0:
            words = os.strerror(cause.errno).lower()
            return f"dial tcp {address.authority}: connect: {words}"
    if isinstance(error, httpx2.RemoteProtocolError):
        return "EOF" if "disconnected" in str(error) else f"malformed HTTP response: {error}"
    return str(error) or type(error).__name__
