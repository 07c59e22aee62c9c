"""The archive and the budget in the provider block."""

from __future__ import annotations

import math
from typing import Any

import pytest
from tests.engine import TerraformOutput, TerraformStack, TerraformVariable
from tests.support import template

from openai_constructs import (
    BasicChat,
    Budget,
    CompletionLookup,
    InvalidInputError,
    Message,
    OpenaiProvider,
    StoredCompletion,
)


def block(stack: TerraformStack) -> dict[str, Any]:
    (written,) = template(stack).to_json()["provider"]["openai"]
    return dict(written)


def test_an_archive_and_a_budget_are_written(stack: TerraformStack) -> None:
    """The budget is three arguments of the block; what is left out is not there."""
    budget = Budget(usd=20, period="week", unknown_usd=0.05)
    OpenaiProvider(
        stack, "openai", native=True, archive="sqlite:///answers.db", archive_prompts=False, budget=budget
    )
    assert block(stack) == {
        "archive": "sqlite:///answers.db",
        "archive_prompts": False,
        "budget_usd": 20,
        "budget_period": "week",
        "budget_unknown_usd": 0.05,
    }


def test_a_password_comes_by_a_variable(stack: TerraformStack) -> None:
    """The whole URL, or the password in it."""
    secret = TerraformVariable(stack, "archive", type="string", sensitive=True)
    OpenaiProvider(stack, "a", native=True, archive=secret)
    OpenaiProvider(
        stack, "b", native=True, alias="b", archive=f"postgresql://me:{secret.string_value}@host/x"
    )
    written = [it["archive"] for it in template(stack).to_json()["provider"]["openai"]]
    assert written == ["${var.archive}", "postgresql://me:${var.archive}@host/x"]


@pytest.mark.parametrize(
    "archive",
    [
        "postgresql://me:hidden@host/x",
        "postgresql://host/x?password=hidden",
        "postgresql://me:hidden@[host/x",
    ],
)
def test_a_literal_password_is_refused_like_a_key(stack: TerraformStack, archive: str) -> None:
    """It would stand in the JSON; the error does not repeat it."""
    with pytest.raises(InvalidInputError, match="without a literal password") as caught:
        OpenaiProvider(stack, "openai", native=True, archive=archive)
    assert "hidden" not in str(caught.value).replace("(hidden)", "")


@pytest.mark.parametrize("archive", ["answers.db", "mysql://host/x", "sqlite://", "", 7])
def test_a_url_that_is_none_is_refused(stack: TerraformStack, archive: Any) -> None:
    """At construction, with what an archive's URL looks like."""
    with pytest.raises(InvalidInputError, match="archive"):
        OpenaiProvider(stack, "openai", native=True, archive=archive)


@pytest.mark.parametrize(
    "given", [{"archive": "sqlite:///a.db"}, {"archive_prompts": True}, {"budget": Budget(usd=1)}]
)
def test_the_public_provider_has_no_archive(stack: TerraformStack, given: dict[str, Any]) -> None:
    """It would ignore the argument, or fail."""
    with pytest.raises(InvalidInputError, match="native=True"):
        OpenaiProvider(stack, "openai", **given)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"usd": -1}, "usd = -1: must be a number of US dollars, from 0"),
        ({"usd": math.nan}, "usd = nan"),
        ({"usd": "20"}, "usd = '20'"),
        ({"usd": True}, "usd = True"),
        ({"usd": 1, "period": "year"}, "period = 'year': must be one of 'day', 'week', 'month', 'total'"),
        ({"usd": 1, "unknown_usd": -0.1}, "unknown_usd = -0.1"),
    ],
)
def test_a_budget_that_is_none_is_refused(given: dict[str, Any], words: str) -> None:
    """When it is made."""
    with pytest.raises(InvalidInputError) as caught:
        Budget(**given)
    assert words in str(caught.value)


def test_something_else_than_a_budget_is_refused(stack: TerraformStack) -> None:
    """A number alone does not say for which period."""
    with pytest.raises(InvalidInputError, match=r"Write budget=Budget\(usd=20\)"):
        OpenaiProvider(stack, "openai", native=True, budget=20)  # type: ignore[arg-type]


def test_every_native_chat_has_a_key(stack: TerraformStack) -> None:
    """By it the archive knows whose answer it has, stored or not."""
    OpenaiProvider(stack, "openai", native=True)
    BasicChat(stack, "faq", model="gpt-4o", prompt="p")
    BasicChat(stack, "own", model="gpt-4o", prompt="p", idempotency_key="mine")
    modules = template(stack).to_json()["module"]
    assert [modules[name]["idempotency_key"] for name in ("faq", "own")] == ["stack/faq", "mine"]


def test_a_lookup_tells_its_source(stack: TerraformStack) -> None:
    """With the gate closed it is the state; with it open, whatever the data source says."""
    OpenaiProvider(stack, "openai", native=True)
    kept = StoredCompletion(stack, "kept", model="gpt-4o", messages=[Message.user("p")])
    closed = CompletionLookup(stack, "closed", completion=kept)
    opened = CompletionLookup(stack, "opened", completion=kept, enable_chat_completions_store=True)
    other = CompletionLookup(stack, "other", completion_id="x", enable_chat_completions_store=True)
    for lookup in (closed, opened, other):
        TerraformOutput(stack, f"from_{lookup.node.id}", value=lookup.source)
    outputs = template(stack).to_json()["output"]
    assert [outputs[f"from_{name}"]["value"] for name in ("closed", "opened", "other")] == [
        "state",
        '${try(coalesce(data.openai_chat_completion.opened.source, "state"), "state")}',
        '${try(coalesce(data.openai_chat_completion.other.source, "none"), "none")}',
    ]


def test_the_public_provider_does_not_tell_the_source(stack: TerraformStack) -> None:
    """Its data sources have no such attribute, and Terraform would refuse the plan."""
    OpenaiProvider(stack, "openai")
    with pytest.raises(InvalidInputError, match="read with the native provider only"):
        _ = CompletionLookup(stack, "look", completion_id="x").source
