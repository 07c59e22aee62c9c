"""What stands in the JSON, and what the model will be asked: no Terraform, milliseconds."""

from typing import Any

import pytest
from stacks import STYLE

from openai_constructs import Message
from openai_constructs.testing import Template, absent, reference, string_like, validate


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_state_is_remote_and_the_key_is_a_secret(app: Any, name: str) -> None:
    template = Template.from_app(app)[name]
    template.has_variable("openai_api_key", {"sensitive": True, "default": absent()})
    template.has_provider("openai", {"api_key": "${var.openai_api_key}"})
    template.matches({"terraform": {"backend": {"s3": {"key": f"release-notes/{name}.tfstate"}}}})


def test_dev_is_cheap_and_keeps_nothing(dev: Any) -> None:
    template = Template.from_stack(dev)
    template.has_module("notes", {"model": string_like("mini$"), "store": absent()})
    template.count_resources("openai_chat_completion", 0)
    template.count_data_sources("openai_chat_completion", 0)


def test_prod_keeps_its_notes(prod: Any) -> None:
    template = Template.from_stack(prod)
    template.has_resource("openai_chat_completion", {"store": True, "metadata": {"environment": "prod"}})
    template.count_data_sources("openai_chat_completion", 1)


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_what_the_model_is_asked(app: Any, name: str) -> None:
    chat = Template.from_app(app)[name].chat("notes")
    assert chat.messages == (
        Message.system(STYLE),
        Message.user("Write the notes of release " + reference("var.release") + "."),
    )
    assert "max_tokens" not in chat.request()  # a reasoning model refuses it


def test_terraform_finds_nothing_wrong(app: Any) -> None:
    validate(app)
