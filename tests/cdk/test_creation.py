"""How constructs are created: in one call to the engine, with the overrides of their classes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jsii
import pytest
from constructs import Construct
from syrupy.assertion import SnapshotAssertion
from tests import engine
from tests.engine import App, TerraformOutput, TerraformStack, TerraformVariable
from tests.support import template, warnings_of

from openai_constructs import (
    BasicChat,
    ChatCompletion,
    ChatFleet,
    CompletionLookup,
    CompletionsQuery,
    DataOpenaiChatCompletion,
    InvalidInputError,
    Message,
    MessagesQuery,
    OpenaiProvider,
    StoredCompletion,
    raw,
)
from openai_constructs.cdk.context import ConstructContext
from openai_constructs.cdk.scopes import Scope, StackState

MAKERS: dict[str, Callable[[TerraformStack, str], object]] = {
    "BasicChat": lambda stack, id_: BasicChat(stack, id_, model="m", system="s", prompt="p", temperature=0),
    "StoredCompletion": lambda stack, id_: StoredCompletion(stack, id_, model="m", prompt="p", metadata={}),
    "ChatCompletion": lambda stack, id_: ChatCompletion(
        stack, id_, model="m", messages=[Message.user("p")], lifecycle={"prevent_destroy": True}
    ),
    "DataOpenaiChatCompletion": lambda stack, id_: DataOpenaiChatCompletion(stack, id_, completion_id="c"),
}


@pytest.mark.parametrize("name", MAKERS)
def test_one_call_per_construct(name: str, stack: TerraformStack, sent: list[str]) -> None:
    """A construct is created in one call; at synthesis, only a block is asked for its arguments, twice."""
    OpenaiProvider(stack, "openai")
    MAKERS[name](stack, "first")
    engine.Testing.synth(stack)
    before = len(sent)
    engine.Testing.synth(stack)
    synthesis = len(sent) - before
    del sent[:]
    MAKERS[name](stack, "it")
    assert sent.count("CreateRequest") == 1
    warnings = sent.count("InvokeRequest")
    assert len(sent) == 1 + 2 * warnings  # Annotations.of, and the warning itself
    del sent[:]
    engine.Testing.synth(stack)
    assert len(sent) - synthesis <= (0 if name == "BasicChat" else 2)


def test_a_scope_is_asked_once(stack: TerraformStack, sent: list[str]) -> None:
    """A stack is asked for its path; a construct in it for its stack and its path; both only once."""
    ConstructContext(stack, "it")
    del sent[:]
    ConstructContext(stack, "other")
    assert sent == []
    inner = Construct(stack, "inner")
    del sent[:]
    ConstructContext(inner, "it")
    assert sent == ["StaticInvokeRequest", "GetRequest", "GetRequest"]
    del sent[:]
    ConstructContext(inner, "other")
    assert sent == []


def test_shared_state_is_visible_on_the_stack(stack: TerraformStack) -> None:
    """A debugger shows the state that constructs share as an attribute of the stack."""
    inner = Construct(stack, "inner")
    StoredCompletion(inner, "it", model="m", prompt="p")
    (state,) = (value for value in vars(stack).values() if isinstance(value, StackState))
    (scope,) = (value for value in vars(inner).values() if isinstance(value, Scope))
    assert scope.state is state
    assert list(state.request_hashes) == [inner.node.find_child("it")]


def test_every_construct_and_token_in_two_stacks(app: App, terraform_snapshot: SnapshotAssertion) -> None:
    """Two stacks with every construct, every kind of token, and references from the one to the other."""
    everything(app)
    assert app == terraform_snapshot


def everything(app: App) -> tuple[TerraformStack, ...]:
    """Two stacks with every construct, every kind of token, and references from the one to the other."""
    here, there = TerraformStack(app, "here"), TerraformStack(app, "there")
    for stack in (here, there):
        OpenaiProvider(stack, "openai", version=">= 1.1.0")
        # The default path has the current folder in it.
        engine.LocalBackend(stack, path=f"{stack.node.id}.tfstate")
    eu = OpenaiProvider(here, "eu", alias="eu", version=">= 1.1.0", api_url="https://eu.example")
    gate = TerraformVariable(here, "gate", type="bool")
    chat = BasicChat(here, "chat", model="gpt-4", prompt="p", store=True, temperature=0.1)
    fleet = ChatFleet(here, "fleet", model="gpt-4", chats={"a": "p"})
    kept, lost = (
        StoredCompletion(here, it, model="gpt-4", prompt=it, metadata={}, provider=eu)
        for it in ("kept", "lost")
    )
    lost.add_override("temperature", 1)
    labels: Any = kept.metadata  # an object of the engine among the arguments
    StoredCompletion(here, "labelled", model="gpt-4", prompt="p", metadata=labels)
    ChatCompletion(here, "l1", model="m", messages=[Message.user("p")], lifecycle={"prevent_destroy": True})
    recent = CompletionsQuery(name="recent", limit=5)
    of_kept = CompletionLookup(
        here,
        "of_kept",
        completion=kept,
        enable_chat_completions_store=gate,
        messages=MessagesQuery(),
        recent=recent,
    )
    of_chat = CompletionLookup(
        Construct(here, "in"), "of", completion=chat, enable_chat_completions_store=True
    )
    values = {
        "answer": of_kept.content,
        "choices": of_kept.choices,
        "choice": of_kept.choices[0],
        "index": of_kept.choices[0].index,
        "usage": of_kept.usage,
        "tokens": of_kept.usage["total_tokens"],
        "messages": of_kept.messages,
        "recent": of_kept.recent,
        "of_chat": of_chat.usage,
        "state": kept.usage,
        "all": fleet.contents,
        "one": fleet["a"].usage,
        "completion": chat.completion,
        "in_text": f"${{1}} {raw('${upper(var.gate)}')} {engine.Token.as_string(of_kept.messages)}",
        "in_list": [of_kept.recent],
    }
    for stack in (here, there):
        for name, value in values.items():
            TerraformOutput(stack, name, value=value)
    return here, there


def test_a_result_is_an_argument(stack: TerraformStack) -> None:
    """A part of a result that is no text can be given to another construct."""
    labels: Any = StoredCompletion(stack, "first", model="m", prompt="p", metadata={"a": "b"}).metadata
    StoredCompletion(stack, "second", model="m", prompt="p", metadata=labels)
    made = template(stack).find_resources("openai_chat_completion")["second"]
    assert made["metadata"] == "${openai_chat_completion.first.metadata}"


def test_overrides_are_merged_once(stack: TerraformStack) -> None:
    """The arguments that are kept stay as they are, however often the engine merges an override into them."""
    made = StoredCompletion(stack, "it", model="m", prompt="p", metadata={"a": "b"}, stop=["x"])
    made.add_override("metadata.c", "d")
    made.add_override("stop", ["y"])
    for _ in range(2):
        block = template(stack).to_json()["resource"]["openai_chat_completion"]["it"]
        assert (block["metadata"], block["stop"]) == ({"a": "b", "c": "d"}, ["x", "y"])


@pytest.mark.parametrize("kind", [BasicChat, StoredCompletion])
def test_overrides_beside_an_interface_are_found(stack: TerraformStack, kind: Any) -> None:
    """A class that implements an interface of the engine has its other overrides, too."""

    @jsii.implements(engine.IAspect)
    class Mine(kind):  # type: ignore[misc]
        def visit(self, node: object) -> None:
            visited.append(node)

        def to_terraform(self) -> Any:
            made.append("to_terraform")
            return super().to_terraform()

    visited: list[object] = []
    made: list[str] = []
    it = Mine(stack, "it", model="gpt-4", prompt="p", metadata={"a": "b"})
    engine.Aspects.of(stack).add(it)
    assert any("metadata" in text or "predates" in text for text in warnings_of(stack))
    template(stack)
    assert made
    assert it in visited


def test_a_construct_is_itself(stack: TerraformStack) -> None:
    """It has its own class while and after it is made, and the tree knows it from then on."""
    seen: list[object] = []

    class Mine(BasicChat):
        def __init__(self, scope: TerraformStack, id_: str) -> None:
            super().__init__(scope, id_, model="m", prompt="p")
            seen.append(scope.node.find_child(id_))

    it = Mine(stack, "it")
    assert type(it) is Mine
    assert seen == [it]
    assert stack.node.find_child("it") is it


def test_overrides_of_a_subclass_are_found(stack: TerraformStack) -> None:
    """What a user's class overrides of the engine is asked of it, own slots or not."""

    class Labelled(BasicChat):
        def _synthesize_attributes(self) -> Mapping[str, Any]:
            return {**super()._synthesize_attributes(), "user": "mine"}

    class Slotted(StoredCompletion):
        __slots__ = ("label",)

        def _synthesize_attributes(self) -> Mapping[str, Any]:
            return {**super()._synthesize_attributes(), "user": self.label}

    Labelled(stack, "chat", model="m", prompt="p")
    Slotted(stack, "stored", model="m", prompt="p").label = "slotted"
    made = template(stack).to_json()
    assert made["module"]["chat"]["user"] == "mine"
    assert made["resource"]["openai_chat_completion"]["stored"]["user"] == "slotted"
    assert made["resource"]["openai_chat_completion"]["stored"]["model"] == "m"


def test_what_the_engine_refuses(stack: TerraformStack) -> None:
    """Its error about a name that is taken arrives as ours."""
    TerraformOutput(stack, "taken", value="x")
    with pytest.raises(InvalidInputError, match="unique in its scope"):
        BasicChat(stack, "taken", model="m", prompt="p")
    BasicChat(stack, "it", model="m", prompt="p")
