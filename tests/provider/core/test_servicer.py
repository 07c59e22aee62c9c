"""The provider called as Terraform calls it, in this process: no binary, so corners are cheap to look at."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any

import pytest
from tests.provider.direct import NAME, NULL, Direct, config, replaced, told
from tests.provider.loopback import Loopback, completion, error
from tf.gen import tfplugin_pb2 as pb
from tf.types import Unknown
from tf.utils import read_dynamic_value, to_dynamic_value

from openai_constructs.provider.compat.client import Client
from openai_constructs.provider.core.serving import _certificate


def test_a_plan_says_what_is_not_known(direct: Direct) -> None:
    """At a creation the computed is unknown, the answers too; and the old SDK's leave is asked for."""
    plan = direct.plan(None, config())
    assert plan.legacy_type_system
    state = read_dynamic_value(plan.planned_state)
    assert {name for name, it in state.items() if it is Unknown} == {
        "id",
        "_imported_resource",
        "chat_completion_id",
        "created",
        "object",
        "model_used",
        "usage",
        "choices",
    }


def test_numbers_stay_decimal(direct: Direct) -> None:
    """0.7 goes over the wire as the text 0.7, 1.0 as the whole number 1."""
    state = read_dynamic_value(direct.plan(None, config(temperature="0.7", top_p=1.0)).planned_state)
    assert (state["temperature"], state["top_p"]) == ("0.7", 1)


def test_a_plan_of_a_destruction(direct: Direct, api: Loopback) -> None:
    """Nothing is planned, nothing is asked, and nothing is left."""
    state, _ = direct.create()
    assert read_dynamic_value(direct.plan(state, None).planned_state) is None
    assert read_dynamic_value(direct.apply(state, NULL).new_state) is None
    assert len(api.asked) == 1


def test_messages_known_only_after_apply(direct: Direct) -> None:
    """Their number may change, so it is a replacement; a single unknown text is an edit in place."""
    state, _ = direct.create()
    assert replaced(direct.plan(state, config(messages=Unknown))) == ["messages"]
    unknown = [{"role": "user", "content": Unknown, "name": None, "function_call": []}]
    assert replaced(direct.plan(state, config(messages=unknown))) == []


def test_empty_and_missing_are_one(direct: Direct) -> None:
    """An empty text or collection in place of nothing is no change."""
    state, _ = direct.create()
    same = direct.plan(state, config(user="", stop=[], metadata={}))
    assert read_dynamic_value(same.planned_state) == state
    assert replaced(direct.plan(state, config(metadata={"k": ""}))) == ["metadata"]


def test_a_saved_state_is_taken(direct: Direct) -> None:
    """What an older release left in a state is dropped, numbers are decimal, what is missing is null."""
    saved = {"model": "m", "temperature": 0.7, "gone": 1, "messages": []}
    request = pb.UpgradeResourceState.Request(
        type_name=NAME, version=0, raw_state=pb.RawState(json=json.dumps(saved).encode())
    )
    state = read_dynamic_value(direct.servicer.UpgradeResourceState(request, None).upgraded_state)
    assert (state["temperature"], state["id"], state["choices"]) == ("0.7", None, [])
    assert "gone" not in state


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ("", "unexpected end of JSON input"),
        ("{", "unexpected end of JSON input"),
        ('{"id": x}', "invalid character 'x' in JSON input"),
        ("[]", "json: cannot unmarshal array into Go value of type provider.ChatCompletionResponse"),
        (
            '{"id": 1}',
            "cannot unmarshal number into Go struct field ChatCompletionResponse.id of type string",
        ),
        (
            '{"created": 1.5}',
            "cannot unmarshal number 1.5 into Go struct field ChatCompletionResponse.created",
        ),
        ('{"created": true}', "cannot unmarshal bool into Go struct field ChatCompletionResponse.created"),
        ('{"choices": {}}', "cannot unmarshal object into Go struct field ChatCompletionResponse.choices"),
        ('{"usage": "x"}', "cannot unmarshal string into Go struct field ChatCompletionResponse.usage"),
        (
            '{"choices": [{"message": {"content": []}}]}',
            "cannot unmarshal array into Go struct field ChatCompletionMessage.choices.message.content",
        ),
    ],
)
def test_answers_are_read_strictly(direct: Direct, api: Loopback, answer: str, problem: str) -> None:
    """A wrong type anywhere fails the creation, and nothing is kept."""
    api.rule = lambda _: (200, answer)
    state, (summary,) = direct.create()
    assert state is None
    assert summary.startswith("error parsing response: ")
    assert problem in summary


