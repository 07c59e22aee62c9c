"""What the provider accepts and returns: the one table that everything else is made from or checked against.

The names, types and nesting are those of ``mkdev-me/openai`` 1.2.0 (``terraform providers schema -json``);
the limits are those of the Chat Completions API reference. What only the native edition of the embedded
provider has, or has otherwise, is marked in place; `COMPAT` and `NATIVE` are the two views of the table.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple

__all__ = [
    "CHAT_COMPLETION",
    "CHAT_COMPLETIONS_DATA",
    "CHAT_COMPLETION_DATA",
    "CHAT_COMPLETION_MESSAGES_DATA",
    "COMPAT",
    "NATIVE",
    "PROVIDER",
    "Attribute",
    "Block",
    "Edition",
    "Limits",
    "TerraformType",
]

TerraformType = str | tuple[Literal["list", "map"], "TerraformType"] | Mapping[str, "TerraformType"]
"""A Terraform type: ``"string"``, ``("list", T)``, ``("map", T)``, or a mapping for an object."""

_NONE: Final[Mapping[str, Any]] = MappingProxyType({})


class Limits(NamedTuple):
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


class Attribute(NamedTuple):
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
        native: Only the native edition has it.
        natively: What of the above is otherwise in the native edition, by name.
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
    native: bool = False
    natively: Mapping[str, Any] = _NONE


class Block(NamedTuple):
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
        native: Only the native edition has it.
        natively: What of the above is otherwise in the native edition, by name.
    """

    attributes: Mapping[str, Attribute]
    blocks: Mapping[str, "Block"] = _NONE
    min_items: int | None = None
    max_items: int | None = None
    computed: bool = False
    replaces: bool = False
    count_replaces: bool = False
    limits: Limits = Limits()
    native: bool = False
    natively: Mapping[str, Any] = _NONE

    @property
    def arguments(self) -> frozenset[str]:
        """The names a user may set."""
        settable = {name for name, it in self.attributes.items() if it.required or it.optional}
        return frozenset(settable | {name for name, block in self.blocks.items() if not block.computed})


class Edition(NamedTuple):
    """A provider's view of the table.

    Attributes:
        source: The provider's source address.
        provider: The provider block.
        chat_completion: The resource.
        chat_completion_data: The data source of one stored completion.
        chat_completion_messages_data: That of its messages.
        chat_completions_data: That of the list of stored completions.
    """

    source: str
    provider: Block
    chat_completion: Block
    chat_completion_data: Block
    chat_completion_messages_data: Block
    chat_completions_data: Block


def _compat(block: Block) -> Block:
    """A block without what is native."""
    return block._replace(
        attributes={name: it for name, it in block.attributes.items() if not it.native},
        blocks={name: _compat(it) for name, it in block.blocks.items() if not it.native},
    )


def _native(block: Block) -> Block:
    """A block with all it has, as the native edition has it."""
    return block._replace(
        attributes={
            name: it._replace(**it.natively) if it.natively else it for name, it in block.attributes.items()
        },
        blocks={name: _native(it) for name, it in block.blocks.items()},
        **block.natively,
    )


_UNLIMITED: Final = Limits()
_FUNCTION_CALL: Final[TerraformType] = ("list", {"name": "string", "arguments": "string"})
_TOOL_CALL: Final[TerraformType] = ("list", {"id": "string", "type": "string", "function": _FUNCTION_CALL})
_ANSWER: Final[Mapping[str, TerraformType]] = {
    "role": "string",
    "content": "string",
    "function_call": _FUNCTION_CALL,
}
_USAGE: Final[TerraformType] = ("map", "number")


_NATIVE_ANSWER: Final[Mapping[str, TerraformType]] = {
    **_ANSWER,
    "tool_calls": _TOOL_CALL,
    "refusal": "string",
}


def _choices(message: Mapping[str, TerraformType]) -> TerraformType:
    return ("list", {"index": "number", "finish_reason": "string", "message": ("list", message)})


def _listed(message: Mapping[str, TerraformType]) -> TerraformType:
    return {
        "id": "string",
        "object": "string",
        "created": "number",
        "model": "string",
        "choices": _choices(message),
        "usage": _USAGE,
    }


