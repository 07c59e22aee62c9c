"""Generated answers for requests without a script. The same request always gets the same answer.

No model runs. The text says so, repeats the prompt, and is long enough to show ``stop`` and a token limit.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any, Final

import orjson

from openai_constructs.emulator import tokens
from openai_constructs.emulator.answers import Answer, Call
from openai_constructs.emulator.errors import ApiError
from openai_constructs.emulator.messages import text_of
from openai_constructs.emulator.schema_values import TooLargeError, satisfying
from openai_constructs.emulator.tools import callee

__all__ = ["choices", "completion", "completion_id", "digest", "usage"]

_SHOWN: Final = 200
_TIERS: Final = {None: "default", "auto": "default", "fast": "priority"}


def digest(body: dict[str, Any]) -> bytes:
    """Return the digest of a request: 16 bytes that do not depend on the order of its keys."""
    return blake2b(orjson.dumps(body, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()


def completion_id(request: bytes, occurrence: int = 0) -> str:
    """Return the id of an answer, derived from the request and from how often it was stored before.

    A program that runs twice on a fresh store gets the same ids, and no id is stored twice.
    """
    made = blake2b(request, digest_size=16, salt=occurrence.to_bytes(8, "big"))
    return f"chatcmpl-{made.hexdigest()}"


def completion(
    body: dict[str, Any], request: bytes, identity: str, created: int, scripted: Answer | None
) -> dict[str, Any]:
    """Return the ``chat.completion`` object for a request.

    Args:
        body: The request; valid.
        request: Its digest.
        identity: The id of the answer.
        created: Unix time in seconds.
        scripted: The scripted answer, if there is one.
    """
    made = choices(body, request.hex()[:8], scripted)
    tier = body.get("service_tier")
    return {
        "id": identity,
        "object": "chat.completion",
        "created": created,
        "model": body["model"],
        "choices": made,
        "usage": usage(body, made),
        "service_tier": _TIERS.get(tier, tier),
        "system_fingerprint": "fp_emulator",
    }


def choices(body: dict[str, Any], mark: str, scripted: Answer | None) -> list[dict[str, Any]]:
    """Return all ``n`` choices for a request.

    Args:
        body: The request; valid.
        mark: A few characters in the text that distinguish requests.
        scripted: The scripted answer, if there is one.
    """
    answer = scripted or _called(body, mark)
    limit = body.get("max_completion_tokens") or body.get("max_tokens")
    made = []
    for index in range(body.get("n") or 1):
        it = answer or Answer(content=_text(body, mark, index))
        made.append(_choice(body, index, it, limit, f"{mark}{index}"))
    return made


def usage(body: dict[str, Any], made: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the estimated token counts of a request and its answers."""
    asked = tokens.prompt_tokens(body["messages"], body.get("functions"), body.get("tools"))
    answered = 0
    for choice in made:
        message = choice["message"]
        content = message["content"]
        if content is not None:
            answered += tokens.count(content)
        if len(message) > 4:  # a call
            answered += tokens.prompt_tokens((message,))
    return {
        "prompt_tokens": asked,
        "completion_tokens": answered,
        "total_tokens": asked + answered,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": 0,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def _choice(body: dict[str, Any], index: int, answer: Answer, limit: int | None, mark: str) -> dict[str, Any]:
    content, reason = answer.content, answer.finish_reason
    if content is not None:
        content, cut = _cut(content, body.get("stop"), limit)
        reason = reason or ("length" if cut else "stop")
    # Keys in the order that the service writes them. Without calls, the service omits the keys.
    message: dict[str, Any] = {
        "role": "assistant",
        "content": content,
        "refusal": answer.refusal,
        "annotations": [],
    }
    if answer.function_call is not None:
        call = answer.function_call
        message["function_call"] = {"name": call.name, "arguments": call.arguments}
        reason = reason or "function_call"
    if answer.tool_calls:
        message["tool_calls"] = [_tool_call(it, f"{mark}{n}") for n, it in enumerate(answer.tool_calls)]
        reason = reason or "tool_calls"
    logprobs = _logprobs(content, body.get("top_logprobs") or 0) if body.get("logprobs") and content else None
    return {"index": index, "message": message, "logprobs": logprobs, "finish_reason": reason or "stop"}


def _cut(text: str, stop: str | list[str] | None, limit: int | None) -> tuple[str, bool]:
    """Cut a text at a stop sequence and a token limit; also return whether the limit cut it."""
    if stop:
        for sequence in [stop] if isinstance(stop, str) else stop:
            if sequence:
                text = text.split(sequence, 1)[0]
    # A token has at least one character, so most texts need no splitting.
    if limit is None or len(text) <= limit:
        return text, False
    parts = tokens.pieces(text)
    return ("".join(parts[:limit]), True) if len(parts) > limit else (text, False)


def _text(body: dict[str, Any], mark: str, index: int) -> str:
    shape = body.get("response_format")
    if shape is not None and shape.get("type") != "text":
        schema = (shape.get("json_schema") or {}).get("schema")
        return orjson.dumps(_satisfying(schema) if schema else {"answer": f"emulated {mark}"}).decode()
    messages = body["messages"]
    asked = text_of(messages[-1]) if messages else ""
    if len(asked) > _SHOWN:
        asked = f"{asked[:_SHOWN]}…"
    variant = f" Answer {index + 1}." if index else ""
    return f"Emulated answer {mark} of {body['model']}.{variant} You wrote: {asked}\nNo model was asked."


def _called(body: dict[str, Any], mark: str) -> Answer | None:
    called = callee(body)
    if called is None:
        return None
    # As with the service, a call that the request named ends with `stop`.
    reason = "stop" if called.forced else None
    if called.kind == "custom":
        return Answer(
            tool_calls=(Call(called.name, f"emulated input {mark}", custom=True),), finish_reason=reason
        )
    arguments = _satisfying(called.parameters)
    call = Call(called.name, orjson.dumps(arguments if isinstance(arguments, dict) else {}).decode())
    if called.kind == "function_call":
        return Answer(function_call=call, finish_reason=reason)
    return Answer(tool_calls=(call,), finish_reason=reason)


def _satisfying(schema: Any) -> Any:
    """Return a value that satisfies a schema.

    Raises:
        ApiError: 400 if its smallest value is too large to generate.
    """
    try:
        return satisfying(schema)
    except TooLargeError as error:
        raise ApiError(400, f"The emulator cannot generate an answer to this schema. {error}") from None


def _tool_call(call: Call, mark: str) -> dict[str, Any]:
    if call.custom:
        return {
            "id": f"call_{mark}",
            "type": "custom",
            "custom": {"name": call.name, "input": call.arguments},
        }
    function = {"name": call.name, "arguments": call.arguments}
    return {"id": f"call_{mark}", "type": "function", "function": function}


def _logprobs(text: str, top: int) -> dict[str, Any]:
    content = []
    for piece in tokens.pieces(text):
        entry = {"token": piece, "logprob": -0.1, "bytes": list(piece.encode())}
        # The token itself comes first, then less likely ones, as many as requested.
        others = [
            {
                "token": f"{piece}{'·' * rank}",
                "logprob": -0.1 - rank,
                "bytes": list(f"{piece}{'·' * rank}".encode()),
            }
            for rank in range(top)
        ]
        content.append({**entry, "top_logprobs": others})
    return {"content": content, "refusal": None}
