from __future__ import annotations

import json

import pytest
from tests.provider.native.native_support import ADDRESS, NativeWorkspace, asking, without_tag

pytestmark = pytest.mark.terraform

STORED = 'store = true\n metadata = { suite = "smoke" }\n idempotency_key = "a"'


def test_zeros_and_false_are_sent(here: NativeWorkspace) -> None:
    """What is set is sent, zeros and false too; what is left out is not."""
    more = "temperature = 0\n presence_penalty = 0\n seed = 0\n top_p = 0\n store = false"
    here.good(here.set_up(asking(more=more)).apply())
    assert here.sent == {
        "model": "gpt-4o",
        "messages": [{"role": "user", "content": "hi"}],
        "store": False,
        "temperature": 0,
        "top_p": 0,
        "presence_penalty": 0,
        "seed": 0,
    }
    assert here.plan().code == 0
    here.good(here.again(asking("other")).apply())
    assert here.sent == {
        "model": "gpt-4o",
        "messages": [{"role": "user", "content": "other"}],
    }


def test_a_stored_completion_all_its_life(here: NativeWorkspace) -> None:
    """Made, planned empty, labelled in place, asked anew when edited, and deleted in the end."""
    here.good(here.set_up(asking(more=STORED)).apply())
    made = here.state(ADDRESS)["id"]
    assert here.asked == ["GET /v1/chat/completions", "POST /v1/chat/completions"]
    assert here.plan().code == 0

    here.again(asking(more=STORED.replace("smoke", "other")))
    assert here.planned() == {ADDRESS: ["update"]}
    before = len(here.asked)
    here.good(here.apply())
    assert here.asked[before:].count(f"POST /v1/chat/completions/{made}") == 1
    assert "POST /v1/chat/completions" not in here.asked[before:]
    (stored,) = here.stored()
    assert without_tag(stored.metadata) == {"suite": "other"}
    assert stored.metadata != {"suite": "other"}
    assert here.state(ADDRESS)["metadata"] == {"suite": "other"}

    here.again(asking("edited", more=STORED.replace("smoke", "other")))
    assert here.planned() == {ADDRESS: ["update"]}
    here.good(here.apply())
    assert f"DELETE /v1/chat/completions/{made}" in here.asked
    (stored,) = here.stored()
    assert stored.id == here.state(ADDRESS)["id"] != made
    assert here.plan().code == 0

    here.good(here.run("destroy", "-auto-approve", "-no-color"))
    assert here.asked[-1] == f"DELETE /v1/chat/completions/{stored.id}"
    assert here.stored() == []


@pytest.mark.parametrize("policy", ["", 'on_missing = "recreate"'])
def test_deleted_behind_its_back(here: NativeWorkspace, policy: str) -> None:
    """A refresh sees it, says so, and keeps the answer; or has it asked anew."""
    here.good(here.set_up(asking(more=f"{STORED}\n{policy}")).apply())
    before = here.state(ADDRESS)
    with here.sdk() as client:
        client.chat.completions.delete(before["id"])
    ran = here.plan()
    assert "Not found in the Chat Completions Store" in ran
    if not policy:
        assert ran.code == 0
        assert here.state(ADDRESS) == before
        here.good(here.run("destroy", "-auto-approve", "-no-color"))
    else:
        assert ran.code == 2
        here.good(here.apply())
        assert [it.id for it in here.stored()] == [here.state(ADDRESS)["id"]]


def test_kept_at_destruction(here: NativeWorkspace) -> None:
    """`on_destroy = "keep"` leaves it in the store; that itself changes nothing there."""
    here.good(here.set_up(asking(more=STORED)).apply())
    here.again(asking(more=f'{STORED}\n on_destroy = "keep"'))
    assert here.planned() == {ADDRESS: ["update"]}
    before = len([it for it in here.asked if it.startswith("POST")])
    here.good(here.apply())
    here.good(here.run("destroy", "-auto-approve", "-no-color"))
    assert len(here.stored()) == 1
    assert len([it for it in here.asked if it.startswith("POST")]) == before
    assert not [it for it in here.asked if it.startswith("DELETE")]


def test_what_is_not_stored_is_left_alone(here: NativeWorkspace) -> None:
    """No request but the one that made it, whatever comes; a plan after it is empty."""
    here.good(here.set_up(asking()).apply())
    assert here.plan().code == 0
    here.good(here.run("destroy", "-auto-approve", "-no-color"))
    assert here.asked == ["POST /v1/chat/completions"]


