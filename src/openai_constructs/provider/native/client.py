"""Requests to the API over the ``openai`` SDK: asked again after a wait where that helps, ended on demand.

One thread runs them all, so that a request in progress and a wait can be ended at any moment.
"""

from __future__ import annotations

import asyncio
import json
import random
import threading
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from concurrent.futures import CancelledError
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar

from openai_constructs.provider.native.problems import (
    ApiProblem,
    of_sdk_error,
    stopped,
    unreadable,
    without_key,
)

if TYPE_CHECKING:
    from openai import AsyncOpenAI

__all__ = ["Api", "Json", "Settings"]

Json = dict[str, Any]
_T = TypeVar("_T")
_FIRST_WAIT: Final = 0.5
_LONGEST_WAIT: Final = 8.0
_CONNECT: Final = 10.0


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How the API is reached.

    Attributes:
        api_key: The key; without one nothing is sent.
        organization: Organization id; None is the SDK's ``OPENAI_ORG_ID``.
        project: Project id; None is the SDK's ``OPENAI_PROJECT_ID``.
        base_url: Where ``chat/completions`` is below.
        timeout: Seconds for one request, all of it.
        max_retries: How often a request is asked again.
        headers: Headers to send besides.
    """

    api_key: str = field(default="", repr=False)
    organization: str | None = None
    project: str | None = None
    base_url: str = "https://api.openai.com/v1"
    timeout: float = 300
    max_retries: int = 5
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


class Api:
    """The API, as the provider was configured.

    Args:
        settings: How it is reached.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._sdk: AsyncOpenAI | None = None
        self._thread: threading.Thread | None = None
        self._is_stopped = False

    def run(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Do work on the thread of the requests, and wait for it.

        Raises:
            ApiProblem: A request in it failed, or Terraform was interrupted.
        """
        with self._lock:
            if self._is_stopped:
                work.close()
                raise stopped()
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._loop.run_forever, name="requests", daemon=True)
                self._thread.start()
            running = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return running.result()
        except CancelledError:
            raise stopped() from None

    def stop(self) -> None:
        """End requests and waits in progress; no more are begun."""
        with self._lock:
            self._is_stopped = True
            if self._loop is not None:
                self._loop.call_soon_threadsafe(_cancel_all, self._loop)

    def close(self) -> None:
        """End everything, and close the connections that are kept open."""
        self.stop()
        if self._loop is None or self._thread is None:
            return
        if self._sdk is not None:
            asyncio.run_coroutine_threadsafe(self._sdk.close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def send(
        self,
        method: str,
        path: str,
        body: Json | None = None,
        *,
        query: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        recover: Callable[[], Awaitable[Json | None]] | None = None,
    ) -> Json:
        """The JSON object that answers a request.

        Args:
            method: HTTP method.
            path: Path below the base URL.
            body: JSON body.
            query: Query; nested maps are written in brackets.
            headers: Headers for this request.
            recover: Looks for the answer elsewhere where the API may have acted without our hearing of it.
                Asked before the request is made again, and before giving up.

        Raises:
            ApiProblem: It failed, however often it was asked.
        """
        options = {"params": dict(query or {}), "headers": dict(headers or {})}
        retries = 0
        while True:
            try:
                return await self._once(method, path, body, options)
            except ApiProblem as problem:
                again = problem.is_temporary and retries < self._settings.max_retries
                recoverable = recover is not None and problem.is_in_doubt
                if not again and not recoverable:
                    raise
                await asyncio.sleep(_wait(retries, problem.retry_after))
                if recover is not None and recoverable and (found := await recover()) is not None:
                    return found
                if not again:
                    raise
                retries += 1

    async def _once(self, method: str, path: str, body: Json | None, options: Any) -> Json:
        if not self._settings.api_key:
            raise without_key()
        import openai

        try:
            async with asyncio.timeout(self._settings.timeout):
                text = await self._call(method, path, body, options)
        except (openai.APIError, TimeoutError) as error:
            raise of_sdk_error(error, method, path, self._settings.api_key) from None
        try:
            answer = json.loads(text)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise unreadable(method, path, text)
        return answer

    async def _call(self, method: str, path: str, body: Json | None, options: Any) -> str:
        sdk = self._connected()
        if method == "GET":
            return await sdk.get(path, cast_to=str, options=options)
        if method == "DELETE":
            return await sdk.delete(path, cast_to=str, options=options)
        return await sdk.post(path, cast_to=str, body=body, options=options)

    def _connected(self) -> AsyncOpenAI:
        """The SDK, imported with the first request: that takes longer than all the rest of the start."""
        if self._sdk is None:
            from openai import AsyncOpenAI, Timeout

            its = self._settings
            self._sdk = AsyncOpenAI(
                api_key=its.api_key,
                organization=its.organization,
                project=its.project,
                base_url=its.base_url,
                timeout=Timeout(its.timeout, connect=min(its.timeout, _CONNECT)),
                max_retries=0,  # those are made here: the SDK neither looks things up nor can be interrupted
                default_headers=its.headers,
            )
        return self._sdk


def _wait(retries: int, asked: float | None) -> float:
    """Seconds to wait: what the API asks for, else twice as long each time, a little less by chance."""
    if asked is not None:
        return asked
    return min(_FIRST_WAIT * 2.0**retries, _LONGEST_WAIT) * random.uniform(0.75, 1)  # noqa: S311 - no secret


def _cancel_all(loop: asyncio.AbstractEventLoop) -> None:
    for task in asyncio.all_tasks(loop):
        task.cancel()
