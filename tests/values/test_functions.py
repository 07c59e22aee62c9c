"""Functions: value objects, the SDK's dicts, and descriptions made from Python."""

from __future__ import annotations

import enum
import functools
from collections.abc import Callable
from typing import Annotated, Any, Literal

import pytest
from openai import pydantic_function_tool
from pydantic import BaseModel, Field, RootModel
from tests.engine import TerraformStack, TerraformVariable

from openai_constructs import InvalidInputError
from openai_constructs.values.checks import Checks
from openai_constructs.values.functions import Function, function_arguments

OBJECT = {"type": "object", "properties": {"a": {"type": "string"}}}


def blocks(functions: Any, function_call: Any = None) -> tuple[list[dict[str, object]], dict[str, str]]:
    checks = Checks()
    made = function_arguments(checks, functions, function_call)
    return made, {it.argument: it.allowed for it in checks.problems}


class Cabin(enum.Enum):
    ECONOMY = "economy"
    FIRST = "first"


def google(
    city: str, day: str, seats: int = 1, cabin: Cabin = Cabin.ECONOMY, kind: Literal["a", "b"] | None = None
) -> None:
    """Search flights.

    Looks everywhere.

    Args:
        city: Where to.
        day: When,
            as a date.
        seats: How many.
    """


def numpy(city: str, day: str, seats: int = 1) -> None:
    """Search flights.

    Parameters
    ----------
    city : str
        Where to.
    day : str
        When.
    """


def sphinx(city: str, day: str, seats: int = 1) -> None:
    """Search flights.

    :param city: Where to.
    :param day: When.
    """


def epydoc(city: str, day: str, seats: int = 1) -> None:
    """Search flights.

    @param city: Where to.
    @param day: When.
    """


def properties(function: Function) -> dict[str, Any]:
    assert isinstance(function.parameters, dict)
    return function.parameters["properties"]  # type: ignore[no-any-return]


def test_of_a_callable_has_hints_defaults_and_descriptions() -> None:
    """The signature makes the schema, the docstring the descriptions."""
    function = Function.of(google)
    assert function.name == "google"
    assert function.description == "Search flights.\n\nLooks everywhere."
    assert function.parameters == {
        "type": "object",
        "properties": {
            "city": {"type": "string", "description": "Where to."},
            "day": {"type": "string", "description": "When,\nas a date."},
            "seats": {"type": "integer", "description": "How many.", "default": 1},
            "cabin": {"$ref": "#/$defs/Cabin", "default": "economy"},
            "kind": {"anyOf": [{"enum": ["a", "b"], "type": "string"}, {"type": "null"}]},
        },
        "$defs": {"Cabin": {"enum": ["economy", "first"], "type": "string"}},
        "additionalProperties": False,
        "required": ["city", "day"],
    }


@pytest.mark.parametrize("source", [google, numpy, sphinx, epydoc])
def test_every_docstring_style_is_read(source: Any) -> None:
    """Google, NumPy, Sphinx and Epydoc docstrings all give the descriptions."""
    function = Function.of(source)
    assert (function.description or "").startswith("Search flights.")
    assert properties(function)["city"]["description"] == "Where to."


def test_of_a_pydantic_model_has_its_schema() -> None:
    """A model's fields, constraints and docstring are kept; made-up titles are not, a title property is."""

    class Search(BaseModel):
        """Search flights."""

        title: str = Field(description="Headline", max_length=5)
        seats: Annotated[int, Field(ge=1)] = 1

    assert Function.of(Search, name="search") == Function(
        "search",
        "Search flights.",
        {
            "type": "object",
            "properties": {
                "title": {"type": "string", "description": "Headline", "maxLength": 5},
                "seats": {"type": "integer", "minimum": 1, "default": 1},
            },
            "required": ["title"],
        },
    )


def test_names_that_pydantic_reserves_are_kept() -> None:
    """Parameters may be called as they like."""

    def odd(_private: int, schema: str, model_config: bool, copy: float) -> None: ...

    assert list(properties(Function.of(odd))) == ["_private", "schema", "model_config", "copy"]


