"""Schemas made from Python types: strict ones have the form that the API takes, others stay as they are."""

from __future__ import annotations

import hashlib
import json
import sys
import typing
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import Field, TypeAdapter, create_model
from tests.values.schema_corpus import (
    CALLABLES,
    CLASSES,
    WITHOUT_STRICT_FORM,
    Node,
    Plain,
    RootOfModel,
    fields,
)

from openai_constructs import Function, InvalidInputError, ResponseFormat, Tool
from openai_constructs.emulator.schema_values import satisfying
from openai_constructs.values.json_schemas import schema_problems, strict_problems

KEYWORDS = {
    *("type", "properties", "required", "additionalProperties", "items", "anyOf", "enum", "const", "$defs"),
    *("description", "pattern", "format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    *("multipleOf", "minItems", "maxItems", "minLength", "maxLength"),
}
FORMATS = {"date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"}


def violations(  # noqa: C901 - one rule after the other
    schema: Any, root: Any = None, is_root: bool = True
) -> Iterator[str]:
    """What the API refuses of a strict schema: the rules once more, apart from those of the package."""
    root = schema if root is None else root
    if not isinstance(schema, dict):
        yield f"not a schema: {schema!r}"
        return
    if "$ref" in schema:
        if schema.keys() - {"$ref"} or is_root:
            yield f"siblings of $ref: {schema}"
        if schema["$ref"].removeprefix("#/$defs/") not in root["$defs"]:
            yield f"unknown $ref: {schema}"
        return
    if unknown := schema.keys() - KEYWORDS:
        yield f"not permitted: {unknown}"
    if is_root and schema.get("type") != "object":
        yield "the root is no object"
    if not schema.keys() & {"type", "anyOf"}:
        yield f"no type: {schema}"
    if "object" in str(schema.get("type")):
        if schema.get("additionalProperties") is not False:
            yield f"open: {schema}"
        if set(schema.get("required", [])) != set(schema.get("properties", {})):
            yield f"not all required: {schema}"
    if schema.get("format", "date") not in FORMATS:
        yield f"unknown format: {schema}"
    inner = [
        *schema.get("properties", {}).values(),
        *schema.get("$defs", {}).values(),
        *schema.get("anyOf", ()),
    ]
    for it in [*inner, *([schema["items"]] if "items" in schema else [])]:
        yield from violations(it, root, is_root=False)


def strict(source: Any) -> dict[str, Any]:
    parameters = Tool.of(source, name="it", strict=True).parameters
    assert isinstance(parameters, dict)
    return parameters


@pytest.mark.parametrize("source", [*CLASSES, *CALLABLES], ids=lambda it: getattr(it, "__qualname__", "Desk"))
def test_strict_schemas_are_accepted_and_not_changed_by_checks(source: Any) -> None:
    """A strict schema of any class or callable breaks no rule, and the package finds none either."""
    schema = strict(source)
    assert list(violations(schema)) == []
    assert [*schema_problems(schema), *strict_problems(schema)] == []
    Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("model", CLASSES, ids=lambda it: it.__qualname__)
def test_answers_validate_against_their_class(model: type) -> None:
    """The emulator's answer to a strict response format validates against the class, and the schema."""
    shape = ResponseFormat.of(model, name="it")
    assert isinstance(shape.schema, dict)
    assert shape.schema == strict(model)
    answer = satisfying(shape.schema)
    TypeAdapter(model).validate_json(json.dumps(answer))
    Draft202012Validator(shape.schema).validate(answer)


@pytest.mark.parametrize("source", WITHOUT_STRICT_FORM, ids=lambda it: it.__qualname__)
@pytest.mark.parametrize("make", [Tool.of, ResponseFormat.of])
def test_what_has_no_strict_form_is_refused_by_its_field(source: Any, make: Any) -> None:
    """Dicts, Any, tuples and the like are refused at construction, with the field named."""
    with pytest.raises(InvalidInputError) as error:
        make(source, strict=True)
    (problem,) = error.value.problems
    assert problem.argument.split(".")[-1] in ("scores", "Pair")
    assert error.value.path == f"{make.__qualname__}({source.__name__})"
    assert Function.of(source).parameters  # without strict mode it is fine


def test_field_names_that_are_keywords_stay() -> None:
    """A field may be called like a keyword of JSON Schema; the answer needs it."""
    names = ("default", "properties", "items", "title", "type", "required", "enum", "const", "$ref", "$defs")
    model = create_model("Model", **{f"f{n}": (str, ...) for n in range(3)})
    assert list(strict(model)["properties"]) == ["f0", "f1", "f2"]
    for name in names:
        fields_: Any = {"x": (list[str], Field(alias=name))}
        for schema in (
            strict(create_model("M", **fields_)),
            Function.of(create_model("M", **fields_)).parameters,
        ):
            assert isinstance(schema, dict)
            assert schema["properties"] == {name: {"items": {"type": "string"}, "type": "array"}}
            assert schema["required"] == [name]


def test_recursive_models_have_an_object_at_the_root() -> None:
    """A model that holds itself, or a root model of another, is written out at the root."""
    tree = {
        "type": "object",
        "properties": {
            "value": {"type": "integer"},
            "children": {"items": {"$ref": "#/$defs/Node"}, "type": "array"},
        },
        "required": ["value", "children"],
        "additionalProperties": False,
    }
    assert strict(Node) == {**tree, "$defs": {"Node": tree}}
    loose = Function.of(Node).parameters
    assert isinstance(loose, dict)
    assert loose["type"] == "object"
    assert loose["required"] == ["value"]
    assert set(strict(RootOfModel)["properties"]) == {"x"}


def test_strict_changes_only_strict_schemas() -> None:
    """Without strict, defaults and optional properties stay; with it, all are required without default."""
    loose = Tool.of(Plain).parameters
    assert isinstance(loose, dict)
    assert loose["required"] == ["a", "c"]
    assert loose["properties"]["b"] == {"default": 3, "type": "integer"}
    assert strict(Plain)["required"] == ["a", "b", "c", "d", "e"]
    assert strict(Plain)["properties"]["b"] == {"type": "integer"}


def test_descriptions_have_the_precedence_of_pydantic() -> None:
    """The default's Field comes before one in Annotated, and that before the docstring."""
    parameters = Function.of(fields).parameters
    assert isinstance(parameters, dict)
    assert {name: it["description"] for name, it in parameters["properties"].items()} == {
        "a": "annotated",
        "b": "default",
        "c": "default",
    }


def test_one_entry_of_a_docstring_may_describe_several_parameters() -> None:
    """numpydoc's `a, b : int` describes both."""
    from tests.values.schema_corpus import numpydoc

    parameters = Function.of(numpydoc).parameters
    assert isinstance(parameters, dict)
    assert [it["description"] for it in parameters["properties"].values()] == [
        "Both numbers.",
        "Both numbers.",
        "The unit.",
    ]


class Film(typing.TypedDict):
    name: str


def takes_film(film: Film) -> None: ...


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="pydantic reads it from Python 3.12 on")
@pytest.mark.parametrize("source", [Film, takes_film])
def test_a_typed_dict_of_typing_is_refused_with_the_reason(source: Any) -> None:
    """Before Python 3.12 only typing_extensions' TypedDict works, and the error says so."""
    with pytest.raises(InvalidInputError, match=r"typing_extensions\.TypedDict"):
        ResponseFormat.of(source)


