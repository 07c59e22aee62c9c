"""Corners in which the released provider was tried beside this one: what it does is the right value.

Its SDK reads a configuration into texts and back, so nulls, zeros and what is empty become one another.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from tests.provider.direct import NAME, Direct, config, replaced, told
from tests.provider.loopback import Loopback, completion
from tf.types import Unknown
from tf.utils import Diagnostics, read_dynamic_value

from openai_constructs.provider.compat.client import Client
from openai_constructs.provider.compat.provider import CompatProvider

MESSAGES = f"{NAME}_messages"
LIST = "openai_chat_completions"
USER = {"role": "user", "content": "hi", "name": None, "function_call": []}
FUNCTION = {"name": "f", "description": None, "parameters": "{}"}
ANSWER = {"role": "assistant", "content": "x"}
NO_CALL = {"name": "", "arguments": ""}
MANY_DIGITS = "9" * 5000


def message(**fields: Any) -> dict[str, Any]:
    return {**USER, **fields}


def missing(name: str) -> list[str]:
    return [f'Missing required argument: The argument "{name}" is required, but no definition was found.']


# Texts that are null


def test_a_null_text_comes_back_empty(direct: Direct) -> None:
    """In a block, null stays null until the first refresh makes it "": an output of it changes once."""
    arguments = config(messages=[message()], functions=[FUNCTION], user=None)
    state, problems = direct.change(None, arguments)
    assert not problems
    assert (state["messages"][0]["name"], state["functions"][0]["description"]) == (None, None)
    refreshed, _ = direct.read(state)
    assert (refreshed["messages"][0]["name"], refreshed["functions"][0]["description"]) == ("", "")
    assert refreshed["user"] is None
    assert direct.second_plan(state, arguments) == {}
    assert direct.read(refreshed)[0] == refreshed


def test_a_message_of_a_lookup_without_a_name(direct: Direct) -> None:
    """It has the name "", as it is in the state of the completion."""
    state, _ = direct.create(store=True)
    found, _ = direct.lookup(MESSAGES, completion_id=state["id"])
    assert found["messages"] == direct.read(state)[0]["messages"]


# Required arguments that are null


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ({"model": None}, "model"),
        ({"messages": [message(), message(role=None)]}, "messages.1.role"),
        ({"messages": [message(content=None)]}, "messages.0.content"),
        (
            {"messages": [message(function_call=[{"name": None, "arguments": "{}"}])]},
            "messages.0.function_call.0.name",
        ),
        (
            {"messages": [message(function_call=[{"name": "f", "arguments": None}])]},
            "messages.0.function_call.0.arguments",
        ),
        ({"functions": [{**FUNCTION, "name": None}]}, "functions.0.name"),
        ({"functions": [{**FUNCTION, "parameters": None}]}, "functions.0.parameters"),
    ],
)
def test_a_required_argument_that_is_null(direct: Direct, arguments: dict[str, Any], name: str) -> None:
    """Refused by name; Terraform checks again at plan, when the value of a variable is known."""
    assert direct.check(config(**arguments)) == missing(name)


@pytest.mark.parametrize("name", [NAME, MESSAGES])
def test_a_lookup_of_null(direct: Direct, name: str) -> None:
    """The id of a completion is required too."""
    assert direct.check_data(name, completion_id=None) == missing("completion_id")
    assert not direct.check_data(name, completion_id=Unknown)


# An id of one's own


@pytest.mark.parametrize("value", ["x", "", Unknown])
def test_an_id_of_ones_own(direct: Direct, value: Any) -> None:
    """The schema lets it be written, the SDK does not; not even where it is not known yet."""
    assert direct.check(config(id=value)) == ["Invalid or unknown key"]
    assert direct.check_data(LIST, id=value) == ["Invalid or unknown key"]
    assert direct.check_data(MESSAGES, completion_id="c", id=value) == ["Invalid or unknown key"]
    assert direct.check_data(NAME, completion_id="c", id=value)[0].startswith("Value for unconfigurable")


def test_the_other_computed_argument(direct: Direct) -> None:
    """The provider's own mark of an import may be written."""
    assert direct.check(config(_imported_resource="x")) == []


# Crashes


