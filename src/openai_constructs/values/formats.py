"""The format of an answer: argument ``response_format``. Only the native provider supports it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from openai_constructs.schema import NATIVE
from openai_constructs.values.checks import Checks
from openai_constructs.values.functions import check_parameters
from openai_constructs.values.tokens import copied

__all__ = ["ResponseFormat", "ResponseFormatLike", "format_arguments"]

_Class: TypeAlias = type
_FORMAT: Final = NATIVE.chat_completion.blocks["response_format"]


@dataclass(frozen=True, slots=True)
class ResponseFormat:
    """Required format of an answer: block ``response_format`` of ``openai_chat_completion``.

    Attributes:
        type: ``text``, ``json_object`` or ``json_schema``.
        name: Name of the schema, ``[a-zA-Z0-9_-]{1,64}``; with ``json_schema``.
        schema: JSON schema of an object, as a dict or JSON text; with ``json_schema``.
        description: Purpose of the answer.
        strict: Whether the answer must match the schema exactly.

    Source: API reference, create chat completion, ``response_format``.
    """

    type: Literal["text", "json_object", "json_schema"]
    name: str | None = None
    schema: Mapping[str, object] | str | None = None
    description: str | None = None
    strict: bool | None = None

    def __hash__(self) -> int:
        return hash((self.type, self.name, self.strict))

    @classmethod
    def json_object(cls) -> ResponseFormat:
        """Require any JSON object. The API rejects the request unless a message asks for JSON."""
        return cls("json_object")

    @classmethod
    def of(cls, model: _Class, *, name: str | None = None, strict: bool = True) -> ResponseFormat:
        """Require an object with the fields of a class.

        Args:
            model: The pydantic model, dataclass or ``TypedDict``; see ``Function.of``.
            name: Name of the schema; default: the class's name.
            strict: Whether the answer must match the schema exactly. If so, the schema gets the form of
                strict mode: all properties are required, and there are no additional properties or defaults.

        Raises:
            InvalidInputError: If it is not such a class, or if ``strict`` is set and it has fields without a
                strict form: dicts, ``Any``, tuples.
        """
        from openai_constructs.values.introspection import describe

        made = describe(model, name, maker="ResponseFormat.of", strict=strict)
        return cls("json_schema", made.name, made.parameters, made.description, strict)


ResponseFormatLike = ResponseFormat | type
"""A ``ResponseFormat``, or a class with fields: a pydantic model, dataclass or ``TypedDict``."""


def format_arguments(checks: Checks, value: object) -> list[dict[str, object]]:
    """Return the block ``response_format`` of a request, and note all its problems."""
    shape = ResponseFormat.of(value) if isinstance(value, type) else value
    if not isinstance(shape, ResponseFormat):
        fix = "Use ResponseFormat.of(Model), or ResponseFormat.json_object()."
        checks.refuse("response_format", value, "a ResponseFormat or a pydantic model", fix)
        return []
    block: dict[str, object] = {
        "type": shape.type,
        "name": shape.name,
        "description": shape.description,
        "strict": shape.strict,
    }
    for name, it in block.items():
        checks.attribute(f"response_format.{name}", it, _FORMAT.attributes[name])
    if shape.type == "json_schema":
        if shape.name is None:
            checks.refuse("response_format.name", None, "given with type json_schema", "Set it.")
        check_parameters(checks, "response_format.schema", shape.schema, strict=shape.strict)
        block["schema"] = copied(shape.schema)
    return [{name: it for name, it in block.items() if it is not None}]
