"""Our provider under a name of its own, beside OpenAI's provider, which is called `openai`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.engine import TerraformStack, cdk, migrated
from tests.support import ROOT, template, warnings_of

from openai_constructs import (
    BasicChat,
    ChatCompletion,
    ChatFleet,
    CompletionLookup,
    CompletionsQuery,
    InvalidInputError,
    Message,
    OpenaiProvider,
    StoredCompletion,
)
from openai_constructs.errors import SynthesisError
from openai_constructs.local.rewrite import key_variables
from openai_constructs.schema import COMPAT, NATIVE
from openai_constructs.testing import LocalApply, Template, validate

THEIRS = "registry.terraform.io/openai/openai"


def their_provider(stack: TerraformStack, name: str = "openai", source: str = THEIRS) -> Any:
    """OpenAI's own provider: the Administration API."""
    return cdk.TerraformProvider(
        stack, f"theirs-{name}", terraform_resource_type=name, terraform_provider_source=source
    )


def both(stack: TerraformStack, *, native: bool) -> None:
    """A project and its limit by their provider, prompts by ours."""
    theirs = their_provider(stack)
    project = cdk.TerraformResource(
        stack, "project", terraform_resource_type="openai_project", provider=theirs
    )
    project.add_override("name", "prompts")
    OpenaiProvider(stack, "chat", local_name="openai-chat", native=native)
    second = OpenaiProvider(stack, "second", local_name="openai-chat", native=native, alias="second")
    BasicChat(stack, "a", model="gpt-6-luna", prompt="p")
    BasicChat(stack, "b", model="gpt-6-luna", prompt="p", provider=second)
    ChatFleet(stack, "fleet", model="gpt-6-luna", chats={"x": "p"})
    kept = StoredCompletion(stack, "kept", model="gpt-6-luna", prompt="p")
    StoredCompletion(stack, "other", model="gpt-6-luna", prompt="p", provider=second)
    ChatCompletion(stack, "raw", model="gpt-6-luna", messages=[Message.user("p")])
    CompletionLookup(
        stack, "look", completion=kept, enable_chat_completions_store=True, recent=CompletionsQuery()
    )


@pytest.mark.parametrize("native", [False, True])
def test_everything_follows(stack: TerraformStack, native: bool) -> None:
    """Requirements, provider blocks, resources, data sources and modules have it; theirs keep `openai`."""
    both(stack, native=native)
    made = Template.from_stack(stack).to_json()
    source = (NATIVE if native else COMPAT).source
    required = made["terraform"]["required_providers"]
    assert {name: it["source"] for name, it in required.items()} == {
        "openai": THEIRS,
        "openai-chat": source,
    }
    assert made["provider"]["openai-chat"] == [{}, {"alias": "second"}]
    assert made["resource"]["openai_project"]["project"]["provider"] == "openai"
    resources = made["resource"]["openai_chat_completion"]
    assert {name: it["provider"] for name, it in resources.items()} == {
        "kept": "openai-chat",
        "other": "openai-chat.second",
        "raw": "openai-chat",
    }
    for blocks in made["data"].values():
        assert [it["provider"] for it in blocks.values()] == ["openai-chat"] * len(blocks)
    assert {name: it["providers"] for name, it in made["module"].items()} == {
        "a": {"openai": "openai-chat"},
        "b": {"openai": "openai-chat.second"},
        "fleet": {"openai": "openai-chat"},
    }
    assert [it for it in warnings_of(stack) if "provider" in it and "openai-chat" in it] == []


@pytest.mark.terraform
@pytest.mark.parametrize("native", [False, True])
def test_terraform_takes_it(stack: TerraformStack, native: bool) -> None:
    """Terraform validates a stack of ours under another name."""
    OpenaiProvider(stack, "chat", local_name="openai-chat", native=native)
    BasicChat(stack, "a", model="gpt-6-luna", prompt="p")
    StoredCompletion(stack, "kept", model="gpt-6-luna", prompt="p")
    validate(stack)


def test_the_usual_name_writes_nothing(stack: TerraformStack) -> None:
    """Without the argument the JSON is what it was."""
    OpenaiProvider(stack, "openai")
    BasicChat(stack, "a", model="m", prompt="p")
    StoredCompletion(stack, "kept", model="m", prompt="p")
    made = template(stack).to_json()
    assert "providers" not in made["module"]["a"]
    assert "provider" not in made["resource"]["openai_chat_completion"]["kept"]


