"""Checks of JSON schemas: their validity, and the API's strict mode.

Sources: JSON Schema 2020-12; OpenAI's guide to structured outputs, "Supported schemas"; observed errors of
the API.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from openai_constructs.values.tokens import is_token

__all__ = [
    "STRICT_FORMATS",
    "SchemaProblem",
    "item_problems",
    "schema_problems",
    "strict_problems",
    "value_at",
    "with_schemas",
]

_MAX_KEYS: Final = 128
"""Maximum number of keys on the path to a nested schema: two per property, one per array."""

STRICT_FORMATS: Final = frozenset(
    {"date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"}
)
"""Values of ``format`` that strict mode supports."""

_TYPES: Final = frozenset({"array", "boolean", "integer", "null", "number", "object", "string"})
_SCHEMA: Final = ("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames")
_SCHEMAS: Final = ("anyOf", "oneOf", "allOf", "prefixItems")
_NAMED_SCHEMAS: Final = ("properties", "$defs", "definitions", "patternProperties", "dependentSchemas")
_COUNTS: Final = ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties")
_NUMBERS: Final = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
_TEXTS: Final = ("description", "title", "format", "pattern", "$ref")
_NOT_STRICT: Final = (
    *("default", "oneOf", "allOf", "not", "if", "then", "else", "discriminator", "prefixItems"),
    *("patternProperties", "propertyNames", "dependentRequired", "dependentSchemas"),
    *("unevaluatedProperties", "unevaluatedItems", "contains", "minContains", "maxContains"),
    *("minProperties", "maxProperties", "uniqueItems"),
    *("contentEncoding", "contentMediaType", "contentSchema"),
)


class SchemaProblem(NamedTuple):
    """A problem of a schema.

    Attributes:
        path: Keys and indexes of the schema's faulty part.
        message: Description of the problem, in the API's wording.
    """

    path: tuple[str, ...]
    message: str


def schema_problems(schema: Any) -> Iterator[SchemaProblem]:
    """Report why a value is not a valid JSON schema. Tokens are skipped, because only Terraform knows them.

    Args:
        schema: Parsed JSON.
    """
    for path, inner in _schemas(schema):
        if len(path) > _MAX_KEYS:
            yield SchemaProblem(path[:4], f"schemas are nested more than {_MAX_KEYS} keys deep.")
            return
        if isinstance(inner, Mapping):
            yield from (SchemaProblem((*path, key), message) for key, message in _malformed(inner))
        elif not isinstance(inner, bool):
            yield SchemaProblem(path, f"{_shown(inner)} is not of type 'object', 'boolean'.")


def item_problems(schema: Any) -> Iterator[SchemaProblem]:
    """Report arrays without ``items``, which the API rejects in functions, even without strict mode.

    Args:
        schema: Parsed JSON; ``schema_problems`` has found nothing in it.
    """
    for path, inner in _schemas(schema):
        if (
            isinstance(inner, Mapping)
            and inner.get("type") == "array"
            and not {"items", "prefixItems"} & inner.keys()
        ):
            yield SchemaProblem(path, "array schema missing items.")


def strict_problems(schema: Any) -> Iterator[SchemaProblem]:
    """Report what strict mode rejects in an object's valid schema.

    Args:
        schema: Parsed JSON; ``schema_problems`` has found nothing in it.
    """
    if isinstance(schema, Mapping) and schema.get("type") != "object" and "$ref" not in schema:
        given = schema.get("type")
        yield SchemaProblem(
            (), f"schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{given}\"'."
        )
        return
    for path, inner in _schemas(schema):
        if is_token(inner) or path[-1:] == ("additionalProperties",):
            continue
        if isinstance(inner, Mapping):
            yield from (SchemaProblem(path, message) for message in _not_strict(inner, schema))
        else:
            yield SchemaProblem(path, "schema must have a 'type' key.")


def value_at(schema: Any, path: tuple[str, ...]) -> Any:
    """Return the part of a schema at the path of a problem."""
    for key in path:
        schema = schema[int(key)] if isinstance(schema, list | tuple) else schema[key]
    return schema


def with_schemas(schema: Any, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    """Return a copy of a schema with each nested schema changed, inner schemas first.

    It changes only the schemas that keywords define, and not names of properties or values.
    """
    if not isinstance(schema, Mapping):
        return schema
    made: dict[str, Any] = {}
    for key, value in schema.items():
        if key in _NAMED_SCHEMAS and isinstance(value, Mapping):
            made[key] = {name: with_schemas(it, change) for name, it in value.items()}
        elif key in _SCHEMAS and isinstance(value, list):
            made[key] = [with_schemas(it, change) for it in value]
        else:
            made[key] = with_schemas(value, change) if key in _SCHEMA else value
    return change(made)


def _schemas(root: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield each schema in a schema with its path, outer schemas first."""
    waiting: list[tuple[tuple[str, ...], Any]] = [((), root)]
    while waiting:
        path, schema = waiting.pop()
        if is_token(schema):
            continue
        yield path, schema
        if not isinstance(schema, Mapping):
            continue
        inner: list[tuple[tuple[str, ...], Any]] = [
            ((*path, key), schema[key]) for key in _SCHEMA if key in schema
        ]
        for key in _SCHEMAS:
            if isinstance(members := schema.get(key), list | tuple):
                inner += [((*path, key, str(index)), it) for index, it in enumerate(members)]
        for key in _NAMED_SCHEMAS:
            if isinstance(named := schema.get(key), Mapping) and not is_token(named):
                inner += [((*path, key, str(name)), it) for name, it in named.items()]
        waiting += reversed(inner)


