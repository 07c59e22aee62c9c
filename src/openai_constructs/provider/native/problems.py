"""Failed requests: their details, and whether to retry."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from time import time
from typing import Any, Final, Literal
from urllib.parse import unquote

from openai_constructs.provider.core.secrets import Secrets, clean

__all__ = [
    "COLLECTION",
    "LONGEST_RETRY_AFTER",
    "ApiProblem",
    "cannot_send",
    "error_in_answer",
    "not_known_yet",
    "of_response",
    "of_transport_error",
    "redirected",
    "stopped",
    "unreadable",
    "without_key",
]

COLLECTION: Final = "/chat/completions"
"""Path of the completions, relative to the base URL."""

LONGEST_RETRY_AFTER: Final = 120.0
"""Seconds. If the API asks for a longer wait, the request is not retried."""

_QUOTA: Final = frozenset(
    {
        "insufficient_quota",
        "billing_hard_limit_reached",
        "billing_not_active",
        "credit_balance_exhausted",
        "organization_spend_limit_exceeded",
        "project_spend_limit_exceeded",
        "organization_usage_limit_exceeded",
    }
)
_TEMPORARY: Final = frozenset({408, 409, 429})
_STATUS_OF_WORD: Final = {
    **dict.fromkeys(_QUOTA, 429),
    "rate_limit_exceeded": 429,
    "rate_limit_error": 429,
    "slow_down": 429,
    "timeout": 408,
    "server_error": 500,
    "internal_server_error": 500,
    "api_error": 500,
    "overloaded_error": 503,
    "server_is_overloaded": 503,
    "service_unavailable_error": 503,
    "model_not_found": 404,
}
_NO_MODEL: Final = frozenset({"model_not_found", "DeploymentNotFound"})
_NO_SUCH_MODEL: Final = re.compile(
    r"\bmodels?\b.*\b(not|no|unknown|invalid)\b|\b(no|unknown|invalid|no such) model\b", re.I
)
_ADDRESS_WORDS: Final = re.compile(r"\b(url|path|route|endpoint|page)\b", re.IGNORECASE)
_OTHER_THINGS: Final = re.compile(
    r"\b(model|project|organi[sz]ation|deployment|resource|account|user|key)\b", re.IGNORECASE
)
_SHOWN: Final = 500


@dataclass(eq=False, kw_only=True)
class ApiProblem(Exception):  # noqa: N818 - not always an error: a lookup may find nothing
    """A request without a usable answer. It contains no secret.

    Attributes:
        kind: HTTP status, connection, timeout, cancelled by Terraform, unreadable response, missing key,
            a request that could not be sent, or a setting that is known only after apply.
        method: HTTP method.
        path: Path relative to the base URL.
        status: HTTP status, or the status that an error in a 200 response names; 0 without a response.
        message: Message of the API or of the network.
        type: Error type, as the API names it.
        code: Error code, as the API names it.
        param: Request parameter that the error is about.
        request_id: The API's id of the request, for its support.
        retry_after: Seconds to wait before a retry; None if the API names no time.
        retry_hint: Value of the header ``x-should-retry``; None without it.
        is_error_object: Whether the body was the API's own error object.
        is_in_answer: Whether the error came with HTTP status 200, in place of an answer.
        attempts: Number of times the request was sent.
    """

    kind: Literal["status", "connection", "timeout", "stopped", "unreadable", "no_key", "not_sent", "unknown"]
    method: str = ""
    path: str = ""
    status: int = 0
    message: str = ""
    type: str = ""
    code: str = ""
    param: str = ""
    request_id: str = ""
    retry_after: float | None = None
    retry_hint: bool | None = None
    is_error_object: bool = False
    is_in_answer: bool = False
    attempts: int = 1

    def __str__(self) -> str:
        return self.message

    @property
    def is_quota_exhausted(self) -> bool:
        """Whether a quota or spending limit is exhausted, so that waiting does not help."""
        return self.type == "insufficient_quota" or self.code in _QUOTA

    @property
    def is_wait_too_long(self) -> bool:
        """Whether the API asks for a longer wait than the provider allows."""
        return (self.retry_after or 0) > LONGEST_RETRY_AFTER

    @property
    def is_temporary(self) -> bool:
        """Whether the same request may succeed in a moment."""
        if self.kind in ("connection", "timeout"):
            return True
        if self.kind != "status" or self.is_quota_exhausted or self.is_wait_too_long:
            return False
        if self.retry_hint is not None:
            return self.retry_hint
        return self.status in _TEMPORARY or self.status >= 500

    @property
    def may_have_succeeded(self) -> bool:
        """Whether the API may have carried out the request despite the failure."""
        return self.kind in ("connection", "timeout", "unreadable") or (
            self.kind == "status" and (self.status in (200, 408, 409) or self.status >= 500)
        )

    @property
    def is_about_the_model(self) -> bool:
        """Whether a fallback model may help: this one is overloaded, or not available to the account."""
        if self.status == 404:
            is_named = self.code in _NO_MODEL or self.param == "model"
            return self._is_creation and (is_named or _NO_SUCH_MODEL.search(self.message) is not None)
        overloaded = "overloaded" in f"{self.code} {self.type} {self.message}".lower()
        return self.status == 503 or (self.status >= 429 and overloaded)

    @property
    def is_gone(self) -> bool:
        """Whether the API itself reports that its store does not have this completion.

        An unknown path, a proxy or a missing project answer 404 as well. They do not count, because a
        completion that is gone may be requested and paid for again.
        """
        if self.status != 404 or not self.is_error_object or self.is_in_answer or not self.completion_id:
            return False
        this = re.compile(rf"(?<![\w/-]){re.escape(self.completion_id)}(?![\w-])")
        rest = self.message.replace(self.completion_id, "")
        if self.code in _NO_MODEL or _ADDRESS_WORDS.search(rest):
            return False
        return this.search(self.message) is not None or (
            self.type == "invalid_request_error"
            and "not found" in rest.lower()
            and not _OTHER_THINGS.search(rest)
        )

    @property
    def is_no_store(self) -> bool:
        """Whether the address has no store: the host does not know the path or the method."""
        is_of_store = self.completion_id != "" or (self.method, self.path) == ("GET", COLLECTION)
        return is_of_store and self._is_unknown_path

    @property
    def is_wrong_address(self) -> bool:
        """Whether the address has no endpoint for chat completions."""
        return self._is_creation and self._is_unknown_path

    @property
    def _is_creation(self) -> bool:
        return (self.method, self.path) == ("POST", COLLECTION)

    @property
    def _is_unknown_path(self) -> bool:
        if self.is_in_answer or self.is_gone or self.is_about_the_model:
            return False
        return self.kind == "status" and self.status in (404, 405)

    @property
    def completion_id(self) -> str:
        """Id of the stored completion in the request's path; "" if there is none."""
        if not self.path.startswith(f"{COLLECTION}/"):
            return ""
        return unquote(self.path.removeprefix(f"{COLLECTION}/").removesuffix("/messages"))