@pytest.mark.parametrize(
    ("name", "better"),
    [("openai_chat", "openai-chat"), ("Chat", "chat"), ("-a", "a"), ("a--b", "a-b"), ("", "openai-chat")],
)
def test_names_that_terraform_refuses(stack: TerraformStack, name: Any, better: str) -> None:
    """Terraform takes no underscore in a provider's local name; the error says which name it takes."""
    with pytest.raises(InvalidInputError, match=f"local_name = .*Name it '{better}"):
        OpenaiProvider(stack, "openai", local_name=name)


def test_a_clash_of_names(stack: TerraformStack) -> None:
    """Their provider before ours: refused at construction."""
    their_provider(stack)
    with pytest.raises(InvalidInputError, match='have the same local name.*local_name="openai-chat"'):
        OpenaiProvider(stack, "openai")


def test_a_clash_of_names_later(stack: TerraformStack) -> None:
    """Ours before theirs: refused at synthesis."""
    OpenaiProvider(stack, "openai")
    their_provider(stack)
    with pytest.raises(SynthesisError, match="have the same local name, 'openai'"):
        Template.from_stack(stack)


def test_a_clash_of_sources(stack: TerraformStack) -> None:
    """One source under two names is refused as well."""
    their_provider(stack, "other", f"registry.terraform.io/{COMPAT.source}")
    with pytest.raises(InvalidInputError, match="two local names"):
        OpenaiProvider(stack, "openai")


def test_one_name_a_stack(stack: TerraformStack) -> None:
    """A second name, or a name after the first construct, is refused."""
    OpenaiProvider(stack, "openai")
    with pytest.raises(InvalidInputError, match="'openai', used in the stack already"):
        OpenaiProvider(stack, "second", alias="second", local_name="openai-chat")


def test_a_name_after_a_completion(stack: TerraformStack) -> None:
    """What was made before would not have it."""
    StoredCompletion(stack, "kept", model="m", prompt="p")
    with pytest.raises(InvalidInputError, match="'openai', used in the stack already"):
        OpenaiProvider(stack, "chat", local_name="openai-chat")


def test_the_testing_kit_reads_it(stack: TerraformStack) -> None:
    """A chat's request is that of the provider behind the name."""
    both(stack, native=True)
    chats = Template.from_stack(stack).find_chats()
    assert {it.request()["store"] for it in chats.values()} == {False, True}


def test_the_local_world_knows_its_key_variables() -> None:
    """Whatever the name is, the variables of its keys get a dummy in local runs, and no others."""
    stack = {
        "terraform": {"required_providers": {"openai-chat": {"source": COMPAT.source}}},
        "provider": {
            "openai": [{"api_key": "${var.theirs}"}],
            "openai-chat": [{"api_key": "${var.ours}", "api_url": "https://x"}],
        },
    }
    assert list(key_variables(stack)) == ["ours"]


@pytest.mark.terraform
def test_a_local_apply(stack: TerraformStack, local_apply: LocalApply) -> None:
    """The real Terraform applies a stack under another name, and plans nothing afterwards."""
    OpenaiProvider(stack, "chat", local_name="openai-chat")
    chat = BasicChat(stack, "a", model="gpt-6-luna", prompt="p")
    cdk.TerraformOutput(stack, "answer", value=chat.content)
    applied = local_apply(stack, replies=[{"answer": "Hello."}])
    assert applied.outputs == {"answer": "Hello."}
    assert applied.second_plan == {}


def test_the_example(tmp_path: Path) -> None:
    """Project and limits go to their provider, the prompt to ours; as text: theirs cannot be installed."""
    program = ROOT / "examples/beside_openai/main.py"
    text = migrated(program.read_text(encoding="utf-8"))
    environment = {**os.environ, "CDKTF_OUTDIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", text], check=True, env=environment, cwd=tmp_path)
    made = json.loads((tmp_path / "stacks/beside_openai/cdk.tf.json").read_text(encoding="utf-8"))
    required = made["terraform"]["required_providers"]
    assert required["openai"] == {"source": "openai/openai", "version": "~> 1.1"}
    assert required["openai-chat"]["source"] == NATIVE.source
    kinds = ["openai_project", "openai_project_rate_limit", "openai_project_spend_limit"]
    assert sorted(made["resource"]) == kinds
    for blocks in made["resource"].values():
        assert [it["provider"] for it in blocks.values()] == ["openai"]
    assert made["module"]["hello"]["providers"] == {"openai": "openai-chat"}