def _required(
    kind: TerraformType,
    limits: Limits = _UNLIMITED,
    *,
    replaces: bool = True,
    accepts: Limits = _UNLIMITED,
    natively: Mapping[str, Any] | None = None,
) -> Attribute:
    return Attribute(
        type=kind,
        required=True,
        replaces=replaces,
        limits=limits,
        accepts=accepts,
        natively=natively or {},
    )


def _optional(
    kind: TerraformType,
    limits: Limits = _UNLIMITED,
    *,
    replaces: bool = True,
    default: bool | float | str | None = None,
    accepts: Limits = _UNLIMITED,
    natively: Mapping[str, Any] | None = None,
) -> Attribute:
    return Attribute(
        type=kind,
        optional=True,
        replaces=replaces,
        default=default,
        limits=limits,
        accepts=accepts,
        natively=natively or {},
    )


def _native_only(kind: TerraformType, limits: Limits = _UNLIMITED, *, replaces: bool = True) -> Attribute:
    return Attribute(type=kind, optional=True, replaces=replaces, limits=limits, native=True)


def _computed(kind: TerraformType, natively: TerraformType | None = None) -> Attribute:
    return Attribute(type=kind, computed=True, natively={} if natively is None else {"type": natively})


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
_NATIVE_ROLES: Final = Limits(one_of=("developer", "system", "user", "assistant", "tool", "function"))
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

_PROVIDER: Final = Block(
    attributes={
        "api_key": Attribute(type="string", optional=True, sensitive=True),
        "admin_key": Attribute(type="string", optional=True, sensitive=True),
        "organization": _query("string"),
        "api_url": _query("string"),
        "timeout": _query("number", Limits(minimum=1, integer=True)),
        "base_url": _native_only("string", Limits(min_length=1), replaces=False),
        "project": _native_only("string", Limits(min_length=1), replaces=False),
        "max_retries": _native_only("number", Limits(minimum=0, maximum=20, integer=True), replaces=False),
        "headers": Attribute(type=("map", "string"), optional=True, sensitive=True, native=True),
    }
)

