"""Telling tokens from values without asking the CDK: compared with the CDK's own."""

from __future__ import annotations

from typing import Any

import pytest
from tests.engine import Fn, TerraformStack, TerraformVariable, Token

from openai_constructs.values.tokens import has_token, is_token


def test_every_kind_of_token_is_recognised(stack: TerraformStack) -> None:
    """Texts, numbers, lists, maps and resolvables that the CDK makes are tokens."""
    variable = TerraformVariable(stack, "v", type="any")
    tokens: list[Any] = [
        variable.string_value,
        variable.number_value,
        variable.list_value,
        variable.boolean_value,
        variable.value,
        Token.as_string_map(variable.value),
        Token.as_number_map(variable.value),
        Token.as_any_map(variable.value),
        Token.as_boolean_map(variable.value),
        Token.as_number_list(variable.value),
        Fn.jsonencode({"a": 1}),
        Token.as_any("${x}"),
    ]
    assert [is_token(it) for it in tokens] == [True] * len(tokens)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "text",
        "${var.x}",
        "${TfToken[a b]}",
        0,
        1.5,
        -8e298,
        True,
        None,
        [],
        ["a"],
        [1.0],
        {},
        {"a": 1},
        object(),
    ],
)
def test_values_are_no_tokens(value: object) -> None:
    """What the CDK did not make is a value."""
    assert not is_token(value)


def test_a_construct_is_no_token(stack: TerraformStack) -> None:
    """A variable itself is not a value: its string_value is."""
    assert not is_token(TerraformVariable(stack, "v"))


def test_text_around_a_token(stack: TerraformStack) -> None:
    """Text with a token in it is not a token, but has one."""
    text = f"a {TerraformVariable(stack, 'v').string_value}"
    assert not is_token(text)
    assert has_token(text)
    assert not has_token("a ${var.x}")
