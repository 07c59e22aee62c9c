"""The chats: module calls with typed outputs."""

from __future__ import annotations

from typing import Any

import pytest
from constructs import Construct
from syrupy.assertion import SnapshotAssertion
from tests.engine import TerraformOutput, TerraformStack
from tests.support import template

from openai_constructs import (
    BasicChat,
    ChatOptions,
    Function,
    FunctionCallingChat,
    InvalidInputError,
    Message,
    MultiTurnChat,
)

EVERYTHING: ChatOptions = {
    "temperature": 0.5,
    "max_tokens": 10,
    "top_p": 0.9,
    "n": 2,
    "stop": ["a", "b"],
    "presence_penalty": -1,
    "frequency_penalty": 1.5,
    "logit_bias": {"50256": -100},
    "user": "u",
    "store": True,
    "metadata": {"k": "v"},
}


def test_a_basic_chat(stack: TerraformStack) -> None:
    """The least: a prompt and a model, and nothing sent that was not given."""
    BasicChat(stack, "it", model="gpt-4o", prompt="Hi ${x}")
    (call,) = template(stack).find_modules().values()
    assert call.pop("source").startswith("./assets/openai_constructs/")
    assert call == {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi $${x}"}]}


def test_every_option(stack: TerraformStack, terraform_snapshot: SnapshotAssertion) -> None:
    """Every parameter becomes a variable of the module, and the call's own options stand beside them."""
    first = BasicChat(stack, "basic", model="m", system="s", prompt="p", **EVERYTHING)
    MultiTurnChat(stack, "multi", model="m", messages=[Message.user("p")], depends_on=[first], **EVERYTHING)
    FunctionCallingChat(
        stack,
        "functions",
        model="m",
        prompt="p",
        functions=[Function("f", "F")],
        function_call="f",
        **EVERYTHING,
    )
    assert template(stack) == terraform_snapshot


@pytest.mark.parametrize(
    ("source", "version"),
    [
        ("../../modules/chat_completion", None),
        ("git::https://example.com/modules.git//chat_completion?ref=v1", None),
        ("corp/chat-completion/openai", "~> 1.0"),
    ],
)
def test_another_module(stack: TerraformStack, source: str, version: str | None) -> None:
    """Another module is called as it is named, and the packaged one is not copied."""
    BasicChat(stack, "it", model="m", prompt="p", source=source, version=version)
    (call,) = template(stack).find_modules().values()
    assert call["source"] == source
    assert call.get("version") == version
    assert stack.node.try_find_child("openai_constructs") is None


def test_a_reply_goes_on_from_the_real_answer(stack: TerraformStack) -> None:
    """The next turn has what was said, the answer as a reference, and the same parameters unless told."""
    first = BasicChat(stack, "first", model="m", system="s", prompt="p", temperature=0.5, max_tokens=10)
    second = first.reply("second", "And ${then}?", temperature=0.9)
    third = second.reply("third", "Why?", model="n", max_tokens=None)
    assert isinstance(second, MultiTurnChat)
    assert isinstance(third, MultiTurnChat)
    calls = template(stack).find_modules()
    said = [
        {"role": "system", "content": "s"},
        {"role": "user", "content": "p"},
        {"role": "assistant", "content": "${module.first.content}"},
        {"role": "user", "content": "And $${then}?"},
    ]
    assert calls["second"]["messages"] == said
    assert (calls["second"]["model"], calls["second"]["temperature"], calls["second"]["max_tokens"]) == (
        "m",
        0.9,
        10,
    )
    assert calls["third"]["messages"] == [
        *said,
        {"role": "assistant", "content": "${module.second.content}"},
        {"role": "user", "content": "Why?"},
    ]
    assert calls["third"]["model"] == "n"
    assert "max_tokens" not in calls["third"]


def test_a_bad_reply_is_named(stack: TerraformStack) -> None:
    """A reply is checked like any other chat."""
    first = BasicChat(stack, "first", model="m", prompt="p")
    with pytest.raises(InvalidInputError, match=r"stack/second: messages\[2\].content = 5"):
        first.reply("second", 5)  # type: ignore[arg-type]


def test_outputs_are_references(stack: TerraformStack) -> None:
    """Each output of the module is a typed property."""
    it = FunctionCallingChat(stack, "it", model="m", prompt="p", functions=[Function("f")])
    values: dict[str, Any] = {
        "id": it.id,
        "content": it.content,
        "finish_reason": it.finish_reason,
        "function_name": it.function_name,
        "function_arguments": it.function_arguments,
        "function_call": it.function_call,
        "choices": it.choices,
        "usage": it.usage,
        "created": it.created,
        "model": it.model,
        "completion": it.completion,
    }
    for name, value in values.items():
        TerraformOutput(stack, name, value=value)
    TerraformOutput(stack, "nested", value=it.choices[0].message[0].function_call[0].arguments)
    TerraformOutput(stack, "tokens", value=it.usage["total_tokens"])
    outputs = template(stack).outputs
    assert outputs == {name: f"${{module.it.{name}}}" for name in values} | {
        "nested": "${module.it.choices[0].message[0].function_call[0].arguments}",
        "tokens": '${module.it.usage["total_tokens"]}',
    }


def test_chats_deeper_in_the_tree(stack: TerraformStack) -> None:
    """Below the stack, ids need only be unique in their scope; the engine makes the names."""
    for team in ("red", "blue"):
        scope = Construct(stack, team)
        BasicChat(scope, "1st chat", model="m", prompt="p").reply("next", "q")
    calls = template(stack).find_modules()
    assert len(calls) == 4
    assert {name.split("_")[0] for name in calls} == {"red", "blue"}


def test_the_same_values_in_many_chats(stack: TerraformStack) -> None:
    """Messages and functions can be shared: making a construct changes nothing in them."""
    messages, functions = [Message.user("${p}")], [Function("f", "${F}")]
    for index in range(2):
        FunctionCallingChat(stack, f"it{index}", model="m", messages=messages, functions=functions)
    first, second = template(stack).find_modules().values()
    assert first == second
    assert (messages, functions) == ([Message.user("${p}")], [Function("f", "${F}")])


def test_a_reply_has_what_was_said_then(stack: TerraformStack) -> None:
    """What becomes of the caller's list and dicts later is no part of the conversation."""
    said: list[Any] = [{"role": "user", "content": "p"}]
    first = MultiTurnChat(stack, "first", model="m", messages=said)
    said[0]["content"] = "late"
    said.append(Message.user("later"))
    first.reply("second", "q")
    contents = [it["content"] for it in template(stack).find_modules()["second"]["messages"]]
    assert contents == ["p", "${module.first.content}", "q"]


def test_number_tokens_in_text(stack: TerraformStack) -> None:
    """A number of another construct stands in a text like any reference, whatever is beside it."""
    first = BasicChat(stack, "first", model="m", prompt="p")
    created, total = first.created, first.usage.total_tokens
    BasicChat(stack, "it", model="m", prompt=f"${created}.{total}-{total}1")
    assert template(stack).find_modules()["it"]["messages"][0]["content"] == (
        '${"$"}${module.first.created}.${module.first.usage.total_tokens}-${module.first.usage.total_tokens}1'
    )
