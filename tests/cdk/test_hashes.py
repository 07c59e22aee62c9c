"""Request hashes as Terraform sees them: chains of completions, and states of earlier releases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests import engine
from tests.engine import App, LocalBackend, TerraformLocal, TerraformResource, TerraformStack
from tests.provider.native.native_support import NativeWorkspace, workspace_of
from tests.support import Served, template

from openai_constructs import (
    BasicChat,
    ChatCompletion,
    ChatFleet,
    CompletionLookup,
    Message,
    OpenaiProvider,
    StoredCompletion,
)
from openai_constructs.emulator import Emulator
from openai_constructs.provider import ADDRESSES, NATIVE_ADDRESS
from openai_constructs.testing import LocalApply, validate


@pytest.mark.terraform
@pytest.mark.parametrize("native", [False, True])
def test_requests_may_refer_to_each_others_answers(stack: TerraformStack, *, native: bool) -> None:
    """Directly, by an id, and through a chat, a fleet, a local or a lookup: Terraform finds no cycle."""
    OpenaiProvider(stack, "openai", native=native)
    first = StoredCompletion(stack, "first", model="gpt-4o", prompt="Name a city.")
    answer = first.content
    chat = BasicChat(stack, "chat", model="gpt-4o", prompt=f"Praise {answer}")
    fleet = ChatFleet(stack, "fleet", model="gpt-4o", chats={"a": f"Praise {answer}"})
    local = TerraformLocal(stack, "local", answer)
    lookup = CompletionLookup(stack, "lookup", completion=first, enable_chat_completions_store=True)
    between = {
        "directly": answer,
        "by_id": first.id,
        "by_chat": chat.content,
        "by_fleet": fleet["a"].content,
        "by_local": engine.Token.as_string(local.expression),
        "by_lookup": lookup.content,
    }
    for name, value in between.items():
        StoredCompletion(stack, name, model="gpt-4o", prompt=f"Tell me about {value}.", user=first.id)
    validate(stack)


@pytest.mark.parametrize("native", [False, True])
def test_the_blocks_of_a_completion_do_not_depend_on_how_many_there_are(*, native: bool) -> None:
    """A map of all hashes, evaluated for each completion, once made plans grow with the square."""

    def blocks(count: int) -> dict[str, dict[str, Any]]:
        stack = TerraformStack(engine.Testing.app(), "many")
        OpenaiProvider(stack, "openai", native=native)
        for index in range(count):
            StoredCompletion(stack, f"it{index}", model="gpt-4o", prompt=f"Question {index}")
        made: dict[str, dict[str, Any]] = template(stack).to_json()["resource"]
        return made

    few, many = blocks(5), blocks(50)
    assert few.keys() == many.keys()
    for kind, ones in few.items():
        assert (len(ones), len(many[kind])) == (5, 50)
        assert ones == {name: many[kind][name] for name in ones}


@pytest.mark.terraform
def test_an_edit_replaces_what_refers_to_the_answer(local_apply: LocalApply) -> None:
    """A chain is asked in order. An edit of its first request asks both again, and nothing else."""
    prompt = "one"

    def apply() -> Any:
        stack = TerraformStack(engine.Testing.app(), "chain")
        OpenaiProvider(stack, "openai")
        first = StoredCompletion(stack, "first", model="gpt-4o", prompt=prompt)
        StoredCompletion(stack, "second", model="gpt-4o", prompt=f"Tell me about {first.content}.")
        StoredCompletion(stack, "other", model="gpt-4o", prompt="other")
        return local_apply(stack, replies=[{"answer": "Rome"}])

    assert len(apply().requests) == 3
    prompt = "two"
    assert [it["body"]["messages"][0]["content"] for it in apply().requests if it["method"] == "POST"] == [
        "two",
        "Tell me about Rome.",
    ]


@pytest.mark.terraform
def test_a_state_with_a_shared_hash_block_asks_nothing_again(local_apply: LocalApply) -> None:
    """Earlier releases kept the hashes in one block with for_each; their completions stay as they are."""
    hash_ = ""

    def apply(*, prompt: str, is_shared: bool) -> Any:
        stack = TerraformStack(engine.Testing.app(), "states")
        OpenaiProvider(stack, "openai")
        if not is_shared:
            StoredCompletion(stack, "it", model="gpt-4o", prompt=prompt)
            return local_apply(stack)
        shared = TerraformResource(
            stack, "openai_chat_completion_request", terraform_resource_type="terraform_data"
        )
        shared.add_override("for_each", {"it": hash_})
        shared.add_override("input", "${each.value}")
        trigger = 'terraform_data.openai_chat_completion_request["it"]'
        ChatCompletion(
            stack,
            "it",
            model="gpt-4o",
            messages=[Message.user(prompt)],
            store=True,
            lifecycle={"replace_triggered_by": [trigger]},
        )
        return local_apply(stack)

    def posts(applied: Any) -> int:
        return sum(it["method"] == "POST" for it in applied.requests)

    hash_ = "2e54c1f7"
    assert posts(apply(prompt="one", is_shared=True)) == 1
    assert posts(apply(prompt="one", is_shared=False)) == 0
    assert posts(apply(prompt="two", is_shared=False)) == 1
    assert posts(apply(prompt="two", is_shared=True)) == 0


@pytest.fixture
def emulator() -> Any:
    with Emulator() as running:
        yield running


@pytest.mark.terraform
def test_a_state_moves_to_the_other_edition_and_back(
    tmp_path: Path, served: Served, emulator: Emulator
) -> None:
    """Hashes come and go with the edition; no completion is asked, changed or deleted."""
    here = workspace_of(tmp_path / "work", served, emulator)
    here.folder.mkdir()

    def write(*, native: bool) -> NativeWorkspace:
        app = App(outdir=str(tmp_path / f"out-{native}"))
        stack = TerraformStack(app, "stack")
        LocalBackend(stack, path=str(tmp_path / "terraform.tfstate"))
        OpenaiProvider(stack, "openai", native=native)
        first = StoredCompletion(stack, "first", model="gpt-4o", prompt="one", temperature=1)
        StoredCompletion(stack, "second", model="gpt-4o", prompt=f"Tell me about {first.content}.")
        BasicChat(stack, "chat", model="gpt-4o", prompt="hi")
        app.synth()
        here.folder = tmp_path / f"out-{native}" / "stacks" / "stack"
        return here

    public, own = ADDRESSES[0], NATIVE_ADDRESS
    here.good(write(native=False).init().apply())
    asked = len(here.asked)
    for native, source, target in ((True, public, own), (False, own, public)):
        here.good(here.run("state", "replace-provider", "-auto-approve", source, target))
        write(native=native).init()
        changed = here.planned()
        assert not {
            address: it
            for address, it in changed.items()
            if "delete" in it and "terraform_data" not in address
        }
        here.good(here.apply())
        assert here.plan().code == 0
    assert not [it for it in here.asked[asked:] if not it.startswith("GET")]
