"""Matchers: what they match, how they nest, what they are called, and where they are refused."""

from __future__ import annotations

from typing import Any

import pytest

from openai_constructs import InvalidInputError
from openai_constructs.testing import (
    absent,
    any_value,
    array_with,
    object_like,
    serialized_json,
    string_like,
)
from openai_constructs.testing.differences import differences


@pytest.mark.parametrize(
    ("matcher", "value"),
    [
        (any_value(), 0),
        (any_value(), ""),
        (array_with([1, 3]), [0, 1, 2, 3, 4]),
        (array_with([{"a": 1}]), [{"a": 1, "b": 2}]),
        (array_with([string_like("^x")]), ["y", "xy"]),
        (object_like({"a": 1}), {"a": 1, "b": 2}),
        (object_like({"a": object_like({"b": any_value()})}), {"a": {"b": 1, "c": 2}}),
        (object_like({"gone": absent()}), {"a": 1}),
        (string_like("b.d"), "abcde"),
        (serialized_json({"a": [1, {"b": 2}]}), '{"a": [1, {"b": 2, "c": 3}]}'),
        (serialized_json({"cost": "${x}"}), '{"cost":"$${x}"}'),
        (serialized_json(array_with([2])), "[1, 2]"),
    ],
)
def test_what_matches(matcher: Any, value: Any) -> None:
    """On either side of ==, and inside of other values."""
    assert matcher == value
    assert value == matcher
    assert {"it": [value]} == {"it": [matcher]}


@pytest.mark.parametrize(
    ("matcher", "value"),
    [
        (any_value(), None),
        (absent(), None),
        (array_with([3, 1]), [1, 3]),
        (array_with([1, 1]), [1]),
        (array_with([1]), "1"),
        (object_like({"a": 1}), {"a": True}),
        (object_like({"a": 1}), ["a"]),
        (object_like({"gone": absent()}), {"gone": None}),
        (string_like("^b"), "abc"),
        (string_like("1"), 1),
        (serialized_json({"a": 1}), "{"),
        (serialized_json({"a": 1}), {"a": 1}),
        (serialized_json({"a": 1}), '{"a": 2}'),
    ],
)
def test_what_does_not_match(matcher: Any, value: Any) -> None:
    """Neither alone nor inside of other values."""
    assert matcher != value
    assert {"it": [value]} != {"it": [matcher]}


def test_their_words() -> None:
    """A matcher is shown as it is written."""
    written = (
        "object_like({'a': array_with([any_value(), string_like('x.*')]), "
        "'b': serialized_json({'c': absent()})})"
    )
    assert repr(eval(written)) == written


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: array_with([]), "array_with: elements = []: must be one element or more. For a list of any"),
        (lambda: array_with("ab"), "array_with: elements = 'ab': must be a list. Put it into a list."),
        (lambda: array_with([absent()]), "array_with: pattern[0] = [absent()]: must be no absent() here."),
        (lambda: object_like([1]), "object_like: fields = [1]: must be a dict."),  # type: ignore[arg-type]
        (lambda: object_like({"a": [absent()]}), "object_like: pattern.a[0] = "),
        (lambda: serialized_json(absent()), "serialized_json: pattern = absent(): must be no absent() here."),
        (lambda: string_like("["), "string_like: pattern = '[': must be a regular expression (unterminated"),
        (lambda: string_like(5), "string_like: pattern = 5: must be a regular expression"),  # type: ignore[arg-type]
    ],
)
def test_where_they_make_no_sense(make: Any, message: str) -> None:
    """One clear error at construction."""
    with pytest.raises(InvalidInputError) as error:
        make()
    assert str(error.value).startswith(message)


@pytest.mark.parametrize(
    ("expected", "actual", "exact", "told"),
    [
        ({"a": 1}, {"a": 1, "b": 2}, False, []),
        ({"a": 1}, {"a": 1, "b": 2}, True, [("b", "(nothing)", "2")]),
        ({"a": {"b": [1, 2]}}, {"a": {"b": [1, 3]}}, False, [("a.b[1]", "2", "3")]),
        ([1], [1, 2], False, [("[1]", "(nothing)", "2")]),
        ([1, 2], [1], False, [("[1]", "2", "(nothing)")]),
        ({"a b": 1}, {"a b": 2}, False, [('["a b"]', "1", "2")]),
        ({"a": {"b": 1}}, {"a": [1]}, False, [("a", '{"b": 1}', "[1]")]),
        ({"a": object_like({"b": 1})}, {"a": {"b": 1, "c": 2}}, True, []),
        ({"a": absent()}, {"a": 1}, False, [("a", "absent()", "1")]),
        ({"a": serialized_json({"b": 1})}, {"a": '{"b":2}'}, False, [("a(json).b", "1", "2")]),
        ({"a": array_with([1, 9])}, {"a": [0, 1, 2]}, False, [("a[from 2]", "9", "[2]")]),
        (1, True, False, [("", "1", "true")]),
        (1, 1.0, False, []),
    ],
)
def test_differences(expected: Any, actual: Any, exact: bool, told: list[tuple[str, str, str]]) -> None:
    """Each place that differs, by its path, with what was wanted and what is there."""
    found = [str(it).split("\n") for it in differences(expected, actual, exact=exact)]
    assert [
        (path, want.split(": ", 1)[1].strip(), got.split(": ", 1)[1].strip()) for path, want, got in found
    ] == [(path or "(the whole)", want, got) for path, want, got in told]


def test_long_texts_show_where_they_part() -> None:
    """In a long prompt, the first character that differs is named."""
    text = "You write release notes: one sentence, plain words, no prices at all."
    (it,) = differences(text, text.replace("plain", "plane"))
    assert (
        str(it).split("\n")[-1]
        == '  from character 42: …"entence, plain words, no" and not …"entence, plane words, no"'
    )
