"""What the model will be asked, read back from the JSON, and the body that the provider sends."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import pytest
from constructs import Construct
from tests.engine import App, Fn, TerraformStack, TerraformVariable, migrated
from tests.support import ROOT, template

from openai_constructs import (
    BasicChat,
    ChatCompletion,
    ChatFleet,
    Function,
    FunctionCall,
    FunctionCallingChat,
    Message,
    MultiTurnChat,
    OpenaiProvider,
    PromptMatrix,
    ResponseFormat,
    StoredCompletion,
    Tool,
    ToolCall,
    raw,
)
from openai_constructs.testing import LocalApply, Template, Text, reference


def test_a_chat_is_what_was_written(stack: TerraformStack) -> None:
    """Escapes are undone, and references stand where they were put."""
    region = TerraformVariable(stack, "region").string_value
    BasicChat(
        stack, "it", model="gpt-4o", system="${literal} %{too}\r", prompt=f"${region} ${{x}}", max_tokens=5
    )
    chat = template(stack).chat("it")
    assert (chat.address, chat.model) == ("module.it", "gpt-4o")
    assert chat.messages == (
        Message.system("${literal} %{too}\r"),
        Message.user("$" + reference("var.region") + " ${x}"),
    )
    assert (chat.functions, chat.function_call) == ((), None)
    assert chat.parameters == {"max_tokens": 5}
    with pytest.raises(TypeError):
        chat.parameters["max_tokens"] = 6  # type: ignore[index]


def test_functions_are_parsed(stack: TerraformStack) -> None:
    """Parameters are the schema that was given, references in it included; the call is the one asked for."""
    any_ = TerraformVariable(stack, "any", type="any")
    schema: dict[str, Any] = {
        "type": "object",
        "description": f'say "{any_.string_value}" and ${{x}}',
        "maximum": any_.number_value,
        "enum": any_.list_value,
        any_.string_value: [1, None, True],
    }
    FunctionCallingChat(
        stack, "it", model="m", prompt="p", functions=[Function("f", "F ${f}", schema)], function_call="f"
    )
    chat = template(stack).chat("it")
    assert chat.function_call == "f"
    (function,) = chat.functions
    assert (function.name, function.description) == ("f", "F ${f}")
    assert function.parameters == {
        "type": "object",
        "description": 'say "' + reference("var.any") + '" and ${x}',
        "maximum": reference("var.any"),
        "enum": reference("var.any"),
        reference("var.any"): [1, None, True],
    }
    (sent,) = chat.request()["functions"]
    assert sent == {"name": "f", "description": "F ${f}", "parameters": function.parameters}
    assert chat.request()["function_call"] == {"name": "f"}


def test_a_schema_that_only_terraform_knows(stack: TerraformStack) -> None:
    """A whole schema may be a reference, and stays one."""
    schema = TerraformVariable(stack, "schema").string_value
    StoredCompletion(stack, "it", model="m", prompt="p", functions=[{"name": "f", "parameters": schema}])
    chat = template(stack).chat("it")
    assert chat.functions[0].parameters == reference("var.schema")
    assert chat.request()["functions"] == [{"name": "f", "parameters": reference("var.schema")}]


def test_calls_in_a_conversation(stack: TerraformStack) -> None:
    """A call stands as a block in a resource and as an object in a module, and reads the same."""
    said = [
        Message.assistant(function_call=FunctionCall("f", '{"a":"${x}"}')),
        Message.function("1", name="f"),
    ]
    MultiTurnChat(stack, "module", model="m", messages=said)
    StoredCompletion(stack, "resource", model="m", messages=said)
    chats = template(stack).find_chats()
    assert list(chats) == ["module.module", "openai_chat_completion.resource"]
    assert [it.messages for it in chats.values()] == [tuple(said)] * 2
    assert [it.request()["messages"] for it in chats.values()] == [
        [
            {"role": "assistant", "content": "", "function_call": {"name": "f", "arguments": '{"a":"${x}"}'}},
            {"role": "function", "content": "1", "name": "f"},
        ]
    ] * 2


def test_what_the_provider_does_to_a_request(stack: TerraformStack) -> None:
    """Its defaults are in the request; zeros, false, what is empty and the project are not."""
    StoredCompletion(stack, "it", model="m", prompt="p", temperature=0, metadata={})
    ChatCompletion(
        stack, "plain", model="m", messages=[Message.user("e\u0301")], store=False, project_id="x", n=2
    )
    asked = {"model": "m", "messages": [{"role": "user", "content": "p"}], "top_p": 1, "n": 1, "store": True}
    assert template(stack).chat("it").request() == asked
    assert template(stack).chat("plain").request() == {
        "model": "m",
        "messages": [{"role": "user", "content": "\u00e9"}],
        "temperature": 1,
        "top_p": 1,
        "n": 2,
    }


@pytest.mark.terraform
def test_the_request_is_the_one_that_is_sent(app: App, local_apply: LocalApply, tmp_path: Path) -> None:
    """Of each chat of the example, and of one with everything, the emulator got exactly this body."""
    program = tmp_path / "main.py"
    program.write_text(migrated((ROOT / "examples/chat_completion/main.py").read_text(encoding="utf-8")))
    example = runpy.run_path(str(program))
    stack = example["ChatCompletionStack"](app, "chat_completion")
    odd = 'q"\\ ${x} %{y} $${z}\r\n e\u0301 \U0001f600 $'
    schema = {
        "type": "object",
        "description": odd,
        "properties": {odd: {"minimum": 0.5, "enum": [odd, None]}},
    }
    everything: dict[str, Any] = {
        "temperature": 0.3,
        "max_tokens": 7,
        "top_p": 0.5,
        "n": 2,
        "stop": [odd],
        "presence_penalty": 0,
        "frequency_penalty": -0.5,
        "logit_bias": {"50256": -100},
        "user": odd,
    }
    FunctionCallingChat(
        stack,
        "everything",
        model="gpt-4o",
        system=odd,
        prompt=odd,
        functions=[Function("f", odd, schema)],
        function_call="f",
        **everything,
    )
    StoredCompletion(stack, "odd", model="gpt-4o", prompt=odd, metadata={"k": odd}, **everything)
    chats = Template.from_stack(stack).find_chats()
    sent = [it["body"] for it in local_apply(stack).requests if it["method"] == "POST"]
    assert len(chats) == len(sent) == 6
    assert sorted(map(as_text, sent)) == sorted(as_text(it.request()) for it in chats.values())


def as_text(body: Any) -> str:
    return json.dumps(body, sort_keys=True)


def test_names_paths_and_addresses(stack: TerraformStack) -> None:
    """A chat is found by its name, the path of its construct, or its address."""
    BasicChat(Construct(stack, "team"), "it", model="deep", prompt="p")
    BasicChat(stack, "both", model="module", prompt="p")
    made = template(stack)
    (name,) = made.find_modules(name="team/it")
    assert made.chat("team/it") == made.chat(name) == made.chat(f"module.{name}")
    assert made.chat("both").model == "module"


@pytest.mark.parametrize("messages", ["${var.messages}", ["${var.first}"]])
def test_messages_that_only_terraform_knows(stack: TerraformStack, messages: Any) -> None:
    """There is nothing to compare then, and the failure says so."""
    chat = BasicChat(stack, "it", model="m", prompt="p")
    chat.add_override("messages", messages)
    with pytest.raises(AssertionError) as error:
        template(stack).chat("it")
    assert str(error.value) == (
        "module.it (stack/it): only Terraform knows its messages, so there is nothing to compare."
    )


def test_parameters_that_are_no_json(stack: TerraformStack) -> None:
    """The provider fails on them before it asks; so does the request."""
    it = StoredCompletion(stack, "it", model="m", prompt="p", functions=[Function("f")])
    it.add_override("functions.0.parameters", "{oops")
    chat = template(stack).chat("it")
    assert chat.functions[0].parameters == "{oops"
    with pytest.raises(AssertionError, match="it: the parameters of a function are not JSON: "):
        chat.request()


def test_expressions_of_the_users_own(stack: TerraformStack) -> None:
    """raw() and functions of the engine are references too."""
    OpenaiProvider(stack, "openai")
    BasicChat(stack, "it", model="m", prompt=f"{raw('${upper(var.x)}')} {Fn.lower('A')}")
    content = Template.from_stack(stack).chat("it").messages[0].content
    assert isinstance(content, Text)
    assert content.references == ("${upper(var.x)}", '${lower("A")}')


def test_a_native_chat_is_read_whole(stack: TerraformStack) -> None:
    """All arguments of the native provider are read; zeros and `store` are sent, public defaults are not."""
    OpenaiProvider(stack, "openai", native=True)
    schema = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
    said = [
        Message.user("Look ${up}."),
        Message.assistant(tool_calls=[ToolCall("c1", "look", '{"a": "${x}"}')]),
        Message.tool("Found.", tool_call_id="c1"),
    ]
    shape = ResponseFormat("json_schema", "shape", schema, "The ${shape}", True)
    tool = Tool("look", "Look ${up}", schema, strict=True)
    MultiTurnChat(
        stack,
        "it",
        model="gpt-4o",
        messages=said,
        tools=[tool],
        tool_choice="look",
        response_format=shape,
        temperature=0,
        seed=0,
        max_completion_tokens=5,
    )
    chat = Template.from_stack(stack).chat("it")
    assert chat.messages == tuple(said)
    assert (chat.tools, chat.tool_choice, chat.response_format) == ((tool,), "look", shape)
    assert chat.tools[0].parameters == schema
    assert chat.parameters == {
        "temperature": 0,
        "seed": 0,
        "max_completion_tokens": 5,
        "idempotency_key": "stack/it",
    }
    assert chat.request() == {
        "model": "gpt-4o",
        "messages": [
            {"role": "user", "content": "Look ${up}."},
            {
                "role": "assistant",
                "tool_calls": [
                    {
                        "id": "c1",
                        "type": "function",
                        "function": {"name": "look", "arguments": '{"a": "${x}"}'},
                    }
                ],
            },
            {"role": "tool", "content": "Found.", "tool_call_id": "c1"},
        ],
        "tools": [
            {
                "type": "function",
                "function": {
                    "name": "look",
                    "description": "Look ${up}",
                    "strict": True,
                    "parameters": schema,
                },
            }
        ],
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "shape", "description": "The ${shape}", "strict": True, "schema": schema},
        },
        "temperature": 0,
        "store": False,
        "max_completion_tokens": 5,
        "tool_choice": {"type": "function", "function": {"name": "look"}},
        "seed": 0,
    }


def test_references_of_any_type_stay_references(stack: TerraformStack) -> None:
    """Numbers, flags and texts that only Terraform knows are references in the request, both editions."""
    any_ = TerraformVariable(stack, "any", type="any")
    OpenaiProvider(stack, "openai", native=True)
    BasicChat(
        stack,
        "it",
        model=any_.string_value,
        prompt="p",
        temperature=any_.number_value,
        store=any_.boolean_value,
        user=f"a {any_.string_value}",
    )
    request = Template.from_stack(stack).chat("it").request()
    known = reference("var.any")
    assert (request["model"], request["temperature"], request["store"]) == (known, known, known)
    assert request["user"] == "a " + known


def keyed(path: str, native: bool) -> dict[str, str]:
    """The idempotency key, which every native chat of the stack has."""
    return {"idempotency_key": f"stack/{path}"} if native else {}


@pytest.mark.parametrize("native", [False, True])
@pytest.mark.parametrize("count", [3, 101])
def test_chats_of_a_fleet_are_read_one_by_one(stack: TerraformStack, native: bool, count: int) -> None:
    """A fleet's chats have an address with their key, whether they are in the JSON or in a file beside it."""
    OpenaiProvider(stack, "openai", native=native)
    own: dict[str, Any] = {"prompt": "e\u0301 ${x}", "temperature": 0.5, "model": "gpt-4o-mini"}
    more = {f"k{n}": f"How ${{a}} {n}?" for n in range(count - 1)}
    ChatFleet(Construct(stack, "team"), "faq", model="gpt-4o", chats={'the "${own}"': own, **more}, n=2)
    made = Template.from_stack(stack)
    chats = made.find_chats()
    assert len(chats) == count
    (name,) = made.find_modules(name="team/faq")
    chat = made.chat(f'{name}["k1"]')
    assert chat == made.chat('team/faq["k1"]') == made.chat(f'module.{name}["k1"]')
    assert (chat.model, chat.parameters) == ("gpt-4o", {"n": 2, **keyed("team/faq/k1", native)})
    assert chat.messages == (Message.user("How ${a} 1?"),)
    odd = chats[f'module.{name}["the \\"$${{own}}\\""]']
    key = keyed('team/faq/the "${own}"', native)
    assert (odd.model, odd.parameters) == ("gpt-4o-mini", {"n": 2, "temperature": 0.5, **key})
    assert odd.request()["messages"] == [{"role": "user", "content": "\u00e9 ${x}"}]
    with pytest.raises(AssertionError, match=r"Several chats are named .* Use an address: module\."):
        made.chat(name)
    with pytest.raises(AssertionError, match=r"There is no chat 'k1'"):
        made.chat("k1")


