"""A small API on loopback: it answers by a script or by rule, and remembers what it was asked."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, Any] | tuple[int, Any, dict[str, str]] | None
"""Status, body, and headers where they matter; a body that is text or bytes is sent as it is.

None cuts the connection.
"""


@dataclass(frozen=True)
class Asked:
    """A request as it came over the wire."""

    method: str
    target: str
    headers: dict[str, str]
    body: Any


@dataclass
class Loopback:
    """Counts completions up from ``chatcmpl-1`` and answers lookups of them.

    ``scripted`` answers stand before the rule, each for one request.
    """

    asked: list[Asked] = field(default_factory=list)
    scripted: list[Answer] = field(default_factory=list)
    rule: Callable[[Asked], Answer] | None = None
    made: dict[str, dict[str, Any]] = field(default_factory=dict)
    url: str = ""

    def answer(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        if self.scripted:
            return self.scripted.pop(0)
        return self.rule(asked) if self.rule else self._by_rule(asked)

    @property
    def lines(self) -> list[str]:
        return [f"{it.method} {it.target}" for it in self.asked]

    @property
    def bodies(self) -> list[Any]:
        return [it.body for it in self.asked if it.method == "POST"]

    def _by_rule(self, asked: Asked) -> Answer:
        path = asked.target.partition("?")[0].removeprefix("/v1/chat/completions")
        if asked.method == "POST":
            return 200, self._make(asked.body)
        if not path:
            return 200, {
                "object": "list",
                "data": [it for it in self.made.values() if it["stored"]],
                "has_more": False,
            }
        name, _, messages = path.removeprefix("/").partition("/")
        if name not in self.made:
            return 404, error(f"Chat completion with id {name} not found.")
        if not messages:
            return 200, self.made[name]
        sent = self.made[name]["sent"]
        return 200, {
            "object": "list",
            "data": [{"id": f"{name}-{n}", **it} for n, it in enumerate(sent)],
            "first_id": f"{name}-0",
            "last_id": f"{name}-{len(sent) - 1}",
            "has_more": False,
        }

    def _make(self, body: dict[str, Any]) -> dict[str, Any]:
        number = len(self.made) + 1
        said = body["messages"][-1]["content"]
        message: dict[str, Any] = {"role": "assistant", "content": f"You said: {said}", "refusal": None}
        finish = "stop"
        if body.get("functions"):
            name = body["functions"][0]["name"]
            message |= {"content": None, "function_call": {"name": name, "arguments": '{"a":1}'}}
            finish = "function_call"
        made = completion(f"chatcmpl-{number}", message, model=body["model"], finish_reason=finish)
        self.made[made["id"]] = {**made, "sent": body["messages"], "stored": bool(body.get("store"))}
        return made


def completion(id_: str, message: dict[str, Any], **more: Any) -> dict[str, Any]:
    finish = more.pop("finish_reason", "stop")
    return {
        "id": id_,
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": "gpt-4o",
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": finish}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7},
        **more,
    }


def error(message: str, **more: Any) -> dict[str, Any]:
    return {
        "error": {"message": message, "type": "invalid_request_error", "param": None, "code": None, **more}
    }


class Server:
    """``with Server() as api`` serves a `Loopback` until the block ends."""

    def __init__(self) -> None:
        self.api = Loopback()
        handler = type("Handler", (_Handler,), {"api": self.api})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.api.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Loopback:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self.api

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    api: Loopback
    protocol_version = "HTTP/1.1"
    timeout = 30
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body in one packet

    def do_GET(self) -> None:
        self._answer(None)

    def do_DELETE(self) -> None:
        self._answer(None)

    def do_POST(self) -> None:
        self._answer(json.loads(self.rfile.read(int(self.headers["content-length"]))))

    def _answer(self, body: Any) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        given = self.api.answer(Asked(self.command, self.path, headers, body))
        if given is None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        status, answer, *more = given
        content = answer if isinstance(answer, bytes) else _text(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        for name, value in (more[0] if more else {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:
        pass


def _text(answer: Any) -> str:
    return answer if isinstance(answer, str) else json.dumps(answer)
