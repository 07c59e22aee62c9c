"""Only type-checked, never run: the same with the native provider."""

from __future__ import annotations

from typing import assert_type

from cdktf import App, TerraformStack
from pydantic import BaseModel

from openai_constructs import (
    BasicChat,
    Budget,
    ChatCompletion,
    Message,
    NativeParameters,
    OpenaiProvider,
    ResponseFormat,
    StoredCompletion,
    Tool,
    ToolCall,
    ToolChoice,
)


class Place(BaseModel):
    city: str


def get_weather(city: str) -> str:
    return city


stack = TerraformStack(App(), "stack")
OpenaiProvider(stack, "openai", native=True, base_url="https://a/v1", max_retries=2, headers={"X-Team": "a"})
OpenaiProvider(
    stack, "b", native=True, alias="b", archive="sqlite:///a.db", archive_prompts=False, budget=Budget(usd=1)
)
weather = Tool.of(get_weather, strict=True)
native: NativeParameters = {
    "tools": [weather, Tool.of(Place), {"type": "function", "function": {"name": "f"}}],
    "tool_choice": ToolChoice.of(weather),
    "max_completion_tokens": 50,
    "fallback_models": ["gpt-4o-mini"],
    "on_destroy": "keep",
}
stored = StoredCompletion(stack, "stored", model="gpt-4o", prompt="Hi", **native)
assert_type(stored.tool_calls[0].function[0].arguments, str)
assert_type(stored.function_name, str)
BasicChat(stack, "chat", model="gpt-4o", prompt="Hi", response_format=Place, seed=1)
ChatCompletion(
    stack,
    "raw",
    model="gpt-4o",
    messages=[
        Message.developer("Be brief."),
        Message.assistant(tool_calls=[ToolCall("call_1", "get_weather", "{}")]),
        Message.tool("sunny", tool_call_id="call_1"),
    ],
    response_format=ResponseFormat.of(Place),
)
