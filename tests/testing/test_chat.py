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
    Function,
    FunctionCall,
    FunctionCallingChat,
    Message,
    MultiTurnChat,
    OpenaiProvider,
    StoredCompletion,
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
    with pytest.raises(AssertionError, match="it: the parameters of a function are no JSON: "):
        chat.request()


def test_expressions_of_the_users_own(stack: TerraformStack) -> None:
    """raw() and functions of the engine are references too."""
    OpenaiProvider(stack, "openai")
    BasicChat(stack, "it", model="m", prompt=f"{raw('${upper(var.x)}')} {Fn.lower('A')}")
    content = Template.from_stack(stack).chat("it").messages[0].content
    assert isinstance(content, Text)
    assert content.references == ("${upper(var.x)}", '${lower("A")}')
