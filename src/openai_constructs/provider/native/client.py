"""HTTP client for the API, over ``httpx2``, with retries, backoff and cancellation.

A single thread runs all requests, so that a request in progress or a backoff can be cancelled at any time.
"""

from __future__ import annotations

import asyncio
import json
import random
import ssl
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from concurrent.futures import CancelledError
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import urlencode

from openai_constructs.provider.core.request_thread import RequestThread
from openai_constructs.provider.core.secrets import Secrets, clean
from openai_constructs.provider.native.problems import (
    ApiProblem,
    cannot_send,
    error_in_answer,
    not_known_yet,
    of_response,
    of_transport_error,
    redirected,
    stopped,
    unreadable,
    without_key,
)

if TYPE_CHECKING:
    import httpx2

__all__ = ["LARGEST_BODY", "Api", "Json", "Settings"]

Json = dict[str, Any]
_T = TypeVar("_T")
_FIRST_WAIT: Final = 0.5
_LONGEST_WAIT: Final = 8.0
_CONNECT: Final = 10.0
_CONNECTIONS: Final = 1000
_LOCAL: Final = (("http", "127.0.0.1"), ("http", "localhost"), ("http", "::1"))
_MOST_DIGITS: Final = 400

LARGEST_BODY: Final = 64 * 2**20
"""Maximum size of a response's body in bytes, after decompression."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Connection settings for the API.

    Attributes:
        api_key: API key; without one, no request is sent.
        organization: Organization id.
        project: Project id.
        base_url: URL above ``chat/completions``. Its query string is sent with every request.
        timeout: Seconds for one whole request, from connecting to the end of the body.
        max_retries: Maximum number of retries per request.
        headers: Additional headers; they override the provider's own.
        trust_env: Use the proxies and certificates from the process's environment.
        takes_store: The host is known to accept `store: false`, so send it if the user does not set `store`.
        shutdown_warning_days: Warn this many days before a model's shutdown; 0 turns the warnings off.
        secrets: Values that must never be printed or saved.
        unknown: Names of settings that are known only after apply. If there are any, no request is sent.
    """

    api_key: str = field(default="", repr=False)
    organization: str | None = None
    project: str | None = None
    base_url: str = "https://api.openai.com/v1"
    timeout: float = 300
    max_retries: int = 5
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    trust_env: bool = True
    takes_store: bool = False
    shutdown_warning_days: int = 0
    secrets: Secrets = field(default_factory=Secrets, repr=False)
    unknown: tuple[str, ...] = ()

    def url(self, path: str, query: Mapping[str, object] | None) -> str:
        """Return the URL of a path below the base URL; nested maps in the query become ``name[key]``."""
        base, _, own = self.base_url.partition("?")
        pairs = [
            (f"{name}[{key}]", it) if key else (name, it)
            for name, value in (query or {}).items()
            for key, it in (value.items() if isinstance(value, Mapping) else [("", value)])
        ]
        text = "&".join(it for it in (own, urlencode(pairs)) if it)
        return f"{base.rstrip('/')}{path}" + (f"?{text}" if text else "")


