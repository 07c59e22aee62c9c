"""Applies offline from a test: outputs, changes, the second plan, what was asked, and what fails."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from tests.engine import App, S3Backend, TerraformOutput, TerraformStack, TerraformVariable

from openai_constructs import (
    BasicChat,
    CompletionLookup,
    CompletionsQuery,
    OpenaiProvider,
    StoredCompletion,
)
from openai_constructs.errors import EmulatorError, LocalError, SynthesisError
from openai_constructs.testing import LocalApply

pytestmark = pytest.mark.terraform

COMPLETION = "module.chat.openai_chat_completion.this"
REQUEST = "module.chat.terraform_data.request"


def chat(stack: TerraformStack, prompt: str = "Say hello.") -> BasicChat:
    S3Backend(stack, bucket="nobody", key="k", region="eu-west-1")
    OpenaiProvider(stack, "openai", api_key=TerraformVariable(stack, "key", type="string", sensitive=True))
    topic = TerraformVariable(stack, "topic", type="string", default="all")
    it = BasicChat(stack, "chat", model="gpt-4o", prompt=f"{prompt} {topic.string_value}")
    TerraformOutput(stack, "answer", value=it.content)
    TerraformOutput(stack, "secret", value=it.content, sensitive=True)
    return it


@pytest.mark.engine
def test_life_of_a_stack(stack: TerraformStack, local_apply: LocalApply) -> None:
    """Applied, applied again, edited in the same world, destroyed; each tells what it did and asked."""
    chat(stack)
    first = local_apply(stack, replies=[{"answer": "Hello."}])
    assert first.outputs == {"answer": "Hello.", "secret": "Hello."}
    assert first.changes == {REQUEST: "create", COMPLETION: "create"}
    assert first.second_plan == {}
    (request,) = first.requests
    assert (request["method"], request["path"], request["status"]) == ("POST", "/v1/chat/completions", 200)
    assert request["body"]["messages"] == [{"role": "user", "content": "Say hello. all"}]

    again = local_apply(stack)
    assert (again.changes, again.requests, again.outputs) == ({}, [], first.outputs)

    assert stack.node.try_remove_child("chat")
    BasicChat(stack, "chat", model="gpt-4o", prompt="Say goodbye.")
    edited = local_apply(stack)
    assert edited.changes == {REQUEST: "update", COMPLETION: "replace"}
    assert [it["body"]["messages"][0]["content"] for it in edited.requests] == ["Say goodbye."]
    assert edited.second_plan == {}

    assert local_apply.destroy(stack).changes == {REQUEST: "delete", COMPLETION: "delete"}
    assert local_apply(stack).changes == first.changes


def test_variables(stack: TerraformStack, local_apply: LocalApply, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are given as values; the environment's are not seen, and those that no stack has are refused."""
    monkeypatch.setenv("TF_VAR_topic", "of the environment")
    monkeypatch.setenv("TF_VAR_key", "sk-of-the-environment")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-environment")
    chat(stack)
    values: dict[str, Any] = {
        "words": ["a", "${x}", "%{ if true }"],
        "table": {"k": "${var.key}", "n": "1"},
        "record": {"text": "$${", "numbers": [1, 2.5, None], "deep": [{"a": '"\\\n'}]},
        "anything": "hello",
        "number": 12345678901234567890,
        "switch": False,
    }
    types = {"words": "list(string)", "table": "map(string)", "number": "number", "switch": "bool"}
    for name in values:
        variable = TerraformVariable(stack, name, type=types.get(name, "any"))
        TerraformOutput(stack, f"{name}_out", value=f"${{jsonencode({variable.fqn})}}")
    applied = local_apply(stack, variables={"topic": "of ${the} test", **values})
    assert applied.requests[0]["body"]["messages"][0]["content"] == "Say hello. of ${the} test"
    assert {name: json.loads(applied.outputs[f"{name}_out"]) for name in values} == values
    assert applied.second_plan == {}
    with pytest.raises(LocalError, match=r"variables\['words'\] cannot be written as JSON"):
        local_apply(stack, variables={"words": {1j}})
    with pytest.raises(
        LocalError, match="There is no variable tpoic: declared are anything, key, number, record, "
    ):
        local_apply(stack, variables={"tpoic": "x"})
    with pytest.raises(LocalError, match="No value for required variable"):
        local_apply(stack)


def test_stacks_that_depend(app: App, local_apply: LocalApply) -> None:
    """What a stack reads from is applied before it; of an app there is a result for each stack."""
    first, second, third = (TerraformStack(app, name) for name in ("z_first", "a_second", "third"))
    said = chat(first)
    OpenaiProvider(second, "openai")
    BasicChat(second, "chat", model="gpt-4o", prompt=f"Go on from: {said.content}")
    TerraformOutput(third, "one", value=1)
    one = local_apply(second, replies=[{"answer": "First."}])
    assert list(one.stacks) == ["z_first", "a_second"]
    assert one.outputs == one.stacks["a_second"].outputs == {}
    assert one.requests[1]["body"]["messages"][0]["content"] == "Go on from: First."
    everything = local_apply(app)
    assert {name: it.changes for name, it in everything.stacks.items()} == {
        "z_first": {},
        "a_second": {},
        "third": {},
    }
    with pytest.raises(LookupError, match="Several stacks were applied: take one of .stacks, z_first, a_sec"):
        _ = everything.outputs
    destroyed = local_apply.destroy(app).stacks
    assert list(destroyed)[-1] == "z_first"
    assert destroyed["a_second"].changes == {REQUEST: "delete", COMPLETION: "delete"}