def test_schemas_of_functions_stay_as_they_were() -> None:
    """Schemas without strict mode are part of request hashes in states, so they are pinned byte for byte."""
    hashes = {}
    for source in [*CLASSES, *CALLABLES, *WITHOUT_STRICT_FORM]:
        text = json.dumps(Function.of(source, name="x").parameters)
        hashes[getattr(source, "__qualname__", "Desk")] = hashlib.sha256(text.encode()).hexdigest()[:8]
    assert {name: it for name, it in hashes.items() if name in PINNED} == PINNED


PINNED = {
    "Empty": "47055daf",
    "Inner": "1ee24907",
    "Plain": "347bef86",
    "KeywordNames": "2df73584",
    "DollarNames": "a9009420",
    "Described": "0504a28b",
    "Expression": "c715f7c8",
    "Cat": "ee4601e5",
    "Tagged": "0e36af2c",
    "Untagged": "e7c3d3d1",
    "Choices": "4b483792",
    "DefaultedChoices": "9ef1708c",
    "Bounded": "e324e2f3",
    "Times": "28e6cbd1",
    "Texts": "76ec5b03",
    "Amounts": "5d3d2b32",
    "Collections": "80fd2b89",
    "Page[int]": "e834db77",
    "Page[Node]": "c1f7214c",
    "Aliased": "5a1839f8",
    "Forbidding": "6b829ef6",
    "Allowing": "6db46b8a",
    "Parent": "cd8bc8ea",
    "Child": "d0ae3116",
    "HasOthers": "da56992c",
    "UnserializableDefault": "143950bb",
    "nothing": "84ca7f68",
    "everyday": "44b531da",
    "keywords": "cf0ef9b7",
    "models": "74726d8f",
    "tagged": "d9d04407",
    "optional": "89869fdf",
    "waiting": "6b829ef6",
    "keyword_only": "aa0846be",
    "odd_default": "70721598",
    "newtypes": "0d38bd10",
    "Desk.search": "ac016548",
    "Desk.of_class": "377a243d",
    "Desk.static": "377a243d",
    "HasDict": "76e27235",
    "HasPatternDict": "dc065a0f",
    "HasBareDict": "9d175cdb",
    "HasAny": "cd460520",
    "HasObject": "cd460520",
    "HasBareList": "c45ea44e",
    "HasTuple": "7910214e",
    "HasNamedTuple": "14a85a59",
    "HasJson": "cd09fcd6",
    "HasDeep": "57a7ff28",
    "HasOptionalDict": "dcf4a6db",
    "HasNetwork": "a8a81359",
    "HasWritten": "b44287f5",
    "untyped": "5cfad458",
    "of_dict": "a8d4030d",
    "of_tuple": "3a9afe3b",
}
