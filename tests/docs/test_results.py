"""docs/results.md names every result of every construct; tests/docs/test_blocks.py runs its lines."""

from __future__ import annotations

import re

import pytest
from tests.support import ROOT

import openai_constructs
from openai_constructs.cdk import results
from openai_constructs.cdk.chats import Chat
from openai_constructs.cdk.engine import cdk

PAGE = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")

ON_THE_PAGE = {
    "chat": Chat,
    r"chat\.choices\[1\]": results.Choice,
    r"chat\.choices\[1\]\.message\[0\]": results.AnswerMessage,
    r"chat\.choices\[1\]\.message\[0\]\.function_call\[0\]": results.FunctionCallResult,
    r"chat\.tool_calls\[0\]": results.ToolCallResult,
    r"chat\.usage": results.Usage,
    "stored": openai_constructs.StoredCompletion,
    "lookup": openai_constructs.CompletionLookup,
    r"lookup\.choices\[0\]": results.Choice,
    r"lookup\.recent\[0\]": results.StoredChatCompletion,
    "fleet": openai_constructs.ChatFleet,
    r"fleet\[\"plan\"\]": results.ChatResult,
    "matrix": openai_constructs.PromptMatrix,
    "resource": openai_constructs.ChatCompletion,
    r"resource\.functions\[0\]": results.FunctionResult,
    "one": openai_constructs.DataOpenaiChatCompletion,
    "messages": openai_constructs.DataOpenaiChatCompletionMessages,
    "completions": openai_constructs.DataOpenaiChatCompletions,
}
REFERRED_TO = {"stored": "resource", r"fleet\[\"plan\"\]": "chat"}
"""Results that the page has in the section of another construct, to which it links."""


@pytest.mark.parametrize("name", ON_THE_PAGE)
def test_every_result_is_on_the_page(name: str) -> None:
    """Each public result of a construct, and of what it returns, has a line of code."""
    names = [name, REFERRED_TO.get(name, name)]
    shown = {found for it in names for found in re.findall(rf"^{it}\.(\w+)", PAGE, re.MULTILINE)}
    assert results_of(ON_THE_PAGE[name]) <= shown


def results_of(kind: type) -> set[str]:
    """The results of a class: what it reads, and its own properties, but none that the engine asks for."""
    own = [it for it in kind.__mro__ if it.__module__.startswith("openai_constructs.")]
    others = {*kind.__mro__, cdk.IResolvable, cdk.ITerraformAddressable}.difference(own)
    return {
        name
        for it in own
        for name, member in vars(it).items()
        if not name.startswith("_") and isinstance(member, property | results._Read)
        if not any(hasattr(other, name) for other in others)
    }