@pytest.mark.parametrize(
    ("arguments", "place"),
    [
        ({"stop": [""]}, "stop.0"),
        ({"stop": ["a", ""]}, "stop.1"),
        (
            {"messages": [message(function_call=[NO_CALL])]},
            "messages.0.function_call.0",
        ),
        ({"functions": [{"name": "", "description": "", "parameters": ""}]}, "functions.0"),
    ],
)
def test_where_the_released_provider_crashes(
    direct: Direct, api: Loopback, arguments: dict[str, Any], place: str
) -> None:
    """Plans there, and panics when it is applied: here that is an error that says so, and no request."""
    assert direct.check(config(**arguments)) == []
    planned = direct.plan(None, config(**arguments))
    assert not planned.diagnostics
    answer = direct.apply(None, planned.planned_state)
    (diagnostic,) = answer.diagnostics
    assert diagnostic.summary == "The released provider crashes here"
    assert diagnostic.detail.startswith(f"{place}: empty. mkdev-me/openai 1.2.0 crashes here")
    assert read_dynamic_value(answer.new_state) is None
    assert not api.asked


@pytest.mark.parametrize("stop", [["a", None], [None]])
def test_a_null_in_a_list(direct: Direct, stop: list[Any]) -> None:
    """Passes the validation, and is an error of the plan."""
    assert direct.check(config(stop=stop)) == []
    planned = direct.plan(None, config(stop=stop))
    assert told(planned) == ["Null value found in list"]
    assert planned.diagnostics[0].detail == "Null values are not allowed for this attribute value."


# Numbers


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (2.0**63, "9.223372036854776e+18"),
        (-1e300, "-1e+300"),
        ("1.5", "1.5"),
        ("0.00001", "1e-05"),
        ("1234567.5", "1.2345675e+06"),
    ],
)
@pytest.mark.parametrize("name", ["max_tokens", "n"])
def test_numbers_that_are_no_integers_of_go(direct: Direct, name: str, value: Any, shown: str) -> None:
    """A whole number has 64 bits; another one is refused as Go prints it."""
    assert direct.check(config(**{name: value})) == [f"Attribute must be a whole number, got {shown}"]


def test_large_numbers(direct: Direct, api: Loopback) -> None:
    """Everything a float or an integer of 64 bits can be is planned, sent, and no change the next time."""
    arguments = config(temperature="1e308", max_tokens=2**63 - 1, logit_bias={"1": "1e300", "2": 2**53 + 1})
    state, problems = direct.change(None, arguments)
    assert not problems
    assert (api.bodies[0]["temperature"], api.bodies[0]["max_tokens"]) == (1e308, 2**63 - 1)
    assert api.bodies[0]["logit_bias"] == {"1": 1e300, "2": 2**53 + 1}
    assert direct.second_plan(state, arguments) == {}
    # Terraform saves a whole number as its digits.
    saved = {**state, "temperature": 10**308, "logit_bias": {"1": 10**300, "2": 2**53 + 1}}
    assert direct.second_plan(direct.saved(saved), arguments) == {}


def test_a_whole_number_of_an_answer(direct: Direct, api: Loopback) -> None:
    """One that Go's integers have no room for cannot be read."""
    api.rule = lambda _: (200, '{"id": "c", "created": 9223372036854775808}')
    state, (problem,) = direct.create()
    assert state is None
    assert "cannot unmarshal number 9223372036854775808 into Go struct field" in problem
    api.rule = lambda _: (200, f'{{"id": "c", "more": {MANY_DIGITS}}}')
    assert direct.create()[1] == []


@pytest.mark.parametrize(("before", "after"), [(None, 0), (0, None), (0, 0)])
def test_zero_tokens_and_none(direct: Direct, before: int | None, after: int | None) -> None:
    """Zero is the same as nothing, so that is no change."""
    state, _ = direct.create(max_tokens=before)
    assert state["max_tokens"] == before
    assert direct.second_plan(state, config(max_tokens=after)) == {}
    assert replaced(direct.plan(state, config(max_tokens=5))) == ["max_tokens"]


# Maps


@pytest.mark.parametrize("name", ["metadata", "logit_bias"])
@pytest.mark.parametrize("value", [{}, {"1": None}, None])
def test_a_map_without_entries(direct: Direct, api: Loopback, name: str, value: Any) -> None:
    """It is null in plan and state, and not sent."""
    arguments = config(**{name: value})
    assert read_dynamic_value(direct.plan(None, arguments).planned_state)[name] is None
    state, problems = direct.change(None, arguments)
    assert not problems
    assert state[name] is None
    assert name not in api.bodies[0]
    assert direct.second_plan(state, arguments) == {}


