"""What the provider accepts and returns: the one table that everything else is made from or checked against.

The names, types and nesting are those of ``mkdev-me/openai`` 1.2.0 (``terraform providers schema -json``);
the limits are those of the Chat Completions API reference.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

__all__ = [
    "CHAT_COMPLETION",
    "CHAT_COMPLETIONS_DATA",
    "CHAT_COMPLETION_DATA",
    "CHAT_COMPLETION_MESSAGES_DATA",
    "PROVIDER",
    "Attribute",
    "Block",
    "Limits",
    "TerraformType",
]

TerraformType = str | tuple[Literal["list", "map"], "TerraformType"] | Mapping[str, "TerraformType"]
"""A Terraform type: ``"string"``, ``("list", T)``, ``("map", T)``, or a mapping for an object."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the API allows of a value. ``None`` is "no such limit".

    Attributes:
        minimum: Smallest number, inclusive.
        maximum: Largest number, inclusive.
        integer: Whole numbers only.
        min_items: Fewest entries of a list or map.
        max_items: Most entries of a list or map.
        min_length: Fewest characters of a text, or of each text of a list or map.
        max_length: Most characters of a text, or of each text of a list or map.
        max_key_length: Most characters of each key of a map.
        one_of: The only texts allowed.
        pattern: Regular expression that the whole text must match.
    """

    minimum: float | None = None
    maximum: float | None = None
    integer: bool = False
    min_items: int | None = None
    max_items: int | None = None
    min_length: int = 0
    max_length: int | None = None
    max_key_length: int | None = None
    one_of: tuple[str, ...] | None = None
    pattern: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """One attribute of a block.

    Attributes:
        type: Its Terraform type.
        required: It must be set.
        optional: It may be set.
        computed: The provider sets it where the user does not.
        sensitive: Terraform hides it.
        replaces: The provider itself plans a replacement when it changes.
        default: What the provider puts where the user left it out; ``None`` is nothing.
        limits: What the API allows.
        accepts: What the provider itself lets through at plan; often less checked than the API's own limits.
    """

    type: TerraformType
    required: bool = False
    optional: bool = False
    computed: bool = False
    sensitive: bool = False
    replaces: bool = False
    default: bool | float | str | None = None
    limits: Limits = Limits()
    accepts: Limits = Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A Terraform block: its attributes, and the blocks nested in it as lists.

    Attributes:
        attributes: By name.
        blocks: Nested blocks, by name.
        min_items: Fewest times the provider lets the block be written.
        max_items: Most times the provider lets the block be written.
        computed: The provider writes it, a user cannot.
        replaces: The provider itself plans a replacement when anything in it changes.
        count_replaces: It does so only when the number of blocks changes.
        limits: What the API allows beyond that.
    """

    attributes: Mapping[str, Attribute]
    blocks: Mapping[str, Block] = field(default_factory=dict)
    min_items: int | None = None
    max_items: int | None = None
    computed: bool = False
    replaces: bool = False
    count_replaces: bool = False
    limits: Limits = Limits()

    @property
    def arguments(self) -> frozenset[str]:
        """The names a user may set."""
        settable = {name for name, it in self.attributes.items() if it.required or it.optional}
        return frozenset(settable | {name for name, block in self.blocks.items() if not block.computed})


_UNLIMITED: Final = Limits()
_FUNCTION_CALL: Final[TerraformType] = ("list", {"name": "string", "arguments": "string"})
_TOOL_CALL: Final[TerraformType] = ("list", {"id": "string", "type": "string", "function": _FUNCTION_CALL})
_ANSWER: Final[Mapping[str, TerraformType]] = {
    "role": "string",
    "content": "string",
    "function_call": _FUNCTION_CALL,
}
_USAGE: Final[TerraformType] = ("map", "number")


def _choices(message: Mapping[str, TerraformType]) -> TerraformType:
    return ("list", {"index": "number", "finish_reason": "string", "message": ("list", message)})


def _required(
    kind: TerraformType,
    limits: Limits = _UNLIMITED,
    *,
    replaces: bool = True,
    accepts: Limits = _UNLIMITED,
) -> Attribute:
    return Attribute(type=kind, required=True, replaces=replaces, limits=limits, accepts=accepts)


def _optional(
    kind: TerraformType,
    limits: Limits = _UNLIMITED,
    *,
    replaces: bool = True,
    default: bool | float | str | None = None,
    accepts: Limits = _UNLIMITED,
) -> Attribute:
    return Attribute(
        type=kind, optional=True, replaces=replaces, default=default, limits=limits, accepts=accepts
    )


def _computed(kind: TerraformType) -> Attribute:
    return Attribute(type=kind, computed=True)


def _query(
    kind: TerraformType, limits: Limits = _UNLIMITED, *, default: float | str | None = None
) -> Attribute:
    """An argument of a data source, or of the provider: reading again is all that a change of it does.

    What has a default, the provider also checks by itself.
    """
    accepts = _UNLIMITED if default is None else limits
    return _optional(kind, limits, replaces=False, default=default, accepts=accepts)


