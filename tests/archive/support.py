"""Requests and answers as they stand in an archive."""

from __future__ import annotations

from typing import Any

from openai_constructs.archive import Entry


def request(prompt: str = "Hi?", model: str = "gpt-4o", **arguments: Any) -> dict[str, Any]:
    return {
        "model": model,
        "messages": [{"role": "user", "content": prompt}],
        "store": False,
        **arguments,
    }


def completion(id_: str = "chatcmpl-1", text: str = "Hello.", **values: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "object": "chat.completion",
        "created": 1_790_000_000,
        "model": "gpt-4o-2024-08-06",
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "message": {"role": "assistant", "content": text, "refusal": None},
            }
        ],
        "usage": {
            "prompt_tokens": 1000,
            "completion_tokens": 100,
            "total_tokens": 1100,
            "prompt_tokens_details": {"cached_tokens": 200},
            "completion_tokens_details": {"reasoning_tokens": 40},
        },
        "service_tier": "default",
        **values,
    }


def entry(id_: str = "chatcmpl-1", prompt: str = "Hi?", **values: Any) -> Entry:
    defaults: dict[str, Any] = {
        "body": request(prompt),
        "completion": completion(id_),
        "key": "app-stack/chat",
        "host": "api.openai.com",
    }
    return Entry(**{**defaults, **values})