def of_response(
    status: int, headers: Mapping[str, str], text: str, method: str, path: str, secrets: Secrets
) -> ApiProblem:
    """Convert a response of status 400 or above to a problem."""
    try:
        body = clean(json.loads(text), secrets.mask)
    except (ValueError, RecursionError):
        body = None
    return _problem(status, headers, body, secrets.mask(text), method, path, secrets)


def error_in_answer(
    answer: Mapping[str, Any], headers: Mapping[str, str], method: str, path: str, secrets: Secrets
) -> ApiProblem | None:
    """Return the error in a response of status 200, as gateways send it when their model fails.

    A completion with choices, or a page with data, counts as an answer even if it also has an error.
    """
    if not answer.get("error") or answer.get("choices") or isinstance(answer.get("data"), list):
        return None
    body = clean(answer, secrets.mask)
    problem = _problem(200, headers, body, secrets.mask(json.dumps(body)), method, path, secrets)
    problem.is_in_answer = True
    words = (problem.code, problem.type)
    numbers = [int(it) for it in words if it.isdecimal() and len(it) == 3 and it >= "400"]
    named = [_STATUS_OF_WORD[it] for it in words if it in _STATUS_OF_WORD]
    problem.status = (*numbers, *named, 200)[0]
    return problem


def of_transport_error(error: Exception, method: str, path: str) -> ApiProblem:
    """Convert an exception of the HTTP client to a problem.

    Raises:
        Exception: The given exception, if it is not about the request.
    """
    import httpx2

    message = str(error) or type(error).__name__
    if isinstance(error, httpx2.TimeoutException | TimeoutError):
        return ApiProblem(kind="timeout", method=method, path=path)
    if isinstance(error, httpx2.DecodingError | httpx2.TooManyRedirects):
        return unreadable(method, path, message, "")
    if isinstance(
        error, httpx2.UnsupportedProtocol | httpx2.LocalProtocolError | httpx2.InvalidURL | UnicodeError
    ):
        return ApiProblem(kind="not_sent", method=method, path=path, message=message)
    if isinstance(error, httpx2.HTTPError | OSError):
        return ApiProblem(kind="connection", method=method, path=path, message=message)
    raise error


