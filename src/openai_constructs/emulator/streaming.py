"""An answer as server-sent events: the chunks a client sees with ``stream: true``.

Source: API reference, chat completion chunk object.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from openai_constructs.emulator.tokens import pieces

__all__ = ["events"]


def events(completion: dict[str, Any], *, include_usage: bool) -> Iterator[bytes]:
    """Return the events of one answer, including the closing ``data: [DONE]``.

    Args:
        completion: The whole ``chat.completion`` object.
        include_usage: Add ``usage`` to every chunk: null, but for an extra last chunk without choices.
    """
    usual = {
        key: completion.get(key) for key in ("id", "created", "model", "service_tier", "system_fingerprint")
    }
    usual["object"] = "chat.completion.chunk"
    if include_usage:
        usual["usage"] = None
    for choice in completion["choices"]:
        for delta, reason, logprobs in _deltas(choice):
            part = {"index": choice["index"], "delta": delta, "logprobs": logprobs, "finish_reason": reason}
            yield _event({**usual, "choices": [part]})
    if include_usage:
        yield _event({**usual, "choices": [], "usage": completion.get("usage")})
    yield b"data: [DONE]\n\n"


def _event(chunk: dict[str, Any]) -> bytes:
    return b"data: %b\n\n" % orjson.dumps(chunk)


def _deltas(choice: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str | None, Any]]:
    message = choice["message"]
    content = message.get("content")
    yield {"role": "assistant", "content": None if content is None else "", "refusal": None}, None, None
    if content is not None:
        logprobs = choice["logprobs"]["content"] if choice.get("logprobs") else None
        for n, piece in enumerate(pieces(content)):
            yield {"content": piece}, None, {"content": [logprobs[n]], "refusal": None} if logprobs else None
    if message.get("refusal") is not None:
        yield {"refusal": message["refusal"]}, None, None
    if call := message.get("function_call"):
        yield {"function_call": {"name": call["name"], "arguments": ""}}, None, None
        for piece in pieces(call["arguments"]):
            yield {"function_call": {"arguments": piece}}, None, None
    for n, call in enumerate(message.get("tool_calls", ())):
        kind, text = ("custom", "input") if call["type"] == "custom" else ("function", "arguments")
        opening = {"index": n, "id": call["id"], "type": call["type"], kind: {**call[kind], text: ""}}
        yield {"tool_calls": [opening]}, None, None
        for piece in pieces(call[kind][text]):
            yield {"tool_calls": [{"index": n, kind: {text: piece}}]}, None, None
    yield {}, choice.get("finish_reason"), None
