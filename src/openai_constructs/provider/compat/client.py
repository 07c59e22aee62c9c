"""HTTP client with the addresses, headers and errors of the public provider, which is written in Go.

It sends one request per operation and never retries.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from openai_constructs.provider.compat.urls import Address, AddressError, join, parse, redirected
from openai_constructs.provider.compat.wire import WireError, decoded
from openai_constructs.provider.compat.wire import parse as parse_answer
from openai_constructs.provider.core.request_thread import RequestThread

if TYPE_CHECKING:
    import httpx2

    from openai_constructs.provider.compat.transports import Transports

__all__ = ["Client", "HasClient", "RequestError"]

_AS_GET: Final = frozenset({301, 302, 303})
_AS_BEFORE: Final = frozenset({307, 308})
_MOST_REDIRECTS: Final = 10
_NOT_IN_HEADERS: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


class RequestError(Exception):
    """A failed request, with the message of the public provider but without the key."""


class HasClient(Protocol):
    """Interface of the provider for resources and data sources."""

    @property
    def client(self) -> Client:
        """Return the client for the present configuration."""
        ...


@dataclass(slots=True)
class Client:
    """Client of the API for one configuration.

    Attributes:
        api_key: API key. An empty key is sent too, and rejected by the API.
        organization: Value of the header ``OpenAI-Organization``; "" omits the header.
        api_url: Base address, with or without ``/v1``.
        timeout: Seconds for a request with its redirects and its response; ``None`` for no limit.
        trust_env: Use the proxies and certificates that the process's environment names.
    """

    api_key: str = field(repr=False)
    organization: str
    api_url: str
    timeout: float | None
    trust_env: bool = True
    _thread: RequestThread = field(default_factory=RequestThread, init=False, repr=False)
    _transports: Transports | None = field(default=None, init=False, repr=False)

    def get(self, path: str) -> str:
        """GET a path that starts with ``/v1``, with its query. Return the text of the response.

        Raises:
            RequestError: If there is no response, or its status is 400 or above.
        """
        return self._thread.run(self._request("GET", path, b""))

    def post(self, path: str, body: str) -> str:
        """POST a JSON body to a path that starts with ``/v1``. Return the text of the response.

        Raises:
            RequestError: If there is no response, or its status is 400 or above.
        """
        return self._thread.run(self._request("POST", path, body.encode()))

    def close(self) -> None:
        """Close the open connections."""
        if self._transports is not None:
            self._thread.run(self._transports.close())
        self._thread.close()

    async def _request(self, method: str, path: str, body: bytes) -> str:
        from openai_constructs.provider.compat.transports import TransportError, read

        try:
            address = parse(join(self.api_url, path))
        except AddressError as error:
            raise RequestError(f"error creating request: {error}") from None
        is_answered = False
        try:
            async with asyncio.timeout(self.timeout):
                response = await self._answered(method, address, body)
                is_answered = True
                content = await read(response)
        except TimeoutError:
            raise RequestError(_timed_out(method, address, is_answered)) from None
        except _UnsentError as error:
            failed = f'{method.capitalize()} "{error.address.shown}": {error}'
            raise RequestError(f"error making request: {failed}") from None
        except TransportError as error:
            raise RequestError(f"error reading response: {error}") from None
        if response.status_code >= 400:
            raise RequestError(_refusal(response.status_code, decoded(content)))
        return decoded(content)

    async def _answered(self, method: str, address: Address, body: bytes) -> httpx2.Response:
        """Return the response after all redirects, without reading its body.

        As in Go, a redirect without an address counts as the response, and another host gets no key.
        """
        headers, home = self._headers(address), address.host
        for _ in range(_MOST_REDIRECTS):
            response = await self._sent(method, address, headers, body)
            location = response.headers.get("location")
            if not location or response.status_code not in _AS_GET | _AS_BEFORE:
                return response
            await response.aclose()
            if response.status_code in _AS_GET:
                method, body = "GET", b""
            try:
                following = redirected(address, location)
            except AddressError as error:
                raise _UnsentError(
                    address, f'failed to parse Location header "{location}": {error}'
                ) from None
            headers.pop("Referer", None)
            if (address.scheme, following.scheme) != ("https", "http"):
                headers["Referer"] = f"{address.scheme}://{address.authority}{address.target}"
            address = following
            if address.host != home and not address.host.endswith(f".{home}"):
                headers.pop("Authorization", None)
        raise _UnsentError(address, f"stopped after {_MOST_REDIRECTS} redirects")

    async def _sent(
        self, method: str, address: Address, headers: dict[str, str], body: bytes
    ) -> httpx2.Response:
        """Send one request, through the proxies of the environment. Return the response's status and headers.

        Raises:
            _UnsentError: If there is no response.
        """
        from openai_constructs.provider.compat.transports import TransportError, Transports

        if address.scheme not in {"http", "https"}:
            raise _UnsentError(address, f'unsupported protocol scheme "{address.scheme}"')
        if not address.host:
            raise _UnsentError(address, "http: no Host in request URL")
        # The public provider does not escape a space. That breaks the request line, and servers answer this.
        if " " in address.target:
            raise RequestError("API error (status 400): 400 Bad Request")
        if self._transports is None:
            self._transports = Transports(trust_env=self.trust_env)
        try:
            return await self._transports.send(method, address, headers, body)
        except TransportError as error:
            raise _UnsentError(address, str(error)) from None

    def _headers(self, address: Address) -> dict[str, str]:
        """Return the public provider's headers, trimmed and checked like in Go.

        Raises:
            _UnsentError: If a value is not valid in a header.
        """
        headers = {"Authorization": f"Bearer {self.api_key}", "Content-Type": "application/json"}
        if self.organization:
            headers["Openai-Organization"] = self.organization
        for name, value in headers.items():
            if _NOT_IN_HEADERS.search(value):
                raise _UnsentError(address, f'net/http: invalid header field value for "{name}"')
        return {name: value.strip(" \t") for name, value in headers.items()}


class _UnsentError(Exception):
    """A request without a response, with the reason as its text."""

    def __init__(self, address: Address, reason: str) -> None:
        super().__init__(reason)
        self.address = address


def _timed_out(method: str, address: Address, is_answered: bool) -> str:
    if is_answered:
        progress = "(Client.Timeout or context cancellation while reading body)"
        return f"error reading response: context deadline exceeded {progress}"
    progress = "(Client.Timeout exceeded while awaiting headers)"
    failed = f'{method.capitalize()} "{address.shown}"'
    return f"error making request: {failed}: context deadline exceeded {progress}"


def _refusal(status: int, text: str) -> str:
    """Return the error text for a status of 400 or above: the API's message, or else the whole body."""
    try:
        error = parse_answer(text, "ErrorResponse").one("error", "APIError")
        for name in ("type", "param", "code"):
            error.text(name)
        return f"API error: {error.text('message')}"
    except WireError:
        return f"API error (status {status}): {text}"
