"""The constructs with the native provider: the same Python, and what only it takes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hcl2
import pytest
from pydantic import BaseModel
from tests.support import template

from openai_constructs import (
    BasicChat,
    ChatCompletion,
    ChatFleet,
    Function,
    FunctionCallingChat,
    InvalidInputError,
    Message,
    MultiTurnChat,
    OpenaiProvider,
    ResponseFormat,
    StoredCompletion,
    Tool,
    ToolCall,
    ToolChoice,
    schema,
)
from openai_constructs.cdk.engine import cdk
from openai_constructs.cdk.module import MODULES, NATIVE_MODULES

NATIVE = schema.NATIVE.source
SEARCH = Function("search", "Find things", {"type": "object", "properties": {"q": {"type": "string"}}})


class Place(BaseModel):
    """Where it is."""

    city: str
    country: str = "NO"


def get_weather(city: str) -> str:
    """Weather of a city."""
    return city


def test_the_provider(stack: Any) -> None:
    """Its source, its own arguments, and headers under the names they were given."""
    OpenaiProvider(
        stack,
        "openai",
        native=True,
        base_url="https://gateway.example/v1",
        project="proj_1",
        max_retries=0,
        timeout=30,
        headers={"X-Team-Name": "a"},
    )
    made = template(stack).to_json()
    assert made["terraform"]["required_providers"]["openai"] == {"source": NATIVE, "version": ">= 0.1.0"}
    (block,) = made["provider"]["openai"]
    assert block == {
        "base_url": "https://gateway.example/v1",
        "project": "proj_1",
        "max_retries": 0,
        "timeout": 30,
        "headers": {"X-Team-Name": "a"},
    }


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"base_url": "https://a/v1"}, "Add native=True"),
        ({"headers": {"a": "secret"}}, "headers = (hidden)"),
        ({"native": True, "source": "mkdev-me/openai"}, "with native=True"),
        ({"native": True, "max_retries": 99}, "a whole number from 0 to 20"),
        (
            {"native": True, "base_url": "https://a", "api_url": "https://b"},
            "omitted if base_url is given",
        ),
    ],
)
def test_a_provider_that_cannot_be(stack: Any, arguments: dict[str, Any], told: str) -> None:
    """An argument the public provider does not have is refused, with what to do; no header is shown."""
    with pytest.raises(InvalidInputError) as raised:
        OpenaiProvider(stack, "openai", **arguments)
    assert told in str(raised.value)
    assert "secret" not in str(raised.value)


MAKERS: list[Callable[..., Any]] = [
    lambda stack, **more: BasicChat(stack, "it", model="m", prompt="p", **more),
    lambda stack, **more: StoredCompletion(stack, "it", model="m", prompt="p", **more),
    lambda stack, **more: ChatCompletion(stack, "it", model="m", messages=[Message.user("p")], **more),
]


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize(
    "arguments",
    [
        {"seed": 1},
        {"tools": [Tool("f")]},
        {"response_format": Place},
        {"fallback_models": ["m"]},
        {"on_destroy": "keep"},
    ],
)
def test_a_native_argument_needs_the_native_provider(
    stack: Any, make: Callable[..., Any], arguments: dict[str, Any]
) -> None:
    """Under the public provider it is refused at construction, with the reason and the fix."""
    with pytest.raises(InvalidInputError) as raised:
        make(stack, **arguments)
    assert "the public provider has no such argument" in str(raised.value)
    assert "native=True" in str(raised.value)


@pytest.mark.parametrize(
    "message", [Message.tool("r", tool_call_id="c"), Message.assistant(tool_calls=[ToolCall("c", "f", "{}")])]
)
def test_a_native_message_needs_the_native_provider(stack: Any, message: Message) -> None:
    """So is a message that the public one has no place for."""
    with pytest.raises(InvalidInputError, match="public provider has no such argument"):
        MultiTurnChat(stack, "it", model="m", messages=[message])


def test_every_native_argument_is_written(stack: Any) -> None:
    """As blocks and plain values, JSON parts as text."""
    OpenaiProvider(stack, "openai", native=True)
    StoredCompletion(
        stack,
        "it",
        model="m",
        messages=[
            Message.developer("Be brief. ${literal}"),
            Message.assistant(tool_calls=[ToolCall("call_1", "get_weather", '{"city":"Oslo"}')]),
            Message.tool("sunny", tool_call_id="call_1"),
            {"role": "user", "content": "And now?"},
        ],
        tools=[Tool.of(get_weather, strict=True), SEARCH],
        tool_choice=ToolChoice.of(SEARCH),
        parallel_tool_calls=False,
        max_completion_tokens=9,
        response_format=ResponseFormat.of(Place),
        seed=0,
        reasoning_effort="low",
        service_tier="flex",
        fallback_models=["n", "o"],
        on_destroy="keep",
        on_missing="recreate",
    )
    made = template(stack).to_json()["resource"]["openai_chat_completion"]["it"]
    made = {name: it for name, it in made.items() if name not in ("//", "lifecycle", "model")}
    (shape,) = made.pop("response_format")
    assert json.loads(shape.pop("schema"))["required"] == ["city", "country"]
    assert shape == {"type": "json_schema", "name": "Place", "description": "Where it is.", "strict": True}
    first, second = made.pop("tools")
    assert (first["name"], first["strict"], json.loads(first["parameters"])["required"]) == (
        "get_weather",
        True,
        ["city"],
    )
    assert second["name"] == "search"
    assert made == {
        "messages": [
            {"role": "developer", "content": "Be brief. $${literal}"},
            {
                "role": "assistant",
                "content": "",
                "tool_calls": [
                    {
                        "id": "call_1",
                        "function": [{"name": "get_weather", "arguments": '{"city":"Oslo"}'}],
                    }
                ],
            },
            {"role": "tool", "content": "sunny", "tool_call_id": "call_1"},
            {"role": "user", "content": "And now?"},
        ],
        "tool_choice": "search",
        "parallel_tool_calls": False,
        "max_completion_tokens": 9,
        "seed": 0,
        "reasoning_effort": "low",
        "service_tier": "flex",
        "fallback_models": ["n", "o"],
        "idempotency_key": "stack/it",
        "on_destroy": "keep",
        "on_missing": "recreate",
        "store": True,
    }


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"tools": []}, "1 or more"),
        ({"tools": [Tool("a b")]}, "tools[0].name"),
        ({"tools": [Tool("f"), Tool("f")]}, "used once"),
        ({"tools": [Tool("f", parameters={"type": "string"})]}, "tools[0].parameters"),
        ({"tools": [1]}, "a Tool"),
        ({"tools": [{"type": "custom"}]}, "a Tool"),
        ({"tools": [Tool("f")], "tool_choice": "g"}, "one of auto, none, required, f"),
        ({"tool_choice": ToolChoice.of("g")}, "one of auto, none, required"),
        ({"response_format": 1}, "a ResponseFormat or a pydantic model"),
        (
            {"response_format": ResponseFormat("json_schema", schema={"type": "object"})},
            "response_format.name",
        ),
        ({"messages": [Message("tool", "r")], "prompt": None}, "messages[0].tool_call_id"),
        (
            {"messages": [Message("user", "r", tool_calls=[1])], "prompt": None},
            "Only the assistant makes calls",
        ),  # type: ignore[list-item]
        ({"on_missing": "forget"}, "one of keep, recreate"),
        ({"fallback_models": []}, "1 or more"),
    ],
)
def test_bad_input(stack: Any, arguments: dict[str, Any], told: str) -> None:
    """Each with its place, what is allowed and what to do."""
    OpenaiProvider(stack, "openai", native=True)
    with pytest.raises(InvalidInputError) as raised:
        StoredCompletion(stack, "it", **{"model": "m", "prompt": "p", **arguments})
    assert told in str(raised.value)


def test_function_calling_uses_tools(stack: Any) -> None:
    """The same Python: functions with the public provider, tools with the native one."""
    OpenaiProvider(stack, "openai", native=True)
    chat = FunctionCallingChat(stack, "it", model="m", prompt="p", functions=[SEARCH], function_call="search")
    made = template(stack).to_json()["module"]["it"]
    assert made["tool_choice"] == "search"
    assert [it["name"] for it in made["tools"]] == ["search"]
    assert not {"functions", "function_call"} & made.keys()
    assert re.search(r"TfToken", chat.function_name)
    assert chat.tool_calls[0].id


def test_the_model_that_answered_and_its_refusal(stack: Any) -> None:
    """Chats and stored completions have both by name."""
    OpenaiProvider(stack, "openai", native=True)
    chat = BasicChat(stack, "chat", model="m", prompt="p")
    stored = StoredCompletion(stack, "stored", model="m", prompt="p")
    for construct in (chat, stored):
        cdk.TerraformOutput(stack, f"{construct.node.id}_model", value=construct.model_used)
        cdk.TerraformOutput(stack, f"{construct.node.id}_refusal", value=construct.refusal)
    refused = "openai_chat_completion.stored.choices[0].message[0].refusal"
    assert template(stack).outputs == {
        "chat_model": "${module.chat.completion.model_used}",
        "chat_refusal": "${module.chat.refusal}",
        "stored_model": "${openai_chat_completion.stored.model_used}",
        "stored_refusal": f"${{try({refused}, null)}}",
    }


def test_tool_calls_are_native(stack: Any) -> None:
    """With the public provider they are refused where they are read."""
    chat = FunctionCallingChat(stack, "it", model="m", prompt="p", functions=[SEARCH])
    stored = StoredCompletion(stack, "stored", model="m", prompt="p")
    for construct in (chat, stored):
        with pytest.raises(InvalidInputError, match="native=True"):
            construct.tool_calls  # noqa: B018
        with pytest.raises(InvalidInputError, match="refusal.*native=True"):
            construct.refusal  # noqa: B018


def test_reply_goes_on(stack: Any) -> None:
    """Also with the native provider, from the module's own output."""
    OpenaiProvider(stack, "openai", native=True)
    chat = BasicChat(stack, "it", model="m", prompt="p", seed=1, store=True)
    chat.reply("next", "and?")
    made = template(stack).to_json()["module"]
    assert made["next"]["messages"][1]["content"] == "${module.it.content}"
    assert made["next"]["seed"] == 1
    assert (made["it"]["idempotency_key"], made["next"]["idempotency_key"]) == ("stack/it", "stack/next")


