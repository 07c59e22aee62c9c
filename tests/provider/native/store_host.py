"""A host with a Chat Completions Store, on loopback: answers and faults are as a test wants them."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from typing import Any, Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.provider.loopback import Answer, Asked, completion, error

COLLECTION = "/v1/chat/completions"
Fault = Answer | Literal["cut before", "cut after"]


class StoreHost:
    """A rule for a `Loopback`.

    Attributes:
        stored: The completions in the store, by id.
        created: The bodies of all requests that were answered with a completion, in order.
        fault: What happens instead of an answer; "" for the answer itself.
        finish: The message and the finish reason of an answer.
    """

    def __init__(self) -> None:
        self.stored: dict[str, dict[str, Any]] = {}
        self.created: list[dict[str, Any]] = []
        self.fault: Callable[[Asked], Fault | Literal[""]] = lambda _: ""
        self.finish: Callable[[dict[str, Any]], tuple[dict[str, Any], str]] = _usual
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def __call__(self, asked: Asked) -> Answer:
        with self._lock:
            fault = self.fault(asked)
            if fault == "cut before":
                return None
            if fault and fault != "cut after":
                return fault
            answer = self._answer(asked)
            return None if fault == "cut after" else answer

    def _answer(self, asked: Asked) -> Answer:
        parts = urlsplit(asked.target)
        if parts.path.endswith("/messages"):
            return 200, {"object": "list", "data": [{"id": "m", "role": "user", "content": "hi"}]}
        completion_id = unquote(parts.path.removeprefix(COLLECTION).strip("/"))
        if not completion_id:
            return self._create(asked.body) if asked.method == "POST" else self._list(parts.query)
        if completion_id not in self.stored:
            return 404, error(f"Chat completion with id '{completion_id}' not found.")
        found = self.stored[completion_id]
        if asked.method == "DELETE":
            del self.stored[completion_id]
            return 200, {"object": "chat.completion.deleted", "id": completion_id, "deleted": True}
        if asked.method == "POST":
            found["metadata"] = asked.body["metadata"]
        return 200, found

    def _create(self, body: dict[str, Any]) -> Answer:
        message, finish = self.finish(body)
        made = completion(f"chatcmpl-{next(self._numbers)}", message, finish_reason=finish)
        self.created.append(body)
        if body.get("store"):
            self.stored[made["id"]] = {**made, "metadata": body.get("metadata", {})}
        return 200, made

    def _list(self, query: str) -> Answer:
        pairs = dict(parse_qsl(query))
        wanted = {it[9:-1]: value for it, value in pairs.items() if it.startswith("metadata[")}
        data = [it for it in self.stored.values() if wanted.items() <= it["metadata"].items()]
        return 200, {"object": "list", "data": data, "has_more": False}


def _usual(body: dict[str, Any]) -> tuple[dict[str, Any], str]:
    return said(f"You said: {body['messages'][-1]['content']}"), "stop"


def said(content: str | None, **more: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": content, "refusal": None, **more}
