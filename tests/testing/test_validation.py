"""The real Terraform on stacks that are valid, and on those that are not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from tests.engine import App, TerraformOutput, TerraformResource, TerraformStack, TerraformVariable

from openai_constructs import BasicChat, OpenaiProvider, StoredCompletion
from openai_constructs.errors import LocalError
from openai_constructs.local.terraform import run_captured
from openai_constructs.testing import validate
from openai_constructs.testing.diagnostics import told

COMPLETION = "openai_chat_completion.it"
pytestmark = pytest.mark.terraform


@pytest.fixture
def chat(stack: TerraformStack) -> BasicChat:
    OpenaiProvider(stack, "openai", api_key=TerraformVariable(stack, "key", sensitive=True))
    return BasicChat(stack, "chat", model="gpt-4o", prompt="p")


def problems(scope: App | TerraformStack) -> str:
    with pytest.raises(AssertionError) as error:
        validate(scope)
    return str(error.value)


def test_valid_stacks(
    app: App, stack: TerraformStack, chat: BasicChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stack, and all stacks of an app, whatever keys and settings the environment has."""
    monkeypatch.setenv("OPENAI_API_URL", "https://unreachable.invalid")
    monkeypatch.setenv("TF_CLI_ARGS_validate", "-nonsense")
    TerraformOutput(TerraformStack(app, "other"), "o", value=chat.content)
    validate(stack)
    validate(app)


def test_a_misspelt_argument(stack: TerraformStack, chat: BasicChat) -> None:
    """The construct is named, with Terraform's own words."""
    chat.add_override("nonsense", 0.5)
    assert problems(stack) == (
        "The stack is invalid:\n"
        "  stack/chat (module.chat): Extraneous JSON object property\n"
        '    No argument or block type is named "nonsense".\n'
        '    at: "nonsense": 0.5'
    )


def test_every_problem_of_every_stack(app: App, stack: TerraformStack, chat: BasicChat) -> None:
    """What the provider refuses and references to nothing, each with its construct or its block."""
    StoredCompletion(stack, "it", model="m", prompt="p").add_override("top_p", 5)
    TerraformOutput(stack, "out", value="${module.nope.content}")
    other = TerraformStack(app, "other")
    TerraformOutput(other, "out", value="${var.nope}")
    said = problems(app)
    assert "  stack/it (openai_chat_completion.it): expected top_p to be in the range" in said
    assert "  stack (output.out): Reference to undeclared module\n" in said
    assert '    No module call named "nope" is declared in the root module.\n' in said
    assert "  other (output.out): Reference to undeclared input variable\n" in said


def test_a_provider_that_cannot_be_had(stack: TerraformStack) -> None:
    """What Terraform could not install is told as it tells it."""
    TerraformResource(stack, "it", terraform_resource_type="nowhere_thing")
    stack.add_override("terraform.required_providers.nowhere", {"source": "example.invalid/no/nowhere"})
    OpenaiProvider(stack, "openai")
    stack.add_override("provider.nowhere", [{}])
    with pytest.raises(LocalError, match="(?s)terraform init failed for the stack stack:.*nowhere"):
        validate(stack)


def test_a_binary_that_is_none(
    stack: TerraformStack, chat: BasicChat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it printed instead of a report is in the error."""
    (tmp_path / "mine").write_text("#!/bin/sh\necho the reason\n")
    (tmp_path / "mine").chmod(0o755)
    monkeypatch.setenv("TERRAFORM_BINARY_NAME", str(tmp_path / "mine"))
    with pytest.raises(LocalError, match="terraform validate failed for the stack stack:\nthe reason"):
        validate(stack)


def test_in_a_thread(stack: TerraformStack, chat: BasicChat) -> None:
    """It works where signals cannot be handled."""
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(run_captured, Path.cwd(), {}, ["version"]).result().returncode == 0


@pytest.mark.parametrize(
    ("diagnostic", "place"),
    [
        ({"address": f"{COMPLETION}[0]"}, f"stack/it ({COMPLETION}[0])"),
        ({"address": 'module.chat["a"].x.this'}, 'stack/chat (module.chat["a"].x.this)'),
        (
            {"snippet": {"context": "resource.openai_chat_completion.it"}},
            "stack/it (openai_chat_completion.it)",
        ),
        ({"snippet": {"context": 'variable "top_p"'}}, "stack (variable.top_p)"),
        ({"snippet": {"context": 'resource "other" "this"'}}, "stack (other.this)"),
        ({"snippet": {"context": None}}, "stack"),
        ({}, "stack"),
    ],
)
def test_places(diagnostic: dict[str, Any], place: str) -> None:
    """A diagnostic is of the construct whose block it is in, else of the stack."""
    written = {
        "module": {"chat": {"//": {"metadata": {"path": "stack/chat"}}}},
        "resource": {"openai_chat_completion": {"it": {"//": {"metadata": {"path": "stack/it"}}}}},
    }
    assert told("stack", written, {"summary": "S", "detail": "D", **diagnostic}) == f"  {place}: S\n    D"


def test_no_terraform(
    stack: TerraformStack, chat: BasicChat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It fails, and says what to install; it is never skipped."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("TERRAFORM_BINARY_NAME", raising=False)
    with pytest.raises(LocalError, match="Neither terraform nor tofu is on the PATH. Install one of them"):
        validate(stack)