class Desk:
    """A desk."""

    def search(self, city, *, day: str = "today"):  # type: ignore[no-untyped-def]
        """Search at the desk."""


def test_of_a_method_leaves_self_out() -> None:
    """A bound method is described without its self; an untyped parameter takes anything."""
    function = Function.of(Desk().search)
    assert function.description == "Search at the desk."
    assert properties(function) == {"city": {}, "day": {"type": "string", "default": "today"}}


def test_name_and_description_can_be_given() -> None:
    """What is given goes before what the source says of itself."""
    function = Function.of(google, name="find", description="Find.")
    assert (function.name, function.description) == ("find", "Find.")


def many(*cities: str, **more: str) -> None: ...


def positional(city: str, /) -> None: ...


class Unknown:
    __slots__ = ()


def opaque(thing: Unknown) -> None: ...


@pytest.mark.parametrize(
    ("source", "arguments"),
    [
        (5, ["source"]),
        (lambda city: city, ["source"]),
        (many, ["cities", "more"]),
        (positional, ["city"]),
        (opaque, ["source"]),
    ],
)
def test_what_cannot_be_described_is_refused(source: Any, arguments: list[str]) -> None:
    """A source that no JSON object can stand for gives one error that names what to change."""
    with pytest.raises(InvalidInputError) as error:
        Function.of(source)
    assert [it.argument for it in error.value.problems] == arguments


def test_parameters_are_copied() -> None:
    """Changing a dict after the function was made changes nothing in the function."""
    parameters: dict[str, Any] = {"type": "object", "properties": {}}
    function = Function("f", None, parameters)
    parameters["properties"]["late"] = {"type": "string"}
    assert function.parameters == {"type": "object", "properties": {}}


def test_a_function_without_parameters_takes_none() -> None:
    """Left out parameters are an empty object: the provider wants a schema."""
    assert blocks([Function("f")])[0] == [{"name": "f", "parameters": {"type": "object", "properties": {}}}]


class Trip(BaseModel):
    """Book."""

    city: str


@pytest.mark.parametrize(
    "given",
    [
        {"name": "f", "description": "F", "parameters": OBJECT},
        {"type": "function", "function": {"name": "f", "description": "F", "parameters": OBJECT}},
        {"name": "f", "description": "F", "parameters": OBJECT, "strict": False},
    ],
)
def test_dicts_of_the_sdk_are_taken(given: dict[str, object]) -> None:
    """Function definitions and function tools of the SDK are taken."""
    assert blocks([given]) == ([{"name": "f", "description": "F", "parameters": OBJECT}], {})


def test_what_the_provider_has_no_place_for_is_refused() -> None:
    """A strict tool or an unknown key is refused, not dropped."""
    assert list(blocks([pydantic_function_tool(Trip), {"name": "f", "colour": 1}, 5])[1]) == [
        "functions[0]",
        "functions[1]",
        "functions[2]",
    ]


@pytest.mark.parametrize(
    "parameters",
    [
        "{",
        "[]",
        '{"type": "string"}',
        {"type": "array"},
        {"properties": {}},
        5,
        {"type": "object", "properties": []},
        {"type": "object", "required": "a"},
        {"type": "object", "x": {1: 2}},
        {"type": "object", "x": [object()]},
        {"type": "object", "x": float("nan")},
        {"type": "object", "x": "\ud800"},
    ],
)
def test_parameters_are_a_json_schema_of_an_object(parameters: Any) -> None:
    """Whatever is no JSON schema of an object is refused, and the place named."""
    (argument,) = blocks([Function("f", None, parameters)])[1]
    assert argument.startswith("functions[0].parameters")


def test_parameters_may_be_json_text() -> None:
    """A text with the JSON of a schema is taken as it is."""
    text = '{ "type": "object" }'
    assert blocks([Function("f", None, text)]) == ([{"name": "f", "parameters": text}], {})


