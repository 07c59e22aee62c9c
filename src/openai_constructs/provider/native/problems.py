"""Requests that failed: what is known of it, and what that says about asking again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from time import time
from typing import Any, Final, Literal

__all__ = ["ApiProblem", "of_sdk_error", "stopped", "unreadable", "without_key"]

_OUT_OF_MONEY: Final = frozenset(
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
_LONGEST_WAIT: Final = 120.0
_SHORTEST_KEY: Final = 8  # shorter ones are no secret, and stand in many a word
_KEY: Final = re.compile(r"\bsk-[\w*-]+")


@dataclass(eq=False, kw_only=True)
class ApiProblem(Exception):  # noqa: N818 - not always an error: a lookup may well find nothing
    """A request without a usable answer. No key is in it.

    Attributes:
        kind: Where it failed: at the API (``status``), on the way, by time, by Terraform's wish, in the
            answer, or before it was sent.
        method: HTTP method.
        path: Path below the base URL.
        status: HTTP status; 0 where there was none.
        message: What the API, or the network, said.
        type: The API's class of error.
        code: The API's name of the error.
        param: The parameter it is about.
        request_id: The API's id of the request, for its support.
        retry_after: Seconds the API asks to wait; None where it does not say.
        retry_hint: What the API says itself about asking again: ``x-should-retry``.
    """

    kind: Literal["status", "connection", "timeout", "stopped", "unreadable", "no_key"]
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

    def __str__(self) -> str:
        return self.message

    @property
    def is_out_of_money(self) -> bool:
        """A limit of quota or spending: waiting does not help."""
        return self.type == "insufficient_quota" or self.code in _OUT_OF_MONEY

    @property
    def is_temporary(self) -> bool:
        """Whether the same request may do better in a moment."""
        if self.kind in ("connection", "timeout"):
            return True
        if self.kind != "status" or self.is_out_of_money or (self.retry_after or 0) > _LONGEST_WAIT:
            return False
        if self.retry_hint is not None:
            return self.retry_hint
        return self.status in _TEMPORARY or self.status >= 500

    @property
    def is_in_doubt(self) -> bool:
        """Whether the API may have done what was asked all the same."""
        return self.kind in ("connection", "timeout", "unreadable") or (
            self.kind == "status" and (self.status in (408, 409) or self.status >= 500)
        )

    @property
    def is_about_the_model(self) -> bool:
        """Whether another model may do: this one is not there for the account, or has too much to do."""
        if self.status == 404:
            return self.code == "model_not_found" or self.param == "model"
        overloaded = "overloaded" in f"{self.code} {self.type} {self.message}".lower()
        return self.status == 503 or (self.status >= 429 and overloaded)

    @property
    def is_gone(self) -> bool:
        """Whether the API knows its store, and the completion is not in it."""
        return self.status == 404 and not self.is_no_store

    @property
    def is_no_store(self) -> bool:
        """Whether there is no store behind the address: the path or the method is not known."""
        return self.status == 405 or (self.status == 404 and "url" in self.message.lower())


def of_sdk_error(error: Exception, method: str, path: str, secret: str) -> ApiProblem:
    """What an exception of the SDK says."""
    import openai

    if isinstance(error, openai.APIStatusError):
        headers = error.response.headers
        return ApiProblem(
            kind="status",
            method=method,
            path=path,
            status=error.status_code,
            message=_without_keys(_message(error), secret),
            type=_text(error.type),
            code=_text(error.code),
            param=_text(error.param),
            request_id=headers.get("x-request-id", ""),
            retry_after=_retry_after(headers),
            retry_hint={"true": True, "false": False}.get(headers.get("x-should-retry", "")),
        )
    if isinstance(error, openai.APITimeoutError | TimeoutError):
        return ApiProblem(kind="timeout", method=method, path=path)
    said = _without_keys(str(error.__cause__ or error), secret)
    return ApiProblem(kind="connection", method=method, path=path, message=said)


def stopped() -> ApiProblem:
    """Terraform was interrupted."""
    return ApiProblem(kind="stopped")


def unreadable(method: str, path: str, text: str) -> ApiProblem:
    """An answer of status 200 that is no JSON object."""
    return ApiProblem(kind="unreadable", method=method, path=path, status=200, message=text[:200])


def without_key() -> ApiProblem:
    """There is no key to ask with."""
    return ApiProblem(kind="no_key")


def _message(error: Any) -> str:
    body = error.body
    said = body.get("message") if isinstance(body, dict) else None
    return said if isinstance(said, str) and said else error.response.text[:500]


def _without_keys(text: str, secret: str) -> str:
    """A text without the key, and without what looks like one."""
    text = text.replace(secret, "(key)") if len(secret) >= _SHORTEST_KEY else text
    return _KEY.sub("(key)", text)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _retry_after(headers: Any) -> float | None:
    for name, divisor in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            return max(float(headers[name]) / divisor, 0.0)
        except (KeyError, ValueError):
            continue
    try:
        return max(parsedate_to_datetime(headers["retry-after"]).timestamp() - time(), 0.0)
    except (KeyError, ValueError, TypeError):
        return None
