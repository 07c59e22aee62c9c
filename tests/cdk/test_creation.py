"""How constructs are made: in one call to the engine, with the overrides of their classes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jsii
import pytest
from constructs import Construct
from jsii.errors import JSIIError
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
from openai_constructs.cdk import assembly, creation, expressions, hashes, module
from openai_constructs.cdk.readers import ElementReader
from openai_constructs.cdk.scopes import Construction
from openai_constructs.testing import Template

MAKERS: dict[str, Callable[[TerraformStack, str], object]] = {
    "BasicChat": lambda stack, id_: BasicChat(stack, id_, model="m", system="s", prompt="p", temperature=0),
    "StoredCompletion": lambda stack, id_: StoredCompletion(stack, id_, model="m", prompt="p", metadata={}),
    "ChatCompletion": lambda stack, id_: ChatCompletion(
        stack, id_, model="m", messages=[Message.user("p")], lifecycle={"prevent_destroy": True}
    ),
    "DataOpenaiChatCompletion": lambda stack, id_: DataOpenaiChatCompletion(stack, id_, completion_id="c"),
}


@pytest.mark.parametrize("name", MAKERS)
def test_one_call_a_construct(name: str, stack: TerraformStack, sent: list[str]) -> None:
    """Beside what a stack pays once, a construct is one call, its warnings included; none at synthesis."""
    OpenaiProvider(stack, "openai")
    MAKERS[name](stack, "first")
    engine.Testing.synth(stack)
    before = len(sent)
    engine.Testing.synth(stack)
    synthesis = len(sent) - before
    del sent[:]
    MAKERS[name](stack, "it")
    assert sent == ["CreateRequest"]
    engine.Testing.synth(stack)
    assert len(sent) - 1 == synthesis


def test_a_scope_is_asked_once(stack: TerraformStack, sent: list[str]) -> None:
    """A stack is asked nothing; a construct in it is asked for its stack and the paths of both, once."""
    Construction(stack, "it")
    assert sent == []
    inner = Construct(stack, "inner")
    del sent[:]
    Construction(inner, "it")
    assert sorted(sent) == ["GetRequest"] * 4 + ["StaticInvokeRequest"]
    del sent[:]
    Construction(inner, "other")
    assert sent == []


def failing(*_: object) -> None:
    """Stands in for what a jsii may lack."""
    raise AttributeError("gone")


def not_loaded() -> bool:
    """Stands in for the question whether jsii could load the engine's side of the library."""
    return False


ORDINARY_WAYS: dict[str, list[tuple[Any, str, Callable[..., Any] | None]]] = {
    "no class that keeps its arguments": [(creation, "keeping", lambda _: None)],
    "no quick creation": [(creation, "_overriding", failing), (expressions, "jsii", None)],
    "no marks of jsii": [(it, "handed", lambda value: value) for it in (creation, expressions)],
    "no side of ours in the engine": [
        (it, "is_loaded", not_loaded) for it in (assembly, expressions, hashes, module)
    ],
}