@pytest.mark.parametrize(("name", "entry"), [("metadata", "x"), ("logit_bias", 5)])
def test_a_map_with_a_null(direct: Direct, api: Loopback, name: str, entry: Any) -> None:
    """The entry is dropped: a variable without a value is no label."""
    arguments = config(**{name: {"1": None, "2": entry}})
    state, problems = direct.change(None, arguments)
    assert not problems
    assert state[name] == {"2": entry}
    assert api.bodies[0][name] == {"2": entry}
    assert direct.second_plan(state, arguments) == {}
    assert direct.second_plan(state, config(**{name: {"2": entry}})) == {}


def test_a_map_that_loses_its_entries(direct: Direct) -> None:
    """That is a change like any other, and replaces."""
    state, _ = direct.create(metadata={"a": "x"})
    plan = direct.plan(state, config(metadata={"a": None}))
    assert replaced(plan) == ["metadata"]
    assert read_dynamic_value(plan.planned_state)["metadata"] is None


@pytest.mark.parametrize("metadata", [{}, {"team": None}])
def test_empty_arguments_of_lookups(direct: Direct, api: Loopback, metadata: dict[str, Any]) -> None:
    """They are read back as null, and not sent."""
    found, _ = direct.lookup(LIST, metadata=metadata, after="", model="")
    assert (found["metadata"], found["after"], found["model"]) == (None, None, None)
    found, _ = direct.lookup(MESSAGES, completion_id="c", after="")
    assert found["after"] is None
    api.rule = lambda _: (200, completion("c", ANSWER))
    assert direct.lookup(NAME, completion_id="")[0]["completion_id"] is None
    assert api.lines == [
        "GET /v1/chat/completions?limit=20&order=asc",
        "GET /v1/chat/completions/c/messages?limit=20&order=asc",
        "GET /v1/chat/completions/",
    ]


def test_labels_of_a_lookup(direct: Direct, api: Loopback) -> None:
    """A label that is null is left out, an empty one is sent."""
    found, _ = direct.lookup(LIST, metadata={"a": None, "b": "", "c": "x"})
    assert found["metadata"] == {"b": "", "c": "x"}
    assert api.lines == ["GET /v1/chat/completions?limit=20&order=asc&metadata[b]=&metadata[c]=x"]


# Keys, addresses, redirects


@contextmanager
def provider_with(api: Loopback, **settings: Any) -> Iterator[Direct]:
    client = Client(**{"api_key": "k", "organization": "", "api_url": api.url, "timeout": 5, **settings})
    with closing(client):
        yield Direct(client)


def test_a_key_that_cannot_be_sent(api: Loopback) -> None:
    """An error of a completion and of its lookups, a warning of the list; the key is in none of them."""
    words = 'net/http: invalid header field value for "Authorization"'
    with provider_with(api, api_key="sk-secret\n") as direct:
        problems = [
            direct.create()[1],
            direct.lookup(NAME, completion_id="c")[1],
            direct.lookup(MESSAGES, completion_id="c")[1],
        ]
        found, warnings = direct.lookup(LIST)
    assert all(it.endswith(words) for (it,) in problems)
    assert (found["chat_completions"], warnings) == ([], ["Error retrieving chat completions"])
    assert "secret" not in str(problems)
    assert not api.asked


def test_an_id_that_is_no_address(direct: Direct, api: Loopback) -> None:
    """A per cent sign that begins no escape is refused before the request."""
    for name in (NAME, MESSAGES):
        _, (problem,) = direct.lookup(name, completion_id="100%")
        assert 'invalid URL escape "%' in problem
    assert not api.asked


def test_a_redirect_without_an_address(direct: Direct, api: Loopback) -> None:
    """For the list too it is an answer that cannot be read, and no warning."""
    api.rule = lambda _: (302, "")
    found, (problem,) = direct.lookup(LIST)
    assert found is None
    assert problem.startswith("error parsing chat completions response: ")


def test_a_redirect(direct: Direct, api: Loopback) -> None:
    """A completion is created where a redirect of status 308 leads to."""
    api.scripted = [(308, "", {"Location": f"{api.url}/v1/chat/completions?moved"})]
    state, problems = direct.create()
    assert not problems
    assert state["id"] == "chatcmpl-1"
    assert api.lines == ["POST /v1/chat/completions", "POST /v1/chat/completions?moved"]


