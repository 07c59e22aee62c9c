"""What requests are answered with when nothing is scripted."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from openai import OpenAI

from openai_constructs.emulator import Emulator

from .conftest import HELLO, plain

WEATHER = {
    "name": "get_weather",
    "description": "The weather in a city",
    "parameters": {
        "type": "object",
        "properties": {
            "city": {"type": "string"},
            "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
        },
        "required": ["city"],
    },
}
STOCKS = {"name": "get_stock_price", "description": "The price of a share", "parameters": {"type": "object"}}


def ask(http: httpx.Client, **changes: Any) -> dict[str, Any]:
    answer = http.post("/v1/chat/completions", json={**HELLO, **changes})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_same_request_gets_the_same_answer(http: httpx.Client) -> None:
    """All but the time is the same for the same request, in any emulator, and differs for another one."""
    first = ask(http)
    with Emulator() as other, plain(other) as elsewhere:
        second = ask(elsewhere)
    for answer in (first, second):
        del answer["created"]
    assert first == second
    other_answer = ask(http, temperature=0.5)
    assert other_answer["id"] != first["id"]
    assert other_answer["choices"] != first["choices"]


def test_shape_of_an_answer(http: httpx.Client) -> None:
    """An answer has what the API's schema requires; calls are left out where there are none."""
    answer = ask(http)
    message = answer["choices"][0]["message"]
    assert answer["object"] == "chat.completion"
    assert set(message) == {"role", "content", "refusal", "annotations"}
    assert (message["role"], message["refusal"], message["annotations"]) == ("assistant", None, [])
    assert answer["choices"][0]["logprobs"] is None
    assert answer["choices"][0]["finish_reason"] == "stop"


def test_usage(http: httpx.Client) -> None:
    """Usage counts add up, grow with the prompt, and count every choice."""
    short, long = (
        ask(http)["usage"],
        ask(http, messages=[{"role": "user", "content": "word " * 100}])["usage"],
    )
    assert short["total_tokens"] == short["prompt_tokens"] + short["completion_tokens"]
    assert long["prompt_tokens"] > short["prompt_tokens"] + 80
    assert ask(http, n=3)["usage"]["completion_tokens"] > 2 * short["completion_tokens"]


def test_n(http: httpx.Client) -> None:
    """With `n` there are that many choices, each with its index and a text of its own."""
    choices = ask(http, n=3)["choices"]
    assert [it["index"] for it in choices] == [0, 1, 2]
    assert len({it["message"]["content"] for it in choices}) == 3


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
def test_token_limit(http: httpx.Client, name: str) -> None:
    """A limit cuts the answer, says so in finish_reason, and is what usage counts then."""
    whole = ask(http)["choices"][0]["message"]["content"]
    cut = ask(http, **{name: 3})
    choice = cut["choices"][0]
    assert choice["finish_reason"] == "length"
    assert cut["usage"]["completion_tokens"] == 3
    assert len(choice["message"]["content"]) < len(whole)
    assert ask(http, **{name: 1000})["choices"][0]["finish_reason"] == "stop"


@pytest.mark.parametrize("stop", ["wrote", ["nowhere", "wrote"]])
def test_stop(http: httpx.Client, stop: object) -> None:
    """A stop sequence ends the text before it."""
    choice = ask(http, stop=stop)["choices"][0]
    assert choice["message"]["content"].endswith("You ")
    assert choice["finish_reason"] == "stop"


def test_functions(http: httpx.Client) -> None:
    """Left to the model, a question calls the function nearest to it, and a result is answered with text."""
    offered = [STOCKS, WEATHER]
    question = {"role": "user", "content": "What is the weather in Rome?"}
    choice = ask(http, functions=offered, messages=[question])["choices"][0]
    assert choice["finish_reason"] == "function_call"
    assert choice["message"]["content"] is None
    assert choice["message"]["function_call"]["name"] == "get_weather"
    assert set(json.loads(choice["message"]["function_call"]["arguments"])) == {"city", "unit"}
    result = {"role": "function", "name": "get_weather", "content": "22"}
    after = ask(http, functions=offered, messages=[question, result])["choices"][0]
    assert after["message"]["content"]
    assert "function_call" not in after["message"]


def test_function_call(http: httpx.Client) -> None:
    """`none` never calls; a name calls that one, with the finish_reason `stop`."""
    assert ask(http, functions=[WEATHER], function_call="none")["choices"][0]["message"]["content"]
    named = ask(http, functions=[WEATHER, STOCKS], function_call={"name": "get_stock_price"})["choices"][0]
    assert named["message"]["function_call"] == {"name": "get_stock_price", "arguments": "{}"}
    assert named["finish_reason"] == "stop"