def test_a_fleet(stack: Any) -> None:
    """Each chat has a key of its own; functions are tools there, too."""
    OpenaiProvider(stack, "openai", native=True)
    chats: dict[str, Any] = {"a": "p", "b": {"prompt": "q", "seed": 1}}
    ChatFleet(stack, "fleet", model="m", chats=chats, functions=[SEARCH], store=True)
    made = template(stack).to_json()["module"]["fleet"]["for_each"]
    assert {key: it["idempotency_key"] for key, it in made.items()} == {
        "a": "stack/fleet/a",
        "b": "stack/fleet/b",
    }
    assert made["b"]["seed"] == 1
    assert [json.loads(it["tools"][0]["parameters"])["type"] for it in made.values()] == ["object"] * 2


def test_keep_ignores_every_change_of_a_native_request(stack: Any) -> None:
    """With on_change="keep" no edit asks the model again, native arguments included."""
    OpenaiProvider(stack, "openai", native=True)
    StoredCompletion(stack, "it", model="m", prompt="p", seed=1, on_change="keep")
    ignored = template(stack).find_resources("openai_chat_completion")["it"]["lifecycle"]["ignore_changes"]
    assert {"seed", "tools", "verbosity", "fallback_models", "messages", "model"} <= set(ignored)
    assert not {"on_destroy", "on_missing", "idempotency_key", "id"} & set(ignored)


