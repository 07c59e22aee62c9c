from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.provider.loopback import Loopback, completion, error
from tests.support import HEAD, Workspace

pytestmark = pytest.mark.terraform

Make = Callable[[str], Workspace]
ADDRESS = "openai_chat_completion.a"
ASKED = {"model": "gpt-4o", "temperature": 1, "top_p": 1, "n": 1}
IMMUTABLE = "chat completions are immutable and cannot be updated"


def asking(*contents: str, more: str = "", model: str = "gpt-4o") -> str:
    messages = "".join(
        f'messages {{\n role = "user"\n content = {json.dumps(it)}\n }}\n' for it in contents or ("hi",)
    )
    return f'resource "openai_chat_completion" "a" {{\n model = "{model}"\n {messages} {more}\n }}\n'


def test_life_of_a_completion(workspace: Make, api: Loopback) -> None:
    """Applied with one request; the second plan is empty; refresh and destroy ask nothing."""
    here = workspace(
        asking("hi") + f'output "said" {{\n value = {ADDRESS}.choices[0].message[0].content\n }}'
    )
    assert here.apply().code == 0
    assert here.outputs() == {"said": "You said: hi"}
    assert api.bodies == [{**ASKED, "messages": [{"role": "user", "content": "hi"}]}]
    headers = api.asked[0].headers
    assert headers["authorization"] == "Bearer sk-test-of-no-use"
    assert headers["content-type"] == "application/json"
    assert not [name for name in headers if name.startswith(("x-stainless", "openai-"))]
    assert here.plan().code == 0
    assert here.apply("-refresh-only").code == 0
    assert here.run("destroy", "-auto-approve", "-no-color").code == 0
    assert len(api.asked) == 1


def test_what_stands_in_the_state(workspace: Make) -> None:
    """Arguments, the provider's defaults, and the answer; what is not said is null, no blocks are []."""
    here = workspace(asking("hi", more="temperature = 0.7"))
    here.apply()
    assert here.state(ADDRESS) == {
        "model": "gpt-4o",
        "messages": [{"role": "user", "content": "hi", "name": None, "function_call": []}],
        "functions": [],
        "temperature": 0.7,
        "top_p": 1,
        "n": 1,
        "presence_penalty": 0,
        "frequency_penalty": 0,
        "stream": False,
        "store": False,
        "imported": False,
        **dict.fromkeys(
            ["max_tokens", "stop", "logit_bias", "function_call", "user", "metadata", "project_id"]
        ),
        "_imported_resource": None,
        "id": "chatcmpl-1",
        "chat_completion_id": "chatcmpl-1",
        "created": 1_700_000_000,
        "object": "chat.completion",
        "model_used": "gpt-4o",
        "usage": {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7},
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "message": [{"role": "assistant", "content": "You said: hi", "function_call": []}],
            }
        ],
    }


ALL = """
  messages {
    role    = "function"
    name    = "f"
    content = "1"
  }
  messages {
    role    = "assistant"
    content = ""
    function_call {
      name      = "f"
      arguments = "{}"
    }
  }
  functions {
    name        = "f"
    description = "d"
    parameters  = jsonencode({ type = "object", properties = { b = {}, a = {} } })
  }
  function_call     = "f"
  temperature       = 0.2
  top_p             = 0.95
  n                 = 2
  stop              = ["x", "y"]
  max_tokens        = 30
  presence_penalty  = 0.5
  frequency_penalty = -0.5
  logit_bias        = { 50256 = -100 }
  user              = "u"
  store             = true
  project_id        = "proj"
  metadata          = { k = "v" }
"""