def test_an_answer_without_choices(direct: Direct, api: Loopback) -> None:
    """No answers is an empty list; tokens nobody counted are zeros."""
    api.rule = lambda _: (200, {"id": "c", "choices": None, "usage": None})
    state, problems = direct.create()
    assert not problems
    assert state["choices"] == []
    assert state["usage"] == {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}


def test_an_answer_without_an_id(direct: Direct, api: Loopback) -> None:
    """Without an id nothing was made."""
    api.rule = lambda _: (200, {})
    assert direct.create()[0] is None


def test_parameters_that_are_no_json(direct: Direct, api: Loopback) -> None:
    """They fail before the request."""
    function = {"name": "f", "description": None, "parameters": "{"}
    _, (summary,) = direct.create(functions=[function])
    assert summary.startswith("error serializing request: json: error calling MarshalJSON")
    assert not api.asked


@pytest.mark.parametrize(("value", "sent"), [("auto", "auto"), ("none", "none"), ("f", {"name": "f"})])
def test_the_choice_of_a_function(direct: Direct, api: Loopback, value: str, sent: Any) -> None:
    """Two words, or the name of a function."""
    direct.create(function_call=value)
    assert api.bodies[0]["function_call"] == sent


def test_a_slow_server(direct: Direct, api: Loopback) -> None:
    """The timeout is told as the provider tells it, after one request."""
    import threading

    release = threading.Event()

    def wait(_: object) -> tuple[int, Any]:
        release.wait(5)
        return 200, "{}"

    api.rule = wait
    _, (summary,) = direct.create()
    release.set()
    assert "context deadline exceeded (Client.Timeout exceeded while awaiting headers)" in summary
    assert len(api.asked) == 1


def without_completion_id(**more: Any) -> dict[str, Any]:
    return config(id="c9", **more)


def test_reading_what_was_never_read(direct: Direct, api: Loopback) -> None:
    """Only a state without the id of a completion is looked up."""
    api.made["c9"] = completion("c9", {"role": "assistant", "content": "said"})
    state, problems = direct.read(without_completion_id())
    assert not problems
    assert (state["chat_completion_id"], state["model_used"]) == ("c9", "gpt-4o")
    assert state["choices"][0]["message"][0]["content"] == "said"
    assert direct.read(state)[0] == state
    assert len(api.asked) == 1


def test_reading_what_is_gone(direct: Direct, api: Loopback) -> None:
    """A failed lookup keeps the state and takes the id; an answer that is no JSON is an error."""
    state, problems = direct.read(without_completion_id())
    assert not problems
    assert state["chat_completion_id"] == "c9"
    api.rule = lambda _: (200, "<html>")
    assert direct.read(without_completion_id())[1] == [
        "error parsing response: invalid character '<' looking for beginning of value"
    ]


@pytest.mark.parametrize(
    ("role", "roles"), [("system", ["system"]), ("assistant", ["system", "assistant"]), (None, [])]
)
def test_what_an_import_makes_up(direct: Direct, api: Loopback, role: str | None, roles: list[str]) -> None:
    """A system message of the answer stands for the invented one; without answers there are no messages."""
    found = completion("c9", {"role": role, "content": "said", "name": "n"})
    api.made["c9"] = found if role else {**found, "choices": [], "usage": None}
    request = pb.ImportResourceState.Request(type_name=NAME, id="c9")
    answer = direct.servicer.ImportResourceState(request, None)
    state = read_dynamic_value(answer.imported_resources[0].state)
    assert [it["role"] for it in state["messages"]] == roles
    assert (state["temperature"], state["choices"]) == ("0.7", [])
    assert (state["usage"] is None) == (role is None)