def _malformed(schema: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the keywords of a schema whose values have the wrong type, with a description."""
    for keys, is_right, expected in _EXPECTED:
        for key in keys:
            if key in schema and not is_token(schema[key]) and not is_right(schema[key]):
                yield key, f"{_shown(schema[key])} is not {expected}."


def _is_type(value: Any) -> bool:
    names = value if isinstance(value, list | tuple) else [value]
    return bool(names) and all(isinstance(it, str) and (it in _TYPES or is_token(it)) for it in names)


def _is_count(value: Any) -> bool:
    return _is_number(value) and value >= 0 and value == int(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < float("inf")


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)


_EXPECTED: Final[tuple[tuple[tuple[str, ...], Callable[[Any], bool], str], ...]] = (
    (("type",), _is_type, f"one of {', '.join(sorted(_TYPES))}, or a list of them"),
    (_NAMED_SCHEMAS, lambda it: isinstance(it, Mapping), "of type 'object'"),
    (_SCHEMAS, lambda it: _is_list(it) and len(it) > 0, "a list of schemas"),
    (("required",), lambda it: _is_list(it) and all(isinstance(name, str) for name in it), "a list of names"),
    (("enum",), lambda it: _is_list(it) and len(it) > 0, "a list of values"),
    (_COUNTS, _is_count, "a whole number from 0"),
    (_NUMBERS, _is_number, "of type 'number'"),
    (("multipleOf",), lambda it: not _is_number(it) or it > 0, "greater than 0"),
    (_TEXTS, lambda it: isinstance(it, str), "of type 'string'"),
    (("uniqueItems",), lambda it: isinstance(it, bool), "of type 'boolean'"),
)


def _not_strict(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Iterator[str]:
    """Report violations of strict mode in one schema, not in its subschemas."""
    if "$ref" in schema:
        if siblings := sorted(schema.keys() - {"$ref", "$defs", "definitions"}):
            yield f"$ref cannot have keywords {{{', '.join(map(repr, siblings))}}}."
        elif not _resolves(schema["$ref"], root):
            yield f"reference to component '{schema['$ref']}' which was not found in the schema."
        return
    yield from (f"'{key}' is not permitted." for key in _NOT_STRICT if key in schema)
    types = schema.get("type")
    if types is None:
        # `anyOf`, `enum` and `const` also determine the type.
        if not schema.keys() & {"anyOf", "enum", "const", *_NOT_STRICT}:
            yield "schema must have a 'type' key."
        return
    names = [types] if isinstance(types, str) else list(types)
    if "object" in names:
        yield from _open_object(schema)
    if "array" in names and "items" not in schema and "prefixItems" not in schema:
        yield "array schema missing items."
    form = schema.get("format")
    if isinstance(form, str) and not is_token(form) and form not in STRICT_FORMATS:
        yield f"'{form}' is not a valid format."


def _open_object(schema: Mapping[str, Any]) -> Iterator[str]:
    if schema.get("additionalProperties") is not False:
        yield "'additionalProperties' is required to be supplied and to be false."
    properties, required = schema.get("properties", {}), schema.get("required", ())
    if not isinstance(properties, Mapping) or is_token(properties) or is_token(required):
        return
    problem = "'required' is required to be supplied and to be an array including every key in properties. "
    if missing := [name for name in properties if name not in required]:
        yield f"{problem}Missing '{missing[0]}'."
    elif extra := [name for name in required if name not in properties]:
        yield f"{problem}Extra required key '{extra[0]}' supplied."


def _resolves(reference: object, root: Mapping[str, Any]) -> bool:
    if not isinstance(reference, str) or not reference.startswith("#"):
        return False
    node: Any = root
    for part in reference[1:].split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if not isinstance(node, Mapping) or key not in node:
            return False
        node = node[key]
    return True


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