def test_every_argument_is_sent(workspace: Make, api: Loopback) -> None:
    """All arguments reach the API as the provider writes them, project_id does not; then an empty plan."""
    here = workspace(asking("hi", more=ALL))
    ran = here.apply()
    assert ran.code == 0, ran.text
    assert api.bodies == [
        {
            "model": "gpt-4o",
            "messages": [
                {"role": "user", "content": "hi"},
                {"role": "function", "content": "1", "name": "f"},
                {"role": "assistant", "content": "", "function_call": {"name": "f", "arguments": "{}"}},
            ],
            "functions": [
                {
                    "name": "f",
                    "description": "d",
                    "parameters": {"type": "object", "properties": {"a": {}, "b": {}}},
                }
            ],
            "function_call": {"name": "f"},
            "temperature": 0.2,
            "top_p": 0.95,
            "n": 2,
            "stop": ["x", "y"],
            "max_tokens": 30,
            "presence_penalty": 0.5,
            "frequency_penalty": -0.5,
            "logit_bias": {"50256": -100},
            "user": "u",
            "store": True,
            "metadata": {"k": "v"},
        }
    ]
    assert here.plan().code == 0


def test_zeros_are_never_sent(workspace: Make, api: Loopback) -> None:
    """0, false, "" and what is empty are dropped: a temperature of 0 is the API's default."""
    numbers = "temperature = 0\n top_p = 0\n n = 0\n max_tokens = 0\n"
    zeros = numbers + 'user = ""\n store = false\n stop = []\n metadata = {}'
    here = workspace(asking("hi", more=zeros))
    assert here.apply().code == 0
    assert api.bodies == [{"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]}]
    assert here.plan().code == 0


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (asking("one"), asking("two")),
        (asking("one"), asking("one", more="temperature = 0.5")),
        (asking("one"), asking("one").replace('"user"', '"system"')),
        (asking("one"), asking("one").replace("content", 'name = "n"\n content')),
    ],
    ids=["content", "temperature", "role", "name"],
)
def test_an_edit_in_place_fails_and_is_then_forgotten(
    workspace: Make, api: Loopback, before: str, after: str
) -> None:
    """Planned in place, refused; the new configuration stays beside the old answer: an empty plan."""
    here = workspace(before)
    here.apply()
    here.write(HEAD + after)
    assert here.planned() == {ADDRESS: ["update"]}
    ran = here.apply()
    assert ran.code == 1
    assert IMMUTABLE in ran
    assert here.plan().code == 0
    state = here.state(ADDRESS)
    assert state["choices"][0]["message"][0]["content"] == "You said: one"
    assert (state["messages"], state["temperature"]) != ([{"content": "one"}], 1)
    assert len(api.asked) == 1


@pytest.mark.parametrize(
    "after",
    [
        asking("one", "two"),
        asking("one", model="gpt-4"),
        asking("one", more="n = 2"),
        asking("one", more='stop = ["x"]'),
        asking("one", more='metadata = { k = "v" }'),
        asking("one", more='functions {\n name = "f"\n parameters = "{}"\n }'),
        asking("one", more="store = true"),
    ],
    ids=["number of messages", "model", "n", "stop", "metadata", "functions", "store"],
)
def test_what_replaces(workspace: Make, api: Loopback, after: str) -> None:
    """The model, the number of messages and every argument marked so: planned as a replacement."""
    here = workspace(asking("one"))
    here.apply()
    here.write(HEAD + after)
    assert here.planned() == {ADDRESS: ["delete", "create"]}


def test_a_replacement_asks_again(workspace: Make, api: Loopback) -> None:
    """Another model: one more request, another id, and an empty plan after it."""
    here = workspace(asking("one"))
    here.apply()
    assert here.write(HEAD + asking("one", model="gpt-4")).apply().code == 0
    assert here.state(ADDRESS)["id"] == "chatcmpl-2"
    assert [it["model"] for it in api.bodies] == ["gpt-4o", "gpt-4"]
    assert here.plan().code == 0


