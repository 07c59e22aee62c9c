"""Warnings at synthesis: each once a construct, and none without a reason."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from tests.engine import TerraformStack, TerraformVariable
from tests.support import template, warnings_of

from openai_constructs import (
    BasicChat,
    ChatCompletion,
    CompletionLookup,
    CompletionsQuery,
    DataOpenaiChatCompletion,
    Message,
    MultiTurnChat,
    OpenaiProvider,
    StoredCompletion,
)
from openai_constructs.cdk import annotations
from openai_constructs.values import models

HIDES = "The provider turns every error of this list"


@pytest.fixture(autouse=True)
def _no_sdk(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the installed SDK says of models is tested on its own."""
    monkeypatch.setattr(
        annotations, "shutdown_date", lambda model: date(2020, 1, 2) if model == "old" else None
    )


@pytest.mark.parametrize(
    ("given", "starts"),
    [
        ({}, []),
        ({"temperature": 0}, ["temperature=0 is not sent: the provider drops zeros"]),
        ({"temperature": 0.0, "top_p": 0}, ["temperature=0.0 is not sent", "top_p=0 is not sent"]),
        ({"presence_penalty": 0, "frequency_penalty": 0.0}, []),
        ({"store": False}, ["store=False is not sent"]),
        ({"store": True}, []),
        ({"store": True, "metadata": {"k": "v"}}, []),
        ({"metadata": {"k": "v"}}, ["metadata without store=True"]),
        ({"metadata": {}}, []),
        ({"model": "old"}, ["Model old was to be shut down by OpenAI on 2020-01-02: pick another."]),
        ({"model": "gpt-4", "store": True}, ["Model gpt-4 predates the Chat Completions Store"]),
        ({"model": "gpt-4"}, []),
        (
            {"stop": ["\u212b", "é"]},
            ["Terraform writes all text in Unicode form NFC, so it will change stop[0]."],
        ),
        ({"user": "e\u0301"}, ["Terraform writes all text in Unicode form NFC, so it will change user."]),
    ],
)
def test_warnings_of_a_chat(stack: TerraformStack, given: dict[str, Any], starts: list[str]) -> None:
    """Each quirk that the request will meet is told, once."""
    BasicChat(stack, "it", **{"model": "m", "prompt": "p", **given})
    found = warnings_of(stack)
    assert len(found) == len(starts)
    assert all(it.startswith(start) for it, start in zip(found, starts, strict=True))


def test_tokens_are_not_warned_of(stack: TerraformStack) -> None:
    """What only Terraform knows is not guessed at."""
    any_ = TerraformVariable(stack, "any", type="any")
    BasicChat(
        stack, "it", model=any_.string_value, prompt="p", temperature=any_.number_value, store=any_.value
    )
    query = CompletionsQuery(metadata=any_.value)
    CompletionLookup(stack, "look", completion_id="x", enable_chat_completions_store=any_, recent=query)
    assert [it[:43] for it in warnings_of(stack)] == [HIDES]


def test_the_role_developer(stack: TerraformStack) -> None:
    """The public provider refuses a role that the API knows."""
    MultiTurnChat(
        stack, "it", model="m", messages=[Message.developer("d"), {"role": "developer", "content": "d"}]
    )
    assert [it[:36] for it in warnings_of(stack)] == ["Role developer: the provider's 1.x r"]


def test_a_streamed_answer(stack: TerraformStack) -> None:
    """The provider cannot read a streamed answer."""
    ChatCompletion(stack, "it", model="m", messages=[Message.user("p")], stream=True)
    assert [it[:23] for it in warnings_of(stack)] == ["stream=True cannot work"]


def test_the_list_of_completions(stack: TerraformStack) -> None:
    """The list hides errors, ignores its model filter, and does not encode its metadata filter."""
    query = CompletionsQuery(model="m", metadata={"a": "b c", "d&": "plain-1.0_~"})
    CompletionLookup(stack, "it", completion_id="x", enable_chat_completions_store=True, recent=query)
    found = warnings_of(stack)
    assert found[0].startswith(HIDES)
    assert found[1].startswith("The provider ignores the model filter")
    assert [it.split(" without percent")[0] for it in found[2:]] == [
        "The provider sends 'b c'",
        "The provider sends 'd&'",
    ]


def test_other_data_sources_are_quiet(stack: TerraformStack) -> None:
    """A single completion is read with its errors shown."""
    DataOpenaiChatCompletion(stack, "it", completion_id="x")
    assert warnings_of(stack) == []


def test_another_provider_is_not_accused(stack: TerraformStack) -> None:
    """The quirks are the public provider's own; what concerns the API is still told."""
    OpenaiProvider(stack, "openai", source="a/openai", version=">= 1")
    StoredCompletion(stack, "it", model="gpt-4", messages=[Message.developer("d")], temperature=0)
    query = CompletionsQuery(metadata={"a": "b c"})
    CompletionLookup(stack, "look", completion_id="x", enable_chat_completions_store=True, recent=query)
    assert [it[:20] for it in warnings_of(stack)] == ["Model gpt-4 predates"]


