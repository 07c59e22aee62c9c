"""Lookups: the gate as a bool or a variable, and outputs that answer either way."""

from __future__ import annotations

from typing import Any

import pytest
from constructs import Construct
from syrupy.assertion import SnapshotAssertion
from tests import engine
from tests.engine import App, TerraformOutput, TerraformStack, TerraformVariable
from tests.support import template

from openai_constructs import (
    BasicChat,
    CompletionLookup,
    CompletionsQuery,
    InvalidInputError,
    MessagesQuery,
    OpenaiProvider,
    StoredCompletion,
)
from openai_constructs.cdk.context import ConstructContext
from openai_constructs.testing import Template

QUERIES: dict[str, Any] = {
    "messages": MessagesQuery(name="listed", limit=10, order="asc", after="m"),
    "recent": CompletionsQuery(
        name="found", limit=5, order="desc", after="c", model="m", metadata={"k": "${v}"}
    ),
}


def stored(stack: TerraformStack) -> StoredCompletion:
    return StoredCompletion(stack, "stored", model="gpt-4o", prompt="p")


def outputs(stack: TerraformStack, lookup: CompletionLookup) -> dict[str, Any]:
    read = {
        "content": lookup.content,
        "choices": lookup.choices,
        "usage": lookup.usage,
        "tokens": lookup.usage["total_tokens"],
        "messages": lookup.messages,
        "said": lookup.messages[0].content,
        "recent": lookup.recent,
        "when": lookup.recent[0].created,
    }
    for name, value in read.items():
        TerraformOutput(stack, name, value=value)
    return template(stack).outputs


CONTENT = "choices[0].message[0].content"
IT = "openai_chat_completion.stored"
NAMED = 'merge(it, { name = it.name == null ? "" : it.name })'
DATA = "data.openai_chat_completion.it"


def test_closed_at_synthesis(stack: TerraformStack) -> None:
    """With False nothing is looked up, and the completion's own state answers."""
    lookup = CompletionLookup(stack, "it", completion=stored(stack), **QUERIES)
    assert (lookup.data_completion, lookup.data_messages, lookup.data_completions) == (None, None, None)
    assert outputs(stack, lookup) == {
        "content": f"${{{IT}.{CONTENT}}}",
        "choices": f"${{{IT}.choices}}",
        "usage": f"${{{IT}.usage}}",
        "tokens": f'${{{IT}.usage["total_tokens"]}}',
        "messages": f"${{[for it in {IT}.messages : {NAMED}]}}",
        "said": f"${{{IT}.messages[0].content}}",
        "recent": "${[]}",
        "when": "${null}",
    }
    assert "data" not in template(stack).to_json()


def test_open_at_synthesis(stack: TerraformStack, terraform_snapshot: SnapshotAssertion) -> None:
    """With True there are three data sources; the answer falls back to the state when the store lost it."""
    lookup = CompletionLookup(
        stack, "it", completion=stored(stack), enable_chat_completions_store=True, **QUERIES
    )
    assert outputs(stack, lookup) == {
        "content": f"${{try({DATA}.{CONTENT}, {IT}.{CONTENT})}}",
        "choices": f"${{try(concat({DATA}.choices), {IT}.choices)}}",
        "usage": f"${{try(coalesce({DATA}.usage, {IT}.usage), {IT}.usage)}}",
        "tokens": f'${{try({DATA}.usage["total_tokens"], {IT}.usage["total_tokens"])}}',
        "messages": "${data.openai_chat_completion_messages.listed.messages}",
        "said": "${data.openai_chat_completion_messages.listed.messages[0].content}",
        "recent": "${data.openai_chat_completions.found.chat_completions}",
        "when": "${data.openai_chat_completions.found.chat_completions[0].created}",
    }
    assert template(stack).to_json()["data"] == terraform_snapshot


