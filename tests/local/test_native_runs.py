from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.local.conftest import Project

NATIVE = '''
from cdktf import App, LocalBackend, TerraformOutput, TerraformStack
from openai_constructs import Function, FunctionCallingChat, OpenaiProvider, StoredCompletion

def get_weather(city: str) -> str:
    """Weather of a city."""
    return city

app = App()
stack = TerraformStack(app, "native")
LocalBackend(stack, path="terraform.tfstate")
OpenaiProvider(
    stack, "openai", native=True, base_url="https://unreachable.invalid/v1", headers={"X-Team": "a"}
)
chat = FunctionCallingChat(
    stack, "chat", model="gpt-4o", prompt="Weather in Oslo?", functions=[Function.of(get_weather)]
)
stored = StoredCompletion(stack, "stored", model="gone", fallback_models=["gpt-4o"], prompt="hi", seed=0)
TerraformOutput(stack, "called", value=chat.function_name)
TerraformOutput(stack, "content", value=stored.content)
TerraformOutput(stack, "model_used", value=stored.model_used)
app.synth()
'''


@pytest.mark.terraform
def test_a_native_stack_is_applied_offline(project: Callable[[str], Project]) -> None:
    """The local world has the native provider with it, and leads its requests to the emulator."""
    here = project(NATIVE)
    here.local("apply")
    outputs = here.outputs()
    assert outputs["called"] == "get_weather"
    assert outputs["model_used"] == "gpt-4o"
    assert "You wrote: hi" in str(outputs["content"])
    assert "No changes" in here.local("plan")
    assert here.local("destroy")