def stopped() -> ApiProblem:
    """Return the problem of a request that Terraform's interrupt has cancelled."""
    return ApiProblem(kind="stopped")


def unreadable(method: str, path: str, reason: str, text: str) -> ApiProblem:
    """Return the problem of a 200 response that is not a JSON object."""
    shown = text.strip()[:200]
    message = f"{reason}: {shown}" if shown else reason
    return ApiProblem(kind="unreadable", method=method, path=path, status=200, message=message)


def redirected(method: str, path: str, url: str) -> ApiProblem:
    """Return the problem of a redirect that would turn the request into a GET."""
    message = f"the server redirects it to {url}, and a redirect of this kind turns it into a GET"
    return ApiProblem(kind="not_sent", method=method, path=path, message=message)


def cannot_send(message: str) -> ApiProblem:
    """Return the problem of a request that settings of this machine prevent."""
    return ApiProblem(kind="not_sent", message=message)


def not_known_yet(names: Iterable[str]) -> ApiProblem:
    """Return the problem of a request that needs settings known only after apply."""
    return ApiProblem(kind="unknown", message=", ".join(names))


def without_key() -> ApiProblem:
    """Return the problem of a request without an API key."""
    return ApiProblem(kind="no_key")


def _problem(
    status: int,
    headers: Mapping[str, str],
    body: Any,
    text: str,
    method: str,
    path: str,
    secrets: Secrets,
) -> ApiProblem:
    error = body.get("error") if isinstance(body, dict) else None
    fields: Mapping[str, Any] = error if isinstance(error, dict) else {}
    if not error and isinstance(body, dict):  # some hosts have no object around it
        fields = body
    message = fields.get("message") or error
    return ApiProblem(
        kind="status",
        method=method,
        path=path,
        status=status,
        message=message if isinstance(message, str) and message else text.strip()[:_SHOWN],
        type=_word(fields.get("type")),
        code=_word(fields.get("code")),
        param=_word(fields.get("param")),
        request_id=secrets.mask(headers.get("x-request-id", "")),
        retry_after=_retry_after(headers),
        retry_hint={"true": True, "false": False}.get(headers.get("x-should-retry", "").lower()),
        is_error_object=isinstance(error, dict) and isinstance(error.get("message"), str),
    )


def _word(value: object) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _retry_after(headers: Mapping[str, str]) -> float | None:
    for name, divisor in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            seconds = float(headers[name]) / divisor
        except (KeyError, ValueError):
            continue
        return max(seconds, 0.0) if math.isfinite(seconds) else None
    try:
        return max(parsedate_to_datetime(headers["retry-after"]).timestamp() - time(), 0.0)
    except (KeyError, ValueError, TypeError, OverflowError):
        return None