def test_decided_by_terraform(stack: TerraformStack, terraform_snapshot: SnapshotAssertion) -> None:
    """With a variable each data source has a count, and each output chooses when it is applied."""
    gate = TerraformVariable(stack, "gate", type="bool", default=False)
    lookup = CompletionLookup(
        stack, "it", completion=stored(stack), enable_chat_completions_store=gate, **QUERIES
    )
    assert outputs(stack, lookup) == {
        "content": f"${{try({DATA}[0].{CONTENT}, {IT}.{CONTENT})}}",
        "choices": f"${{try(concat({DATA}[0].choices), {IT}.choices)}}",
        "usage": f"${{try(coalesce({DATA}[0].usage, {IT}.usage), {IT}.usage)}}",
        "tokens": f'${{try({DATA}[0].usage["total_tokens"], {IT}.usage["total_tokens"])}}',
        "messages": (
            "${try(concat(data.openai_chat_completion_messages.listed[0].messages), "
            f"[for it in {IT}.messages : {NAMED}])}}"
        ),
        "said": (
            "${try(data.openai_chat_completion_messages.listed[0].messages[0].content, "
            f"{IT}.messages[0].content)}}"
        ),
        "recent": "${try(concat(data.openai_chat_completions.found[0].chat_completions), [])}",
        "when": "${try(data.openai_chat_completions.found[0].chat_completions[0].created, null)}",
    }
    assert template(stack).to_json()["data"] == terraform_snapshot


def test_a_bool_token_is_a_gate(stack: TerraformStack) -> None:
    """Any bool token will do for a gate, a conditional too; a list is none."""
    gate = TerraformVariable(stack, "gate", type="bool").boolean_value
    turned = engine.Fn.conditional(gate, False, True)
    for id_, it in {"it": gate, "other": turned}.items():
        CompletionLookup(stack, id_, completion_id="chatcmpl-1", enable_chat_completions_store=it)
    found = template(stack).find_data_sources("openai_chat_completion")
    assert found["it"] == {"completion_id": "chatcmpl-1", "count": "${(var.gate) ? 1 : 0}"}
    assert found["other"]["count"] == "${(var.gate ? false : true) ? 1 : 0}"
    gates: Any = TerraformVariable(stack, "gates", type="list(bool)").list_value
    with pytest.raises(InvalidInputError, match="must be a bool, a variable or a token"):
        CompletionLookup(stack, "c", completion_id="x", enable_chat_completions_store=gates)


def test_an_id_alone_has_nothing_to_fall_back_to(stack: TerraformStack) -> None:
    """Of a completion that is not of this app, only the store can tell: null where it cannot."""
    gate = TerraformVariable(stack, "gate", type="bool")
    for name, it in {
        "off": CompletionLookup(stack, "a", completion_id="x"),
        "on": CompletionLookup(stack, "b", completion_id="x", enable_chat_completions_store=True),
        "maybe": CompletionLookup(
            stack, "c", completion_id="x", enable_chat_completions_store=gate, messages=MessagesQuery()
        ),
    }.items():
        TerraformOutput(stack, name, value=it.content)
    TerraformOutput(stack, "none", value=it.messages)
    assert template(stack).outputs == {
        "off": "${null}",
        "on": f"${{try(data.openai_chat_completion.b.{CONTENT}, null)}}",
        "maybe": f"${{try(data.openai_chat_completion.c[0].{CONTENT}, null)}}",
        "none": "${try(concat(data.openai_chat_completion_messages.c_messages[0].messages), [])}",
    }