def test_a_second_plan_that_is_not_empty(stack: TerraformStack, local_apply: LocalApply) -> None:
    """What would change again is told by its address."""
    OpenaiProvider(stack, "openai")
    TerraformOutput(stack, "now", value="${timestamp()}")
    assert local_apply(stack).second_plan == {"output.now": "update"}


def test_faults(stack: TerraformStack, local_apply: LocalApply) -> None:
    """A failed apply says which construct failed and why; the next one completes."""
    chat(stack)
    with pytest.raises(LocalError) as error:
        local_apply(stack, fail="429:1.0")
    lines = str(error.value).splitlines()
    assert lines[0] == "terraform apply failed for the stack stack:"
    assert lines[1].startswith(f"  stack/chat ({COMPLETION}): error making request: API error: Rate limit")
    assert local_apply(stack).second_plan == {}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"fail": "sometimes"}, "'sometimes' is invalid"),
        ({"replies": [{"anwser": "x"}]}, "replies.yaml.*'anwser' is not allowed here"),
        ({"replies": "missing.yaml"}, "missing.yaml"),
    ],
)
def test_scripts_that_cannot_be_read(
    stack: TerraformStack, local_apply: LocalApply, options: dict[str, Any], message: str
) -> None:
    """They are refused before anything is applied."""
    chat(stack)
    with pytest.raises(EmulatorError, match=message):
        local_apply(stack, **options)


def test_stacks_that_cannot_be_applied(
    stack: TerraformStack, local_apply: LocalApply, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stack that does not synthesize, that terraform cannot read, or no terraform: one message each."""
    with pytest.raises(SynthesisError, match="is neither an app nor a stack in an app"):
        local_apply("stack")
    it = chat(stack)
    it.add_override("nonsense", 1)
    with pytest.raises(LocalError, match=r"stack/chat \(module.chat\): Extraneous JSON object property"):
        local_apply(stack)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("TERRAFORM_BINARY_NAME", raising=False)
    with pytest.raises(LocalError, match="Neither terraform nor tofu is on the PATH"):
        local_apply(stack)


def test_a_binary_that_reports_nothing(
    stack: TerraformStack, local_apply: LocalApply, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it printed instead is in the error."""
    chat(stack)
    (tmp_path / "terraform").write_text("#!/bin/sh\nmkdir -p .terraform\necho the reason\n")
    (tmp_path / "terraform").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.delenv("TERRAFORM_BINARY_NAME", raising=False)
    with pytest.raises(LocalError, match="(?s)terraform apply failed in .*:\nthe reason"):
        local_apply(stack)


def test_a_binary_that_fails_in_silence(
    stack: TerraformStack, local_apply: LocalApply, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failure without a reported error does not pass for an apply that did nothing."""
    chat(stack)
    script = (
        '#!/bin/sh\nmkdir -p .terraform\n[ "$1" = init ] || { echo "{}"; echo the reason >&2; exit 1; }\n'
    )
    (tmp_path / "terraform").write_text(script)
    (tmp_path / "terraform").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.delenv("TERRAFORM_BINARY_NAME", raising=False)
    with pytest.raises(LocalError, match="(?s)terraform apply failed in .*the reason"):
        local_apply(stack)


def test_no_key_is_written(
    stack: TerraformStack, local_apply: LocalApply, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys of the environment are in no file of the test, and nothing is written outside of its folder."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-real-key")
    monkeypatch.chdir(tmp_path)
    chat(stack)
    applied = local_apply(stack)
    assert "sk-real-key" not in json.dumps([dict(it) for it in applied.requests])
    files = [it for it in tmp_path.rglob("*") if it.is_file()]
    assert {it.relative_to(tmp_path).parts[0] for it in files} == {"local_apply"}
    assert all(b"sk-real-key" not in it.read_bytes() for it in files)


def test_a_list_behind_a_variable_gate_in_another_stack(app: App, local_apply: LocalApply) -> None:
    """Reading the recent completions of another stack changes no output of it at the next refresh."""
    here, there = TerraformStack(app, "here"), TerraformStack(app, "there")
    OpenaiProvider(here, "openai")
    gate = TerraformVariable(here, "gate", type="bool", default=True)
    motto = StoredCompletion(here, "motto", model="gpt-4o", prompt="A motto.")
    lookup = CompletionLookup(
        here,
        "found",
        completion=motto,
        enable_chat_completions_store=gate,
        recent=CompletionsQuery(limit=3),
    )
    TerraformOutput(there, "recent", value=lookup.recent[0].id)
    TerraformOutput(there, "id", value=motto.id)
    applied = local_apply(app)
    assert applied.stacks["there"].outputs["recent"] == applied.stacks["there"].outputs["id"]
    time.sleep(1.1)  # the public provider names the list by the second
    assert [it.second_plan for it in local_apply(app).stacks.values()] == [{}, {}]


@pytest.mark.parametrize("name", ["${a}", "${a %{b", 'a "b'])
def test_folders_with_characters_of_terraform(stack: TerraformStack, tmp_path: Path, name: str) -> None:
    """A path is literal in the CLI configuration, whose language has other escapes than HCL."""
    chat(stack)
    applied = LocalApply(tmp_path / name)(stack, variables={"topic": "it"})
    assert set(applied.changes.values()) == {"create"}