@pytest.mark.parametrize(
    ("status", "answer", "told"),
    [
        (401, error("Incorrect API key provided: sk-x."), "API error: Incorrect API key provided: sk-x."),
        (404, error("The model `x` does not exist."), "API error: The model `x` does not exist."),
        (429, error("Rate limit reached.", code="rate_limit_exceeded"), "API error: Rate limit reached."),
        (500, error("The server had an error."), "API error: The server had an error."),
        (503, "upstream gone", "API error (status 503): upstream gone"),
        (400, error("odd", code=7), "API error (status 400):"),
    ],
)
def test_refusals(workspace: Make, api: Loopback, status: int, answer: Any, told: str) -> None:
    """An error of the API fails the apply with its message, after one request; nothing is in the state."""
    api.rule = lambda _: (status, answer)
    here = workspace(asking())
    ran = here.apply()
    assert ran.code == 1
    assert f"error making request: {told}" in ran
    assert len(api.asked) == 1
    assert here.run("state", "list").text == ""


def test_a_404_by_name(workspace: Make, api: Loopback) -> None:
    """Only a message that has 404 in it is told as a missing endpoint."""
    api.rule = lambda _: (404, "404 page not found")
    told = "chat completions endpoint not found (404): API error (status 404): 404 page not found"
    assert told in workspace(asking()).apply()


def test_an_answer_that_is_no_json(workspace: Make, api: Loopback) -> None:
    """A stream of events cannot be read: an error after the request was made."""
    api.rule = lambda _: (200, 'data: {"id":"x"}\n\ndata: [DONE]\n\n')
    here = workspace(asking(more="stream = true"))
    assert "error parsing response: invalid character 'd' looking for beginning of value" in here.apply()
    assert api.bodies[0]["stream"] is True


def test_no_server(workspace: Make) -> None:
    """A refused connection is an error that names the address and not the key."""
    ran = workspace(asking()).apply(OPENAI_API_URL="http://127.0.0.1:1")
    assert ran.code == 1
    assert 'error making request: error making request: Post "http://127.0.0.1:1/v1/chat/completions":' in ran


@pytest.mark.parametrize(
    ("configuration", "told"),
    [
        (
            asking().replace('"user"', '"developer"'),
            'expected messages.0.role to be one of ["system" "user" "assistant" "function"], got developer',
        ),
        (asking(more="top_p = 1.5"), "expected top_p to be in the range (0.000000 - 1.000000), got 1.500000"),
        (
            asking(more="presence_penalty = -3"),
            "expected presence_penalty to be in the range (-2.000000 - 2.000000), got -3.000000",
        ),
        (asking(more='stop = ["a", "b", "c", "d", "e"]'), "Too many list items"),
        (asking(more="n = 1.5"), "Attribute must be a whole number, got 1.5"),
        (asking(more="usage = { a = 1 }"), "Value for unconfigurable attribute"),
        ('resource "openai_chat_completion" "a" {\n model = "m"\n }', "Insufficient messages blocks"),
        (asking(more='tool_choice = "auto"'), "Unsupported argument"),
    ],
)
def test_refused_before_anything_is_planned(
    workspace: Make, api: Loopback, configuration: str, told: str
) -> None:
    """What 1.2.0 refuses at validation is refused at validation, in its words."""
    ran = workspace(configuration).run("validate", "-no-color")
    assert ran.code == 1
    assert told in ran


def test_what_the_provider_does_not_check(workspace: Make, api: Loopback) -> None:
    """A temperature of 9 is the API's to refuse, not the provider's."""
    assert workspace(asking(more="temperature = 9")).apply().code == 0
    assert api.bodies[0]["temperature"] == 9


def test_import_makes_up_the_request(workspace: Make, api: Loopback) -> None:
    """An import asks once, and invents what the API does not tell; the plan then replaces."""
    answer = {"role": "assistant", "content": "said"}
    api.made["chatcmpl-9"] = completion("chatcmpl-9", answer)
    here = workspace(asking("one"))
    ran = here.run("import", "-no-color", ADDRESS, "chatcmpl-9")
    assert ran.code == 0, ran.text
    assert api.lines == ["GET /v1/chat/completions/chatcmpl-9"]
    state = here.state(ADDRESS)
    assert {name: state[name] for name in ("temperature", "max_tokens", "store", "imported", "choices")} == {
        "temperature": 0.7,
        "max_tokens": 300,
        "store": True,
        "imported": True,
        "choices": [],
    }
    assert [(it["role"], it["content"]) for it in state["messages"]] == [
        ("system", "You are a helpful assistant."),
        ("assistant", "said"),
    ]
    assert here.planned() == {ADDRESS: ["delete", "create"]}


