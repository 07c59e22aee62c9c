"""Large stacks, applied offline: every completion is created once, and the next plan is empty."""

from __future__ import annotations

from typing import Any

import pytest
from tests.engine import TerraformOutput, TerraformStack
from tests.support import sized

from openai_constructs import ChatFleet, OpenaiProvider, StoredCompletion
from openai_constructs.testing import LocalApply

pytestmark = [pytest.mark.terraform, pytest.mark.costly]


def test_a_large_fleet(tf_stack: TerraformStack, local_apply: LocalApply, record_property: Any) -> None:
    """A fleet is applied and destroyed; each chat is requested once, and the second plan is empty."""
    count = sized(1_000, 50)
    OpenaiProvider(tf_stack, "openai", native=True)
    fleet = ChatFleet(
        tf_stack, "fleet", model="gpt-4o", chats={f"k{n}": f"Question {n}" for n in range(count)}
    )
    TerraformOutput(tf_stack, "first", value=fleet["k0"].content)
    check(local_apply, tf_stack, count)
    record_property("chats of one fleet", count)


def test_many_stored_completions(
    tf_stack: TerraformStack, local_apply: LocalApply, record_property: Any
) -> None:
    """Stored completions are applied and destroyed; each is requested once, and the second plan is empty."""
    count = sized(1_000, 50)
    OpenaiProvider(tf_stack, "openai", native=True)
    for number in range(count):
        StoredCompletion(tf_stack, f"c{number}", model="gpt-4o", prompt=f"Question {number}")
    check(local_apply, tf_stack, count)
    record_property("stored completions of one stack", count)


def check(local_apply: LocalApply, stack: TerraformStack, count: int) -> None:
    applied = local_apply(stack)
    assert list(applied.changes.values()) == ["create"] * count
    assert applied.second_plan == {}
    destroyed = local_apply.destroy(stack)
    assert list(destroyed.changes.values()) == ["delete"] * count
