"""Requests that the API always refuses, and the emulator too: with the same status, code, param and words."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from openai_constructs.emulator import Emulator

from .conftest import HELLO, plain

USER = {"role": "user", "content": "Hi"}
CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
OTHER = {**CALL, "id": "c2"}
CALLING = {"role": "assistant", "content": None, "tool_calls": [CALL]}
BOTH = {"role": "assistant", "content": None, "tool_calls": [CALL, OTHER]}
RESULT = {"role": "tool", "tool_call_id": "c1", "content": "1"}
OTHER_RESULT = {**RESULT, "tool_call_id": "c2"}
STRICT = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}


def tool(parameters: Any, *, strict: bool | None = None) -> dict[str, Any]:
    function = {"name": "f", "parameters": parameters, **({} if strict is None else {"strict": strict})}
    return {"tools": [{"type": "function", "function": function}]}


def shape(schema: Any, *, strict: bool = True, name: str = "s") -> dict[str, Any]:
    inner = {"name": name, "schema": schema, "strict": strict}
    return {"response_format": {"type": "json_schema", "json_schema": inner}}


def properties(**schemas: Any) -> dict[str, Any]:
    return {**STRICT, "properties": schemas, "required": list(schemas)}


CONVERSATIONS: list[tuple[list[Any], str, str]] = [
    ([USER, RESULT], "messages.[1].role", "must be a response to a preceeding message with 'tool_calls'"),
    ([RESULT, USER], "messages.[0].role", "must be a response"),
    ([USER, CALLING, RESULT, USER, RESULT], "messages.[4].role", "must be a response"),
    ([USER, {**CALLING, "tool_calls": [OTHER]}, RESULT], "messages.[2].tool_call_id", "'c1' not found"),
    ([USER, CALLING, RESULT, RESULT], "messages.[3].tool_call_id", "'c1' not found"),
    ([USER, CALLING], "messages", "must be followed by tool messages responding to each 'tool_call_id'"),
    ([USER, CALLING, USER], "messages", "did not have response messages: c1"),
    ([USER, BOTH, RESULT, USER], "messages", "did not have response messages: c2"),
    ([USER, BOTH], "messages", "did not have response messages: c1, c2"),
]


@pytest.mark.parametrize(("messages", "param", "message"), CONVERSATIONS)
def test_calls_and_their_results_belong_together(
    http: httpx.Client, messages: list[Any], param: str, message: str
) -> None:
    """A tool message needs a call before it, and every call a tool message right after it."""
    error = refused(http, {"messages": messages})
    assert (error["param"], error["code"]) == (param, None)
    assert message in error["message"]


@pytest.mark.parametrize(
    "messages",
    [
        [USER, CALLING, RESULT],
        [USER, BOTH, OTHER_RESULT, RESULT, USER],
        [USER, CALLING, RESULT, CALLING, RESULT, {"role": "assistant", "content": "x"}],
        [{**USER, "name": "Jürgen-1"}],
    ],
)
def test_conversations_that_the_api_takes(http: httpx.Client, messages: list[Any]) -> None:
    """Results come in any order, and calls may follow each other."""
    assert http.post("/v1/chat/completions", json={**HELLO, "messages": messages}).status_code == 200


FUNCTION_CODE, FUNCTION_PARAM = "invalid_function_parameters", "tools[0].function.parameters"
NO_EXTRA = "'additionalProperties' is required to be supplied and to be false."
REFUSED: list[tuple[dict[str, Any], str | None, str, str]] = [
    ({"messages": [{**USER, "name": "a b"}]}, "invalid_value", "messages[0].name", "does not match pattern"),
    ({"messages": [{**USER, "name": "<a>"}]}, "invalid_value", "messages[0].name", "pattern"),
    ({"messages": [USER, {**CALLING, "tool_calls": [{}]}]}, "missing_required_parameter", "x", "id"),
    ({"messages": [USER, {**CALLING, "tool_calls": [1]}]}, "invalid_type", "messages[1].tool_calls[0]", ""),
    ({"response_format": {"type": "json_object"}}, None, "messages", "must contain the word 'json'"),
    ({"parallel_tool_calls": True}, None, "parallel_tool_calls", "only allowed when 'tools' are specified"),
    ({"reasoning_effort": "low"}, "unsupported_parameter", "reasoning_effort", "not supported with this"),
    (
        {"model": "gpt-3.5-turbo", "reasoning_effort": "low"},
        "unsupported_parameter",
        "reasoning_effort",
        "",
    ),
    (shape(STRICT, name="a b"), "invalid_value", "response_format.json_schema.name", "pattern"),
    (shape({"type": "object", "properties": {}}), None, "response_format", f"In context=(), {NO_EXTRA}"),
    (shape({**STRICT, "type": "array"}), None, "response_format", "got 'type: \"array\"'"),
    (shape(properties(a={})), None, "response_format", "In context=('properties', 'a'), schema must have a"),
    (shape({"type": "object", "properties": []}, strict=False), None, "response_format", "[] is not of type"),
    (tool({"type": "object", "properties": []}), FUNCTION_CODE, FUNCTION_PARAM, "[] is not of type 'object'"),
    (tool({"type": "object", "required": "a"}), FUNCTION_CODE, FUNCTION_PARAM, "'a' is not a list of names"),
    (tool(properties(a={"type": "text"})), FUNCTION_CODE, FUNCTION_PARAM, "'text' is not one of"),
    (tool(properties(a=3)), FUNCTION_CODE, FUNCTION_PARAM, "3 is not of type"),
    (tool(properties(a={"enum": []})), FUNCTION_CODE, FUNCTION_PARAM, "[] is not a list of values"),
    (tool(properties(a={"anyOf": {}})), FUNCTION_CODE, FUNCTION_PARAM, "{} is not a list of schemas"),
    (tool(properties(a={"minLength": -1})), FUNCTION_CODE, FUNCTION_PARAM, "-1 is not a whole number from 0"),
    (tool(properties(a={"type": "array"})), FUNCTION_CODE, FUNCTION_PARAM, "array schema missing items"),
    (tool({"type": "object"}, strict=True), FUNCTION_CODE, FUNCTION_PARAM, NO_EXTRA),
    (
        tool({**properties(a={"type": "string"}), "required": []}, strict=True),
        FUNCTION_CODE,
        FUNCTION_PARAM,
        "including every key in properties. Missing 'a'.",
    ),
    (
        tool(properties(e={"type": "string", "default": "x"}), strict=True),
        FUNCTION_CODE,
        FUNCTION_PARAM,
        "Invalid schema for function 'f': In context=('properties', 'e'), 'default' is not permitted.",
    ),
    *(
        (tool(properties(a={"type": "string", **more}), strict=True), FUNCTION_CODE, FUNCTION_PARAM, message)
        for more, message in [
            ({"oneOf": [{"type": "string"}]}, "'oneOf' is not permitted"),
            ({"allOf": [{"type": "string"}]}, "'allOf' is not permitted"),
            ({"discriminator": {}}, "'discriminator' is not permitted"),
            ({"format": "uri"}, "'uri' is not a valid format"),
            ({"type": "object", "additionalProperties": {"type": "string"}}, NO_EXTRA),
            ({"type": "array", "prefixItems": [{"type": "string"}]}, "'prefixItems' is not permitted"),
            ({"type": "array", "items": {}}, "In context=('properties', 'a', 'items'), schema must have a"),
            ({"$ref": "#"}, "$ref cannot have keywords {'type'}"),
        ]
    ),
    (
        tool(properties(a={"$ref": "#/$defs/b"}), strict=True),
        FUNCTION_CODE,
        FUNCTION_PARAM,
        "reference to component '#/$defs/b' which was not found",
    ),
]


@pytest.mark.parametrize(("changes", "code", "param", "message"), REFUSED, ids=lambda it: str(it)[:60])
def test_refused_requests(
    http: httpx.Client, changes: dict[str, Any], code: str | None, param: str, message: str
) -> None:
    """Each is a 400 that real clients often meet."""
    error = refused(http, changes)
    assert error["code"] == code
    assert param in (error["param"], "x")
    assert message in error["message"]


@pytest.mark.parametrize(
    "changes",
    [
        {
            "messages": [{"role": "system", "content": "Use Json."}, USER],
            "response_format": {"type": "json_object"},
        },
        shape(STRICT),
        shape({"type": "object"}, strict=False),
        shape({**properties(a={"$ref": "#"}), "required": ["a"]}, strict=False),
        shape(properties(a={"type": ["string", "null"]}, b={"anyOf": [{"type": "null"}, {"$ref": "#"}]})),
        shape(properties(a={"enum": ["x", 1]}, b={"const": "y"}, c={"type": "string", "format": "date"})),
        tool({}),
        tool({"type": "object", "properties": {"a": {"default": 1, "oneOf": [{"type": "string"}]}}}),
        {"model": "gpt-5.5", "reasoning_effort": "low"},
    ],
    ids=lambda it: str(it)[:60],
)
def test_what_is_close_to_it_and_taken(http: httpx.Client, changes: dict[str, Any]) -> None:
    """The rules of strict mode hold with `strict` only, and the word JSON may be anywhere in the messages."""
    answer = http.post("/v1/chat/completions", json={**HELLO, **changes})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("where", ["key", "value"])
def test_metadata_with_a_null_character(http: httpx.Client, where: str) -> None:
    """No filter could find such a label, so it is refused, at creation and in an update."""
    label = {"k\0": "v"} if where == "key" else {"k": "v\0"}
    error = refused(http, {"store": True, "metadata": label})
    assert (error["param"], error["code"]) == ("metadata", "invalid_value")
    made = http.post("/v1/chat/completions", json={**HELLO, "store": True}).json()
    answer = http.post(f"/v1/chat/completions/{made['id']}", json={"metadata": label})
    assert answer.status_code == 400


def test_schemas_without_a_small_value(http: httpx.Client) -> None:
    """A schema that no small value satisfies is answered with 400, in time."""
    huge = properties(a={"type": "array", "items": {"type": "string"}, "minItems": 10**8})
    assert "No value has fewer than" in refused(http, shape(huge, strict=False))["message"]


def deep(levels: int) -> Any:
    value: Any = {"type": "string"}
    for _ in range(levels):
        value = {"type": "array", "items": value}
    return value


@pytest.mark.parametrize("levels", [130, 190, 300, 400])
def test_deep_schemas_and_bodies_are_refused(http: httpx.Client, levels: int) -> None:
    """A deep schema is a 400, and a body of any depth leaves the log readable."""
    raw = json.dumps({**HELLO, **tool(properties(a=deep(levels)))})
    answer = http.post("/v1/chat/completions", content=raw)
    assert answer.status_code == 400
    assert "deep" in answer.json()["error"]["message"]
    http.post("/v1/x", content='{"a":' + "[" * levels * 3 + "]" * levels * 3 + "}")
    logged = http.get("/_emulator/requests").json()["data"]
    assert [it["path"] for it in logged] == ["/v1/chat/completions", "/v1/x"]


LENIENT: list[dict[str, Any]] = [
    {"n": 2.0},
    {"n": "2"},
    {"n": 1e9},
    {"n": 10**9},
    {"stop": 5},
    {"stop": [1]},
    {"max_tokens": "x"},
    {"max_tokens": 2.5},
    {"tools": "x"},
    {"tools": [1]},
    {"tools": [{"type": "function", "function": {"name": "f", "parameters": {"properties": 3}}}]},
    {"stream": True, "stream_options": 5},
    {"response_format": 5},
    {"response_format": {"type": "json_schema", "json_schema": {"schema": {"enum": 5}}}},
    {"logprobs": True, "top_logprobs": "x"},
    {"logprobs": True, "top_logprobs": 10**9},
    {"messages": [1]},
    {"messages": [{"role": "x"}, 1]},
    {"messages": [{"content": 5}], "metadata": {"a": 1}},
    {"store": True, "metadata": [1]},
    {"service_tier": [1]},
    {"functions": [{"name": "f", "parameters": {"type": "object", "required": 3}}]},
]


@pytest.mark.parametrize("changes", LENIENT, ids=lambda it: str(it)[:60])
def test_the_lenient_emulator_never_fails(lenient: httpx.Client, changes: dict[str, Any]) -> None:
    """Without the checks of values, a wrong type is a 400 and not a failure of the emulator."""
    answer = lenient.post("/v1/chat/completions", json={**HELLO, **changes}, timeout=10)
    assert answer.status_code in (200, 400)


@pytest.mark.parametrize("changes", LENIENT[:16:2], ids=lambda it: str(it)[:60])
def test_wrong_types_are_refused_by_the_lenient_one(lenient: httpx.Client, changes: dict[str, Any]) -> None:
    """Those that no answer can be made from are refused."""
    assert lenient.post("/v1/chat/completions", json={**HELLO, **changes}).status_code == 400


@pytest.fixture(scope="module")
def lenient() -> Any:
    with Emulator(lenient=True) as emulator, plain(emulator) as client:
        yield client


def refused(http: httpx.Client, changes: dict[str, Any]) -> dict[str, Any]:
    answer = http.post("/v1/chat/completions", json={**HELLO, **changes})
    assert answer.status_code == 400, answer.text
    error: dict[str, Any] = answer.json()["error"]
    assert error["type"] == "invalid_request_error"
    return error