def variables(folder: Path) -> dict[str, Any]:
    with (folder / "chat_completion" / "variables.tf").open(encoding="utf-8") as opened:
        return {name.strip('"'): it for block in hcl2.load(opened)["variable"] for name, it in block.items()}


def outputs(folder: Path) -> set[str]:
    with (folder / "chat_completion" / "outputs.tf").open(encoding="utf-8") as opened:
        return {name.strip('"') for block in hcl2.load(opened)["output"] for name in block}


def test_both_modules_agree() -> None:
    """The native module has the variables of the other, of the same types and rules, and those it adds."""
    public, native = variables(MODULES), variables(NATIVE_MODULES)
    arguments = schema.NATIVE.chat_completion.arguments - {"id", "_imported_resource", "project_id"}
    assert native.keys() == arguments
    for name, it in public.items():
        if name != "messages":
            for part in ("type", "default", "validation", "nullable"):
                assert native[name].get(part) == it.get(part), name
    assert outputs(NATIVE_MODULES) == outputs(MODULES) | {"tool_calls", "refusal", "model_used"}


def test_the_native_module_needs_no_helper() -> None:
    """The provider sees every edit by itself, so the module has no digest of the request."""
    files = {it.name: it.read_text(encoding="utf-8") for it in (NATIVE_MODULES / "chat_completion").iterdir()}
    assert "request.tf" not in files
    assert not any("terraform_data" in it for it in files.values())