def test_names_are_checked() -> None:
    """Names are limited, unique, and at most 128; function_call names one of them, auto or none."""
    assert list(blocks([Function("a b"), Function("x" * 65), Function("f"), Function("f")])[1]) == [
        "functions[0].name",
        "functions[1].name",
        "functions[3].name",
    ]
    assert blocks([Function(f"f{index}") for index in range(129)])[1] == {
        "functions": "at most 128; there are 129"
    }
    assert list(blocks([])[1]) == ["functions"]
    assert blocks([Function("f")], "g")[1] == {"function_call": "one of auto, none, f"}
    assert blocks([Function("f")], 5)[1] == {"function_call": "one of auto, none, f"}
    for fine in ("auto", "none", "f", "${TfToken[TOKEN.1]}", None):
        assert blocks([Function("f")], fine)[1] == {}


def test_parameters_hold_whatever_json_can() -> None:
    """Numbers, bools, nulls, lists and tokens at any depth are fine; the schema may be open."""
    schema = {
        "type": "object",
        "x": [1, 1.5, True, None, {"a": "${TfToken[TOKEN.1]}"}, ["#{TfToken[TOKEN.2]}"]],
    }
    assert blocks([Function("f", None, schema)])[1] == {}


def annotated(
    x: Annotated[str, Field(description="the x", max_length=3)],
    y: Annotated[int, Field(description="own")] = 1,
    z: str = Field(default="a", description="the z", alias="other"),
) -> None:
    """F.

    Args:
        y: From the docstring.
    """


def test_annotations_of_pydantic_are_kept() -> None:
    """What a Field says of a parameter is in the schema; the docstring tells the rest."""
    found = properties(Function.of(annotated))
    assert found["x"] == {"type": "string", "description": "the x", "maxLength": 3}
    assert found["y"]["description"] == "own"
    assert found["z"] == {"type": "string", "description": "the z", "default": "a"}


class Caller:
    """An object that can be called."""

    def __call__(self, city: str) -> None:
        """Call."""


def test_what_has_no_name_needs_one() -> None:
    """A partial, a lambda and an object that can be called are described under the name that is given."""
    partial = functools.partial(google, "Rome")
    assert list(properties(Function.of(partial, name="from_rome"))) == ["day", "seats", "cabin", "kind"]
    assert Function.of(partial, name="from_rome").description == "Search flights.\n\nLooks everywhere."
    assert Function.of(Caller(), name="call").description == "Call."
    assert properties(Function.of(Caller(), name="call")) == {"city": {"type": "string"}}
    assert Function.of(lambda city: city, name="f").name == "f"
    with pytest.raises(InvalidInputError, match="add name="):
        Function.of(partial)


class Unfinished(BaseModel):
    later: NowhereToBeFound  # type: ignore[name-defined]  # noqa: F821


class Values(RootModel[list[int]]):
    """A list."""


def forward(x: NowhereToBeFound) -> None: ...  # type: ignore[name-defined]  # noqa: F821


def endless(x: float = float("inf")) -> None: ...


def odd_default(x: object = object()) -> None: ...


def takes_callable(x: Callable[[], int]) -> None: ...


@pytest.mark.parametrize(
    "source",
    [Unfinished, Values, enum.Enum, forward, endless, odd_default, takes_callable, Desk.search, int],
)
def test_every_failure_is_one_of_ours(source: Any) -> None:
    """Whatever stands in the way of a schema, the error is of our family and says what to do."""
    with pytest.raises(InvalidInputError):
        Function.of(source)


class Titled(BaseModel):
    """One."""

    kind: Literal["title"]


class Other(BaseModel):
    """Other."""

    kind: Literal["other"]


class Tagged(BaseModel):
    """Both."""

    it: Annotated[Titled | Other, Field(discriminator="kind")]


def test_a_tag_called_title_stays() -> None:
    """Only titles that pydantic makes up are taken out."""
    assert set(properties(Function.of(Tagged))["it"]["discriminator"]["mapping"]) == {"title", "other"}


def test_functions_with_tokens(stack: TerraformStack) -> None:
    """Values of any kind that only Terraform knows may stand in a schema; names of them may be called."""
    variable = TerraformVariable(stack, "v")
    name = variable.string_value
    function = Function(name, None, {"type": "object", "x": {"default": variable.value}})
    assert blocks([function], "search")[1] == {}
    assert hash(function) == hash(Function(name, None, {}))
