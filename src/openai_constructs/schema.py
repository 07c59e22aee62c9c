"""The schema table: all arguments and attributes of the provider, one line each.

``make generate`` writes both Terraform modules and the argument tables of the documentation from it. At run
time it defines request bodies, request hashes, imports, state codecs and the emulator's limits. To add a
parameter, add a line here, a typed field in ``cdk/parameters.py`` and an entry in the changelog;
``schema_types.py`` explains the columns.

The names, types and nesting are those of ``mkdev-me/openai`` 1.2.0 (``terraform providers schema -json``), in
the order in which it sends them. The limits are from the Chat Completions API reference. Lines and fields of
the native edition are marked; `COMPAT` and `NATIVE` are the two views of the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from openai_constructs.schema_types import (
    UNLIMITED,
    Attribute,
    Block,
    Edition,
    Encoding,
    Limits,
    TerraformType,
)

__all__ = [
    "CHAT_COMPLETION",
    "CHAT_COMPLETIONS_DATA",
    "CHAT_COMPLETION_DATA",
    "CHAT_COMPLETION_MESSAGES_DATA",
    "COMPAT",
    "METADATA",
    "NATIVE",
    "PROVIDER",
    "Attribute",
    "Block",
    "Edition",
    "Encoding",
    "Limits",
    "TerraformType",
]

_FUNCTION_CALL: Final[TerraformType] = ("list", {"name": "string", "arguments": "string"})
_TOOL_CALL: Final[TerraformType] = ("list", {"id": "string", "type": "string", "function": _FUNCTION_CALL})
_ANSWER: Final[Mapping[str, TerraformType]] = {
    "role": "string",
    "content": "string",
    "function_call": _FUNCTION_CALL,
}
_USAGE: Final[TerraformType] = ("map", "number")


_ANNOTATION: Final[TerraformType] = {
    "type": "string",
    "url": "string",
    "title": "string",
    "start_index": "number",
    "end_index": "number",
}
_NATIVE_ANSWER: Final[Mapping[str, TerraformType]] = {
    **_ANSWER,
    "tool_calls": _TOOL_CALL,
    "refusal": "string",
    "annotations": ("list", _ANNOTATION),
}


def _choices(message: Mapping[str, TerraformType], **more: TerraformType) -> TerraformType:
    return ("list", {"index": "number", "finish_reason": "string", "message": ("list", message), **more})


_NATIVE_CHOICES: Final = _choices(_NATIVE_ANSWER, logprobs="string")


def _listed(choices: TerraformType) -> TerraformType:
    return {
        "id": "string",
        "object": "string",
        "created": "number",
        "model": "string",
        "choices": choices,
        "usage": _USAGE,
    }


def _required(kind: TerraformType, description: str, limits: Limits = UNLIMITED, **fields: Any) -> Attribute:
    return Attribute(kind, description, required=True, limits=limits, **fields)


def _optional(kind: TerraformType, description: str, limits: Limits = UNLIMITED, **fields: Any) -> Attribute:
    return Attribute(kind, description, optional=True, limits=limits, **fields)


def _parameter(
    kind: TerraformType,
    description: str,
    limits: Limits = UNLIMITED,
    *,
    sent: Encoding | None = "value",
    hashed: bool = True,
    replaces: bool = True,
    **fields: Any,
) -> Attribute:
    """Return an optional parameter of a request."""
    return _optional(kind, description, limits, sent=sent, hashed=hashed, replaces=replaces, **fields)


def _native_parameter(
    kind: TerraformType,
    description: str,
    limits: Limits = UNLIMITED,
    *,
    sent: Encoding | None = "value",
    hashed: bool = True,
    **fields: Any,
) -> Attribute:
    """Return an optional parameter that only the native edition has."""
    return _parameter(
        kind, description, limits, sent=sent, hashed=hashed, replaces=False, native=True, **fields
    )


def _setting(kind: TerraformType, description: str, limits: Limits = UNLIMITED) -> Attribute:
    """Return a setting of the native edition, which is not sent and changes in place."""
    return _native_parameter(kind, description, limits, sent=None, hashed=False)


def _computed(kind: TerraformType, natively: TerraformType | None = None) -> Attribute:
    return Attribute(type=kind, computed=True, natively={} if natively is None else {"type": natively})


def _query(
    kind: TerraformType,
    description: str,
    limits: Limits = UNLIMITED,
    *,
    default: float | str | None = None,
    **fields: Any,
) -> Attribute:
    """Return an argument of a data source or of the provider.

    The provider itself checks arguments with a default.
    """
    accepts = UNLIMITED if default is None else limits
    return _optional(kind, description, limits, default=default, accepts=accepts, **fields)


_ID_COMPUTED: Final = _computed("string")
_ID_SETTABLE: Final = _optional("string", "Id in the state, which the provider sets itself", computed=True)
_SOURCE: Final = Attribute(type="string", computed=True, native=True)
"""Where a data source found the completion: ``store`` or ``archive``."""
_ROLES: Final = Limits(one_of=("system", "user", "assistant", "function", "developer"))
_NATIVE_ROLES: Final = Limits(one_of=("developer", "system", "user", "assistant", "tool", "function"))
_ACCEPTED_ROLES: Final = Limits(one_of=("system", "user", "assistant", "function"))
_PROBABILITY: Final = Limits(minimum=0, maximum=1)
_PENALTY: Final = Limits(minimum=-2, maximum=2)
_NOT_EMPTY: Final = Limits(min_length=1)
_COMPLETION_ID: Final = _required("string", "Id of the stored completion", _NOT_EMPTY)
_FUNCTION_NAME: Final = _required(
    "string",
    "Name of the function",
    Limits(pattern="[a-zA-Z0-9_-]{1,64}", pattern_in_words="1 to 64 letters, digits, underscores or hyphens"),
)
_CALL: Final = {"name": _FUNCTION_NAME, "arguments": _required("string", "Its arguments, as JSON text")}
_OFFERED: Final = Limits(min_items=1, max_items=128)

_TOOL_TYPES: Final = Limits(one_of=("function", "custom"))

METADATA: Final = Limits(max_items=16, max_key_length=64, max_length=512)
"""Limits of the labels of a stored completion. Source: API reference, ``metadata``."""

_PAGE: Final = {
    "limit": _query(
        "number", "Maximum number of entries", Limits(minimum=1, maximum=100, integer=True), default=20
    ),
    "order": _query("string", "Order by time", Limits(one_of=("asc", "desc")), default="asc"),
    "after": _query("string", "Id of the entry to continue after"),
}

_PROVIDER: Final = Block(
    attributes={
        "api_key": _optional(
            "string", "API key; default: environment variable `OPENAI_API_KEY`", sensitive=True
        ),
        "admin_key": _optional("string", "Admin key; default: `OPENAI_ADMIN_KEY`", sensitive=True),
        "organization": _query("string", "Id of the organization; default: `OPENAI_ORGANIZATION`"),
        "api_url": _query("string", "URL of the API, with or without `/v1`; default: `OPENAI_API_URL`"),
        "timeout": _query(
            "number",
            "Timeout of one request in seconds; default: `OPENAI_TIMEOUT`",
            Limits(minimum=1, integer=True),
        ),
        "base_url": _query("string", "URL of the API, with its version", _NOT_EMPTY, native=True),
        "project": _query("string", "Id of the project", _NOT_EMPTY, native=True),
        "max_retries": _query(
            "number",
            "Maximum number of retries per request",
            Limits(minimum=0, maximum=20, integer=True),
            native=True,
        ),
        "shutdown_warning_days": _query(
            "number",
            "Number of days before a model's shutdown when plans begin to warn; default 90, 0 turns this off",
            Limits(minimum=0, maximum=3650, integer=True),
            native=True,
        ),
        "headers": _optional(
            ("map", "string"), "Headers sent with every request", sensitive=True, native=True
        ),
        "archive": _optional(
            "string",
            "URL of the database that keeps every answer; default: `OPENAI_CONSTRUCTS_ARCHIVE`",
            _NOT_EMPTY,
            sensitive=True,
            native=True,
        ),
        "archive_prompts": _optional(
            "bool", "Whether the archive also keeps the texts of requests; default true", native=True
        ),
        "budget_usd": _query(
            "number", "Maximum cost of the answers of a period, in US dollars", Limits(minimum=0), native=True
        ),
        "budget_period": _query(
            "string",
            "Period of the budget, in UTC; default month",
            Limits(one_of=("day", "week", "month", "total")),
            native=True,
        ),
        "budget_unknown_usd": _query(
            "number",
            "Cost of an answer without a known price, in US dollars; without it, such an answer is an error",
            Limits(minimum=0),
            native=True,
        ),
    }
)

_CHAT_COMPLETION: Final = Block(
    attributes={
        "model": _required("string", "Id of the model", _NOT_EMPTY, sent="value", hashed=True, replaces=True),
        "function_call": _parameter(
            "string", "auto, none, or the name of the function to call", sent="function_call"
        ),
        "temperature": _parameter(
            "number",
            "Sampling temperature",
            Limits(minimum=0, maximum=2),
            default=1,
            echoed="temperature",
            replaces=False,
            note="The provider never sends a 0.",
            natively={"note": ""},
        ),
        "top_p": _parameter(
            "number",
            "Nucleus sampling",
            _PROBABILITY,
            default=1,
            accepts=_PROBABILITY,
            echoed="top_p",
            note="The provider never sends a 0.",
            natively={"note": ""},
        ),
        "n": _parameter(
            "number", "Number of answers", Limits(minimum=1, maximum=128, integer=True), default=1
        ),
        "stream": _parameter(
            "bool",
            "Kept for compatibility",
            default=False,
            note="The provider cannot read a streamed answer.",
            natively={
                "sent": None,
                "hashed": False,
                "note": "Terraform always waits for the whole answer.",
            },
        ),
        "stop": _parameter(
            ("list", "string"),
            "Texts at which the model stops",
            Limits(min_items=1, max_items=4, min_length=1),
            accepts=Limits(max_items=4),
            entries=("stop text", "stop texts"),
        ),
        "max_tokens": _parameter(
            "number", "Maximum number of tokens in an answer", Limits(minimum=1, integer=True)
        ),
        "presence_penalty": _parameter(
            "number",
            "Penalty for tokens that occur in the text so far",
            _PENALTY,
            default=0,
            accepts=_PENALTY,
            echoed="presence_penalty",
        ),
        "frequency_penalty": _parameter(
            "number",
            "Penalty for tokens by how often they occur in the text so far",
            _PENALTY,
            default=0,
            accepts=_PENALTY,
            echoed="frequency_penalty",
        ),
        "logit_bias": _parameter(
            ("map", "number"),
            "Map of token ids to biases",
            Limits(
                minimum=-100,
                maximum=100,
                key_pattern="[0-9]+",
                key_pattern_in_words="the id of a token, in digits",
            ),
            entries=("bias", "biases"),
        ),
        "user": _parameter("string", "Stable identifier of the end user", echoed="input_user"),
        "store": _parameter(
            "bool",
            "Whether OpenAI keeps the completion in the Chat Completions Store",
            default=False,
            note="The provider never sends a false.",
            natively={"sent": "flag", "note": ""},
        ),
        "metadata": _parameter(
            ("map", "string"),
            "Labels of a stored completion",
            METADATA,
            hashed=False,
            entries=("pair of metadata", "pairs of metadata"),
        ),
        "project_id": _parameter(
            "string",
            "Id of the project",
            sent=None,
            hashed=False,
            note="The provider does not send it.",
            natively={"hashed": True, "note": ""},
        ),
        "imported": _optional(
            "bool", "Whether the completion was imported instead of requested", default=False
        ),
        "_imported_resource": _optional("string", "The provider's own mark of an import", computed=True),
        "id": _ID_SETTABLE,
        "chat_completion_id": _computed("string"),
        "created": _computed("number"),
        "object": _computed("string"),
        "model_used": _computed("string"),
        "usage": _computed(_USAGE),
        "max_completion_tokens": _native_parameter(
            "number",
            "Maximum number of tokens in an answer, including reasoning tokens",
            Limits(minimum=1, integer=True),
        ),
        "tool_choice": _native_parameter(
            "string",
            "auto, none, required, or the name of the tool to call",
            _NOT_EMPTY,
            sent="tool_choice",
            echoed="tool_choice",
        ),
        "allowed_tools": _native_parameter(
            ("list", "string"),
            "Names of the tools the model may call now",
            Limits(min_items=1, max_items=128, min_length=1),
            sent=None,
            entries=("allowed tool", "allowed tools"),
            note="The others stay in the request, which keeps the prompt cache valid.",
        ),
        "parallel_tool_calls": _native_parameter("bool", "Whether one answer may call several tools"),
        "seed": _native_parameter(
            "number",
            "Seed for sampling; the same seed gives mostly the same answer",
            Limits(integer=True),
            echoed="seed",
        ),
        "reasoning_effort": _native_parameter(
            "string",
            "Reasoning effort",
            Limits(min_length=1, known=("none", "minimal", "low", "medium", "high", "xhigh", "max")),
        ),
        "service_tier": _native_parameter(
            "string",
            "Service tier",
            Limits(min_length=1, known=("auto", "default", "flex", "scale", "priority", "fast")),
        ),
        "verbosity": _native_parameter(
            "string", "Length of the answer", Limits(min_length=1, known=("low", "medium", "high"))
        ),
        "logprobs": _native_parameter("bool", "Whether to return log probabilities of the answer's tokens"),
        "top_logprobs": _native_parameter(
            "number",
            "Number of most likely tokens to return at each position",
            Limits(minimum=0, maximum=20, integer=True),
            note="It needs logprobs.",
        ),
        "safety_identifier": _native_parameter(
            "string", "Stable identifier of the end user, for abuse detection", _NOT_EMPTY, hashed=False
        ),
        "prompt_cache_key": _native_parameter(
            "string",
            "Key that groups requests with a common prefix in the prompt cache",
            _NOT_EMPTY,
            hashed=False,
        ),
        "prompt_cache_options": _native_parameter(
            "string", "Mode and ttl of the prompt cache", sent="json", hashed=False
        ),
        "prediction": _native_parameter("string", "Text that much of the answer will repeat", sent="json"),
        "web_search_options": _native_parameter("string", "Options for web search", sent="json"),
        "extra": _native_parameter(
            "string",
            "Further fields of the request body, for which there is no argument",
            sent="extra",
            note="Fields that have an argument are refused.",
        ),
        "fallback_models": _native_parameter(
            ("list", "string"),
            "Models to use in turn if a model is unavailable or overloaded",
            Limits(min_items=1, max_items=8, min_length=1),
            sent=None,
            entries=("fallback model", "fallback models"),
            note="The attribute model_used has the model that answered.",
        ),
        "idempotency_key": _setting(
            "string",
            "Key that identifies a stored completion among others with the same request",
            _NOT_EMPTY,
        ),
        "on_destroy": _setting(
            "string",
            "What to do with the stored completion when the resource is destroyed",
            Limits(one_of=("delete", "keep")),
        ),
        "on_incomplete": _setting(
            "string",
            "What to do if an answer is cut off, refused, filtered or empty",
            Limits(one_of=("warn", "error", "accept")),
        ),
        "on_missing": _setting(
            "string",
            "What to do if the store no longer has the completion",
            Limits(one_of=("keep", "recreate")),
        ),
        "service_tier_used": Attribute(type="string", computed=True, native=True),
        "request_tag": Attribute(type="string", computed=True, native=True),
    },
    blocks={
        "messages": Block(
            description="The conversation so far, oldest first",
            sent="messages",
            hashed=True,
            min_items=1,
            count_replaces=True,
            limits=Limits(min_items=1),
            entries=("message", "messages"),
            attributes={
                "role": _required(
                    "string",
                    "Author of the message",
                    _ROLES,
                    accepts=_ACCEPTED_ROLES,
                    natively={"limits": _NATIVE_ROLES},
                ),
                "content": _required(
                    "string", "Text of the message", natively={"required": False, "optional": True}
                ),
                "name": _optional(
                    "string", "Name of the author, or of the function that returned the content"
                ),
                "tool_call_id": _optional(
                    "string", "Id of the call that this message answers", _NOT_EMPTY, native=True
                ),
            },
            blocks={
                "function_call": Block(
                    description="The call that the assistant made",
                    max_items=1,
                    single=True,
                    attributes=_CALL,
                ),
                "content_parts": Block(
                    description="Images and files after the text; each has image_url, file_data or file_id",
                    native=True,
                    attributes={
                        "image_url": _optional("string", "URL or data URL of an image", _NOT_EMPTY),
                        "detail": _optional(
                            "string",
                            "Detail of the image",
                            Limits(min_length=1, known=("auto", "low", "high", "original")),
                        ),
                        "file_data": _optional("string", "Data URL of a file", _NOT_EMPTY),
                        "file_id": _optional("string", "Id of an uploaded file", _NOT_EMPTY),
                        "filename": _optional("string", "Name of the file", _NOT_EMPTY),
                    },
                ),
                "tool_calls": Block(
                    description="The tool calls that the assistant made",
                    native=True,
                    limits=Limits(max_items=128),
                    attributes={
                        "id": _required("string", "Id of the call", _NOT_EMPTY),
                        "type": _optional("string", "Type of the tool; default function", _TOOL_TYPES),
                    },
                    blocks={
                        "function": Block(
                            description="The called function",
                            min_items=1,
                            max_items=1,
                            attributes=_CALL,
                        )
                    },
                ),
            },
        ),
        "functions": Block(
            description="Functions the model may call; parameters is the JSON text of an object schema",
            sent="functions",
            hashed=True,
            replaces=True,
            limits=_OFFERED,
            entries=("function", "functions"),
            attributes={
                "name": _FUNCTION_NAME,
                "description": _optional("string", "When and how to call it"),
                "parameters": _required("string", "JSON text of a schema of type object", sent="schema"),
            },
        ),
        "tools": Block(
            description="Tools the model may call; parameters is the JSON text of an object schema",
            sent="tools",
            hashed=True,
            echoed="tools",
            native=True,
            limits=_OFFERED,
            entries=("tool", "tools"),
            attributes={
                "name": _FUNCTION_NAME,
                "description": _optional("string", "When and how to call it"),
                "parameters": _optional("string", "JSON text of a schema of type object", sent="schema"),
                "strict": _optional("bool", "Whether the arguments follow the schema exactly"),
                "type": _optional("string", "Type of the tool; default function", _TOOL_TYPES),
                "grammar": _optional("string", "Grammar of the input of a custom tool", _NOT_EMPTY),
                "syntax": _optional("string", "Syntax of the grammar", Limits(one_of=("lark", "regex"))),
            },
        ),
        "response_format": Block(
            description="Format of the answer, at most one; schema is JSON text",
            sent="response_format",
            hashed=True,
            echoed="response_format",
            native=True,
            max_items=1,
            entries=("response format", "response formats"),
            attributes={
                "type": _required(
                    "string", "Kind of format", Limits(one_of=("text", "json_object", "json_schema"))
                ),
                "name": _FUNCTION_NAME._replace(
                    description="Name of the schema", required=False, optional=True
                ),
                "description": _optional("string", "Purpose of the answer"),
                "schema": _optional("string", "JSON text of a schema", sent="json"),
                "strict": _optional("bool", "Whether the answer follows the schema exactly"),
            },
        ),
        "choices": Block(
            computed=True,
            attributes={
                "index": _computed("number"),
                "finish_reason": _computed("string"),
                "logprobs": Attribute(type="string", computed=True, native=True),
                "message": _computed(("list", _ANSWER), ("list", _NATIVE_ANSWER)),
            },
        ),
    },
)

_DATA_SOURCES: Final[Mapping[str, Block]] = {
    "chat_completion": Block(
        attributes={
            "completion_id": _COMPLETION_ID,
            "id": _ID_COMPUTED,
            "created": _computed("number"),
            "model": _computed("string"),
            "object": _computed("string"),
            "choices": _computed(_choices({**_ANSWER, "tool_calls": _TOOL_CALL}), _NATIVE_CHOICES),
            "usage": _computed(_USAGE),
            "source": _SOURCE,
        }
    ),
    "chat_completion_messages": Block(
        attributes={
            "completion_id": _COMPLETION_ID,
            **_PAGE,
            "id": _ID_SETTABLE,
            "first_id": _computed("string"),
            "last_id": _computed("string"),
            "has_more": _computed("bool"),
            "messages": _computed(
                ("list", {**_ANSWER, "name": "string"}),
                ("list", {**_NATIVE_ANSWER, "name": "string", "tool_call_id": "string"}),
            ),
            "source": _SOURCE,
        }
    ),
    "chat_completions": Block(
        attributes={
            **_PAGE,
            "model": _query("string", "Only completions of this model"),
            "metadata": _query(
                ("map", "string"),
                "Only completions with all of these pairs",
                METADATA,
                entries=("pair of metadata", "pairs of metadata"),
            ),
            "id": _ID_SETTABLE,
            "has_more": _computed("bool"),
            "source": _SOURCE,
            "chat_completions": _computed(
                ("list", _listed(_choices(_ANSWER))), ("list", _listed(_NATIVE_CHOICES))
            ),
        }
    ),
}
"""The data sources, by name without the prefix ``openai_``."""


def _edition(source: str, *, is_native: bool) -> Edition:
    view = Block.for_native if is_native else Block.for_compat
    return Edition(
        source=source,
        is_native=is_native,
        provider=view(_PROVIDER),
        chat_completion=view(_CHAT_COMPLETION),
        data_sources={name: view(it) for name, it in _DATA_SOURCES.items()},
    )


COMPAT: Final = _edition("mkdev-me/openai", is_native=False)
"""The public provider, and the compat edition of the embedded one that stands in for it."""

NATIVE: Final = _edition("terraform.local/openai-constructs/openai", is_native=True)
"""The native edition of the embedded provider."""

PROVIDER: Final = COMPAT.provider
"""``provider "openai"`` of the public provider."""

CHAT_COMPLETION: Final = COMPAT.chat_completion
"""``resource "openai_chat_completion"`` of the public provider."""

CHAT_COMPLETION_DATA: Final = COMPAT.data_sources["chat_completion"]
"""``data "openai_chat_completion"`` of the public provider."""

CHAT_COMPLETION_MESSAGES_DATA: Final = COMPAT.data_sources["chat_completion_messages"]
"""``data "openai_chat_completion_messages"`` of the public provider."""

CHAT_COMPLETIONS_DATA: Final = COMPAT.data_sources["chat_completions"]
"""``data "openai_chat_completions"`` of the public provider."""
