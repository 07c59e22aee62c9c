"""The native edition call by call: what an import restores, and what becomes of changes that fail."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.provider.loopback import Loopback, completion, error
from tests.provider.native.native_direct import Direct, config
from tf.gen import tfplugin_pb2 as pb
from tf.utils import read_dynamic_value

from openai_constructs.emulator import Emulator
from openai_constructs.provider.native.tags import LABEL

Make = Callable[..., Direct]
MESSAGES = [{"role": "user", "content": f"{n}"} for n in range(250)]
CALL = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
SCHEMA = {"type": "object", "properties": {"a<b": {"type": "string"}}}


def imported(at: Direct, completion_id: str) -> dict[str, Any]:
    request = pb.ImportResourceState.Request(type_name="openai_chat_completion", id=completion_id)
    (found,) = at.servicer.ImportResourceState(request, None).imported_resources
    state = read_dynamic_value(found.state)
    assert isinstance(state, dict)
    return state


def store(api: Loopback, messages: list[dict[str, Any]], page: int = 100, **more: Any) -> None:
    """A store with one completion, whose messages come in pages."""
    stored = completion("c", {"role": "assistant", "content": "said"}, **more)

    def rule(asked: Any) -> tuple[int, Any]:
        path, _, query = asked.target.partition("?")
        if not path.endswith("/messages"):
            return 200, stored
        start = int(query.partition("after=m")[2].partition("&")[0] or -1) + 1
        data = [{**it, "id": f"m{n}"} for n, it in enumerate(messages)][start : start + page]
        more = start + page < len(messages)
        return 200, {"data": data, "has_more": more, "last_id": data[-1]["id"] if data else None}

    api.rule = rule


def test_an_import_takes_every_page(direct: Make, api: Loopback) -> None:
    """All messages in order, and the answer is none of them where the store lists it too."""
    store(api, [*MESSAGES, {"role": "assistant", "content": "said"}])
    state = imported(direct(api.url), "c")
    assert [it["content"] for it in state["messages"]] == [it["content"] for it in MESSAGES]
    assert len(api.lines) == 4


@pytest.mark.parametrize(
    ("choice", "imported_choice"),
    [("auto", "auto"), ({"type": "function", "function": {"name": "f"}}, "f"), (None, None)],
)
def test_an_import_restores_tools_and_format(
    direct: Make, api: Loopback, choice: Any, imported_choice: str | None
) -> None:
    """As a configuration writes them: JSON texts as of jsonencode, the choice by its name."""
    tool = {"type": "function", "function": {"name": "f", "description": "F", "parameters": SCHEMA}}
    told = {"name": "place", "schema": SCHEMA, "strict": True}
    messages = [
        {"role": "assistant", "content": None, "tool_calls": [CALL]},
        {"role": "tool", "content": "1", "tool_call_id": "call_1"},
    ]
    store(
        api,
        messages,
        tools=[tool],
        tool_choice=choice,
        response_format={"type": "json_schema", "json_schema": told},
        metadata={"k": "v", LABEL: "t"},
        seed=0,
    )
    state = imported(direct(api.url), "c")
    written = json.dumps(SCHEMA, sort_keys=True, separators=(",", ":")).replace("<", "\\u003c")
    not_custom = {"type": None, "grammar": None, "syntax": None}
    assert state["tools"] == [
        {"name": "f", "description": "F", "parameters": written, "strict": None, **not_custom}
    ]
    assert state["tool_choice"] == imported_choice
    (shape,) = state["response_format"]
    assert (shape["type"], shape["name"], shape["schema"], shape["strict"]) == (
        "json_schema",
        "place",
        written,
        True,
    )
    asked, answered = state["messages"]
    call = {"name": "f", "arguments": "{}"}
    assert asked["tool_calls"] == [{"id": "call_1", "type": None, "function": [call]}]
    assert answered["tool_call_id"] == "call_1"
    assert (state["metadata"], state["request_tag"], state["seed"]) == ({"k": "v"}, "t", 0)


def test_an_import_restores_images_and_custom_tools(direct: Make, api: Loopback) -> None:
    """Parts are read from where the store lists them, or from the content; a choice by its name or mode."""
    grammar = {"syntax": "regex", "definition": "[a-z]+"}
    custom = {"name": "c", "description": "C", "format": {"type": "grammar", "grammar": grammar}}
    image = {"type": "image_url", "image_url": {"url": "https://x.example/a.png", "detail": "low"}}
    file = {"type": "file", "file": {"file_id": "file-1", "filename": "a.pdf"}}
    named = {"name": "c", "type": "function"}
    store(
        api,
        [
            {"role": "user", "content": "Look.", "content_parts": [{"type": "text", "text": "Look."}, image]},
            {"role": "user", "content": [{"type": "text", "text": "Read."}, file]},
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"id": "1", "type": "custom", "custom": {"name": "c", "input": "abc"}}],
            },
        ],
        tools=[{"type": "custom", "custom": custom}],
        tool_choice={"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [named]}},
    )
    state = imported(direct(api.url), "c")
    assert state["tools"] == [
        {
            "name": "c",
            "description": "C",
            "parameters": None,
            "strict": None,
            "type": "custom",
            "grammar": "[a-z]+",
            "syntax": "regex",
        }
    ]
    assert state["tool_choice"] == "required"
    looked, read, called = state["messages"]
    nothing = dict.fromkeys(("image_url", "detail", "file_data", "file_id", "filename"))
    shown = {**nothing, "image_url": "https://x.example/a.png", "detail": "low"}
    assert (looked["content"], looked["content_parts"]) == ("Look.", [shown])
    attached = {**nothing, "file_id": "file-1", "filename": "a.pdf"}
    assert (read["content"], read["content_parts"]) == ("Read.", [attached])
    call = {"name": "c", "arguments": "abc"}
    assert called["tool_calls"] == [{"id": "1", "type": "custom", "function": [call]}]


def stored(at: Direct, **arguments: Any) -> dict[str, Any]:
    state, problems = at.create(store=True, **arguments)
    assert problems == []
    assert isinstance(state, dict)
    return state


def test_an_update_that_fails_changes_nothing(direct: Make, api: Loopback) -> None:
    """The state keeps what the store has, so the next apply tries again."""
    at = direct(api.url)
    before = stored(at, metadata={"k": "1"})
    api.rule = lambda _: (500, error("no"))
    after, ((severity, _, _),) = at.apply(before, config(store=True, metadata={"k": "2"}))
    assert (after, severity) == (before, "error")


def test_an_update_of_what_is_gone_is_a_warning(direct: Make, api: Loopback) -> None:
    """There is nothing to label any more; the answer is kept."""
    at = direct(api.url)
    before = stored(at, metadata={"k": "1"})
    api.rule = lambda _: (404, error("Chat completion c not found.", code="not_found"))
    after, ((severity, _, _),) = at.apply(before, config(store=True, metadata={"k": "2"}))
    assert (after["metadata"], after["id"], severity) == ({"k": "2"}, before["id"], "warning")


def test_a_lost_answer_is_adopted(direct: Make) -> None:
    """A later run, with the same key, takes what an earlier one had made, and gives it its labels."""
    arguments = {"store": True, "idempotency_key": "chat"}
    with Emulator() as emulator:
        lost = direct(emulator.url).create(metadata={"k": "1"}, **arguments)[0]
        found, problems = direct(emulator.url).create(metadata={"k": "2"}, **arguments)
        other = direct(emulator.url).create(store=True, idempotency_key="another")[0]
        asked = [f"{it['method']} {it['path']}" for it in emulator.requests()]
    assert (found["id"], found["choices"], problems) == (lost["id"], lost["choices"], [])
    assert other["id"] != lost["id"]
    assert asked.count("POST /v1/chat/completions") == 2
    assert asked.count(f"POST /v1/chat/completions/{lost['id']}") == 1


@pytest.mark.parametrize(
    ("details", "more"),
    [
        ({}, {}),
        ({"prompt_tokens_details": None, "completion_tokens_details": []}, {}),
        ({"prompt_tokens_details": {"cached_tokens": "2"}}, {}),
        ({"prompt_tokens_details": {"cached_tokens": 0}}, {"cached_tokens": 0}),
        (
            {
                "prompt_tokens_details": {"cached_tokens": 2, "audio_tokens": 1},
                "completion_tokens_details": {"reasoning_tokens": 3, "audio_tokens": 4, "other": 5},
            },
            {
                "cached_tokens": 2,
                "prompt_audio_tokens": 1,
                "reasoning_tokens": 3,
                "completion_audio_tokens": 4,
            },
        ),
    ],
)
def test_details_of_the_usage(direct: Make, api: Loopback, details: dict[str, Any], more: Any) -> None:
    """Cached, reasoning and audio tokens are in the state where the host tells them, and not made up."""
    counts = {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}
    message = {"role": "assistant", "content": "said"}
    api.rule = lambda _: (200, completion("c", message, usage={**counts, **details}))
    state, problems = direct(api.url).create()
    assert problems == []
    assert state["usage"] == {**counts, **more}
