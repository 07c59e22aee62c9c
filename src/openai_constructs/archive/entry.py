"""An answer to write to the archive."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from openai_constructs.archive.digest import request_digest
from openai_constructs.archive.prices import Usage, nano_usd

__all__ = ["Entry", "milliseconds_now", "usage_of"]

_TEXTS: Final = frozenset({"messages", "functions", "tools", "response_format", "prediction"})
"""Arguments of a request with the user's texts."""
_MOST_TOKENS: Final = 10**9
"""Larger counts are a mistake of the host, and their sum could overflow in a database."""


def milliseconds_now() -> int:
    """Return the current time in milliseconds since 1970, UTC."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An answer with its request.

    Attributes:
        body: Body of the request.
        completion: Body of the response.
        completion_id: Id in the state; default: the answer's own id.
        key: Idempotency key, ``stack/path`` from constructs; "" without one.
        metadata: The user's own labels.
        workspace: Terraform workspace.
        host: Host of the API, with its port.
        with_prompts: Whether to keep the texts of the request. The answer is always kept.
        at: Time of the answer, in milliseconds since 1970, UTC.
    """

    body: Mapping[str, Any]
    completion: Mapping[str, Any]
    completion_id: str = ""
    key: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    workspace: str = "default"
    host: str = ""
    with_prompts: bool = True
    at: int = field(default_factory=milliseconds_now)

    def row(self) -> dict[str, Any]:
        """Return the values of the row. Missing values and values of another type are empty or 0."""
        stack, _, path = self.key.partition("/") if "/" in self.key else ("", "", self.key)
        usage = usage_of(self.completion)
        choices = self.completion.get("choices")
        first = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}
        model = _text(self.body.get("model"))
        used = _text(self.completion.get("model")) or model
        tier = _text(self.completion.get("service_tier"))
        request = self.body if self.with_prompts else _without_texts(self.body)
        return {
            "at": self.at,
            "key": _text(self.key),
            "stack": _text(stack),
            "path": _text(path),
            "workspace": _text(self.workspace),
            "host": _text(self.host),
            "model": model,
            "model_used": used,
            "digest": request_digest(self.body),
            "completion_id": _text(self.completion_id) or _text(self.completion.get("id")),
            "stored": self.body.get("store") is True,
            "status": "answered",
            "finish_reason": _text(first.get("finish_reason")),
            "service_tier": tier,
            **usage._asdict(),
            "nano_usd": nano_usd(used, usage, host=self.host, tier=tier, at=self.at),
            "metadata": {_text(name): _text(value) for name, value in self.metadata.items()},
            "request": json.dumps(request),
            "answer": json.dumps(self.completion),
        }


def usage_of(completion: Mapping[str, Any]) -> Usage:
    """Return the token counts of an answer. Missing counts are 0."""
    usage = _mapping(completion.get("usage"))
    prompt, answer = (_mapping(usage.get(f"{name}_tokens_details")) for name in ("prompt", "completion"))
    return Usage(
        prompt_tokens=_count(usage.get("prompt_tokens")),
        cached_tokens=_count(prompt.get("cached_tokens")),
        completion_tokens=_count(usage.get("completion_tokens")),
        reasoning_tokens=_count(answer.get("reasoning_tokens")),
    )


def _without_texts(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in _TEXTS}


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _count(value: Any) -> int:
    """Return a count that every database can store."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return 0
    return min(max(int(value), 0), _MOST_TOKENS)


def _text(value: Any) -> str:
    """Return a text that every database can store, without NUL and lone surrogates."""
    if not isinstance(value, str):
        return ""
    return value.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
