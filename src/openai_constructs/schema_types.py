"""The columns of the schema table: what one line of it can say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple

__all__ = ["JSON_TEXTS", "UNLIMITED", "Attribute", "Block", "Edition", "Encoding", "Limits", "TerraformType"]

TerraformType = str | tuple[Literal["list", "map"], "TerraformType"] | Mapping[str, "TerraformType"]
"""A Terraform type: ``"string"``, ``("list", T)``, ``("map", T)``, or a mapping for an object."""

Encoding = Literal[
    "value",
    "json",
    "extra",
    "schema",
    "flag",
    "messages",
    "functions",
    "function_call",
    "tools",
    "tool_choice",
    "response_format",
]
"""How an argument is written in the body of a request.

``value``: as it is, unless it is null or an empty list or map. ``json``: a text that holds a JSON object,
parsed. ``extra``: the same, and its members are parts of the body themselves. ``schema``: a text that holds a
JSON schema of type object, parsed. ``flag``: a bool that is sent as false where it is not set, to hosts that
are known to take it. The others have a shape of the API, made from a block or from a name.
"""

JSON_TEXTS: Final = frozenset[Encoding | None]({"json", "extra"})
"""The encodings of a text that holds any JSON object."""

_NONE: Final[Mapping[str, Any]] = MappingProxyType({})


class Limits(NamedTuple):
    """The values that the API allows. ``None`` is "no such limit".

    Attributes:
        minimum: Smallest number, inclusive.
        maximum: Largest number, inclusive.
        integer: Whole numbers only.
        min_items: Fewest entries of a list or map.
        max_items: Most entries of a list or map.
        min_length: Fewest characters of a text, or of each text of a list or map.
        max_length: Most characters of a text, or of each text of a list or map.
        max_key_length: Most characters of each key of a map.
        key_pattern: Regular expression that each whole key of a map must match.
        key_pattern_in_words: The same for error messages: "Every key must be ...".
        one_of: The only texts allowed.
        known: The texts that OpenAI's API takes today. Others pass, because models and hosts differ.
        pattern: Regular expression that the whole text must match.
        pattern_in_words: The same for error messages: "<argument> must be ...".
    """

    minimum: float | None = None
    maximum: float | None = None
    integer: bool = False
    min_items: int | None = None
    max_items: int | None = None
    min_length: int = 0
    max_length: int | None = None
    max_key_length: int | None = None
    key_pattern: str | None = None
    key_pattern_in_words: str = ""
    one_of: tuple[str, ...] | None = None
    known: tuple[str, ...] | None = None
    pattern: str | None = None
    pattern_in_words: str = ""


UNLIMITED: Final = Limits()


class Attribute(NamedTuple):
    """One attribute of a block.

    Attributes:
        type: Its Terraform type.
        description: The thing it sets, as a phrase without a full stop; limits are added where it is shown.
        note: A sentence about it, where one is needed.
        required: It must be set.
        optional: It may be set.
        computed: The provider sets it where the user does not.
        sensitive: Terraform hides it.
        sent: How it is written in the body of a request; ``None`` is not sent.
        hashed: Part of the request hash: a change of it is a new request to the model. The native provider
            makes it in place; with the public one, the hash replaces the completion.
        echoed: Its name in a stored completion, where the store returns it; an import reads it from there.
        replaces: The public provider itself plans a replacement when it changes.
        default: The provider's value for it where the user left it out; ``None`` is nothing.
        limits: The values that the API allows.
        accepts: The values that the provider itself lets through at plan; often less strict than the API.
        entries: One and several entries of a list or map, in words.
        native: Only the native edition has it.
        natively: Fields of this line that differ in the native edition, by name.
    """

    type: TerraformType
    description: str = ""
    note: str = ""
    required: bool = False
    optional: bool = False
    computed: bool = False
    sensitive: bool = False
    sent: Encoding | None = None
    hashed: bool = False
    echoed: str | None = None
    replaces: bool = False
    default: bool | float | str | None = None
    limits: Limits = UNLIMITED
    accepts: Limits = UNLIMITED
    entries: tuple[str, str] | None = None
    native: bool = False
    natively: Mapping[str, Any] = _NONE

    @property
    def settable(self) -> bool:
        """Whether a user may set it."""
        return self.required or self.optional


@dataclass(frozen=True, eq=False, kw_only=True)
class Block:
    """A Terraform block: its attributes, and the blocks nested in it as lists.

    Attributes:
        attributes: By name.
        blocks: Nested blocks, by name.
        description: The thing it sets, as a phrase without a full stop.
        note: A sentence about it, where one is needed.
        sent: How it is written in the body of a request; ``None`` is not sent.
        hashed: Part of the request hash: a change of it is a new request to the model.
        echoed: Its name in a stored completion, where the store returns it; an import reads it from there.
        min_items: Fewest times the provider lets the block be written.
        max_items: Most times the provider lets the block be written.
        single: The module takes it as one object instead of a list.
        computed: The provider writes it, a user cannot.
        replaces: The public provider itself plans a replacement when anything in it changes.
        count_replaces: It does so only when the number of blocks changes.
        limits: The numbers of blocks that the API allows beyond that.
        entries: One and several of these blocks, in words.
        native: Only the native edition has it.
        natively: Fields of this block that differ in the native edition, by name.
    """

    attributes: Mapping[str, Attribute]
    blocks: Mapping[str, Block] = field(default_factory=dict)
    description: str = ""
    note: str = ""
    sent: Encoding | None = None
    hashed: bool = False
    echoed: str | None = None
    min_items: int | None = None
    max_items: int | None = None
    single: bool = False
    computed: bool = False
    replaces: bool = False
    count_replaces: bool = False
    limits: Limits = UNLIMITED
    entries: tuple[str, str] | None = None
    native: bool = False
    natively: Mapping[str, Any] = field(default_factory=dict)

    @property
    def settable(self) -> bool:
        """Whether a user may write it."""
        return not self.computed

    @property
    def lines(self) -> dict[str, Attribute | Block]:
        """All attributes and blocks that a user may set, in the order of a request: its subject first."""
        every: dict[str, Attribute | Block] = {**self.attributes, **self.blocks}
        first = [name for name in ("model", *self.blocks) if name in every]
        return {name: every[name] for name in (*first, *every) if every[name].settable}

    @property
    def arguments(self) -> frozenset[str]:
        """The names a user may set."""
        return frozenset(self.lines)

    @property
    def sent_arguments(self) -> dict[str, Encoding]:
        """The arguments that are part of the body of a request, in its order, and how they are written."""
        return {name: it.sent for name, it in self.lines.items() if it.sent is not None}

    @property
    def hashed_arguments(self) -> frozenset[str]:
        """The arguments whose change is a new request to the model."""
        return frozenset(name for name, it in self.lines.items() if it.hashed)

    @property
    def json_parts(self) -> dict[str, str]:
        """The argument of each nested block that is a JSON text, by the name of the block."""
        return {
            name: part
            for name, block in self.blocks.items()
            for part, it in block.attributes.items()
            if it.sent in ("json", "schema")
        }

    @property
    def json_arguments(self) -> frozenset[str]:
        """The attributes that are JSON texts."""
        return frozenset(name for name, it in self.attributes.items() if it.sent in JSON_TEXTS)

    def for_compat(self) -> Block:
        """The block without the lines that only the native edition has."""
        return replace(
            self,
            attributes={name: it for name, it in self.attributes.items() if not it.native},
            blocks={name: it.for_compat() for name, it in self.blocks.items() if not it.native},
        )

    def for_native(self) -> Block:
        """The block with every line, each as the native edition has it."""
        return replace(
            self,
            attributes={name: it._replace(**it.natively) for name, it in self.attributes.items()},
            blocks={name: it.for_native() for name, it in self.blocks.items()},
            **self.natively,
        )


class Edition(NamedTuple):
    """A provider's view of the table.

    Attributes:
        source: The provider's source address.
        is_native: It is the native edition.
        provider: The provider block.
        chat_completion: The resource.
        data_sources: The data sources, by name without the prefix ``openai_``.
    """

    source: str
    is_native: bool
    provider: Block
    chat_completion: Block
    data_sources: Mapping[str, Block]