def test_lookups(direct: Direct, api: Loopback) -> None:
    """The three data sources: what is found, what is gone, and what cannot be read."""
    made = direct.create(store=True)[0]["id"]
    assert direct.lookup(NAME, completion_id=made)[0]["choices"][0]["message"][0]["tool_calls"] == []
    assert direct.lookup(f"{NAME}_messages", completion_id=made)[0]["last_id"] == f"{made}-0"
    assert direct.lookup("openai_chat_completions")[0]["chat_completions"][0]["id"] == made
    for name in (NAME, f"{NAME}_messages"):
        state, problems = direct.lookup(name, completion_id="gone")
        assert state["id"].startswith("gone")
        assert problems == ["Chat completion not found"]
    api.rule = lambda _: (401, error("no"))
    assert direct.lookup(NAME, completion_id="c") == (
        None,
        ["Error retrieving chat completion with ID 'c': API error: no"],
    )
    assert direct.lookup(f"{NAME}_messages", completion_id="c")[0] is None
    assert direct.lookup("openai_chat_completions")[1] == ["Error retrieving chat completions"]
    api.rule = lambda _: (200, "x")
    for name in (NAME, f"{NAME}_messages", "openai_chat_completions"):
        state, (summary,) = direct.lookup(name, completion_id="c")
        assert state is None
        assert summary.startswith("error parsing chat completion")


def test_a_listed_message_without_a_role(direct: Direct, api: Loopback) -> None:
    """It is left out of the list; tokens that were not counted are null."""
    listed = {"data": [{"id": "c", "choices": [{"index": 0, "message": {"content": "x"}}]}]}
    api.rule = lambda _: (200, listed)
    (found,) = direct.lookup("openai_chat_completions")[0]["chat_completions"]
    assert found["choices"] == [{"index": 0, "finish_reason": "", "message": []}]
    assert found["usage"] is None


def test_a_lookup_without_an_id(direct: Direct, api: Loopback) -> None:
    """An answer without an id is an object of nulls."""
    api.rule = lambda _: (200, {})
    state, problems = direct.lookup(NAME, completion_id="c")
    assert not problems
    assert {name for name, it in state.items() if it is not None} == {"completion_id"}


def check_resource(direct: Direct, values: Mapping[str, Any]) -> list[str]:
    request = pb.ValidateResourceConfig.Request(type_name=NAME, config=to_dynamic_value(values))
    return told(direct.servicer.ValidateResourceConfig(request, None))


def check_data(direct: Direct, values: Mapping[str, Any]) -> list[str]:
    request = pb.ValidateDataResourceConfig.Request(
        type_name="openai_chat_completions", config=to_dynamic_value(values)
    )
    return told(direct.servicer.ValidateDataResourceConfig(request, None))


def check_provider(direct: Direct, values: Mapping[str, Any]) -> list[str]:
    request = pb.ValidateProviderConfig.Request(config=to_dynamic_value(values))
    return told(direct.servicer.ValidateProviderConfig(request, None))


@pytest.mark.parametrize(
    ("check", "values", "problems"),
    [
        (check_resource, config(), 0),
        (check_resource, config(top_p=Unknown, messages=Unknown), 0),
        (check_resource, config(n=0, max_tokens=-1, temperature=9), 0),
        (check_resource, config(n="1.5", top_p=2, stop=["a"] * 5, usage={}, frequency_penalty=3), 5),
        (check_data, {"limit": 100, "order": "desc"}, 0),
        (check_data, {"limit": 0, "order": "up"}, 2),
        (check_provider, {"timeout": 1}, 0),
        (check_provider, {"timeout": "1.5"}, 1),
    ],
)
def test_checks(
    direct: Direct, check: Callable[[Direct, Mapping[str, Any]], list[str]], values: Any, problems: int
) -> None:
    """What is refused before a plan, all of it at once; what is not known yet passes."""
    assert len(check(direct, values)) == problems


def test_the_schema_is_served(direct: Direct) -> None:
    """One resource, three data sources, every block a list."""
    served = direct.servicer.GetProviderSchema(pb.GetProviderSchema.Request(), None)
    assert sorted(served.resource_schemas) == [NAME]
    assert sorted(served.data_source_schemas) == [NAME, f"{NAME}_messages", "openai_chat_completions"]
    blocks = served.resource_schemas[NAME].block.block_types
    assert {it.nesting for it in blocks} == {pb.Schema.NestedBlock.NestingMode.LIST}


