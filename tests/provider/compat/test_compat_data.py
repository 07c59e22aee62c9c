from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from tests.provider.loopback import Loopback, completion, error
from tests.support import Workspace

pytestmark = pytest.mark.terraform

Make = Callable[[str], Workspace]
ONE = 'data "openai_chat_completion" "it" {\n completion_id = "c1"\n }\n'
MESSAGES = 'data "openai_chat_completion_messages" "it" {\n completion_id = "c1"\n %s\n }\n'
LIST = 'data "openai_chat_completions" "it" {\n %s\n }\n'
CALL = {"name": "f", "arguments": "{}"}
ANSWER = {"role": "assistant", "content": None, "function_call": CALL}
TOOLS = [{"id": "t", "type": "function", "function": CALL}]


def reading(kind: str) -> str:
    return f'output "it" {{\n value = data.{kind}.it\n }}\n'


def test_one_completion(workspace: Make, api: Loopback) -> None:
    """One request; content that is null is "", calls of tools are there."""
    api.rule = lambda _: (200, completion("c1", {**ANSWER, "tool_calls": TOOLS}))
    here = workspace(ONE + reading("openai_chat_completion"))
    ran = here.apply()
    assert ran.code == 0, ran.text
    assert api.lines == ["GET /v1/chat/completions/c1"]
    message = {"role": "assistant", "content": "", "function_call": [CALL]}
    assert here.outputs()["it"] == {
        "completion_id": "c1",
        "id": "c1",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": "gpt-4o",
        "usage": {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7},
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "message": [{**message, "tool_calls": [{"id": "t", "type": "function", "function": [CALL]}]}],
            }
        ],
    }


def test_a_name_in_an_answer_breaks_the_lookup(workspace: Make, api: Loopback) -> None:
    """1.2.0 has no place for the name of a message, and fails."""
    api.rule = lambda _: (200, completion("c1", {**ANSWER, "name": "n"}))
    told = 'Invalid address to set: []string{"choices", "0", "message", "0", "name"}'
    assert told in workspace(ONE).apply()


def test_messages(workspace: Make, api: Loopback) -> None:
    """The page asked for, in this order; a limit of 20 and ascending unless it is said."""
    page = {
        "data": [{"id": "m", "role": "user", "content": "hi", "name": "n"}, {**ANSWER, "tool_calls": TOOLS}],
        "first_id": "m",
        "last_id": None,
        "has_more": True,
    }
    api.rule = lambda _: (200, page)
    here = workspace(MESSAGES % 'after = "m0"' + reading("openai_chat_completion_messages"))
    ran = here.apply()
    assert ran.code == 0, ran.text
    assert api.lines == ["GET /v1/chat/completions/c1/messages?limit=20&order=asc&after=m0"]
    assert here.outputs()["it"] == {
        "id": "c1-messages",
        "completion_id": "c1",
        "limit": 20,
        "order": "asc",
        "after": "m0",
        "first_id": "m",
        "last_id": "",
        "has_more": True,
        "messages": [
            {"role": "user", "content": "hi", "name": "n", "function_call": []},
            {"role": "assistant", "content": "", "name": "", "function_call": [CALL]},
        ],
    }


def test_a_list(workspace: Make, api: Loopback) -> None:
    """Labels go out unencoded, the model does not go out; the id changes every second."""
    api.rule = lambda _: (200, {"data": [completion("c1", ANSWER)], "has_more": False})
    query = (
        'limit = 5\n order = "desc"\n model = "gpt-4o"\n metadata = { category = "terraform_info", b = "1" }'
    )
    here = workspace(LIST % query + reading("openai_chat_completions"))
    ran = here.apply()
    assert ran.code == 0, ran.text
    path = "GET /v1/chat/completions?limit=5&order=desc"
    assert api.lines == [f"{path}&metadata[b]=1&metadata[category]=terraform_info"]
    found = here.outputs()["it"]
    assert re.fullmatch(r"chat_completions_\d+", found["id"])
    assert found["has_more"] is False
    message = {"role": "assistant", "content": "", "function_call": [CALL]}
    assert found["chat_completions"] == [
        {
            "id": "c1",
            "object": "chat.completion",
            "created": 1_700_000_000,
            "model": "gpt-4o",
            "usage": {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7},
            "choices": [{"index": 0, "finish_reason": "stop", "message": [message]}],
        }
    ]


@pytest.mark.parametrize(
    ("value", "sent"),
    [("x&y=1", "metadata[k]=x&y=1"), ("x#y", "metadata[k]=x"), ("a%20b", "metadata[k]=a%20b")],
)
def test_nothing_is_encoded(workspace: Make, api: Loopback, value: str, sent: str) -> None:
    """An ampersand starts another parameter, a hash ends the query."""
    ran = workspace(LIST % f'metadata = {{ k = "{value}" }}').apply()
    assert ran.code == 0, ran.text
    assert api.lines == [f"GET /v1/chat/completions?limit=20&order=asc&{sent}"]