def test_tools(http: httpx.Client) -> None:
    """Tools are called with an id, in choices that end with `tool_calls`; `tool_choice` decides."""
    tools = [{"type": "function", "function": WEATHER}, {"type": "custom", "custom": {"name": "shell"}}]
    auto = ask(http, tools=tools)["choices"][0]
    (call,) = auto["message"]["tool_calls"]
    assert (auto["finish_reason"], call["type"], call["function"]["name"]) == (
        "tool_calls",
        "function",
        "get_weather",
    )
    assert call["id"].startswith("call_")
    assert "tool_calls" not in ask(http, tools=tools, tool_choice="none")["choices"][0]["message"]
    custom = ask(http, tools=tools, tool_choice={"type": "custom", "custom": {"name": "shell"}})["choices"][0]
    assert custom["message"]["tool_calls"][0]["custom"]["name"] == "shell"
    allowed = {"mode": "required", "tools": [{"type": "custom", "custom": {"name": "shell"}}]}
    subset = ask(http, tools=tools, tool_choice={"type": "allowed_tools", "allowed_tools": allowed})[
        "choices"
    ][0]
    assert subset["message"]["tool_calls"][0]["type"] == "custom"
    called = {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}
    done = [
        HELLO["messages"][0],
        {"role": "assistant", "content": None, "tool_calls": [called]},
        {"role": "tool", "tool_call_id": "call_1", "content": "22"},
    ]
    assert ask(http, tools=tools, messages=done)["choices"][0]["message"]["content"]
    assert ask(http, tools=tools, messages=done, tool_choice="required")["choices"][0]["message"][
        "tool_calls"
    ]


def test_structured_output(http: httpx.Client) -> None:
    """A JSON response format is answered with JSON, by its schema if it has one."""
    schema = {
        "type": "object",
        "properties": {"age": {"type": "integer", "minimum": 18}},
        "required": ["age"],
    }
    wanted = {"type": "json_schema", "json_schema": {"name": "person", "schema": schema}}
    content = ask(http, response_format=wanted)["choices"][0]["message"]["content"]
    assert json.loads(content)["age"] >= 18
    asked = {"messages": [{"role": "user", "content": "Answer in JSON."}]}
    answer = ask(http, response_format={"type": "json_object"}, **asked)
    assert json.loads(answer["choices"][0]["message"]["content"])


def test_logprobs(http: httpx.Client) -> None:
    """Log probabilities come for each token when asked for, with as many alternatives as asked for."""
    choice = ask(http, logprobs=True, top_logprobs=2)["choices"][0]
    entries = choice["logprobs"]["content"]
    assert "".join(it["token"] for it in entries) == choice["message"]["content"]
    assert {len(it["top_logprobs"]) for it in entries} == {2}


@pytest.mark.parametrize(("asked", "given"), [("auto", "default"), ("fast", "priority"), ("flex", "flex")])
def test_service_tier(http: httpx.Client, asked: str, given: str) -> None:
    """The service tier that is answered is the one that is meant."""
    assert ask(http, service_tier=asked)["service_tier"] == given


def test_streaming(client: OpenAI) -> None:
    """A stream is the same answer in pieces, with usage in a last chunk without choices when asked for."""
    whole = ""
    with client.chat.completions.stream(model="gpt-4o", messages=HELLO["messages"], n=1) as stream:  # type: ignore[arg-type]
        for _ in stream:
            pass
        whole = stream.get_final_completion().choices[0].message.content or ""
    assert "Hello there" in whole
    chunks = list(
        client.chat.completions.create(**HELLO, n=2, stream=True, stream_options={"include_usage": True})  # type: ignore[call-overload]
    )
    assert chunks[-1].choices == []
    assert chunks[-1].usage.total_tokens > 0
    assert all(it.usage is None for it in chunks[:-1])
    assert {it.choices[0].index for it in chunks[:-1]} == {0, 1}
    assert [it.choices[0].finish_reason for it in chunks[:-1] if it.choices[0].finish_reason] == [
        "stop",
        "stop",
    ]


def test_streamed_calls(client: OpenAI) -> None:
    """A streamed tool call opens with its id and name, and its arguments follow in pieces."""
    tools: Any = [{"type": "function", "function": WEATHER}]
    with client.chat.completions.stream(model="gpt-4o", messages=HELLO["messages"], tools=tools) as stream:  # type: ignore[arg-type]
        for _ in stream:
            pass
        calls = stream.get_final_completion().choices[0].message.tool_calls
    assert calls is not None
    assert set(json.loads(calls[0].function.arguments)) == {"city", "unit"}
    chunks = client.chat.completions.create(**HELLO, functions=[WEATHER], stream=True)  # type: ignore[call-overload]
    pieces = [it.choices[0].delta.function_call for it in chunks if it.choices[0].delta.function_call]
    assert set(json.loads("".join(it.arguments for it in pieces))) == {"city", "unit"}


def test_a_streamed_completion_is_stored(client: OpenAI) -> None:
    """A stream with `store` leaves a completion to retrieve, with the id its chunks had."""
    chunks = list(client.chat.completions.create(**HELLO, stream=True, store=True))  # type: ignore[call-overload]
    assert client.chat.completions.retrieve(chunks[0].id).object == "chat.completion"


def test_the_stream_ends_with_done(http: httpx.Client) -> None:
    """The events end with `data: [DONE]`."""
    answer = http.post("/v1/chat/completions", json={**HELLO, "stream": True})
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.text.endswith("\n\ndata: [DONE]\n\n")