@pytest.mark.parametrize("way", ORDINARY_WAYS)
def test_the_ordinary_ways_make_the_same(way: str, app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever of the quick ways is missing, the JSON and the warnings are those that the others make."""
    other_app = engine.Testing.app()
    wanted = everything(app)
    for place, name, instead in ORDINARY_WAYS[way]:
        monkeypatch.setattr(place, name, instead)
    made = everything(other_app)
    for one, other in zip(made, wanted, strict=True):
        assert warnings_of(one) == warnings_of(other)
    made_json, wanted_json = Template.from_app(other_app), Template.from_app(app)
    assert {it: made_json[it].to_json() for it in made_json} == {
        it: wanted_json[it].to_json() for it in wanted_json
    }


def everything(app: App) -> tuple[TerraformStack, ...]:
    """Two stacks with every construct, every kind of token, and references from the one to the other."""
    here, there = TerraformStack(app, "here"), TerraformStack(app, "there")
    for stack in (here, there):
        OpenaiProvider(stack, "openai", version=">= 1.1.0")
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


def test_an_engine_that_loads_no_classes(monkeypatch: pytest.MonkeyPatch) -> None:
    """What jsii refuses to load is done without."""
    assert assembly.keeping(engine.TerraformResource) is not None
    assert assembly.keeping(engine.TerraformElement) is None

    def refusing(*_: object) -> None:
        raise JSIIError("no such thing")

    monkeypatch.setattr(jsii, "load", refusing)
    assert assembly.is_loaded.__wrapped__() is False


def test_results_are_handed_over_as_they_are(stack: TerraformStack, sent: list[str]) -> None:
    """A part of a result that is given as a value is one call, and Python is not asked at synthesis."""
    kept = StoredCompletion(stack, "kept", model="m", prompt="p")
    gate = TerraformVariable(stack, "gate", type="bool")
    lookup = CompletionLookup(
        stack, "it", completion=kept, enable_chat_completions_store=gate, messages=MessagesQuery()
    )
    del sent[:]
    TerraformOutput(stack, "usage", value=kept.usage)
    TerraformOutput(stack, "messages", value=lookup.messages)
    assert sent == ["InvokeRequest", "CreateRequest", "CreateRequest", "CreateRequest"]
    del sent[:]
    engine.Testing.synth(stack)
    assert "_CompleteRequest" not in sent


def test_a_result_is_an_argument(stack: TerraformStack) -> None:
    """A part of a result that is no text can be given to another construct."""
    labels: Any = StoredCompletion(stack, "first", model="m", prompt="p", metadata={"a": "b"}).metadata
    StoredCompletion(stack, "second", model="m", prompt="p", metadata=labels)
    made = template(stack).find_resources("openai_chat_completion")["second"]
    assert made["metadata"] == "${openai_chat_completion.first.metadata}"


def test_a_result_that_jsii_has_to_ask(stack: TerraformStack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the whole of a result is nothing that jsii could hand over, it is resolved in Python."""
    kept = StoredCompletion(stack, "kept", model="m", prompt="p")
    monkeypatch.setattr(ElementReader, "value", ElementReader.string)
    TerraformOutput(stack, "usage", value=kept.usage)
    assert template(stack).outputs["usage"] == "${openai_chat_completion.kept.usage}"


def test_the_package_is_always_the_same() -> None:
    """jsii caches it by its digest, so that it is unpacked once on a machine."""
    assert assembly._package() == assembly._package()


def test_overrides_are_merged_once(stack: TerraformStack) -> None:
    """The arguments that are kept stay as they are, however often the engine merges an override into them."""
    made = StoredCompletion(stack, "it", model="m", prompt="p", metadata={"a": "b"}, stop=["x"])
    made.add_override("metadata.c", "d")
    made.add_override("stop", ["y"])
    for _ in range(2):
        block = template(stack).to_json()["resource"]["openai_chat_completion"]["it"]
        assert (block["metadata"], block["stop"]) == ({"a": "b", "c": "d"}, ["x", "y"])


def test_overrides_are_merged_once_into_a_module(app: App) -> None:
    """A synthesis of an app has two passes; a list that an override adds to is added to once."""
    stack = TerraformStack(app, "stack")
    made = BasicChat(stack, "it", model="m", prompt="p")
    made.add_override("messages.0.tool_calls", ["x"])
    assert Template.from_app(app)["stack"].find_modules()["it"]["messages"] == [
        {"role": "user", "content": "p", "tool_calls": ["x"]}
    ]


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
    """Its own errors arrive: for a wrong type as from its own constructor, for a name as ours."""
    TerraformOutput(stack, "taken", value="x")
    with pytest.raises(TypeError, match="prevent_destroy"):
        StoredCompletion(stack, "it", model="m", prompt="p", lifecycle={"prevent_destroy": "yes"})
    with pytest.raises(InvalidInputError, match="unique in its scope"):
        BasicChat(stack, "taken", model="m", prompt="p")
    BasicChat(stack, "it", model="m", prompt="p")