def test_looking_up_what_is_not_stored(stack: TerraformStack) -> None:
    """A chat without store=True will not be found in the store."""
    chat = BasicChat(stack, "chat", model="m", prompt="p")
    CompletionLookup(stack, "it", completion=chat, enable_chat_completions_store=True)
    kept = BasicChat(stack, "kept", model="m", prompt="p", store=True)
    CompletionLookup(stack, "found", completion=kept, enable_chat_completions_store=True)
    CompletionLookup(stack, "off", completion=chat)
    assert warnings_of(stack) == ["The completion does not have store=True, so the store will not have it."]


def test_a_model_that_is_a_token(stack: TerraformStack) -> None:
    """Nothing is said of a model that only Terraform knows."""
    StoredCompletion(stack, "it", model=TerraformVariable(stack, "v").value, prompt="p")
    assert warnings_of(stack) == []


class _Today(date):
    """A day on which the tests' models have days left."""

    @classmethod
    def today(cls) -> _Today:
        return cls(2026, 11, 1)


@pytest.mark.parametrize(
    ("model", "settings", "expected"),
    [
        (
            "gpt-4o",
            {},
            ["Model gpt-4o will be shut down by OpenAI on 2027-01-14, in 74 days: change to gpt-6-luna."],
        ),
        ("gpt-4o", {"shutdown_warning_days": 74}, ["Model gpt-4o will be shut down by OpenAI on 2027-01-14"]),
        ("gpt-4o", {"shutdown_warning_days": 73}, []),
        ("gpt-4o", {"shutdown_warning_days": 0}, []),
        ("gpt-4", {"shutdown_warning_days": 0}, []),
        ("gpt-4", {"shutdown_warning_days": 1}, ["Model gpt-4 was to be shut down by OpenAI on 2026-10-23"]),
        ("gpt-5.1", {}, []),
        (
            "gpt-5.1",
            {"shutdown_warning_days": 365},
            ["Model gpt-5.1 will be shut down by OpenAI on 2027"],
        ),
        ("gpt-6-luna", {}, []),
    ],
)
@pytest.mark.parametrize("native", [False, True])
def test_models_that_will_be_shut_down(
    stack: TerraformStack,
    monkeypatch: pytest.MonkeyPatch,
    model: str,
    settings: dict[str, Any],
    expected: list[str],
    native: bool,
) -> None:
    """A warning names date and successor, from as many days before as the provider says; 90 by itself."""
    monkeypatch.setattr(annotations, "shutdown_date", models.shutdown_date)
    monkeypatch.setattr(annotations, "date", _Today)
    OpenaiProvider(stack, "openai", native=native, **settings)
    BasicChat(stack, "it", model=model, prompt="p")
    found = warnings_of(stack)
    assert len(found) == len(expected)
    assert all(it.startswith(start) for it, start in zip(found, expected, strict=True))
    written = template(stack).to_json()["provider"]["openai"][0]
    assert written == (settings if native else {})


def test_fallback_models_that_will_be_shut_down(stack: TerraformStack) -> None:
    """The models that stand in for another one are looked at too."""
    OpenaiProvider(stack, "openai", native=True)
    BasicChat(stack, "it", model="m", prompt="p", fallback_models=["n", "old"])
    assert [it[:37] for it in warnings_of(stack)] == ["Model old was to be shut down by Open"]


@pytest.mark.parametrize(
    ("native", "given", "expected"),
    [
        (False, {"max_tokens": 5}, ["rejects max_tokens: omit it."]),
        (True, {"max_tokens": 5}, ["rejects max_tokens: use max_completion_tokens."]),
        (True, {"max_completion_tokens": 5}, []),
        (True, {"temperature": 0}, ["rejects temperature=0: omit it."]),
        (True, {"temperature": 1}, []),
        (
            True,
            {"temperature": 0.5, "max_tokens": 5},
            ["rejects max_tokens: use max_completion_tokens.", "rejects temperature=0.5: omit it."],
        ),
    ],
)
@pytest.mark.parametrize("model", ["o3", "gpt-6-luna", "gpt-5.2"])
def test_what_reasoning_models_refuse(
    stack: TerraformStack, model: str, native: bool, given: dict[str, Any], expected: list[str]
) -> None:
    """A reasoning model takes neither max_tokens nor a temperature; others do."""
    OpenaiProvider(stack, "openai", native=native)
    BasicChat(stack, "it", model=model, prompt="p", **given)
    BasicChat(stack, "other", model="gpt-4.1-of-mine", prompt="p", **{**given, "max_tokens": 5})
    found = [it for it in warnings_of(stack) if "reasoning model" in it]
    assert found == [f"Model {model} is a reasoning model, which {it}" for it in expected]
