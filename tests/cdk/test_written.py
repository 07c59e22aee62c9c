"""Plain requests take a shorter way through escaping and hashing, and come out the same."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests import engine

from openai_constructs import FunctionCall, Message
from openai_constructs.cdk import hashes, text
from openai_constructs.cdk.expressions import as_any, as_text
from openai_constructs.values.checks import Checks
from openai_constructs.values.request import request_arguments

PIECES = st.sampled_from(
    ["$", "{", "}", "%", "#", "&", "\\", "\r", "\n", '"', "e+298", ".0", ",", "a", "é", " "]
)
TEXTS = st.lists(PIECES, max_size=6).map("".join) | st.text(max_size=6)
NUMBERS = st.integers(-(10**20), 10**20) | st.floats(allow_nan=False, allow_infinity=False, width=32)
VALUES = st.recursive(
    TEXTS | NUMBERS | st.booleans() | st.none(),
    lambda it: st.lists(it, max_size=3) | st.dictionaries(TEXTS, it, max_size=3),
    max_leaves=8,
)


@given(TEXTS, TEXTS)
def test_the_short_way_writes_the_same(content: str, key: str) -> None:
    """Whatever the texts are: what the checks find plain has nothing in it to change."""
    checks = Checks()
    arguments = {
        "messages": [{"role": "user", "content": content}],
        "metadata": {key: content},
        "stop": (content,),
    }
    made = request_arguments(checks, {"model": "m", **arguments})
    if not checks.problems:
        short, long = (text.written(made, is_plain=it) for it in (checks.is_plain, False))
        assert (short.given, short.arguments) == (long.given, long.arguments)


@given(st.dictionaries(TEXTS, VALUES, max_size=4))
def test_the_short_way_hashes_the_same(request: dict[str, Any]) -> None:
    """A request without tokens has one hash, whichever way it is found."""
    request.pop("metadata", None)
    canonical = json.dumps(
        hashes._skeleton(request, []), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    assert hashes.to_hash(request) == (canonical, "")


def test_what_was_given_is_copied() -> None:
    """A list that its owner changes later is no longer the request's."""
    stop = ["a"]
    made = text.written({"model": "m", "stop": stop}, is_plain=True)
    stop.append("b")
    assert made.arguments == made.given == {"model": "m", "stop": ["a"]}


TOKEN = engine.Token.as_number(as_any("var.x"))


@pytest.mark.parametrize(
    "odd",
    [
        {"user": "${x}"},
        {"user": "%{x}"},
        {"user": "a\rb"},
        {"user": "\ufeff"},
        {"user": "é"},
        {"user": f"{TOKEN}"},
        {"user": as_any("var.x")},
        {"temperature": TOKEN},
        {"store": as_any("var.x")},
        {"stop": ["a", "${x}"]},
        {"metadata": {"${x}": "a"}},
        {"logit_bias": {"1": TOKEN}},
        {"functions": [{"name": "f", "description": "${x}"}]},
        {"functions": [{"name": "f", "parameters": {"type": "object", "title": "${x}"}}]},
        {"functions": [{"name": "f", "parameters": {"type": "object", "${x}": 1}}]},
        {"functions": [{"name": "f", "parameters": {"type": "object", "default": TOKEN}}]},
        {"functions": [{"name": "f", "parameters": as_text("var.x")}]},
        {"messages": [Message.assistant(function_call=FunctionCall("f", "${x}"))]},
    ],
)
def test_what_is_not_plain(odd: dict[str, Any]) -> None:
    """What has to be escaped, resolved or warned of is found wherever it stands."""
    plain, checks = {"model": "m", "messages": [Message.user("p")]}, Checks()
    request_arguments(checks, plain)
    assert checks.is_plain
    request_arguments(checks, {**plain, **odd})
    assert not checks.problems
    assert not checks.is_plain
