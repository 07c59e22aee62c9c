"""Warnings of constructs in tests."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.engine import App, TerraformStack

from openai_constructs import BasicChat, OpenaiConstructsError, OpenaiConstructsWarning, OpenaiProvider
from openai_constructs.testing import LocalApply, Template

pytestmark = pytest.mark.filterwarnings("default::openai_constructs.OpenaiConstructsWarning")


def warned(do: Callable[[], Any]) -> list[str]:
    with pytest.warns(OpenaiConstructsWarning) as caught:
        do()
    assert {it.filename for it in caught} == {__file__}
    return [str(it.message) for it in caught]


@pytest.fixture
def app(app: App) -> App:
    for name in ("one", "two"):
        stack = TerraformStack(app, name)
        OpenaiProvider(stack, "openai")
        BasicChat(stack, "chat", model="model", prompt="Hi", temperature=0 if name == "one" else 1)
    return app


def test_a_template_warns(app: App) -> None:
    """Each warning names its construct, and points to the line of the test."""
    (message,) = warned(lambda: Template.from_app(app))
    assert message.startswith("one/chat: temperature=0 is not sent")
    assert warned(lambda: Template.from_stack(app.node.find_child("one"))) == [message]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Template.from_stack(app.node.find_child("two"))


def test_a_warning_can_be_an_error(app: App) -> None:
    """Where warnings are errors it is raised, as one of our errors."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", OpenaiConstructsWarning)
        with pytest.raises(OpenaiConstructsError, match="one/chat: temperature=0"):
            Template.from_app(app)


def test_an_apply_warns(app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It warns before anything is applied."""
    monkeypatch.setenv("TERRAFORM_BINARY_NAME", "true")

    def apply() -> None:
        with pytest.raises(OpenaiConstructsError, match="terraform apply failed"):
            LocalApply(tmp_path)(app)

    assert len(warned(apply)) == 1