def test_a_matrix_and_references_in_a_fleet(stack: TerraformStack) -> None:
    """Every prompt of a matrix with every model is a chat; references in a fleet stay references."""
    city = TerraformVariable(stack, "city", type="string").string_value
    PromptMatrix(stack, "all", prompts={"a": f"In {city}", "b": "B"}, models=["m1", "m2"])
    chats = template(stack).find_chats()
    assert {address: (it.model, it.messages[0].content) for address, it in chats.items()} == {
        'module.all["a/m1"]': ("m1", "In " + reference("var.city")),
        'module.all["a/m2"]': ("m2", "In " + reference("var.city")),
        'module.all["b/m1"]': ("m1", "B"),
        'module.all["b/m2"]': ("m2", "B"),
    }


@pytest.mark.parametrize("native", [False, True])
def test_a_chat_that_only_terraform_knows_hides_no_other(stack: TerraformStack, native: bool) -> None:
    """Its model and parameters are read, and every other chat; asking for its messages says what is wrong."""
    OpenaiProvider(stack, "openai", native=native)
    BasicChat(stack, "plain", model="a", prompt="p")
    BasicChat(stack, "dynamic", model="b", prompt="p", n=2).add_override("messages", "${var.messages}")
    unknown = ChatFleet(stack, "unknown", model="c", chats={"k": "p"})
    unknown.add_override("for_each", "${var.chats}")
    chats = Template.from_stack(stack).find_chats()
    assert {address: str(it.model) for address, it in chats.items()} == {
        "module.plain": "a",
        "module.dynamic": "b",
        "module.unknown": "${each.value.model}",
    }
    assert chats["module.dynamic"].parameters == {"n": 2, **keyed("dynamic", native)}
    for address in ("module.dynamic", "module.unknown"):
        for ask in (lambda it: it.messages, lambda it: it.request()):
            with pytest.raises(AssertionError, match=f"{address} .*only Terraform knows its messages"):
                ask(chats[address])