def test_the_certificate_is_of_this_process() -> None:
    """Another one each time, and none of it on disk."""
    first, second = _certificate()[0], _certificate()[0]
    assert first != second
    assert "BEGIN CERTIFICATE" in ssl.DER_cert_to_PEM_cert(first)


def test_an_edit_is_refused_and_kept(direct: Direct) -> None:
    """The new configuration, the old answer, and an error."""
    state, _ = direct.create()
    planned = direct.plan(state, config(temperature=0.5)).planned_state
    answer = direct.apply(state, planned)
    assert told(answer) == ["chat completions are immutable and cannot be updated"]
    after = read_dynamic_value(answer.new_state)
    assert (after["temperature"], after["choices"]) == ("0.5", state["choices"])


def test_imported_completions(direct: Direct, api: Loopback) -> None:
    """Never created, never asked for; edits and another number of messages are taken as they are."""
    assert direct.create(imported=True) == (None, [])
    before = {**config(imported=True), "id": "c", "_imported_resource": "true", "messages": []}
    plan = direct.plan(before, config(imported=True))
    assert "messages" not in replaced(plan)
    answer = direct.apply(before, plan.planned_state)
    assert not told(answer)
    assert read_dynamic_value(answer.new_state)["messages"] == config()["messages"]
    assert not api.asked


def test_calls_in_both_directions(direct: Direct, api: Loopback) -> None:
    """A call that is sent, one that comes back, and those of tools in a lookup."""
    call = {"name": "f", "arguments": "{}"}
    messages = [{"role": "assistant", "content": "", "name": "n", "function_call": [call]}]
    function = {"name": "f", "description": "d", "parameters": "{}"}
    state, _ = direct.create(messages=messages, functions=[function])
    sent = api.bodies[0]
    assert sent["messages"] == [{"role": "assistant", "content": "", "function_call": call, "name": "n"}]
    assert sent["functions"] == [{"name": "f", "description": "d", "parameters": {}}]
    assert state["choices"][0]["message"][0]["function_call"] == [{"name": "f", "arguments": '{"a":1}'}]
    tools = [{"id": "t", "type": "function", "function": call}, {"id": "u", "type": "custom"}]
    api.rule = lambda _: (200, completion("c", {"role": "assistant", "tool_calls": tools}))
    found, _ = direct.lookup(NAME, completion_id="c")
    assert [it["function"] for it in found["choices"][0]["message"][0]["tool_calls"]] == [[call], []]


def test_a_named_answer_breaks_lookups(direct: Direct, api: Loopback) -> None:
    """Two of the data sources have no place for the name of a message."""
    named = completion("c", {"role": "assistant", "content": "x", "name": "n"})
    api.rule = lambda asked: (200, named if asked.target.endswith("/c") else {"data": [named]})
    address = '"choices", "0", "message", "0", "name"}'
    assert direct.lookup(NAME, completion_id="c")[1] == [f"Invalid address to set: []string{{{address}"]
    assert direct.lookup("openai_chat_completions")[1] == [
        f'Invalid address to set: []string{{"chat_completions", "0", {address}'
    ]


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (error("gone"), "error making request: API error: gone"),
        ("404 gone", "chat completions endpoint not found (404): API error (status 404): 404 gone"),
        (
            {"error": "text"},
            'chat completions endpoint not found (404): API error (status 404): {"error": "text"}',
        ),
        ({}, "error making request: API error: "),
    ],
)
def test_refused_creations(direct: Direct, api: Loopback, answer: Any, problem: str) -> None:
    """The message alone, or all of the answer where it is no error object."""
    api.rule = lambda _: (404, answer)
    assert direct.create() == (None, [problem])


def test_nobody_answers() -> None:
    """A refused connection names the address."""
    with closing(Client(api_key="k", organization="", api_url="http://127.0.0.1:1", timeout=1)) as client:
        _, (summary,) = Direct(client).create()
    assert summary.startswith('error making request: error making request: Post "http://127.0.0.1:1/v1/')


def test_a_blank_in_a_label(direct: Direct, api: Loopback) -> None:
    """It breaks the request line, so nothing is sent."""
    state, problems = direct.lookup("openai_chat_completions", metadata={"k": "a b"})
    assert (state["chat_completions"], problems) == ([], ["Error retrieving chat completions"])
    assert not api.asked