def test_a_blank_breaks_the_request(workspace: Make, api: Loopback) -> None:
    """A blank in a label is a malformed request: the warning of every failed list, and an empty one."""
    here = workspace(LIST % 'metadata = { k = "a b" }' + reading("openai_chat_completions"))
    ran = here.apply()
    assert ran.code == 0
    assert "Could not retrieve chat completions: API error (status 400): 400 Bad Request." in ran
    assert here.outputs()["it"]["chat_completions"] == []


@pytest.mark.parametrize("kind", [ONE, MESSAGES % ""], ids=["completion", "messages"])
def test_not_found_is_a_warning(workspace: Make, api: Loopback, kind: str) -> None:
    """A message that says "not found" makes a warning, and a value with nothing but its id."""
    name = kind.split('"')[1]
    api.rule = lambda _: (404, error("Chat completion with id c1 not found."))
    here = workspace(kind + reading(name))
    ran = here.apply()
    assert ran.code == 0, ran.text
    assert "Warning: Chat completion not found" in ran
    assert "Chat completion with ID 'c1' could not be found." in ran
    found = {name: it for name, it in here.outputs()["it"].items() if it is not None}
    if name == "openai_chat_completion":
        assert found == {"completion_id": "c1", "id": "c1"}
    else:
        asked = {"completion_id": "c1", "limit": 20, "order": "asc"}
        assert found == {**asked, "id": "c1-messages", "has_more": False, "messages": []}
    assert len(api.asked) == 1


@pytest.mark.parametrize(
    ("status", "answer", "told"),
    [
        (404, error("Unknown request URL"), "API error: Unknown request URL"),
        (404, error("Not Found"), "API error: Not Found"),
        (401, error("Incorrect API key"), "API error: Incorrect API key"),
        (429, error("Slow down"), "API error: Slow down"),
        (500, "<html>", "API error (status 500): <html>"),
    ],
)
def test_refusals_of_lookups(workspace: Make, api: Loopback, status: int, answer: Any, told: str) -> None:
    """An error for one completion and for its messages, a warning for the list; once each."""
    api.rule = lambda _: (status, answer)
    ran = workspace(ONE + MESSAGES % "" + LIST % "").apply()
    assert ran.code == 1
    assert f"Error retrieving chat completion with ID 'c1': {told}" in ran
    assert f"Error retrieving messages for chat completion with ID 'c1': {told}" in ran
    assert len(api.asked) == 3


def test_every_error_of_a_list_is_a_warning(workspace: Make, api: Loopback) -> None:
    """A wrong key too: exit code 0, an empty list."""
    api.rule = lambda _: (401, error("Incorrect API key"))
    here = workspace(LIST % "" + reading("openai_chat_completions"))
    ran = here.apply()
    assert ran.code == 0
    assert "Warning: Error retrieving chat completions" in ran
    assert "Could not retrieve chat completions: API error: Incorrect API key. Returning empty list." in ran
    assert here.outputs()["it"]["has_more"] is False


def test_answers_that_cannot_be_read(workspace: Make, api: Loopback) -> None:
    """What is no JSON is an error everywhere, for the list too."""
    api.rule = lambda _: (200, "<html>")
    ran = workspace(ONE + MESSAGES % "" + LIST % "").apply()
    assert ran.code == 1
    why = "invalid character '<' looking for beginning of value"
    assert f"error parsing chat completion response: {why}" in ran
    assert f"error parsing chat completion messages response: {why}" in ran
    assert f"error parsing chat completions response: {why}" in ran


def test_content_in_parts_cannot_be_read(workspace: Make, api: Loopback) -> None:
    """A message whose content is a list of parts is an error."""
    parts = [{"type": "text", "text": "hi"}]
    api.rule = lambda _: (200, {"data": [{"role": "user", "content": parts}]})
    ran = workspace(MESSAGES % "").apply()
    assert "json: cannot unmarshal array into Go struct field ChatCompletionMessage.data.content" in ran


@pytest.mark.parametrize(
    ("configuration", "told"),
    [
        (LIST % "limit = 101", "expected limit to be in the range (1 - 100), got 101"),
        (MESSAGES % "limit = 0", "expected limit to be in the range (1 - 100), got 0"),
        (MESSAGES % 'order = "up"', 'expected order to be one of ["asc" "desc"], got up'),
        (LIST % 'before = "c"', "Unsupported argument"),
        ('data "openai_chat_completion" "it" {}', "Missing required argument"),
    ],
)
def test_refused_queries(workspace: Make, configuration: str, told: str) -> None:
    """What 1.2.0 refuses of a data source's arguments."""
    ran = workspace(configuration).run("validate", "-no-color")
    assert ran.code == 1
    assert told in ran