def test_for_each_and_count_of_resources(stack: TerraformStack) -> None:
    """A resource with for_each or count is one chat per instance, with its own values."""
    each = ChatCompletion(stack, "each", model="m", messages=[Message.user("p")])
    each.add_override("for_each", {"a": {"city": "Oslo", "n": 2}, "b": {"city": "Rome"}})
    each.add_override("messages.0.content", "${each.key}: in ${each.value.city}")
    each.add_override("n", "${try(each.value.n, null)}")
    counted = ChatCompletion(stack, "counted", model="m", messages=[Message.user("p")])
    counted.add_override("count", 2)
    counted.add_override("messages.0.content", "Number ${count.index}")
    of_set = ChatCompletion(stack, "of_set", model="m", messages=[Message.user("p")])
    of_set.add_override("for_each", '${toset(["y", "x"])}')
    of_set.add_override("messages.0.content", "${each.value}")
    none = ChatCompletion(stack, "none", model="m", messages=[Message.user("p")])
    none.add_override("count", 0)
    chats = template(stack).find_chats()
    resource = "openai_chat_completion"
    assert {address: (it.messages[0].content, it.parameters.get("n")) for address, it in chats.items()} == {
        f'{resource}.each["a"]': ("a: in Oslo", 2),
        f'{resource}.each["b"]': ("b: in Rome", None),
        f"{resource}.counted[0]": ("Number 0", None),
        f"{resource}.counted[1]": ("Number 1", None),
        f'{resource}.of_set["x"]': ("x", None),
        f'{resource}.of_set["y"]': ("y", None),
    }


