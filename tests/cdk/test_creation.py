"""How constructs are made: in one call to the engine, with the overrides of their classes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jsii
import pytest
from constructs import Construct
from jsii.errors import JSIIError
from tests import engine
from tests.engine import TerraformOutput, TerraformStack
from tests.support import template, warnings_of

from openai_constructs import (
    BasicChat,
    ChatCompletion,
    DataOpenaiChatCompletion,
    InvalidInputError,
    Message,
    OpenaiProvider,
    StoredCompletion,
)
from openai_constructs.cdk import assembly, creation
from openai_constructs.cdk.scopes import Construction

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
    """Its node, the node's root and path; a construct in the stack also for its stack. Then it is known."""
    Construction(stack, "it")
    assert sent == ["GetRequest"] * 3
    inner = Construct(stack, "inner")
    del sent[:]
    Construction(inner, "it")
    assert sorted(sent) == ["GetRequest"] * 3 + ["StaticInvokeRequest"]
    del sent[:]
    Construction(inner, "other")
    assert sent == []


def failing(*_: object) -> None:
    """Stands in for what a jsii may lack."""
    raise AttributeError("gone")


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize(("part", "instead"), [("keeping", lambda _: None), ("_overriding", failing)])
def test_the_ordinary_ways_make_the_same(
    name: str, part: str, instead: Callable[..., Any], stack: TerraformStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the classes that keep their arguments, and where no quick way works at all."""
    MAKERS[name](stack, "it")
    monkeypatch.setattr(creation, part, instead)
    other = TerraformStack(engine.Testing.app(), "stack")
    MAKERS[name](other, "it")
    assert template(other).to_json() == template(stack).to_json()
    assert warnings_of(other) == warnings_of(stack)


def test_an_engine_that_loads_no_classes(monkeypatch: pytest.MonkeyPatch) -> None:
    """What jsii refuses to load is done without."""
    assert assembly.keeping(engine.TerraformResource) is not None
    assert assembly.keeping(engine.TerraformElement) is None

    def refusing(*_: object) -> None:
        raise JSIIError("no such thing")

    monkeypatch.setattr(jsii, "load", refusing)
    assert assembly._classes.__wrapped__() == {}


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
    with pytest.raises(RuntimeError, match="dependsOn"):
        BasicChat(stack, "it", model="m", prompt="p", depends_on=["x"])  # type: ignore[list-item]
    with pytest.raises(InvalidInputError, match="unique in its scope"):
        BasicChat(stack, "taken", model="m", prompt="p")
    BasicChat(stack, "it", model="m", prompt="p")
