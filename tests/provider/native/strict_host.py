"""Hosts that speak the same API, each as strict as the real one, on loopback: a rule for a `Loopback`."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.provider.loopback import Answer, Asked, completion, error
from tests.provider.native.store_host import said

Unknown = Callable[[str], Answer]
_BASIC = frozenset({"model", "messages", "temperature", "top_p", "n", "stop", "max_tokens", "seed", "tools"})
_GEMINI = _BASIC | {"max_completion_tokens", "reasoning_effort", "response_format", "tool_choice"}
_MISTRAL = _BASIC - {"seed"} | {"random_seed", "response_format", "tool_choice", "safe_prompt"}


@dataclass(frozen=True)
class Kind:
    """How one kind of host behaves.

    Attributes:
        address: The real one, from which the provider decides what the host takes.
        base: Path and query of the base URL.
        refuses: What it answers to a field it does not know; None where it passes over it.
        fields: The fields that it knows, where it refuses others.
        missing: What it answers to the paths of a store; None where it has one.
        key: The header with the key.
        has_version: Every request needs a query ``api-version``.
    """

    address: str
    base: str
    missing: Answer
    refuses: Unknown | None = None
    fields: frozenset[str] = frozenset()
    key: str = "authorization"
    has_version: bool = False


def _by_google(name: str) -> Answer:
    message = f'Invalid JSON payload received. Unknown name "{name}": Cannot find field.'
    return 400, [{"error": {"code": 400, "message": message, "status": "INVALID_ARGUMENT"}}]


def _by_mistral(name: str) -> Answer:
    detail = {"type": "extra_forbidden", "loc": ["body", name], "msg": "Extra inputs are not permitted"}
    return 422, {"object": "error", "message": {"detail": [detail]}, "type": "invalid_request_error"}


_NO_RESOURCE: Answer = (404, {"error": {"code": "404", "message": "Resource not found"}})
KINDS = {
    "OpenAI": Kind("https://api.openai.com/v1", "/v1", None),
    "OpenAI in Europe": Kind("https://eu.api.openai.com/v1", "/v1", None),
    "Azure v1": Kind("https://us.openai.azure.com/openai/v1/", "/openai/v1/", None),
    "Azure by deployment": Kind(
        "https://us.openai.azure.com/openai/deployments/d?api-version=2024-10-21",
        "/openai/deployments/d?api-version=2024-10-21",
        _NO_RESOURCE,
        key="api-key",
        has_version=True,
    ),
    "Google": Kind(
        "https://generativelanguage.googleapis.com/v1beta/openai",
        "/v1beta/openai",
        (404, ""),
        _by_google,
        _GEMINI,
    ),
    "Mistral": Kind(
        "https://api.mistral.ai/v1", "/v1", (404, {"detail": "Not Found"}), _by_mistral, _MISTRAL
    ),
    "OpenRouter": Kind(
        "https://openrouter.ai/api/v1", "/api/v1", (200, {"error": {"message": "Not Found", "code": 404}})
    ),
    "vLLM": Kind("http://127.0.0.1:8000/v1", "/v1", (404, {"detail": "Not Found"})),
    "Ollama": Kind("http://localhost:11434/v1", "/v1", (404, "404 page not found")),
}
TAKES_STORE = {"OpenAI", "OpenAI in Europe", "Azure v1", "Azure by deployment"}
"""The kinds that are known to take `store: false`."""


@dataclass
class StrictHost:
    """A host of one kind.

    Attributes:
        kind: Of this kind.
        bodies: The bodies of requests that were answered.
        stored: What its store has, if it has one.
    """

    kind: Kind
    bodies: list[dict[str, Any]] = field(default_factory=list)
    stored: dict[str, dict[str, Any]] = field(default_factory=dict)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def __call__(self, asked: Asked) -> Answer:
        target = urlsplit(asked.target)
        if self.kind.has_version and not parse_qs(target.query).get("api-version"):
            return _NO_RESOURCE
        if not asked.headers.get(self.kind.key, "").endswith("the-key"):
            return 401, error("Incorrect API key provided.")
        collection = self.kind.base.partition("?")[0].rstrip("/") + "/chat/completions"
        completion_id = target.path.removeprefix(collection).strip("/")
        if not target.path.startswith(collection):
            return _NO_RESOURCE
        if asked.method == "POST" and not completion_id:
            return self._create(asked.body)
        return self.kind.missing or self._about_stored(asked.method, completion_id)

    def _create(self, body: dict[str, Any]) -> Answer:
        if self.kind.refuses is not None:
            for name in body:
                if name not in self.kind.fields:
                    return self.kind.refuses(name)
        self.bodies.append(body)
        made = completion(f"c{next(self._numbers)}", said(f"You said: {body['messages'][-1]['content']}"))
        if body.get("store") and self.kind.missing is None:
            self.stored[made["id"]] = {**made, "metadata": body.get("metadata", {})}
        return 200, made

    def _about_stored(self, method: str, completion_id: str) -> Answer:
        if not completion_id:
            return 200, {"object": "list", "data": [], "has_more": False}
        if completion_id not in self.stored:
            return 404, error(f"Chat completion with id '{completion_id}' not found.")
        if method == "DELETE":
            del self.stored[completion_id]
            return 200, {"id": completion_id, "deleted": True}
        return 200, self.stored[completion_id]