def test_a_chat_can_be_looked_up(stack: TerraformStack) -> None:
    """The state of a chat is its module's output completion."""
    chat = BasicChat(stack, "chat", model="gpt-4o", prompt="p", store=True)
    lookup = CompletionLookup(
        stack,
        "it",
        completion=chat,
        enable_chat_completions_store=True,
        provider=OpenaiProvider(stack, "eu", alias="eu"),
    )
    TerraformOutput(stack, "content", value=lookup.content)
    TerraformOutput(stack, "messages", value=lookup.messages)
    made = template(stack)
    made.has_data_source(
        "openai_chat_completion",
        {"completion_id": "${module.chat.id}", "provider": "openai.eu"},
        name="it",
        exact=True,
    )
    assert made.outputs == {
        "content": f"${{try({DATA}.{CONTENT}, module.chat.completion.{CONTENT})}}",
        "messages": "${module.chat.completion.messages}",
    }


def test_messages_have_one_shape(stack: TerraformStack) -> None:
    """A message without a name has the name "", as the store lists it, before and after a refresh."""
    lookup = CompletionLookup(stack, "it", completion=stored(stack))
    read = {"first": lookup.messages[0], "name": lookup.messages[1].name, "said": lookup.messages[1].content}
    for name, value in read.items():
        TerraformOutput(stack, name, value=value)
    assert template(stack).outputs == {
        "first": f"${{[for it in {IT}.messages : {NAMED}][0]}}",
        "name": f"${{[for it in {IT}.messages : {NAMED}][1].name}}",
        "said": f"${{{IT}.messages[1].content}}",
    }


def test_messages_of_the_native_provider(stack: TerraformStack) -> None:
    """There a null stays null, in the state and in the store's list."""
    OpenaiProvider(stack, "openai", native=True)
    lookup = CompletionLookup(stack, "it", completion=stored(stack))
    TerraformOutput(stack, "messages", value=lookup.messages)
    assert template(stack).outputs == {"messages": f"${{{IT}.messages}}"}


def test_what_was_not_asked_for_cannot_be_read(stack: TerraformStack) -> None:
    """Reading a list that nobody asked for says how to ask."""
    lookup = CompletionLookup(stack, "it", completion_id="x")
    with pytest.raises(
        InvalidInputError, match=r"stack/it: messages = None: .* Set messages=MessagesQuery\(\)."
    ):
        _ = lookup.messages
    with pytest.raises(
        InvalidInputError, match=r"stack/it: recent = None: .* Set recent=CompletionsQuery\(\)."
    ):
        _ = lookup.recent


def test_names(stack: TerraformStack) -> None:
    """In the stack the names follow the id; deeper the engine makes them, unless they are given."""
    CompletionLookup(
        stack,
        "it",
        completion_id="x",
        enable_chat_completions_store=True,
        messages=MessagesQuery(),
        recent=CompletionsQuery(),
    )
    CompletionLookup(
        Construct(stack, "team"),
        "it",
        completion_id="x",
        enable_chat_completions_store=True,
        messages=MessagesQuery(name="mine"),
        recent=CompletionsQuery(),
    )
    find = template(stack).find_data_sources
    assert list(find("openai_chat_completion_messages")) == ["it_messages", "mine"]
    assert [it.split("_")[0] for it in find("openai_chat_completion")] == ["it", "team"]
    assert [it.split("_")[0] for it in find("openai_chat_completions")] == ["it", "team"]


def test_a_lookup_costs_what_it_makes(stack: TerraformStack, sent: list[str]) -> None:
    """The engine is not asked where a lookup's data sources are, and a fallback is one value to it."""
    completion = stored(stack)
    del sent[:]
    lookup = CompletionLookup(stack, "it", completion=completion, enable_chat_completions_store=True)
    create, call = "CreateRequest", "InvokeRequest"
    # the construct, the completion's id, the data source and its name
    assert sent == [create, call, create, call]
    del sent[:]
    _ = lookup.content
    assert sent == [call, call, create, "StaticInvokeRequest"]


@pytest.mark.parametrize("id_", ["it", "a/b"])
def test_a_lookup_is_a_scope(stack: TerraformStack, id_: str) -> None:
    """What is made in a lookup has the path the engine gives it."""
    lookup = CompletionLookup(Construct(stack, "team"), id_, completion_id="x")
    inside = ConstructContext(lookup, "chat")
    assert f"{stack.node.path}/{inside.scope.path}" == f"{lookup.node.path}/"
    assert inside.scope.stack is stack