def test_labels_changed_in_the_store_are_put_back(here: NativeWorkspace) -> None:
    """A refresh sees other labels, and the plan is to set them again."""
    here.good(here.set_up(asking(more=STORED)).apply())
    with here.sdk() as client:
        client.chat.completions.update(here.state(ADDRESS)["id"], metadata={"suite": "theirs"})
    assert here.planned() == {ADDRESS: ["update"]}
    here.good(here.apply())
    (stored,) = here.stored()
    assert without_tag(stored.metadata) == {"suite": "smoke"}


def test_tools(here: NativeWorkspace) -> None:
    """Tools are offered, called, answered, and the conversation goes on from that."""
    tool = """
  tools {
    name        = "get_weather"
    description = "Weather of a city"
    strict      = true
    parameters = jsonencode({
      type                 = "object"
      properties           = { city = { type = "string" } }
      required             = ["city"]
      additionalProperties = false
    })
  }
"""
    more = tool + 'tool_choice = "get_weather"\n parallel_tool_calls = false'
    later = f"""
resource "openai_chat_completion" "b" {{
  model = "gpt-5.1"
  messages {{
    role    = "developer"
    content = "Be brief."
  }}
  messages {{
    role = "assistant"
    dynamic "tool_calls" {{
      for_each = {ADDRESS}.choices[0].message[0].tool_calls
      content {{
        id = tool_calls.value.id
        function {{
          name      = tool_calls.value.function[0].name
          arguments = tool_calls.value.function[0].arguments
        }}
      }}
    }}
  }}
  messages {{
    role         = "tool"
    content      = "sunny"
    tool_call_id = {ADDRESS}.choices[0].message[0].tool_calls[0].id
  }}
  max_completion_tokens = 50
  reasoning_effort      = "low"
  service_tier          = "default"
  {tool}
}}
"""
    here.good(here.set_up(asking("Weather in Oslo?", more) + later).apply())
    first, second = (it["body"] for it in here.requests)
    assert first["tools"] == [
        {
            "type": "function",
            "function": {
                "name": "get_weather",
                "description": "Weather of a city",
                "strict": True,
                "parameters": {
                    "type": "object",
                    "properties": {"city": {"type": "string"}},
                    "required": ["city"],
                    "additionalProperties": False,
                },
            },
        }
    ]
    assert first["tool_choice"] == {"type": "function", "function": {"name": "get_weather"}}
    assert first["parallel_tool_calls"] is False
    (call,) = here.state(ADDRESS)["choices"][0]["message"][0]["tool_calls"]
    assert call["type"] == "function"
    assert call["function"][0]["name"] == "get_weather"
    assert second["messages"][1:] == [
        {"role": "assistant", "tool_calls": [{**call, "function": call["function"][0]}]},
        {"role": "tool", "content": "sunny", "tool_call_id": call["id"]},
    ]
    assert (second["max_completion_tokens"], second["reasoning_effort"], second["service_tier"]) == (
        50,
        "low",
        "default",
    )
    assert here.state("openai_chat_completion.b")["choices"][0]["finish_reason"] == "stop"
    assert here.plan().code == 0


def test_response_format(here: NativeWorkspace) -> None:
    """An answer in the shape of a schema."""
    shape = """
  response_format {
    type   = "json_schema"
    name   = "place"
    strict = true
    schema = jsonencode({
      type = "object", properties = { city = { type = "string" } }, required = ["city"]
      additionalProperties = false
    })
  }
"""
    here.good(here.set_up(asking(more=shape)).apply())
    assert here.sent["response_format"]["json_schema"]["name"] == "place"
    content = here.state(ADDRESS)["choices"][0]["message"][0]["content"]
    assert json.loads(content).keys() == {"city"}
    here.again(asking(more=shape.replace('"place"', '"other"')))
    assert here.planned() == {ADDRESS: ["update"]}


