"""Plain requests take a shorter way through escaping and hashing, and come out the same."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openai_constructs.cdk import hashes, text

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


@given(st.dictionaries(TEXTS, VALUES, max_size=4))
def test_the_short_way_writes_the_same(arguments: dict[str, Any]) -> None:
    """Whatever the texts and numbers are."""
    arguments.pop("functions", None)
    settled = text._settled(arguments)
    made = text.written(arguments)
    assert (made.given, made.arguments) == (settled, text._literal_arguments(settled))


@given(st.dictionaries(TEXTS, VALUES, max_size=4))
def test_the_short_way_hashes_the_same(request: dict[str, Any]) -> None:
    """A request without tokens has one hash, whichever way it is found."""
    request.pop("metadata", None)
    canonical = json.dumps(
        hashes._skeleton(request, []), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    assert hashes.request_hash(request) == hashlib.sha256(canonical.encode("utf-8", "replace")).hexdigest()


def test_what_was_given_is_copied() -> None:
    """A list that its owner changes later is no longer the request's."""
    stop = ["a"]
    made = text.written({"model": "m", "stop": stop})
    stop.append("b")
    assert made.is_plain
    assert made.arguments == made.given == {"model": "m", "stop": ["a"]}


@pytest.mark.parametrize("odd", ["${x}", "%{x}", "a\rb", "\ufeff", "é", "9e+298"])
def test_what_is_not_plain(odd: str) -> None:
    """What has to be escaped, looked up or warned of is looked at piece by piece."""
    assert not text.written({"user": odd}).is_plain
    assert not text.written({"metadata": {odd: "x"}}).is_plain
