"""Fleets, applied by the real terraform: one call of the module, each chat an instance under its key."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Any

import pytest
from tests.engine import App, LocalBackend, TerraformOutput, TerraformStack
from tests.provider.loopback import Loopback
from tests.support import Workspace

from openai_constructs import BasicChat, ChatFleet, Function, Message, OpenaiProvider, PromptMatrix

pytestmark = pytest.mark.terraform

Build = Callable[[TerraformStack], object]


def deployed(here: Workspace, build: Build) -> Workspace:
    """A stack synthesized into a folder, in place of the one before."""
    out = here.folder.parent / f"{here.folder.name}-out"
    shutil.rmtree(out, ignore_errors=True)
    app = App(outdir=str(out))
    stack = TerraformStack(app, "stack")
    LocalBackend(stack, path="terraform.tfstate")
    OpenaiProvider(stack, "openai")
    build(stack)
    app.synth()
    shutil.copytree(out / "stacks" / "stack", here.folder, dirs_exist_ok=True)
    return here.init()


def applied(here: Workspace, build: Build) -> dict[str, Any]:
    ran = deployed(here, build).apply()
    assert ran.code == 0, ran.text
    assert here.plan().code == 0
    return here.outputs()


def fleet(stack: TerraformStack, chats: dict[str, Any], **common: Any) -> ChatFleet:
    made = ChatFleet(stack, "faq", model="gpt-4o", chats=chats, **common)
    TerraformOutput(stack, "contents", value=made.contents)
    return made


KEYS = ["plain", "two words", 'qu"ote', "a${b}", "100%{c}", "back\\slash", "é", "a/b.c[0]", "$", "{", "1"]


def test_keys_and_texts_arrive_as_written(folder: Workspace, api: Loopback) -> None:
    """Whatever a key is made of, its chat is asked, and can be referred to alone and inside a text."""
    chats = {key: f"Ask {key}" for key in KEYS}

    def build(stack: TerraformStack) -> None:
        made = fleet(stack, chats)
        for index, key in enumerate(KEYS):
            TerraformOutput(stack, f"one{index}", value=made[key].content)
        TerraformOutput(stack, "joined", value="|".join(made[key].content for key in KEYS))

    outputs = applied(folder, build)
    expected = {key: f"You said: Ask {key}" for key in KEYS}
    assert outputs["contents"] == expected
    assert [outputs[f"one{index}"] for index in range(len(KEYS))] == list(expected.values())
    assert outputs["joined"] == "|".join(expected.values())
    assert len(api.bodies) == len(KEYS)


def test_arguments_of_all_kinds(folder: Workspace, api: Loopback) -> None:
    """Chats with different arguments stand side by side, and refer to other chats."""

    def build(stack: TerraformStack) -> None:
        first = BasicChat(stack, "first", model="gpt-4o", prompt="hi")
        made = fleet(
            stack,
            {
                "refers": f"Again: {first.content}",
                "calls": {
                    "prompt": "Find ${it}.",
                    "functions": [Function("find", "Finds ${it}")],
                    "function_call": "find",
                    "system": None,
                },
                "labelled": {"prompt": "p", "store": True, "metadata": {"k": "${v}"}, "stop": ["a", "b"]},
                "biased": {"prompt": "p", "temperature": 0.25, "logit_bias": {"1": -5}, "model": "gpt-4.1"},
                "long": {"messages": [Message.user("q"), Message.assistant("a")]},
            },
            system="Be brief.",
        )
        TerraformOutput(stack, "arguments", value=made["calls"].function_arguments)
        TerraformOutput(stack, "tokens", value=made["biased"].usage.total_tokens)

    outputs = applied(folder, build)
    assert outputs["contents"]["refers"] == "You said: Again: You said: hi"
    assert (outputs["arguments"], outputs["tokens"]) == ('{"a":1}', 7)
    sent = {it["messages"][-1]["content"]: it for it in api.bodies}
    assert sent["Find ${it}."]["functions"][0]["description"] == "Finds ${it}"
    assert [it["role"] for it in sent["Find ${it}."]["messages"]] == ["user"]
    assert [it["role"] for it in sent["a"]["messages"]] == ["user", "assistant"]
    by_model = {it["model"]: it for it in api.bodies if it["messages"][-1]["content"] == "p"}
    assert by_model["gpt-4.1"]["logit_bias"] == {"1": -5}
    assert by_model["gpt-4.1"]["temperature"] == 0.25
    assert by_model["gpt-4o"]["metadata"] == {"k": "${v}"}
    assert by_model["gpt-4o"]["messages"][0] == {"role": "system", "content": "Be brief."}


@pytest.mark.parametrize("many", [False, True], ids=["in the JSON", "in a file"])
def test_a_key_is_touched_alone(
    folder: Workspace, api: Loopback, many: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Adding, editing and removing a key plans for that key and for no other."""
    from openai_constructs.cdk import fleets

    monkeypatch.setattr(fleets, "_INLINE", 1 if many else 100)
    chats = {"a": "one", "b": "two é ${x}", "c": "three"}
    outputs = applied(folder, lambda stack: fleet(stack, chats))
    assert outputs["contents"]["b"] == "You said: two é ${x}"
    assert (folder.folder / "assets" / "faq-chats").exists() == many

    def planned(chats: dict[str, Any], **common: Any) -> dict[str, list[str]]:
        return deployed(folder, lambda stack: fleet(stack, chats, **common)).planned()

    def addresses(key: str) -> tuple[str, str]:
        return tuple(
            f'module.faq["{key}"].{it}' for it in ("openai_chat_completion.this", "terraform_data.request")
        )

    monkeypatch.setattr(fleets, "_INLINE", 100 if many else 1)
    assert planned(chats) == {}, "where the chats stand is no part of what is asked"
    monkeypatch.setattr(fleets, "_INLINE", 1 if many else 100)
    resource, digest = addresses("b")
    assert planned({**chats, "b": "2"}) == {resource: ["delete", "create"], digest: ["update"]}
    assert planned({**chats, "b": {"prompt": chats["b"], "max_tokens": 9}}).keys() == {resource, digest}
    assert planned({**chats, "0": "zero"}) == {it: ["create"] for it in addresses("0")}
    assert planned({"a": "one", "c": "three"}) == {it: ["delete"] for it in addresses("b")}
    assert len(api.bodies) == 3


def test_a_matrix(folder: Workspace, api: Loopback) -> None:
    """Every prompt is asked of every model with every set of parameters, each under a readable key."""

    def build(stack: TerraformStack) -> None:
        made = PromptMatrix(
            stack,
            "matrix",
            prompts={"sum": "1+1?", "sky": "Why blue?"},
            models=["gpt-4o", "gpt-4.1"],
            parameters={"cold": {"temperature": 0.5}, "hot": {"temperature": 1.5}},
        )
        TerraformOutput(stack, "contents", value=made.contents)
        TerraformOutput(stack, "one", value=made["sky", "gpt-4.1", "hot"].content)

    outputs = applied(folder, build)
    assert len(outputs["contents"]) == len(api.bodies) == 8
    assert outputs["one"] == outputs["contents"]["sky/gpt-4.1/hot"] == "You said: Why blue?"
    asked = {(it["messages"][0]["content"], it["model"], it["temperature"]) for it in api.bodies}
    assert len(asked) == 8