class Api:
    """Client for the API, with the settings of the configured provider.

    Args:
        settings: Connection settings.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._thread = RequestThread()
        self._http: httpx2.AsyncClient | None = None

    @property
    def secrets(self) -> Secrets:
        """Secrets that must never be printed or saved."""
        return self._settings.secrets

    @property
    def takes_store(self) -> bool:
        """Whether the host is known to accept `store: false`."""
        return self._settings.takes_store

    @property
    def shutdown_warning_days(self) -> int:
        """Warn this many days before a model's shutdown; 0 turns the warnings off."""
        return self._settings.shutdown_warning_days

    def run(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Run a coroutine on the request thread and return its result.

        Raises:
            ApiProblem: If one of its requests failed, or Terraform was interrupted.
        """
        try:
            return self._thread.run(work)
        except CancelledError:
            raise stopped() from None

    def stop(self) -> None:
        """Cancel requests and backoffs in progress, and start no more."""
        self._thread.stop()

    def close(self) -> None:
        """Cancel everything in progress, and close the kept-alive connections."""
        self._thread.stop()
        self._thread.close(None if self._http is None else self._http.aclose)
        self._http = None

    async def send(
        self,
        method: str,
        path: str,
        body: Json | None = None,
        *,
        query: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        recover: Callable[[], Awaitable[Json | None]] | None = None,
        max_retries: int | None = None,
    ) -> Json:
        """Send a request, with retries, and return the JSON object in the response.

        Args:
            method: HTTP method.
            path: Path below the base URL.
            body: JSON body.
            query: Query parameters; nested maps become ``name[key]``.
            headers: Headers for this request.
            recover: Looks up the result of a failed request that the API may have processed all the same.
                Called before each retry and before giving up.
            max_retries: Maximum number of retries; ``None`` uses the provider's setting.

        Raises:
            ApiProblem: If the request and every retry failed.
        """
        most = self._settings.max_retries if max_retries is None else max_retries
        retries = 0
        while True:
            try:
                return await self._once(method, path, body, query, headers)
            except ApiProblem as problem:
                problem.attempts = retries + 1
                is_retried = problem.is_temporary and retries < most
                is_recoverable = recover is not None and problem.may_have_succeeded
                if not is_retried and not is_recoverable:
                    raise
                await asyncio.sleep(_wait(retries, problem))
                if recover is not None and is_recoverable and (existing := await recover()) is not None:
                    return existing
                if not is_retried:
                    raise
                retries += 1

    async def _once(
        self,
        method: str,
        path: str,
        body: Json | None,
        query: Mapping[str, object] | None,
        headers: Mapping[str, str] | None,
    ) -> Json:
        if self._settings.unknown:
            raise not_known_yet(self._settings.unknown)
        if not self._settings.api_key:
            raise without_key()
        try:
            async with asyncio.timeout(self._settings.timeout):
                response, content = await self._exchange(method, path, body, query, headers)
        except ApiProblem:
            raise
        except Exception as error:
            raise of_transport_error(error, method, path) from None
        text = content.decode("utf-8-sig", "replace")
        secrets = self._settings.secrets
        if response.status_code >= 400:
            raise of_response(response.status_code, response.headers, text, method, path, secrets)
        try:
            answer = clean(json.loads(text, parse_int=_integer), secrets.mask_answer)
        except (ValueError, RecursionError) as error:
            raise unreadable(method, path, _reason(error), secrets.mask(text)) from None
        if not isinstance(answer, dict):
            raise unreadable(method, path, "the body is not a JSON object", secrets.mask(text))
        if (problem := error_in_answer(answer, response.headers, method, path, secrets)) is not None:
            raise problem
        return answer

    async def _exchange(
        self,
        method: str,
        path: str,
        body: Json | None,
        query: Mapping[str, object] | None,
        headers: Mapping[str, str] | None,
    ) -> tuple[httpx2.Response, bytes]:
        http = self._connected()
        request = http.build_request(
            method,
            self._settings.url(path, query),
            content=None if body is None else json.dumps(body, ensure_ascii=False).encode(),
            headers=dict(headers or {}),
        )
        if body is not None:
            request.headers["content-type"] = "application/json"
        response = await http.send(request, stream=True)
        try:
            content = await _read(response, method, path)
        finally:
            await response.aclose()
        if response.request.method != method:  # like a browser, httpx2 turns a redirected POST into a GET
            raise redirected(method, path, str(response.url.copy_with(query=None)))
        return response, content

    def _connected(self) -> httpx2.AsyncClient:
        """Return the HTTP client, which is imported on the first request, because many runs send none.

        Proxies and certificates come from the environment, as documented by ``httpx2``.

        Raises:
            ApiProblem: If a proxy or the certificates in the environment cannot be used.
        """
        if self._http is None:
            import httpx2

            settings = self._settings
            headers = httpx2.Headers(
                {
                    "accept": "application/json",
                    "user-agent": "openai-constructs",
                    "authorization": f"Bearer {settings.api_key}",
                }
            )
            named = {"openai-organization": settings.organization, "openai-project": settings.project}
            headers.update({name: it for name, it in named.items() if it})
            headers.update(dict(settings.headers))
            origin = _origin(httpx2.URL(settings.base_url))

            async def keep_headers_at_home(request: httpx2.Request) -> None:
                # Do not send the key and the user's headers to another host after a redirect.
                if _origin(request.url) != origin:
                    for name in (*settings.headers, "authorization", *named):
                        request.headers.pop(name, None)

            try:
                self._http = httpx2.AsyncClient(
                    headers=headers,
                    timeout=httpx2.Timeout(settings.timeout, connect=min(settings.timeout, _CONNECT)),
                    limits=httpx2.Limits(
                        max_connections=_CONNECTIONS, max_keepalive_connections=_CONNECTIONS
                    ),
                    follow_redirects=True,
                    trust_env=settings.trust_env,
                    verify=_no_certificates() if origin[:2] in _LOCAL else True,
                    event_hooks={"request": [keep_headers_at_home]},
                )
            except (ImportError, OSError, ValueError) as error:
                raise cannot_send(str(error)) from None
        return self._http


async def _read(response: httpx2.Response, method: str, path: str) -> bytes:
    """Read the body of a response, up to the limit: a small compressed body may decompress to any size."""
    content = bytearray()
    async for piece in response.aiter_bytes():
        content += piece
        if len(content) > LARGEST_BODY:
            raise unreadable(method, path, f"the body is larger than {LARGEST_BODY // 2**20} MiB", "")
    return bytes(content)


def _no_certificates() -> ssl.SSLContext:
    """Return a TLS context without certificates; loading the system's would slow down a local run."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _origin(url: httpx2.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _integer(digits: str) -> int | float:
    """Parse a JSON integer; return infinity for one with more digits than Python agrees to parse."""
    return int(digits) if len(digits) <= _MOST_DIGITS else float("inf")


def _reason(error: Exception) -> str:
    return "the body is nested too deeply" if isinstance(error, RecursionError) else "the body is not JSON"


def _wait(retries: int, problem: ApiProblem) -> float:
    """Return the seconds to wait before a retry: the API's own, else exponential backoff with jitter."""
    if problem.is_temporary and problem.retry_after is not None:
        return problem.retry_after
    return min(_FIRST_WAIT * 2.0**retries, _LONGEST_WAIT) * random.uniform(0.75, 1)  # noqa: S311 - no secret