@pytest.mark.parametrize(
    "change",
    [
        "temperature = 0.5",
        "n = 2",
        "seed = 1",
        'fallback_models = ["gpt-4"]',
        'tools {\n name = "f"\n}',
        'service_tier = "flex"',
        "max_completion_tokens = 9",
    ],
)
def test_every_change_of_the_request_asks(here: NativeWorkspace, change: str) -> None:
    """An edit is a new request, and the plan shows that by an answer that is not known yet."""
    here.good(here.set_up(asking()).apply())
    here.again(asking(more=change))
    assert here.planned() == {ADDRESS: ["update"]}
    (changed,) = here.shown("saved.plan")["resource_changes"]
    assert changed["change"]["after_unknown"]["id"]


def test_fallback_models(here: NativeWorkspace) -> None:
    """The next model is asked where one is not to be had; `model_used` tells."""
    here.set_up(
        asking(more='fallback_models = ["nor-this", "gpt-4o-mini"]').replace('"gpt-4o"', '"not-there"')
    )
    here.good(here.apply())
    state = here.state(ADDRESS)
    assert (state["model"], state["model_used"]) == ("not-there", "gpt-4o-mini")
    assert [it["body"]["model"] for it in here.requests] == ["not-there", "nor-this", "gpt-4o-mini"]
    assert here.plan().code == 0


def test_import_restores_the_request(here: NativeWorkspace) -> None:
    """What the store tells is in the state; what it does not, the configuration fills in, in place."""
    with here.sdk() as client:
        made = client.chat.completions.create(
            model="gpt-4o",
            messages=[{"role": "system", "content": "Be brief."}, {"role": "user", "content": "hi"}],
            temperature=0.5,
            store=True,
            metadata={"suite": "smoke"},
        )
    configuration = """
resource "openai_chat_completion" "a" {
  model = "gpt-4o"
  messages {
    role    = "system"
    content = "Be brief."
  }
  messages {
    role    = "user"
    content = "hi"
  }
  temperature = 0.5
  store       = true
  metadata    = { suite = "smoke" }
  MORE
}
"""
    here.set_up(configuration.replace("MORE", ""))
    here.good(here.run("import", "-no-color", ADDRESS, made.id))
    assert here.plan().code == 0
    here.again(configuration.replace("MORE", "max_tokens = 300"))
    assert here.planned() == {ADDRESS: ["update"]}
    here.good(here.apply())
    assert here.plan().code == 0
    here.again(configuration.replace("MORE", "max_tokens = 301"))
    assert here.planned() == {ADDRESS: ["update"]}
    assert len([it for it in here.asked if it == "POST /v1/chat/completions"]) == 1


def test_import_of_what_is_not_there(here: NativeWorkspace) -> None:
    """Nothing is imported, and the reason is said."""
    ran = here.set_up(asking()).run("import", "-no-color", ADDRESS, "chatcmpl-0")
    assert ran.code == 1
    assert "Not found in the Chat Completions Store" in ran


def test_the_settings_of_the_provider(here: NativeWorkspace) -> None:
    """`base_url` is taken as it is, headers and project are sent."""
    settings = f'base_url = "{here.url}/v1"\n project = "proj_1"\n headers = {{ X-Team = "a" }}'
    here.good(here.set_up(asking(), settings).apply(OPENAI_API_URL="http://127.0.0.1:1"))
    assert here.asked == ["POST /v1/chat/completions"]


@pytest.mark.parametrize(
    ("configuration", "told"),
    [
        (asking(more="temperature = 9"), "temperature = 9: must be a number from 0 to 2"),
        (asking(more="stop = []"), "stop = []: must be 1 or more"),
        (asking(more='tool_choice = "f"'), "tool_choice = 'f': must be one of auto, none, required"),
        (asking(more='tools {\n name = "a b"\n}'), "tools[0].name = 'a b'"),
        (asking(more='tools {\n name = "f"\n parameters = "{"\n}'), "a JSON text"),
        (asking(more='on_destroy = "forget"'), "one of delete, keep"),
        (asking(more='response_format {\n type = "json_schema"\n}'), "response_format.schema"),
        (asking().replace('"user"', '"tool"'), "messages[0].tool_call_id"),
        (asking(more='metadata = { openai_constructs_request = "a" }'), "the provider's own"),
        (asking(more='request_tag = "a"'), "Remove it"),
    ],
)
def test_refused_before_anything_is_planned(here: NativeWorkspace, configuration: str, told: str) -> None:
    """What the API would refuse is refused at validation, with what to do."""
    ran = here.set_up(configuration).run("validate", "-no-color")
    assert ran.code == 1
    assert told in ran
