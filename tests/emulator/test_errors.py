"""What the emulator refuses, with the API's error objects, and the headers of every answer."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from openai_constructs.emulator import Emulator

from .conftest import HELLO, plain

USER = {"role": "user", "content": "Hi"}
FUNCTION = {"name": "f", "parameters": {"type": "object"}}
TOOL = {"type": "function", "function": FUNCTION}

REFUSED: list[tuple[dict[str, Any], str | None, str | None, str]] = [
    ({"model": None}, None, None, "you must provide a model parameter"),
    ({"model": 3}, "invalid_type", "model", "expected a string, but got an integer"),
    ({"messages": ...}, "missing_required_parameter", "messages", "Missing required parameter: 'messages'."),
    ({"messages": []}, "empty_array", "messages", "Expected an array with minimum length 1"),
    ({"messages": "Hi"}, "invalid_type", "messages", "but got a string"),
    ({"messages": ["Hi"]}, "invalid_type", "messages[0]", "expected an object"),
    (
        {"messages": [{"role": "bogus", "content": "Hi"}]},
        "invalid_value",
        "messages[0].role",
        "Supported values are: 'system', 'assistant', 'user', 'function', 'tool', and 'developer'.",
    ),
    ({"messages": [{"content": "Hi"}]}, "missing_required_parameter", "messages[0].role", "role"),
    ({"messages": [{"role": "user"}]}, "missing_required_parameter", "messages[0].content", "content"),
    ({"messages": [{"role": "user", "content": None}]}, None, "messages[0].content", "got null"),
    ({"messages": [{"role": "user", "content": 3}]}, "invalid_type", "messages[0].content", "an integer"),
    (
        {"messages": [{"role": "user", "content": [{}]}]},
        "missing_required_parameter",
        "messages[0].content[0].type",
        "",
    ),
    (
        {"messages": [USER, {"role": "function", "content": "x"}]},
        "missing_required_parameter",
        "messages[1].name",
        "",
    ),
    (
        {"messages": [{"role": "tool", "content": "x"}]},
        "missing_required_parameter",
        "messages[0].tool_call_id",
        "",
    ),
    (
        {"messages": [{"role": "assistant", "function_call": {"name": "f"}}]},
        "missing_required_parameter",
        "messages[0].function_call.arguments",
        "",
    ),
    (
        {"temperature": 9},
        "decimal_above_max_value",
        "temperature",
        "Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 9 instead.",
    ),
    ({"temperature": -1}, "decimal_below_min_value", "temperature", "Expected a value >= 0"),
    ({"temperature": "1"}, "invalid_type", "temperature", "expected a decimal, but got a string"),
    ({"top_p": 1.5}, "decimal_above_max_value", "top_p", "<= 1"),
    ({"presence_penalty": -2.5}, "decimal_below_min_value", "presence_penalty", ">= -2"),
    ({"n": 0}, "integer_below_min_value", "n", "Expected a value >= 1"),
    ({"n": 129}, "integer_above_max_value", "n", "Expected a value <= 128"),
    ({"n": 1.5}, "invalid_type", "n", "a decimal"),
    ({"n": True}, "invalid_type", "n", "a boolean"),
    ({"max_tokens": 0}, "integer_below_min_value", "max_tokens", ">= 1"),
    ({"stop": ["a"] * 5}, "array_above_max_length", "stop", "maximum length 4"),
    ({"stop": [1]}, "invalid_type", "stop[0]", "a string"),
    ({"stop": {}}, "invalid_type", "stop", "an object"),
    ({"logit_bias": {"50256": 101}}, "decimal_above_max_value", "logit_bias.50256", "<= 100"),
    ({"logit_bias": {"word": 1}}, None, "logit_bias", "word"),
    (
        {"store": "yes"},
        "invalid_type",
        "store",
        "'store': expected a boolean, but got a string instead.",
    ),
    (
        {"stor": True},
        "unknown_parameter",
        "stor",
        "Unknown parameter: 'stor'. Did you mean 'stop' or 'store'?",
    ),
    ({"zzz": True}, "unknown_parameter", "zzz", "Unknown parameter: 'zzz'."),
    ({"reasoning_effort": "huge"}, "invalid_value", "reasoning_effort", "huge"),
    ({"response_format": {"type": "xml"}}, "invalid_value", "response_format.type", "xml"),
    (
        {"response_format": {"type": "json_schema"}},
        "missing_required_parameter",
        "response_format.json_schema",
        "",
    ),
    ({"stream_options": {"include_usage": True}}, None, "stream_options", "only allowed when 'stream'"),
    ({"top_logprobs": 2}, None, "top_logprobs", "only allowed when 'logprobs'"),
    (
        {"max_tokens": 5, "max_completion_tokens": 5},
        "invalid_parameter_combination",
        "max_tokens",
        "same time",
    ),
    (
        {"metadata": {"a": "b"}},
        None,
        "metadata",
        "The 'metadata' parameter is only allowed when 'store' is enabled.",
    ),
    ({"store": False, "metadata": {"a": "b"}}, None, "metadata", "only allowed when 'store'"),
    (
        {"store": True, "metadata": {str(n): "" for n in range(17)}},
        "object_above_max_properties",
        "metadata",
        "16",
    ),
    ({"store": True, "metadata": {"k" * 65: ""}}, "property_name_above_max_length", "metadata", "64"),
    ({"store": True, "metadata": {"k": "v" * 513}}, "string_above_max_length", "metadata.k", "512"),
    ({"store": True, "metadata": {"k": 1}}, "invalid_type", "metadata.k", "an integer"),
    ({"functions": []}, "empty_array", "functions", ""),
    ({"functions": [{"name": "a b"}]}, "invalid_value", "functions[0].name", "pattern"),
    ({"tools": [TOOL] * 129}, "array_above_max_length", "tools", "128"),
    ({"tools": [{"type": "function"}]}, "missing_required_parameter", "tools[0].function", ""),
    (
        {"tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "array"}}}]},
        "invalid_function_parameters",
        "tools[0].function.parameters",
        "Invalid schema for function 'f'",
    ),
    (
        {"functions": [FUNCTION], "function_call": {"name": "x"}},
        None,
        "function_call",
        "no function named 'x' was specified in the 'functions' parameter.",
    ),
    ({"function_call": "auto"}, None, "function_call", "only allowed when 'functions'"),
    ({"functions": [FUNCTION], "function_call": "f"}, "invalid_value", "function_call", "'none' and 'auto'"),
    (
        {"tools": [TOOL], "tool_choice": {"type": "function", "function": {"name": "x"}}},
        None,
        "tool_choice",
        "'x'",
    ),
    ({"tool_choice": "auto"}, None, "tool_choice", "only allowed when 'tools'"),
    (
        {"model": "o3", "max_tokens": 5},
        "unsupported_parameter",
        "max_tokens",
        "'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
    ),
    ({"model": "gpt-5.4", "temperature": 0.2}, "unsupported_value", "temperature", "Only the default (1)"),
    ({"model": "o4-mini", "stop": "x"}, "unsupported_parameter", "stop", "stop"),
    ({"model": "gpt-5.6-terra", "n": 9}, "integer_above_max_value", "n", "<= 8"),
    (
        {"model": "gpt-5.4", "tools": [TOOL], "reasoning_effort": "low"},
        "unsupported_value",
        "reasoning_effort",
        "'tools'",
    ),
]


@pytest.mark.parametrize(("changes", "code", "param", "message"), REFUSED, ids=lambda it: str(it)[:50])
def test_refused_requests(
    http: httpx.Client, changes: dict[str, Any], code: str | None, param: str | None, message: str
) -> None:
    """A request the API refuses is refused with the same status, code, param and words."""
    body = {key: it for key, it in {**HELLO, **changes}.items() if it is not ...}
    answer = http.post("/v1/chat/completions", json=body)
    error = answer.json()["error"]
    assert answer.status_code == 400
    assert (error["code"], error["param"], error["type"]) == (code, param, "invalid_request_error")
    assert message in error["message"]


@pytest.mark.parametrize(
    "changes",
    [
        {"store": None, "metadata": None, "stop": None, "n": None, "temperature": None, "max_tokens": None},
        {"model": "o3", "max_completion_tokens": 50, "temperature": 1},
        {"model": "gpt-5-chat-latest", "temperature": 0.2},
        {"model": "ft:gpt-4o-mini-2024-07-18:acme::abc"},
        {"model": "chatgpt-4o-latest"},
        {"store": True, "metadata": {"k" * 64: "v" * 512}},
        {
            "messages": [
                {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}}
            ]
        },
        {"messages": [{"role": "developer", "content": "Be brief."}]},
        {"tools": [TOOL], "tool_choice": "auto", "parallel_tool_calls": False},
        {"logit_bias": {"50256": -100}, "user": "u", "seed": 1, "presence_penalty": 2},
    ],
    ids=lambda it: str(it)[:50],
)
def test_accepted_requests(http: httpx.Client, changes: dict[str, Any]) -> None:
    """What the API takes, the emulator takes: null for what is not given, and limits themselves."""
    assert http.post("/v1/chat/completions", json={**HELLO, **changes}).status_code == 200


@pytest.mark.parametrize(
    "model", ["claude-x", "my-model", "text-davinci-003", "gpt", "o", "gpt-4o with spaces"]
)
def test_unknown_model(http: httpx.Client, model: str) -> None:
    """A model id that does not look like one of OpenAI's does not exist."""
    answer = http.post("/v1/chat/completions", json={**HELLO, "model": model})
    message = f"The model `{model}` does not exist or you do not have access to it."
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": "model_not_found"}
    assert (answer.status_code, answer.json()) == (404, {"error": error})


