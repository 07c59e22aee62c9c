"""Texts that the patterns of schemas match."""

from __future__ import annotations

import re

import pytest
from jsonschema import Draft202012Validator

from openai_constructs.emulator.pattern_texts import matching_text
from openai_constructs.emulator.schema_values import satisfying

PATTERNS = [
    *(
        r"^[A-Z]{3}-\d{4}$",
        r"^\+?[1-9]\d{1,14}$",
        r"^#[0-9a-fA-F]{6}$",
        r"^(foo|bar)+$",
        r"^v\d+\.\d+(-[a-z]+)?$",
    ),
    *(r"^[^\s@]+@[^\s@]+\.[^\s@]+$", r"^[a-z0-9]+(?:-[a-z0-9]+)*$", r"^[\w.-]{2,}$", r"^$", r"^a{0}b$"),
    *(r"\bword\b", r"^(?P<year>\d{4})/\d\d$", r"[]a]", r"^[^a-zA-Z]$", r"^\u0041\x42$", r"^(a(b(c)?)+|d)$"),
    *(
        r"^[\d-]+$",
        r"^https?://\S+$",
        r"^.{5,10}$",
        r"^[^a]+?x*?$",
        r"()",
        r"^\^\$\.$",
        r"^a|b$",
        r"^[\]\-]+$",
    ),
]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_text_matches_its_pattern(pattern: str) -> None:
    """Classes, escapes, groups, alternatives, anchors and repetitions are written out."""
    text = matching_text(pattern)
    assert text is not None
    assert re.search(pattern, text)


@pytest.mark.parametrize(
    "pattern",
    [
        "(?=x)x",
        "(?!x)y",
        r"(a)\1",
        "(",
        ")",
        "[",
        "*a",
        "a{99999}",
        "(a{1000}){1000}",
        r"\p{L}",
        "(?i)a",
        "\\",
    ],
)
def test_what_is_not_known_has_no_text(pattern: str) -> None:
    """Look-arounds, back-references, flags, broken patterns and texts without bounds are given up on."""
    assert matching_text(pattern) is None


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "pattern": "^[A-Z]{3}-[0-9]{4}$"},
        {"type": "string", "pattern": "^[a-z]+$", "minLength": 7, "maxLength": 9},
        {"type": "string", "pattern": "^[0-9]+$", "minLength": 5},
        {"type": "string", "pattern": "^a.*z$", "maxLength": 4},
    ],
)
def test_patterns_and_lengths_together(schema: dict[str, object]) -> None:
    """A value has both the pattern and the length."""
    Draft202012Validator(schema).validate(satisfying(schema))