_CHAT_COMPLETION: Final = Block(
    attributes={
        "model": _required("string", Limits(min_length=1)),
        "temperature": _optional(
            "number", Limits(minimum=0, maximum=2), replaces=False, default=1, natively={"replaces": True}
        ),
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
        "metadata": _optional(("map", "string"), _METADATA, natively={"replaces": False}),
        "stream": _optional("bool", default=False, natively={"replaces": False}),
        "project_id": _optional("string"),
        "imported": _optional("bool", replaces=False, default=False),
        "_imported_resource": _ID_SETTABLE,
        "id": _ID_SETTABLE,
        "chat_completion_id": _computed("string"),
        "created": _computed("number"),
        "object": _computed("string"),
        "model_used": _computed("string"),
        "usage": _computed(_USAGE),
        "max_completion_tokens": _native_only("number", Limits(minimum=1, integer=True)),
        "tool_choice": _native_only("string", Limits(min_length=1)),
        "parallel_tool_calls": _native_only("bool"),
        "seed": _native_only("number", Limits(integer=True)),
        "reasoning_effort": _native_only("string", Limits(min_length=1)),
        "service_tier": _native_only("string", Limits(min_length=1)),
        "fallback_models": _native_only(("list", "string"), Limits(min_items=1, max_items=8, min_length=1)),
        "idempotency_key": _native_only("string", Limits(min_length=1), replaces=False),
        "on_destroy": _native_only("string", Limits(one_of=("delete", "keep")), replaces=False),
        "on_missing": _native_only("string", Limits(one_of=("keep", "recreate")), replaces=False),
        "request_tag": Attribute(type="string", computed=True, native=True),
    },
    blocks={
        "messages": Block(
            min_items=1,
            count_replaces=True,
            limits=Limits(min_items=1),
            natively={"replaces": True, "count_replaces": False},
            attributes={
                "role": _required(
                    "string",
                    _ROLES,
                    replaces=False,
                    accepts=_ACCEPTED_ROLES,
                    natively={"limits": _NATIVE_ROLES},
                ),
                "content": _required(
                    "string", replaces=False, natively={"required": False, "optional": True}
                ),
                "name": _optional("string", replaces=False),
                "tool_call_id": _native_only("string", Limits(min_length=1), replaces=False),
            },
            blocks={
                "function_call": Block(
                    max_items=1,
                    attributes={
                        "name": _required("string", _FUNCTION_NAME, replaces=False),
                        "arguments": _required("string", replaces=False),
                    },
                ),
                "tool_calls": Block(
                    native=True,
                    limits=Limits(max_items=128),
                    attributes={"id": _required("string", Limits(min_length=1), replaces=False)},
                    blocks={
                        "function": Block(
                            min_items=1,
                            max_items=1,
                            attributes={
                                "name": _required("string", _FUNCTION_NAME, replaces=False),
                                "arguments": _required("string", replaces=False),
                            },
                        )
                    },
                ),
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
        "tools": Block(
            native=True,
            replaces=True,
            limits=Limits(min_items=1, max_items=128),
            attributes={
                "name": _required("string", _FUNCTION_NAME),
                "description": _optional("string"),
                "parameters": _optional("string"),
                "strict": _optional("bool"),
            },
        ),
        "response_format": Block(
            native=True,
            replaces=True,
            max_items=1,
            attributes={
                "type": _required("string", Limits(one_of=("text", "json_object", "json_schema"))),
                "name": _optional("string", _FUNCTION_NAME),
                "description": _optional("string"),
                "schema": _optional("string"),
                "strict": _optional("bool"),
            },
        ),
        "choices": Block(
            computed=True,
            attributes={
                "index": _computed("number"),
                "finish_reason": _computed("string"),
                "message": _computed(("list", _ANSWER), ("list", _NATIVE_ANSWER)),
            },
        ),
    },
)

_CHAT_COMPLETION_DATA: Final = Block(
    attributes={
        "completion_id": _required("string", Limits(min_length=1), replaces=False),
        "id": _ID_COMPUTED,
        "created": _computed("number"),
        "model": _computed("string"),
        "object": _computed("string"),
        "choices": _computed(_choices({**_ANSWER, "tool_calls": _TOOL_CALL}), _choices(_NATIVE_ANSWER)),
        "usage": _computed(_USAGE),
    }
)

_CHAT_COMPLETION_MESSAGES_DATA: Final = Block(
    attributes={
        "completion_id": _required("string", Limits(min_length=1), replaces=False),
        **_PAGE,
        "id": _ID_SETTABLE,
        "first_id": _computed("string"),
        "last_id": _computed("string"),
        "has_more": _computed("bool"),
        "messages": _computed(
            ("list", {**_ANSWER, "name": "string"}),
            ("list", {**_NATIVE_ANSWER, "name": "string", "tool_call_id": "string"}),
        ),
    }
)

_CHAT_COMPLETIONS_DATA: Final = Block(
    attributes={
        **_PAGE,
        "model": _query("string"),
        "metadata": _query(("map", "string"), _METADATA),
        "id": _ID_SETTABLE,
        "has_more": _computed("bool"),
        "chat_completions": _computed(("list", _listed(_ANSWER)), ("list", _listed(_NATIVE_ANSWER))),
    }
)


def _edition(source: str, view: Callable[[Block], Block]) -> Edition:
    return Edition(
        source=source,
        provider=view(_PROVIDER),
        chat_completion=view(_CHAT_COMPLETION),
        chat_completion_data=view(_CHAT_COMPLETION_DATA),
        chat_completion_messages_data=view(_CHAT_COMPLETION_MESSAGES_DATA),
        chat_completions_data=view(_CHAT_COMPLETIONS_DATA),
    )


COMPAT: Final = _edition("mkdev-me/openai", _compat)
"""The public provider, and the compat edition of the embedded one that stands in for it."""

NATIVE: Final = _edition("terraform.local/openai-constructs/openai", _native)
"""The native edition of the embedded provider."""

PROVIDER: Final = COMPAT.provider
"""``provider "openai"`` of the public provider."""

CHAT_COMPLETION: Final = COMPAT.chat_completion
"""``resource "openai_chat_completion"`` of the public provider."""

CHAT_COMPLETION_DATA: Final = COMPAT.chat_completion_data
"""``data "openai_chat_completion"`` of the public provider."""

CHAT_COMPLETION_MESSAGES_DATA: Final = COMPAT.chat_completion_messages_data
"""``data "openai_chat_completion_messages"`` of the public provider."""

CHAT_COMPLETIONS_DATA: Final = COMPAT.chat_completions_data
"""``data "openai_chat_completions"`` of the public provider."""