def test_an_imported_completion_sends_nothing(stack: TerraformStack) -> None:
    """It is a chat, but asking for its request says that there is none."""
    ChatCompletion(stack, "it", model="m", messages=[Message.user("p")], imported=True)
    chat = template(stack).find_chats()["openai_chat_completion.it"]
    with pytest.raises(AssertionError, match="it: it is imported, so the provider sends no request for it"):
        chat.request()


def test_a_json_from_a_file_reads_its_fleets(app: App, stack: TerraformStack) -> None:
    """With the folder that the JSON is in, the file of a big fleet is read; without, nothing else is lost."""
    BasicChat(stack, "plain", model="m", prompt="p")
    ChatFleet(stack, "big", model="m", chats={f"k{n}": "p" for n in range(101)})
    OpenaiProvider(stack, "openai")
    app.synth()
    (file,) = Path(app.outdir).glob("stacks/*/cdk.tf.json")
    text = file.read_text(encoding="utf-8")
    assert len(Template.from_json(text, folder=file.parent).find_chats()) == 102
    assert list(Template.from_json(text).find_chats()) == ["module.big", "module.plain"]


def test_where_the_released_provider_crashes_nothing_is_predicted(stack: TerraformStack) -> None:
    """An empty stop text crashes the public provider, so there is no request."""
    BasicChat(stack, "it", model="m", prompt="p", stop=["x"]).add_override("stop.0", "")
    with pytest.raises(AssertionError, match=r"module\.it: the public provider crashes here: stop\.0"):
        template(stack).chat("it").request()


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, False),
        ({"base_url": "https://eu.api.openai.com/v1"}, False),
        ({"base_url": "https://api.mistral.ai/v1"}, None),
        ({"api_url": "https://api.mistral.ai"}, None),
    ],
)
def test_store_left_out_is_predicted_by_the_host(
    stack: TerraformStack, settings: dict[str, str], expected: bool | None
) -> None:
    """A native chat sends `store: false` to OpenAI, and nothing to a host that may refuse the field."""
    OpenaiProvider(stack, "openai", native=True, **settings)  # type: ignore[arg-type]
    BasicChat(stack, "it", model="m", prompt="p")
    assert Template.from_stack(stack).chat("it").request().get("store") is expected


def test_the_provider_is_found_by_its_local_name() -> None:
    """`required_providers` says which provider a chat goes to, whatever its name in the stack is."""
    said = [{"role": "user", "content": "p"}]
    configuration = {
        "terraform": {
            "required_providers": {
                "openai_chat": {"source": "terraform.local/openai-constructs/openai"},
                "openai": {"source": "openai/openai"},
            }
        },
        "module": {
            "a": {"model": "m", "messages": said, "providers": {"openai": "openai_chat.eu"}, "temperature": 0}
        },
        "resource": {
            "openai_chat_completion": {
                "b": {"provider": "openai_chat", "model": "m", "messages": said},
                "c": {"model": "m", "messages": said, "temperature": "0.5"},
            }
        },
    }
    chats = Template.from_json(json.dumps(configuration)).find_chats()
    assert [it.request() for it in chats.values()] == [
        {"model": "m", "messages": said, "temperature": 0, "store": False},
        {"model": "m", "messages": said, "store": False},
        {"model": "m", "messages": said, "temperature": 0.5, "top_p": 1, "n": 1},
    ]
