"""Typed fields are written by hand, for type checkers and editors; the table says which there are."""

from __future__ import annotations

import ast
import inspect
import re
from dataclasses import fields
from itertools import pairwise
from typing import Any

import pytest
from constructs import Construct
from docstring_parser import parse

import openai_constructs
from openai_constructs import (
    ChatCompletion,
    CompletionsQuery,
    FleetChat,
    MessagesQuery,
    OpenaiProvider,
    StoredCompletion,
)
from openai_constructs.cdk.parameters import (
    CallOptions,
    CommonParameters,
    NativeParameters,
    Parameters,
    RequestOptions,
    StoreOptions,
)
from openai_constructs.schema import COMPAT, NATIVE, Attribute, Block
from openai_constructs.schema_types import JSON_TEXTS

PUBLIC, EVERYTHING = COMPAT.chat_completion, NATIVE.chat_completion
NATIVE_ONLY = EVERYTHING.arguments - PUBLIC.arguments
OF_CONSTRUCTS = {"model", "messages", "functions", "function_call", "stream", "store", "metadata"}
TYPES = {
    "string": "str",
    "number": "Number",
    "bool": "Flag",
    ("list", "string"): "Sequence[str]",
    ("map", "string"): "Mapping[str, str]",
    ("map", "number"): "Mapping[str, float]",
}


def annotations(typed: type) -> dict[str, str]:
    return {name: it.__forward_arg__ for name, it in typed.__annotations__.items()}


def test_native_parameters_are_those_of_the_table() -> None:
    """Each argument that only the native edition has, and no other."""
    assert annotations(NativeParameters).keys() == NATIVE_ONLY


def test_parameters_are_those_of_the_table() -> None:
    """Each argument that is sent, but for those that constructs name themselves."""
    public = annotations(Parameters).keys() - NATIVE_ONLY
    assert public == PUBLIC.sent_arguments.keys() - OF_CONSTRUCTS
    assert annotations(RequestOptions).keys() - annotations(Parameters).keys() == {"store", "metadata"}


@pytest.mark.parametrize("name", sorted(annotations(RequestOptions)))
def test_a_typed_field_has_the_type_of_the_table(name: str) -> None:
    """A number, text, bool, list or map; texts of which only some are allowed are literals."""
    line, annotation = EVERYTHING.lines[name], annotations(RequestOptions)[name]
    if isinstance(line, Block) or line.sent == "tool_choice":
        pytest.skip("it has a class of its own")
    if line.limits.one_of:
        expected = f"Literal[{', '.join(map(repr, line.limits.one_of))}]"
    elif line.sent in JSON_TEXTS:
        expected = "Mapping[str, object] | str"
    else:
        expected = TYPES[line.type]  # type: ignore[index]
    assert annotation == f"{expected} | None"


DOCUMENTED: list[tuple[type, Block]] = [
    (CommonParameters, EVERYTHING),
    (StoreOptions, EVERYTHING),
    (NativeParameters, EVERYTHING),
    (ChatCompletion, PUBLIC),
    (StoredCompletion, PUBLIC),
    (OpenaiProvider, NATIVE.provider),
    (MessagesQuery, NATIVE.data_sources["chat_completion_messages"]),
    (CompletionsQuery, NATIVE.data_sources["chat_completions"]),
]


@pytest.mark.parametrize(("documented", "block"), DOCUMENTED)
def test_docstrings_name_the_limits_of_the_table(documented: type, block: Block) -> None:
    """Each bound, and each text that is known, stands in the line of the argument."""
    texts = arguments_of(documented) or literals_of(documented)
    lines = {name: line for name, line in block.lines.items() if name in texts}
    assert lines
    for name, line in lines.items():
        missing = [
            it
            for it in _bounds(line)
            if not re.search(rf"(?<![\w.]){re.escape(it)}(?![\w.]*\w)", texts[name])
        ]
        assert not missing, (name, texts[name])


@pytest.mark.parametrize(
    "typed",
    [CallOptions, CommonParameters, FleetChat, NativeParameters, StoreOptions],
    ids=lambda it: it.__name__,
)
def test_every_key_has_a_text(typed: type) -> None:
    """Each key of a TypedDict has a literal below it, which editors show."""
    own = ast.parse(inspect.getsource(typed)).body[0].body  # type: ignore[attr-defined]
    assert literals_of(typed).keys() == {it.target.id for it in own if isinstance(it, ast.AnnAssign)}


CONSTRUCTS = [
    it
    for name in openai_constructs.__all__
    if isinstance(it := getattr(openai_constructs, name), type) and issubclass(it, Construct)
]


@pytest.mark.parametrize("construct", CONSTRUCTS, ids=lambda it: it.__name__)
def test_every_argument_of_a_constructor_has_a_text(construct: type) -> None:
    """The docstring of each public constructor names its arguments, in order, and no others."""
    own = inspect.signature(construct.__init__).parameters  # type: ignore[misc]
    assert list(arguments_of(construct)) == [name for name in own if name != "self"]


def arguments_of(construct: type) -> dict[str, str]:
    """What the docstring of a constructor, or of its dataclass, says of each argument."""
    documented = getattr(vars(construct).get("__init__"), "__doc__", None) or construct.__doc__ or ""
    return {it.arg_name: it.description or "" for it in parse(documented).params}


def literals_of(typed: type) -> dict[str, str]:
    """The literals below the keys of a class."""
    body = ast.parse(inspect.getsource(typed)).body[0].body  # type: ignore[attr-defined]
    return {
        key.target.id: inspect.cleandoc(text.value.value)
        for key, text in pairwise(body)
        if isinstance(key, ast.AnnAssign) and isinstance(text, ast.Expr)
    }


def _bounds(line: Attribute | Block) -> list[str]:
    limits = line.limits
    numbers: tuple[Any, ...] = (limits.minimum, limits.maximum, limits.max_items)
    numbers += (limits.max_key_length, limits.max_length)
    words = (limits.one_of or ()) + (limits.known or ())
    return [f"{it:g}" for it in numbers if it is not None] + list(words)


@pytest.mark.parametrize(
    ("query", "block"),
    [
        (MessagesQuery, NATIVE.data_sources["chat_completion_messages"]),
        (CompletionsQuery, NATIVE.data_sources["chat_completions"]),
    ],
)
def test_queries_have_the_arguments_of_the_table(query: Any, block: Block) -> None:
    """A query has what its data source takes, and the name of that."""
    assert {it.name for it in fields(query)} - {"name"} == block.arguments - {"id", "completion_id"}
