"""The types of the schema table, with its columns."""

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
"""The encoding of an argument in the body of a request.

``value``: unchanged, unless it is null or an empty list or map. ``json``: a parsed JSON text of an object.
``extra``: a parsed JSON text whose members are merged into the body. ``schema``: a parsed JSON text of a
schema of type object. ``flag``: a bool that defaults to false, for hosts known to accept it. The others
convert a block or a name to the API's form.
"""

JSON_TEXTS: Final = frozenset[Encoding | None]({"json", "extra"})
"""Encodings of arguments that are the JSON text of any object."""

_NONE: Final[Mapping[str, Any]] = MappingProxyType({})


class Limits(NamedTuple):
    """Limits of the values that the API allows. ``None`` means no limit.

    Attributes:
        minimum: Smallest number, inclusive.
        maximum: Largest number, inclusive.
        integer: Whole numbers only.
        min_items: Minimum number of entries of a list or map.
        max_items: Maximum number of entries of a list or map.
        min_length: Minimum number of characters of a text, or of each text of a list or map.
        max_length: Maximum number of characters of a text, or of each text of a list or map.
        max_key_length: Maximum number of characters of each key of a map.
        key_pattern: Regular expression that each whole key of a map must match.
        key_pattern_in_words: Description of the pattern for errors: "Every key must be ...".
        one_of: The only texts allowed.
        known: The texts that OpenAI's API accepts today. Others pass, because models and hosts differ.
        pattern: Regular expression that the whole text must match.
        pattern_in_words: Description of the pattern for errors: "<argument> must be ...".
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
    """An attribute of a block.

    Attributes:
        type: Terraform type.
        description: Description, as a phrase without a full stop. The documentation adds the limits.
        note: An additional sentence, if needed.
        required: Whether the user must set it.
        optional: Whether the user may set it.
        computed: Whether the provider sets it if the user does not.
        sensitive: Whether Terraform hides it.
        sent: Encoding in the body of a request; ``None`` is not sent.
        hashed: Whether the request hash includes it, so that a change needs a new request. The native
            provider sends it in place; with the public provider, the hash replaces the completion.
        echoed: Name in a stored completion if the store returns it, for imports.
        replaces: Whether the public provider plans a replacement for a change.
        default: The provider's default; ``None`` for none.
        limits: Limits of the API.
        accepts: Limits of the provider's own validation, which are often wider than the API's.
        entries: Singular and plural of the entries of a list or map.
        native: Whether only the native edition has it.
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
        """Whether the user may set it."""
        return self.required or self.optional


@dataclass(frozen=True, eq=False, kw_only=True)
class Block:
    """A Terraform block: its attributes, and the blocks nested in it as lists.

    Attributes:
        attributes: Attributes by name.
        blocks: Nested blocks by name.
        description: Description, as a phrase without a full stop.
        note: An additional sentence, if needed.
        sent: Encoding in the body of a request; ``None`` is not sent.
        hashed: Whether the request hash includes it, so that a change needs a new request.
        echoed: Name in a stored completion if the store returns it, for imports.
        min_items: Minimum number of blocks in the provider's schema.
        max_items: Maximum number of blocks in the provider's schema.
        single: Whether the module takes one object instead of a list.
        computed: Whether only the provider sets it.
        replaces: Whether the public provider plans a replacement for a change.
        count_replaces: Whether it does so only for a changed number of blocks.
        limits: The API's own limits of the number of blocks.
        entries: Singular and plural of the blocks.
        native: Whether only the native edition has it.
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
        """Whether the user may set it."""
        return not self.computed

    @property
    def lines(self) -> dict[str, Attribute | Block]:
        """Return the attributes and blocks that the user may set, in the order of a request."""
        every: dict[str, Attribute | Block] = {**self.attributes, **self.blocks}
        first = [name for name in ("model", *self.blocks) if name in every]
        return {name: every[name] for name in (*first, *every) if every[name].settable}

    @property
    def arguments(self) -> frozenset[str]:
        """Names of the arguments."""
        return frozenset(self.lines)

    @property
    def sent_arguments(self) -> dict[str, Encoding]:
        """Encodings of the arguments in the body of a request, in its order."""
        return {name: it.sent for name, it in self.lines.items() if it.sent is not None}

    @property
    def hashed_arguments(self) -> frozenset[str]:
        """Arguments whose change needs a new request."""
        return frozenset(name for name, it in self.lines.items() if it.hashed)

    @property
    def json_parts(self) -> dict[str, str]:
        """The JSON text argument of each nested block that has one, by the name of the block."""
        return {
            name: part
            for name, block in self.blocks.items()
            for part, it in block.attributes.items()
            if it.sent in ("json", "schema")
        }

    @property
    def json_arguments(self) -> frozenset[str]:
        """Attributes that are JSON texts."""
        return frozenset(name for name, it in self.attributes.items() if it.sent in JSON_TEXTS)

    def for_compat(self) -> Block:
        """Return the block without the lines that only the native edition has."""
        return replace(
            self,
            attributes={name: it for name, it in self.attributes.items() if not it.native},
            blocks={name: it.for_compat() for name, it in self.blocks.items() if not it.native},
        )

    def for_native(self) -> Block:
        """Return the block with all lines, with the native edition's fields."""
        return replace(
            self,
            attributes={name: it._replace(**it.natively) for name, it in self.attributes.items()},
            blocks={name: it.for_native() for name, it in self.blocks.items()},
            **self.natively,
        )


class Edition(NamedTuple):
    """A provider's view of the table.

    Attributes:
        source: Source address of the provider.
        is_native: Whether it is the native edition.
        provider: The provider block.
        chat_completion: The resource.
        data_sources: Data sources by name without the prefix ``openai_``.
    """

    source: str
    is_native: bool
    provider: Block
    chat_completion: Block
    data_sources: Mapping[str, Block]