_ID_COMPUTED: Final = _computed("string")
_ID_SETTABLE: Final = Attribute(type="string", optional=True, computed=True)
_ROLES: Final = Limits(one_of=("system", "user", "assistant", "function", "developer"))
_ACCEPTED_ROLES: Final = Limits(one_of=("system", "user", "assistant", "function"))
_PROBABILITY: Final = Limits(minimum=0, maximum=1)
_PENALTY: Final = Limits(minimum=-2, maximum=2)
_FUNCTION_NAME: Final = Limits(pattern="[a-zA-Z0-9_-]{1,64}")
_METADATA: Final = Limits(max_items=16, max_key_length=64, max_length=512)
_PAGE: Final = {
    "limit": _query("number", Limits(minimum=1, maximum=100, integer=True), default=20),
    "order": _query("string", Limits(one_of=("asc", "desc")), default="asc"),
    "after": _query("string"),
}

PROVIDER: Final = Block(
    attributes={
        "api_key": Attribute(type="string", optional=True, sensitive=True),
        "admin_key": Attribute(type="string", optional=True, sensitive=True),
        "organization": _query("string"),
        "api_url": _query("string"),
        "timeout": _query("number", Limits(minimum=1, integer=True)),
    }
)
"""``provider "openai"``."""

CHAT_COMPLETION: Final = Block(
    attributes={
        "model": _required("string", Limits(min_length=1)),
        "temperature": _optional("number", Limits(minimum=0, maximum=2), replaces=False, default=1),
        "top_p": _optional("number", _PROBABILITY, default=1, accepts=_PROBABILITY),
        "n": _optional("number", Limits(minimum=1, maximum=128, integer=True), default=1),
        "max_tokens": _optional("number", Limits(minimum=1, integer=True)),
        "presence_penalty": _optional("number", _PENALTY, default=0, accepts=_PENALTY),
        "frequency_penalty": _optional("number", _PENALTY, default=0, accepts=_PENALTY),
        "stop": _optional(
            ("list", "string"),
            Limits(min_items=1, max_items=4, min_length=1),
            accepts=Limits(max_items=4),
        ),
        "logit_bias": _optional(("map", "number"), Limits(minimum=-100, maximum=100)),
        "function_call": _optional("string"),
        "user": _optional("string"),
        "store": _optional("bool", default=False),
        "metadata": _optional(("map", "string"), _METADATA),
        "stream": _optional("bool", default=False),
        "project_id": _optional("string"),
        "imported": _optional("bool", replaces=False, default=False),
        "_imported_resource": _ID_SETTABLE,
        "id": _ID_SETTABLE,
        "chat_completion_id": _computed("string"),
        "created": _computed("number"),
        "object": _computed("string"),
        "model_used": _computed("string"),
        "usage": _computed(_USAGE),
    },
    blocks={
        "messages": Block(
            min_items=1,
            count_replaces=True,
            limits=Limits(min_items=1),
            attributes={
                "role": _required("string", _ROLES, replaces=False, accepts=_ACCEPTED_ROLES),
                "content": _required("string", replaces=False),
                "name": _optional("string", replaces=False),
            },
            blocks={
                "function_call": Block(
                    max_items=1,
                    attributes={
                        "name": _required("string", _FUNCTION_NAME, replaces=False),
                        "arguments": _required("string", replaces=False),
                    },
                )
            },
        ),
        "functions": Block(
            replaces=True,
            limits=Limits(min_items=1, max_items=128),
            attributes={
                "name": _required("string", _FUNCTION_NAME),
                "description": _optional("string"),
                "parameters": _required("string"),
            },
        ),
        "choices": Block(
            computed=True,
            attributes={
                "index": _computed("number"),
                "finish_reason": _computed("string"),
                "message": _computed(("list", _ANSWER)),
            },
        ),
    },
)
"""``resource "openai_chat_completion"``."""

CHAT_COMPLETION_DATA: Final = Block(
    attributes={
        "completion_id": _required("string", Limits(min_length=1), replaces=False),
        "id": _ID_COMPUTED,
        "created": _computed("number"),
        "model": _computed("string"),
        "object": _computed("string"),
        "choices": _computed(_choices({**_ANSWER, "tool_calls": _TOOL_CALL})),
        "usage": _computed(_USAGE),
    }
)
"""``data "openai_chat_completion"``."""

CHAT_COMPLETION_MESSAGES_DATA: Final = Block(
    attributes={
        "completion_id": _required("string", Limits(min_length=1), replaces=False),
        **_PAGE,
        "id": _ID_SETTABLE,
        "first_id": _computed("string"),
        "last_id": _computed("string"),
        "has_more": _computed("bool"),
        "messages": _computed(("list", {**_ANSWER, "name": "string"})),
    }
)
"""``data "openai_chat_completion_messages"``."""

CHAT_COMPLETIONS_DATA: Final = Block(
    attributes={
        **_PAGE,
        "model": _query("string"),
        "metadata": _query(("map", "string"), _METADATA),
        "id": _ID_SETTABLE,
        "has_more": _computed("bool"),
        "chat_completions": _computed(
            (
                "list",
                {
                    "id": "string",
                    "object": "string",
                    "created": "number",
                    "model": "string",
                    "choices": _choices(_ANSWER),
                    "usage": _USAGE,
                },
            )
        ),
    }
)
"""``data "openai_chat_completions"``."""