# Texts beyond what UTF-8 and JSON have room for


def test_half_a_pair_in_an_answer(direct: Direct, api: Loopback) -> None:
    """It is U+FFFD in the state."""
    text = r'{"id": "c", "choices": [{"message": {"content": "a\ud800b\ud83d\ude00"}}]}'
    api.rule = lambda _: (200, text)
    state, problems = direct.create()
    assert not problems
    assert state["choices"][0]["message"][0]["content"] == "a\ufffdb\U0001f600"


@pytest.mark.parametrize(
    "parameters", ['{"a": 1e400}', r'{"a": "\ud800"}', '{"a": 1.0, "a": 1}', MANY_DIGITS]
)
def test_parameters_that_python_cannot_write(
    direct: Direct, monkeypatch: pytest.MonkeyPatch, parameters: str
) -> None:
    """They are JSON, so they are sent as they are written."""
    sent: list[str] = []

    def post(_: Client, path: str, body: str) -> str:
        sent.append(body)
        return json.dumps(completion("c", ANSWER))

    monkeypatch.setattr(Client, "post", post)
    state, problems = direct.create(functions=[{**FUNCTION, "parameters": parameters}])
    assert not problems
    assert state["id"] == "c"
    assert f'"parameters":{parameters}' in sent[0]


@pytest.mark.parametrize("parameters", ['{"a": NaN}', "-Infinity", "", "{} {}", '{"a": 01}'])
def test_parameters_that_are_no_json(direct: Direct, api: Loopback, parameters: str) -> None:
    """An error before the request, also where Python would read them."""
    state, (problem,) = direct.create(functions=[{**FUNCTION, "parameters": parameters}])
    assert state is None
    assert problem.startswith("error serializing request: json: error calling MarshalJSON")
    assert not api.asked


# Imports and choices


def existing(**arguments: Any) -> dict[str, Any]:
    return {**config(**arguments), "id": "c", "chat_completion_id": "c", "usage": {"total_tokens": 1}}


def test_an_import_that_is_decided_late(direct: Direct) -> None:
    """Until it is known, a completion counts as not imported; what is known then must not contradict."""
    for prior in (None, existing(imported=False)):
        first = read_dynamic_value(direct.plan(prior, config(imported=Unknown)).planned_state)
        mark = Unknown if prior is None else None
        assert first["_imported_resource"] is mark
        no = read_dynamic_value(direct.plan(prior, config(imported=False)).planned_state)
        assert no["_imported_resource"] is mark
    yes = read_dynamic_value(direct.plan(existing(imported=False), config(imported=True)).planned_state)
    # Terraform: "Provider produced inconsistent final plan", as with the released provider.
    assert yes["_imported_resource"] == "true"


def test_an_import_without_usage(direct: Direct, api: Loopback) -> None:
    """Its tokens are to be computed in every plan: an update that changes nothing."""
    made, _ = direct.create()
    prior = {**made, "imported": True, "_imported_resource": "true", "usage": None}
    assert direct.second_plan(prior, config(imported=True)) == {"usage": (None, Unknown)}
    state, problems = direct.change(prior, config(imported=True))
    assert not problems
    assert state["usage"] is None
    assert len(api.asked) == 1


def test_choices_of_ones_own(direct: Direct, api: Loopback) -> None:
    """A block of answers may be written: it is no change unless there are more of them than answers."""
    block = {"index": None, "finish_reason": None, "message": None}
    state, problems = direct.change(None, config(choices=[block]))
    assert not problems
    assert state["choices"][0]["message"][0]["content"] == "You said: hi"
    for choices in ([], [block]):
        assert direct.second_plan(state, config(choices=choices)) == {}
    after, problems = direct.change(state, config(choices=[block, block]))
    assert problems == ["chat completions are immutable and cannot be updated"]
    assert after["choices"] == [*state["choices"], block]


# The environment


def test_an_address_of_the_environment_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is checked as that of the provider block is."""
    diagnostics = Diagnostics()
    CompatProvider({"OPENAI_API_URL": "http://h/%zz"}).configure_provider(diagnostics, {})
    assert 'invalid URL escape "%zz"' in diagnostics.diagnostics[0].summary
