"""Requests to the API: the provider's addresses, headers and error texts, over the ``openai`` SDK.

One request an operation: no retries, whatever the answer.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from openai_constructs.provider.compat.wire import WireError, parse

if TYPE_CHECKING:
    from openai import OpenAI

__all__ = ["Client", "RequestError"]

_TARGET_HEADER: Final = "x-request-target"
_KEPT_HEADERS: Final = ("host", "content-length", "connection", "accept-encoding")
_IN_PATH: Final = "/%:@!$&'()*+,;=~"
_VISIBLE: Final = "".join(map(chr, range(0x21, 0x7F)))


class RequestError(Exception):
    """A request that failed, in the provider's words; the key is never in them."""


@dataclass(slots=True)
class Client:
    """The API as the provider was configured to reach it.

    Attributes:
        api_key: Sent as it is, even when it is empty: a missing key is the API's to refuse.
        organization: Sent as ``OpenAI-Organization`` when it is not empty.
        api_url: Base address, with or without ``/v1``.
        timeout: Seconds for a request.
        trust_env: Use the proxies and certificates that the process's environment names.
    """

    api_key: str = field(repr=False)
    organization: str
    api_url: str
    timeout: float
    trust_env: bool = True
    _sdk: OpenAI | None = field(default=None, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def get(self, path: str) -> str:
        """GET a path that starts with ``/v1``, with its query; the text of the answer.

        Raises:
            RequestError: No answer, or one of status 400 and above.
        """
        return self._request("GET", path, None)

    def post(self, path: str, body: Mapping[str, Any]) -> str:
        """POST a JSON body to a path that starts with ``/v1``; the text of the answer.

        Raises:
            RequestError: No answer, or one of status 400 and above.
        """
        return self._request("POST", path, body)

    def close(self) -> None:
        """Close the connections that are kept open."""
        if self._sdk is not None:
            self._sdk.close()

    def _request(self, method: str, path: str, body: Mapping[str, Any] | None) -> str:
        import openai

        url = _join(self.api_url, path)
        options: Any = {"headers": {_TARGET_HEADER: _target(url)}}
        sdk = self._connected()
        try:
            if body is None:
                return sdk.get(url, cast_to=str, options=options)
            return sdk.post(url, cast_to=str, body=body, options=options)
        except openai.APIStatusError as error:
            raise RequestError(_refusal(error.response.status_code, error.response.text)) from None
        except openai.APITimeoutError:
            cause = "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
            raise RequestError(f'error making request: {method.capitalize()} "{url}": {cause}') from None
        except openai.APIConnectionError as error:
            cause = str(error.__cause__ or error)
            raise RequestError(f'error making request: {method.capitalize()} "{url}": {cause}') from None

    def _connected(self) -> OpenAI:
        """The SDK, imported with the first request: that takes longer than all the rest of the start."""
        with self._lock:
            if self._sdk is None:
                from openai import DefaultHttpxClient, OpenAI

                # The SDK refuses to be without a key, and reads what is not given from variables the provider
                # does not know; the headers are set below, whole, so neither matters.
                self._sdk = OpenAI(
                    api_key=self.api_key or "none",
                    base_url=self.api_url,
                    timeout=self.timeout,
                    max_retries=0,
                    http_client=DefaultHttpxClient(
                        event_hooks={"request": [self._finish]}, trust_env=self.trust_env
                    ),
                )
            return self._sdk

    def _finish(self, request: Any) -> None:
        """Make a request of the SDK the provider's own: its headers and no others, its address unencoded."""
        target = request.headers[_TARGET_HEADER]
        for name in [it for it in request.headers if it not in _KEPT_HEADERS]:
            del request.headers[name]
        request.headers["content-type"] = "application/json"
        # Without a key the provider sends `Bearer `; the blank at the end is no part of a header's value.
        request.headers["authorization"] = f"Bearer {self.api_key}".strip()
        request.headers["user-agent"] = "Go-http-client/1.1"
        if self.organization:
            request.headers["openai-organization"] = self.organization
        request.extensions["target"] = target.encode("ascii")


def _join(api_url: str, path: str) -> str:
    """Base and path, of which only one has the ``/v1``. One slash at the end is forgiven, no more."""
    base = api_url.removesuffix("/")
    return base + (path.removeprefix("/v1") if base.endswith("/v1") else path)


def _target(url: str) -> str:
    """What stands in the request line: the path encoded, the query as it was written.

    Raises:
        RequestError: It cannot stand there.
    """
    if any(ord(it) < 0x20 or ord(it) == 0x7F for it in url):
        shown = json.dumps(url)
        raise RequestError(
            f"error creating request: parse {shown}: net/url: invalid control character in URL"
        )
    path, _, query = url.partition("#")[0].partition("?")
    path = "/" + path.partition("://")[2].partition("/")[2]
    # The provider writes a blank as it is. That breaks the request line, and any server answers so; no client
    # library here would send it.
    if " " in query:
        raise RequestError("API error (status 400): 400 Bad Request")
    # Bytes beyond ASCII go out raw there and are read as what they are; encoded they mean the same.
    return quote(path, safe=_IN_PATH) + (f"?{quote(query, safe=_VISIBLE)}" if query else "")


def _refusal(status: int, text: str) -> str:
    """What the provider makes of an answer of status 400 and above: the message alone, or all of it raw."""
    try:
        error = parse(text, "ErrorResponse").one("error", "APIError")
        for name in ("type", "param", "code"):
            error.text(name)
        return f"API error: {error.text('message')}"
    except WireError:
        return f"API error (status {status}): {text}"
