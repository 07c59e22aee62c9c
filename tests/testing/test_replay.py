"""Applying a stack offline with the answers of a live deployment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.engine import TerraformOutput, TerraformStack

from openai_constructs import BasicChat, Message, OpenaiProvider, StoredCompletion
from openai_constructs.archive import Archive, Entry
from openai_constructs.archive.export import json_lines
from openai_constructs.archive.query import Filter
from openai_constructs.errors import LocalError
from openai_constructs.testing import LocalApply


def build(stack: TerraformStack) -> TerraformStack:
    OpenaiProvider(stack, "openai")
    chat = BasicChat(stack, "faq", model="gpt-4o", prompt="What is state?")
    kept = StoredCompletion(stack, "kept", model="gpt-4o", messages=[Message.user("Keep?")])
    TerraformOutput(stack, "faq_output", value=chat.content)
    TerraformOutput(stack, "kept_output", value=kept.content)
    return stack


def recorded(requests: Sequence[Mapping[str, Any]], folder: Path) -> Path:
    """An export with an answer for each request, as a live deployment leaves it."""
    with Archive.open("sqlite:///answers.db", folder=folder, create=True) as archive:
        for number, request in enumerate(it for it in requests if it["method"] == "POST"):
            text = f"Real answer to {request['body']['messages'][-1]['content']}"
            choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
            answer = {
                "id": f"chatcmpl-real-{number}",
                "object": "chat.completion",
                "created": 1_790_000_000 + number,
                "model": "gpt-4o-2024-08-06",
                "choices": [choice],
                "usage": {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10},
            }
            archive.record(Entry(body=request["body"], completion=answer, key=f"stack/{number}"))
        file = folder / "answers.jsonl"
        file.write_text("".join(json_lines(archive, Filter())))
    return file


@pytest.mark.terraform
def test_a_stack_is_applied_with_recorded_answers(stack: TerraformStack, tmp_path: Path) -> None:
    """What was deployed live is replayed without a key; an edited prompt has no recorded answer."""
    build(stack)
    export = recorded(LocalApply(tmp_path / "live")(stack).requests, tmp_path)
    replayed = LocalApply(tmp_path / "replayed")
    applied = replayed(stack, replay=export, replay_only=True)
    assert applied.second_plan == {}
    assert applied.outputs == {
        "faq_output": "Real answer to What is state?",
        "kept_output": "Real answer to Keep?",
    }
    BasicChat(stack, "new", model="gpt-4o", prompt="What is a state?")
    with pytest.raises(LocalError, match=r"The nearest one is of stack/\d") as caught:
        replayed(stack, replay=export, replay_only=True)
    assert "new" in str(caught.value)
    assert "a state?' here" in str(caught.value)
