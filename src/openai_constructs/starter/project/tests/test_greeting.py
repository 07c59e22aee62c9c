"""What the stack asks, and that it applies: the terraform binary against an emulator, without a key."""

import pytest
from cdktf import App
from main import Greeting

from openai_constructs import Message
from openai_constructs.testing import LocalApply, Template


@pytest.fixture
def stack(tf_app: App) -> Greeting:
    return Greeting(tf_app, "greeting")


def test_what_the_model_is_asked(stack: Greeting) -> None:
    chat = Template.from_stack(stack).chat("hello")
    assert chat.model == "gpt-6-luna"
    assert chat.messages[-1] == Message.user("Say hello to Terraform.")


def test_it_applies(stack: Greeting, local_apply: LocalApply) -> None:
    applied = local_apply(stack, replies=[{"answer": "Hello, Terraform."}])
    assert applied.outputs == {"answer": "Hello, Terraform."}
    assert applied.second_plan == {}