def test_a_fallback_across_stacks(app: App) -> None:
    """What may not be there any more is taken out of its stack whole, so that the other can fall back."""
    here, there = TerraformStack(app, "here"), TerraformStack(app, "there")
    OpenaiProvider(here, "openai")
    lookup = CompletionLookup(here, "it", completion=stored(here), enable_chat_completions_store=True)
    TerraformOutput(there, "content", value=lookup.content)
    remote = "data.terraform_remote_state.cross-stack-reference-input-here.outputs.cross-stack-output-"
    templates = Template.from_app(app)
    assert templates["there"].outputs["content"] == (
        f"${{try({remote}dataopenai_chat_completionitchoices[0].message[0].content, "
        f"{remote}openai_chat_completionstoredchoices[0].message[0].content)}}"
    )
    exported = templates["here"].outputs["cross-stack-output-dataopenai_chat_completionitchoices"]
    assert exported == "${data.openai_chat_completion.it.choices}"


def test_an_expression_is_a_value_of_the_engine(stack: TerraformStack) -> None:
    """Whoever has one in Python can ask it what any such value is asked."""
    gate = TerraformVariable(stack, "gate", type="bool")
    lookup = CompletionLookup(stack, "it", completion=stored(stack), enable_chat_completions_store=gate)
    value: Any = TerraformOutput(stack, "usage", value=lookup.usage).value
    TerraformOutput(stack, "text", value=value.to_string())
    outputs = template(stack).outputs
    assert outputs["text"] == outputs["usage"]


def test_across_stacks(app: App) -> None:
    """Another stack gets only the attribute that it reads: the id of a list is another at each refresh."""
    here, there = TerraformStack(app, "here"), TerraformStack(app, "there")
    OpenaiProvider(here, "openai")
    gate = TerraformVariable(here, "gate", type="bool")
    lookup = CompletionLookup(
        here,
        "it",
        completion=stored(here),
        enable_chat_completions_store=gate,
        recent=CompletionsQuery(limit=3),
    )
    TerraformOutput(there, "content", value=lookup.content)
    TerraformOutput(there, "recent", value=lookup.recent)
    remote = "data.terraform_remote_state.cross-stack-reference-input-here.outputs.cross-stack-output-"
    templates = Template.from_app(app)
    assert templates["there"].outputs == {
        "content": f"${{try({remote}dataopenai_chat_completionitchoices[0][0].message[0].content, "
        f"{remote}openai_chat_completionstoredchoices[0].message[0].content)}}",
        "recent": f"${{try(concat({remote}dataopenai_chat_completionsit_recentchat_completions[0]), [])}}",
    }
    exported = {name: it for name, it in templates["here"].outputs.items() if "data" in name}
    assert sorted(exported.values()) == [
        "${data.openai_chat_completion.it.*.choices}",
        "${data.openai_chat_completions.it_recent.*.chat_completions}",
    ]


def test_recent_completions_come_after_the_one_looked_up(app: App) -> None:
    """The list waits for a completion of its own stack; one of another stack is there already."""
    here, there = TerraformStack(app, "here"), TerraformStack(app, "there")
    for stack in (here, there):
        OpenaiProvider(stack, "openai")
    given: dict[str, Any] = {"enable_chat_completions_store": True, "recent": CompletionsQuery()}
    completion = stored(here)
    CompletionLookup(here, "it", completion=completion, **given)
    CompletionLookup(there, "it", completion=completion, **given)
    templates = Template.from_app(app)

    def found(stack: str) -> dict[str, Any]:
        return templates[stack].find_data_sources("openai_chat_completions")["it_recent"]

    assert found("here")["depends_on"] == ["openai_chat_completion.stored"]
    assert "depends_on" not in found("there")