@pytest.mark.parametrize("body", [b"{", b"", b"\xff", b"[]", b'"x"'])
def test_bodies_that_are_no_object(http: httpx.Client, body: bytes) -> None:
    """A body that is no JSON, or no object, is refused with 400."""
    answer = http.post("/v1/chat/completions", content=body)
    assert answer.status_code == 400
    assert set(answer.json()["error"]) == {"message", "type", "param", "code"}


@pytest.mark.parametrize("header", [None, "", "Bearer", "Basic abc"])
def test_a_key_is_needed(emulator: Emulator, header: str | None) -> None:
    """Without a key, or with a blank one, every endpoint answers 401."""
    headers = {} if header is None else {"Authorization": header}
    for method, path in [("POST", ""), ("GET", ""), ("GET", "/x"), ("DELETE", "/x"), ("GET", "/x/messages")]:
        url = f"{emulator.url}/v1/chat/completions{path}"
        answer = httpx.request(method, url, headers=headers, trust_env=False)
        assert answer.status_code == 401
        assert answer.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("PUT", "/v1/chat/completions", 405, "method_not_supported"),
        ("PATCH", "/v1/chat/completions/x", 405, "method_not_supported"),
        ("POST", "/v1/chat/completions/x/messages", 405, "method_not_supported"),
        ("GET", "/v1/embeddings", 404, None),
        ("DELETE", "/v1/models/gpt-4o", 405, "method_not_supported"),
        ("GET", "/v1/models/claude-x", 404, "model_not_found"),
        ("POST", "/health", 405, "method_not_supported"),
        ("POST", "/chat/completions", 404, None),
        ("GET", "/v1/chat/completions/", 404, None),
        ("GET", "/v1/chat/completions/x/y", 404, None),
        ("GET", "/_emulator/other", 404, None),
        ("GET", "/_emulator/reset", 405, "method_not_supported"),
    ],
)
def test_no_such_endpoint(http: httpx.Client, method: str, path: str, status: int, code: str | None) -> None:
    """A path or method that is none is answered with the API's error, and 405 says what is allowed."""
    answer = http.request(method, path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert ("allow" in answer.headers) == (status == 405)


def test_headers(http: httpx.Client) -> None:
    """Every answer, errors too, has the service's headers and a request id of its own."""
    answers = [
        http.post("/v1/chat/completions", json=HELLO),
        http.get("/v1/chat/completions/x"),
        http.get("/nothing"),
    ]
    for answer in answers:
        assert answer.headers["openai-version"] == "2020-10-01"
        assert int(answer.headers["openai-processing-ms"]) >= 0
        assert answer.headers["openai-organization"]
        for what in ("limit", "remaining"):
            assert int(answer.headers[f"x-ratelimit-{what}-requests"]) > 0
            assert int(answer.headers[f"x-ratelimit-{what}-tokens"]) > 0
        assert answer.headers["x-ratelimit-reset-requests"].endswith("ms")
    assert len({it.headers["x-request-id"] for it in answers}) == 3


def test_a_large_body(http: httpx.Client) -> None:
    """A prompt of megabytes is answered; a body above 64 MiB is refused."""
    big = {**HELLO, "messages": [{"role": "user", "content": "x" * (5 << 20)}]}
    assert http.post("/v1/chat/completions", json=big).status_code == 200
    with pytest.raises(httpx.HTTPStatusError, match="413"):
        http.post("/v1/chat/completions", content=b" " * (65 << 20)).raise_for_status()


def test_the_request_log(http: httpx.Client, emulator: Emulator) -> None:
    """The log has every request with its body and status, in process and over HTTP, and never a header."""
    http.post("/v1/chat/completions", json=HELLO)
    http.get("/v1/chat/completions", params={"limit": 5})
    http.post("/v1/chat/completions", content=b"{broken")
    entries = [
        {"method": "POST", "path": "/v1/chat/completions", "query": "", "body": HELLO, "status": 200},
        {"method": "GET", "path": "/v1/chat/completions", "query": "limit=5", "body": None, "status": 200},
        {"method": "POST", "path": "/v1/chat/completions", "query": "", "body": "{broken", "status": 400},
    ]
    assert emulator.requests() == entries
    assert http.get("/_emulator/requests").json() == {"object": "list", "data": entries}


def test_reset(http: httpx.Client, emulator: Emulator) -> None:
    """A reset over HTTP forgets completions and requests."""
    http.post("/v1/chat/completions", json={**HELLO, "store": True})
    assert http.post("/_emulator/reset").status_code == 200
    assert emulator.requests() == []
    assert http.get("/v1/chat/completions").json()["data"] == []


def test_pages_in_a_browser_cannot_reset(http: httpx.Client) -> None:
    """A request from a web page, which has an Origin, is refused: a page must not empty anyone's store."""
    assert http.post("/_emulator/reset", headers={"Origin": "https://example.com"}).status_code == 403


def test_lenient(emulator: Emulator) -> None:
    """The lenient emulator takes unknown parameters, models and values, but needs messages."""
    odd = {**HELLO, "model": "any", "temperature": 9, "other": 1, "metadata": {"a": "b"}}
    with Emulator(lenient=True) as lenient, plain(lenient) as http:
        assert http.post("/v1/chat/completions", json=odd).status_code == 200
        assert http.post("/v1/chat/completions", json={"model": "any"}).status_code == 400
        for _ in range(2):
            assert http.delete("/v1/chat/completions/completion_id").status_code == 200
        assert http.get("/v1/chat/completions/other").status_code == 404
