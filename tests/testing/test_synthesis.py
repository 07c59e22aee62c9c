"""Stacks that do not synthesize: one message with the construct's path, and no JavaScript."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsii
import pytest
from constructs import Construct, IValidation
from tests.engine import (
    NAME,
    Annotations,
    App,
    Aspects,
    IAspect,
    TerraformElement,
    TerraformOutput,
    TerraformStack,
    TerraformVariable,
)
from tests.support import template

from openai_constructs import StoredCompletion
from openai_constructs.errors import SynthesisError
from openai_constructs.testing import Template


@jsii.implements(IValidation)
class Refuses:
    def validate(self) -> list[str]:
        return ["must be nice"]


@jsii.implements(IAspect)
class Breaks:
    def visit(self, node: Any) -> None:
        raise ValueError(f"the aspect does not like {node.node.path}")


@jsii.implements(IAspect)
class Renames:
    def visit(self, node: Any) -> None:
        if isinstance(node, TerraformOutput):
            node.description = "by the aspect"


class Broken(TerraformElement):
    def to_terraform(self) -> Any:
        raise ValueError("cannot be written")


def annotated(stack: TerraformStack) -> None:
    Annotations.of(TerraformOutput(stack, "o", value=1)).add_error("is an error")


def indexed(stack: TerraformStack) -> None:
    TerraformOutput(stack, "o", value=TerraformVariable(stack, "v", type="list(string)").list_value[0])


BROKEN: dict[str, tuple[Callable[[TerraformStack], Any], str]] = {
    "validation": (
        lambda it: TerraformOutput(it, "o", value=1).node.add_validation(Refuses()),
        "stack does not synthesize: Validation failed with the following errors:\n  [stack/o] must be nice",
    ),
    "annotation": (
        annotated,
        'stack does not synthesize: Encountered Annotations with level "ERROR":\n[stack/o] is an error',
    ),
    "aspect": (
        lambda it: Aspects.of(it).add(Breaks()),
        "stack does not synthesize: the aspect does not like stack",
    ),
    "element": (
        lambda it: Broken(Construct(it, "deep"), "broken"),
        "stack/deep/broken does not synthesize: cannot be written",
    ),
    "token": (
        indexed,
        "stack/o does not synthesize: Found an encoded list token string in a scalar string context.",
    ),
    "provider": (
        lambda it: StoredCompletion(it, "it", model="m", prompt="p"),
        (
            "stack does not synthesize: Validation failed with the following errors:\n"
            "  [stack] Found resources without a matching provider construct."
        ),
    ),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_broken_stacks(app: App, stack: TerraformStack, broken: str) -> None:
    """Where it broke and why, of a stack and of an app alike."""
    breaks, message = BROKEN[broken]
    breaks(stack)
    for make in (lambda: Template.from_stack(stack), lambda: Template.from_app(app)):
        with pytest.raises(SynthesisError) as error:
            make()
        assert str(error.value).startswith(message)
        assert "\n    at " not in str(error.value)
        assert error.value.__suppress_context__ or error.value.__context__ is None


def test_an_app_that_refuses(app: App, stack: TerraformStack) -> None:
    """Validations of the app itself are run with it."""
    app.node.add_validation(Refuses())
    with pytest.raises(SynthesisError, match="The app does not synthesize:\n  must be nice"):
        Template.from_app(app)


def test_an_app_without_stacks(app: App) -> None:
    """There is nothing to assert on."""
    with pytest.raises(SynthesisError, match="The app has no stack."):
        Template.from_app(app)


@pytest.mark.parametrize("given", [5, "stack", None])
def test_what_is_no_stack(given: Any) -> None:
    """What was given is named, with the engine that is used."""
    with pytest.raises(
        SynthesisError, match=f"is neither an app nor a stack in an app of {NAME}, the engine in use"
    ):
        Template.from_stack(given)


def test_aspects_run(stack: TerraformStack) -> None:
    """The template is of what the synthesis writes."""
    TerraformOutput(stack, "o", value=1)
    Aspects.of(stack).add(Renames())
    Template.from_stack(stack).has_output("o", {"description": "by the aspect"})


def test_validations_can_be_skipped(stack: TerraformStack) -> None:
    """For a part of a stack; broken elements are refused as ever."""
    TerraformOutput(stack, "o", value=1).node.add_validation(Refuses())
    assert template(stack).outputs == {"o": 1}


def test_it_leaves_nothing_behind(
    stack: TerraformStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the app's output folder nor a temporary one is left with files."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    TerraformOutput(stack, "o", value=1)
    Template.from_stack(stack)
    assert [it.name for it in (tmp_path / "temporary").iterdir()] == []
    assert [it for it in (tmp_path / "cdktf.out").rglob("*") if it.is_file()] == []