def test_an_imported_completion_takes_changes(workspace: Make, api: Loopback) -> None:
    """With `imported = true` and what replaces left as it is, the plan is an update, and it asks nothing."""
    api.made["chatcmpl-9"] = completion("chatcmpl-9", {"role": "assistant", "content": "said"})
    here = workspace(asking("one", more="imported = true\n max_tokens = 300\n store = true"))
    here.run("import", "-no-color", ADDRESS, "chatcmpl-9")
    assert here.planned() == {ADDRESS: ["update"]}
    assert here.apply().code == 0
    assert here.plan().code == 0
    assert len(api.asked) == 1


def test_import_of_what_is_not_there(workspace: Make) -> None:
    """A failed lookup still imports: an id, and nothing else."""
    here = workspace(asking("one"))
    assert here.run("import", "-no-color", ADDRESS, "chatcmpl-0").code == 0
    state = here.state(ADDRESS)
    assert (state["id"], state["chat_completion_id"], state["imported"]) == ("chatcmpl-0", "chatcmpl-0", True)
    assert (state["model"], state["messages"]) == (None, [])


def test_imported_is_not_created(workspace: Make, api: Loopback) -> None:
    """`imported = true` without an import asks nothing, and Terraform finds that nothing was made."""
    ran = workspace(asking(more="imported = true")).apply()
    assert ran.code == 1
    assert "Root object was present, but now absent" in ran
    assert not api.asked


def test_unknown_contents(workspace: Make, api: Loopback) -> None:
    """A prompt known only after apply: planned, then asked with what came out; two completions in a row."""
    second = asking("one") + asking().replace('"a"', '"b"').replace(
        '"hi"', f"{ADDRESS}.choices[0].message[0].content"
    )
    here = workspace(second)
    assert here.apply().code == 0
    assert [it["messages"][0]["content"] for it in api.bodies] == ["one", "You said: one"]
    assert here.plan().code == 0


def test_a_null_text_in_an_output(workspace: Make, api: Loopback) -> None:
    """The first refresh turns a null name into "", which changes an output of the messages once."""
    here = workspace(asking("hi") + 'output "m" {\n value = openai_chat_completion.a.messages\n }\n')
    assert here.apply().code == 0
    assert here.outputs()["m"][0]["name"] is None
    assert here.plan().code == 2
    assert here.planned() == {}
    assert here.apply().code == 0
    assert here.outputs()["m"][0]["name"] == ""
    assert here.plan().code == 0
    assert len(api.bodies) == 1


def test_an_import_that_is_decided_during_the_apply(workspace: Make, api: Loopback) -> None:
    """A late `imported` that is false contradicts no plan: the completion is created."""
    late = 'resource "terraform_data" "late" {\n input = false\n }\n'
    here = workspace(late + asking("hi", more="imported = terraform_data.late.output"))
    ran = here.apply()
    assert ran.code == 0, ran.text
    assert len(api.bodies) == 1
    assert here.plan().code == 0


def test_a_variable_without_a_value(workspace: Make, api: Loopback) -> None:
    """For a required argument it is an error of the plan, before any request; in a map it is no entry."""
    none = 'variable "none" {\n type = string\n default = null\n }\n'
    here = workspace(none + asking("hi", more="metadata = { a = var.none, b = 1 }"))
    assert here.apply().code == 0
    assert api.bodies[0]["metadata"] == {"b": "1"}
    assert here.plan().code == 0
    here.write(HEAD + none + asking("hi").replace('content = "hi"', "content = var.none"))
    assert here.run("validate").code == 0
    ran = here.plan()
    assert ran.code == 1
    assert 'The argument "messages.0.content" is required, but no definition was found.' in ran
    assert len(api.asked) == 1
