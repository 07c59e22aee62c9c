"""Every argument that only the native provider has, once through the real Terraform: sent, kept, edited."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from tests.engine import App, TerraformOutput, TerraformStack

from openai_constructs import (
    BasicChat,
    ChatFleet,
    CustomTool,
    Function,
    Message,
    MultiTurnChat,
    OpenaiProvider,
    ResponseFormat,
    StoredCompletion,
    Tool,
    ToolCall,
)
from openai_constructs.schema import COMPAT, NATIVE
from openai_constructs.testing import LocalApply, Template

pytestmark = pytest.mark.terraform

PNG = "data:image/png;base64,iVBORw0KGgo="
WEATHER = Function(
    "weather", "Weather of a city.", {"type": "object", "properties": {"city": {"type": "string"}}}
)
VALUES: dict[str, Any] = {
    "max_completion_tokens": 50,
    "seed": 7,
    "service_tier": "default",
    "verbosity": "low",
    "logprobs": True,
    "top_logprobs": 2,
    "safety_identifier": "user-1",
    "prompt_cache_key": "docs",
    "prompt_cache_options": {"mode": "explicit", "ttl": "30m"},
    "prediction": {"type": "content", "content": "Hello."},
    "web_search_options": {"search_context_size": "low"},
    "response_format": {"type": "json_object"},
    "reasoning_effort": "low",
    "extra": {"modalities": ["text"]},
}
"""Arguments that are in the body as they are."""

OTHERS = {"tools", "tool_choice", "allowed_tools", "parallel_tool_calls"}
SETTINGS = {"fallback_models", "idempotency_key", "on_destroy", "on_incomplete", "on_missing"}


def build(stack: TerraformStack, question: str = "Say JSON.") -> None:
    OpenaiProvider(stack, "openai", native=True)
    chat = BasicChat(
        stack,
        "chat",
        model="gpt-6-luna",
        prompt=question,
        fallback_models=["gpt-5.2"],
        idempotency_key="own",
        on_destroy="keep",
        on_incomplete="accept",
        on_missing="keep",
        **{**VALUES, "response_format": ResponseFormat.json_object()},
    )
    called = MultiTurnChat(
        stack,
        "called",
        model="gpt-6-luna",
        messages=[
            Message.user("What is it?", images=[PNG], files=["file-abc"]),
            Message.assistant(tool_calls=[ToolCall("1", "sql", "SELECT 1", "custom")]),
            Message.tool("1", tool_call_id="1"),
            Message.user("And the weather?"),
        ],
        tools=[Tool(WEATHER.name, WEATHER.description, WEATHER.parameters), CustomTool("sql", grammar="x")],
        tool_choice="required",
        allowed_tools=["weather"],
        parallel_tool_calls=False,
    )
    custom = StoredCompletion(
        stack,
        "custom",
        model="gpt-6-luna",
        prompt="Count.",
        tools=[CustomTool("sql", "Runs SQL.", "[a-z]+", "regex")],
        tool_choice="sql",
    )
    fleet = ChatFleet(stack, "fleet", model="gpt-6-luna", chats={"a": "x"}, tools=[WEATHER])
    results = {
        "model": chat.model_used,
        "tier": chat.service_tier_used,
        "refusal": chat.refusal,
        "logprobs": chat.choices[0].logprobs,
        "tool": called.tool_calls[0].name,
        "arguments": called.tool_calls[0].arguments,
        "custom": custom.tool_calls[0].name,
        "kind": custom.tool_calls[0].type,
        "stored_tier": custom.service_tier_used,
        "of_fleet": fleet["a"].tool_calls[0].name,
        "annotations": chat.choices[0].message[0].annotations,
    }
    for name, value in results.items():
        TerraformOutput(stack, f"{name}_of_it", value=value)


def test_the_list_is_whole() -> None:
    """A new argument has to be tried here, too."""
    native = NATIVE.chat_completion.arguments - COMPAT.chat_completion.arguments
    assert native == VALUES.keys() | OTHERS | SETTINGS


def test_each_is_sent_kept_and_edited(stack: TerraformStack, local_apply: LocalApply, tmp_path: Path) -> None:
    """The request is the one that the testing kit predicts; nothing is planned after it."""
    build(stack)
    predicted = {name: it.request() for name, it in Template.from_stack(stack).find_chats().items()}
    applied = local_apply(stack)
    assert applied.second_plan == {}
    bodies = [it["body"] for it in applied.requests if it["method"] == "POST"]
    assert by_text(predicted.values()) == by_text(map(without_tag, bodies))
    (sent,) = [it for it in bodies if it["messages"][-1]["content"] == "Say JSON."]
    assert {name: sent[name] for name in VALUES.keys() - {"extra"}} == {
        name: it for name, it in VALUES.items() if name != "extra"
    }
    assert sent["modalities"] == ["text"]
    (call,) = [it for it in bodies if it.get("parallel_tool_calls") is False]
    assert call["tool_choice"] == {
        "type": "allowed_tools",
        "allowed_tools": {
            "mode": "required",
            "tools": [{"type": "function", "function": {"name": "weather"}}],
        },
    }
    looked, asked, *_ = call["messages"]
    assert looked["content"] == [
        {"type": "text", "text": "What is it?"},
        {"type": "image_url", "image_url": {"url": PNG}},
        {"type": "file", "file": {"file_id": "file-abc"}},
    ]
    assert asked["tool_calls"] == [
        {"id": "1", "type": "custom", "custom": {"name": "sql", "input": "SELECT 1"}}
    ]
    outputs = {name.removesuffix("_of_it"): it for name, it in applied.outputs.items()}
    assert outputs["model"].startswith("gpt-6-luna")
    assert outputs["tier"] == outputs["stored_tier"] == "default"
    assert "refusal" not in outputs  # null
    assert outputs["annotations"] == []
    assert '"content": [' in outputs["logprobs"]
    assert (outputs["tool"], outputs["of_fleet"]) == ("weather", "weather")
    assert '"city"' in outputs["arguments"]
    assert (outputs["custom"], outputs["kind"]) == ("sql", "custom")

    edited = TerraformStack(App(outdir=str(tmp_path / "edited")), stack.node.id)
    build(edited, question="Say JSON again.")
    applied = local_apply(edited)
    assert applied.changes == {"module.chat.openai_chat_completion.this": "update"}
    assert applied.second_plan == {}
    (body,) = [it["body"] for it in applied.requests if it["method"] == "POST"]
    assert body == {**sent, "messages": [{"role": "user", "content": "Say JSON again."}]}


def by_text(bodies: Iterable[dict[str, Any]]) -> list[str]:
    return sorted(json.dumps(body, sort_keys=True) for body in bodies)


def without_tag(body: dict[str, Any]) -> dict[str, Any]:
    """A body without the label that the provider adds to stored completions."""
    metadata = {name: it for name, it in body.get("metadata", {}).items() if "openai_constructs" not in name}
    rest = {name: it for name, it in body.items() if name != "metadata"}
    return {**rest, "metadata": metadata} if metadata else rest
