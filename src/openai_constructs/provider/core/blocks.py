"""Convert the schema table to types of ``tf``. Adds the missing ones: objects, exact numbers, block lists."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

from msgpack.ext import ExtType
from tf import schema as tf_schema
from tf import types as tf_types

from openai_constructs.schema import Block, TerraformType

__all__ = ["State", "Unknown", "decode", "encode", "terraform_schema"]

State = dict[str, Any]
"""A block as Python values: numbers are int or float, lists of blocks are lists of dicts."""

Unknown: Final = tf_types.Unknown
"""Placeholder of a value that is known only after apply."""


class Number(tf_types.Number):
    """A number type that keeps its decimal digits.

    Terraform counts in decimal: 0.7 as a binary float would be another number than the 0.7 of the
    configuration. The wire format takes decimal text for that, and sends it.
    """

    def encode(self, value: Any) -> Any:
        """Return a whole number of at most 64 bits as int, and any other as its shortest decimal text."""
        if not isinstance(value, float):
            return str(value) if isinstance(value, int) and abs(value) >= 2**63 else value
        return int(value) if value.is_integer() and abs(value) < 2**53 else repr(value)

    def decode(self, value: Any) -> Any:
        """Return a whole number of at most 64 bits (as in Go) as int, and any other as float."""
        if isinstance(value, str) or (isinstance(value, int) and not -(2**63) <= value < 2**63):
            value = float(value)
        is_whole = isinstance(value, float) and value.is_integer() and -(2.0**63) <= value < 2.0**63
        return int(value) if is_whole else value


class Object(tf_types.TfType):
    """An object type with named fields; missing fields are null."""

    def __init__(self, fields: Mapping[str, tf_types.TfType]) -> None:
        self.fields = dict(fields)

    def encode(self, value: Any) -> Any:
        """Encode each field for the wire."""
        return self._each(value, lambda kind, it: kind.encode(it))

    def decode(self, value: Any) -> Any:
        """Decode each field from the wire."""
        return self._each(value, lambda kind, it: kind.decode(it))

    def tf_type(self) -> bytes:
        """Return the type in Terraform's JSON notation."""
        fields = {name: json.loads(kind.tf_type()) for name, kind in self.fields.items()}
        return json.dumps(["object", fields], separators=(",", ":")).encode()

    def _each(self, value: Any, change: Callable[[tf_types.TfType, Any], Any]) -> Any:
        if value is None or value is Unknown:
            return value
        return {name: change(kind, value.get(name)) for name, kind in self.fields.items()}


class ListBlock(tf_schema.NestedBlock):
    """A nested block that may be repeated, in order."""

    # The base class supports only sets and single blocks; `to_pb` sends the mode instead.
    def __init__(self, name: str, block: Block) -> None:
        super().__init__(
            name,
            tf_schema.NestMode.Set,
            tf_schema.Block(_attributes(block), _blocks(block)),
            min_items=block.min_items,
            max_items=block.max_items,
        )
        self.table = block

    def to_pb(self) -> Any:
        """Return the block as a protocol message."""
        message = super().to_pb()
        message.nesting = type(message).NestingMode.LIST
        return message

    def encode(self, value: Any) -> Any:
        """Encode each block for the wire."""
        return value if value is Unknown else [encode(self.table, it) for it in value or []]

    def decode(self, value: Any) -> Any:
        """Decode each block from the wire."""
        return value if value is Unknown else [decode(self.table, it) for it in value or []]

    def semantically_equal(self, a_decoded: Any, b_decoded: Any) -> bool:
        """Whether both have equal blocks in the same order."""
        return bool(a_decoded == b_decoded)


def terraform_type(kind: TerraformType) -> tf_types.TfType:
    """Convert a type of the table to a type of ``tf``."""
    match kind:
        case "string":
            return tf_types.String()
        case "number":
            return Number()
        case "bool":
            return tf_types.Bool()
        case ("list", inner):
            return tf_types.List(terraform_type(inner))
        case ("map", inner):
            return tf_types.Map(terraform_type(inner))
        case Mapping():
            return Object({name: terraform_type(it) for name, it in kind.items()})
    raise TypeError(f"not a Terraform type: {kind!r}")


def terraform_schema(block: Block) -> tf_schema.Schema:
    """Build the schema for Terraform from the table."""
    # Version 0 is explicit: without it `tf` warns about every state that it reads.
    return tf_schema.Schema(attributes=_attributes(block), block_types=_blocks(block), version=0)


def encode(block: Block, state: Mapping[str, Any] | None) -> State | None:
    """Encode a block for the wire: all its names, in the exact form that Terraform compares."""
    return _each(block, state, lambda kind, it: kind.encode(it))


def decode(block: Block, wire: Mapping[str, Any] | None) -> State | None:
    """Decode a block from the wire: all its names; names outside the table are dropped."""
    return _each(block, _unrefined(wire), lambda kind, it: kind.decode(it))


def _unrefined(value: Any) -> Any:
    """Replace each unknown by `Unknown`, also those for which Terraform sends a known prefix."""
    match value:
        case ExtType():
            return Unknown
        case dict():
            return {name: _unrefined(it) for name, it in value.items()}
        case list():
            return [_unrefined(it) for it in value]
        case _:
            return value


def _each(
    block: Block,
    values: Mapping[str, Any] | None,
    change: Callable[[tf_types.TfType | ListBlock, Any], Any],
) -> State | None:
    if values is None:
        return None
    codecs = _codecs(block)
    return {
        name: it if (it := values.get(name)) is Unknown else change(codec, it)
        for name, codec in codecs.items()
    }


@cache
def _codecs(block: Block) -> dict[str, tf_types.TfType | ListBlock]:
    attributes = {name: terraform_type(it.type) for name, it in block.attributes.items()}
    nested = {name: ListBlock(name, it) for name, it in block.blocks.items()}
    return {**attributes, **nested}


def _attributes(block: Block) -> list[tf_schema.Attribute]:
    return [
        tf_schema.Attribute(
            name,
            terraform_type(it.type),
            required=it.required,
            optional=it.optional,
            computed=it.computed,
            sensitive=it.sensitive,
        )
        for name, it in block.attributes.items()
    ]


def _blocks(block: Block) -> list[tf_schema.NestedBlock]:
    return [ListBlock(name, it) for name, it in block.blocks.items()]
